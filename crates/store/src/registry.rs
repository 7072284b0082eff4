//! Peers, issuers, policies and responders.

mod issuers;
mod keys;
mod known_peers;
mod peers;
mod policies;
mod record;
mod responders;
mod retirement;
mod standing;

pub(crate) use issuers::find_issuer;
pub(crate) use known_peers::KnownPeers;

pub use record::{
    DocumentRecord, IssuerRecord, Peer, PeerChange, PinnedCertificate, PolicyRecord,
    RegistryRefusal, ResponderCertificate, ResponderKey,
};
pub use standing::IssuerStanding;
