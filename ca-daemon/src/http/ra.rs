//! What RAs ask: certificates, their status, and what they may ask for.

mod answer;
pub mod enrollment;
pub mod lookup;
pub mod status;

pub use enrollment::{enroll, renew, replace};
pub use lookup::{accept, chain, list, look_up, look_up_any, look_up_request, page, profiles};
pub use status::{answer_status, hold, read_revocation, release, revoke};
