//! What officers do: the registry of peers, keys of responders, CRLs, policies, revocations, audit.

pub mod audit;
pub mod authority;
pub mod backup;
pub mod certificates;
pub mod peers;
