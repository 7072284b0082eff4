//! Peers, issuers, policies and responders.

mod issuers;
mod keys;
mod peers;
mod policies;
mod record;
mod responders;
mod retirement;
mod standing;

pub(crate) use issuers::find_issuer;

pub use record::{
    DocumentRecord, IssuerRecord, Peer, PeerChange, PinnedCertificate, PolicyRecord,
    RegistryRefusal, ResponderCertificate, ResponderKey,
};
pub use standing::IssuerStanding;
