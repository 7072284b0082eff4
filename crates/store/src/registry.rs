//! Peers, issuers, policies and responders.

mod record;

pub use record::{
    DocumentRecord, IssuerRecord, Peer, PeerChange, PinnedCertificate, PolicyRecord,
    RegistryRefusal, ResponderCertificate, ResponderKey,
};
