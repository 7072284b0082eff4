//! What relying parties see: OCSP answers, CRLs, CA certificates and documents, judged by other
//! people's programs; and the responders and publishers behind them, up, down and cut off.
#![expect(unreachable_pub, reason = "one program in several files")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "what a test stands on either works or ends the test"
)]

mod crashes;
mod crls;
mod der;
mod followers;
mod judges;
mod list;
mod ocsp;
mod prober;
mod process;
mod publication;
mod query;
mod receipts;
mod replacing;
mod rollover;
mod scene;
mod scopes;
mod travel;
mod users;
