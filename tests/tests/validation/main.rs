//! What relying parties see: OCSP answers, CRLs, CA certificates and documents, judged by other
//! people's programs; and the responders and publishers behind them, up, down and cut off.
#![expect(unreachable_pub, reason = "one program in several files")]

mod der;
mod followers;
mod judges;
mod ocsp;
mod process;
mod publication;
mod query;
mod scene;
mod users;
