//! Peers, issuers, policies and responders as registered.

use std::collections::BTreeSet;

use api::{PeerRole, PeerStatus, SubjectKind};
use feed::IssuerKind;
use jiff::Timestamp;
use pki::{Fingerprint, IssuerName, SerialNumber, SpkiHash};

/// A peer: who may talk to ca-daemon, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Unique name.
    pub name: String,
    /// Role.
    pub role: PeerRole,
    /// Standing.
    pub status: PeerStatus,
    /// First moment at which it may act.
    pub valid_from: Timestamp,
    /// Last moment at which it may act; without end when absent.
    pub valid_to: Option<Timestamp>,
    /// Reference of the agreement with an RA.
    pub agreement_ref: Option<String>,
    /// Profiles that an RA may use.
    pub profiles: BTreeSet<String>,
    /// Kinds of subscriber that an RA may serve; empty means every kind.
    pub subject_kinds: Vec<SubjectKind>,
    /// Certificates a day that an RA may have issued; without limit when absent.
    pub daily_quota: Option<u64>,
    /// Longest validity in days that an RA may ask for.
    pub max_validity_days: Option<u32>,
}

/// A certificate by which a peer is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedCertificate {
    /// SHA-256 of the certificate.
    pub fingerprint: Fingerprint,
    /// When it expires.
    pub not_after: Timestamp,
    /// When it was unpinned, if it was.
    pub retired_at: Option<Timestamp>,
}

/// A change of a peer; what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeerChange {
    /// New standing.
    pub status: Option<PeerStatus>,
    /// New end.
    pub valid_to: Option<Timestamp>,
    /// New set of profiles.
    pub profiles: Option<BTreeSet<String>>,
    /// New set of subscriber kinds.
    pub subject_kinds: Option<Vec<SubjectKind>>,
    /// New quota.
    pub daily_quota: Option<u64>,
    /// New longest validity in days.
    pub max_validity_days: Option<u32>,
}

/// Why a change of the registry was not recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RegistryRefusal {
    /// There is no such peer.
    #[error("there is no such peer")]
    PeerNotFound,
    /// The name is taken.
    #[error("a peer of this name is registered")]
    NameTaken,
    /// The certificate is or was pinned for a peer.
    #[error("the certificate is pinned for a peer")]
    FingerprintTaken,
    /// The certificate is not pinned for this peer, or no longer.
    #[error("the certificate is not pinned for this peer")]
    FingerprintNotFound,
    /// The peer will never act again, so it cannot be changed.
    #[error("the peer is retired")]
    PeerRetired,
    /// The key is not registered for this responder.
    #[error("the key is not registered for this responder")]
    ResponderKeyNotFound,
    /// Only a responder has responder keys.
    #[error("the peer is not a responder")]
    NotAResponder,
    /// There is no such issuer.
    #[error("there is no such issuer")]
    IssuerNotFound,
    /// Another certificate is registered under the issuer's name.
    #[error("another certificate is registered under this issuer name")]
    IssuerTaken,
}

impl RegistryRefusal {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::PeerNotFound => "peer-not-found",
            Self::NameTaken => "peer-name-taken",
            Self::FingerprintTaken => "fingerprint-taken",
            Self::FingerprintNotFound => "fingerprint-not-found",
            Self::PeerRetired => "peer-retired",
            Self::ResponderKeyNotFound => "responder-key-not-found",
            Self::NotAResponder => "not-a-responder",
            Self::IssuerNotFound => "issuer-not-found",
            Self::IssuerTaken => "issuer-taken",
        }
    }
}

/// A CA whose certificate is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerRecord {
    /// Its name in URLs and file names.
    pub name: IssuerName,
    /// What it signs.
    pub kind: IssuerKind,
    /// The CA above it; absent for a root.
    pub parent: Option<IssuerName>,
    /// Its certificate.
    pub certificate_der: Vec<u8>,
    /// Its key.
    pub spki_hash: SpkiHash,
    /// When its certificate expires.
    pub not_after: Timestamp,
}

/// A policy that is or was in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRecord {
    /// The issuer.
    pub issuer: IssuerName,
    /// SHA-256 of the text.
    pub digest: [u8; 32],
    /// The version, as the text states it.
    pub version: String,
    /// The policy file.
    pub text: String,
    /// Since when it is or was in force, the last time.
    pub activated_at: Timestamp,
}

/// A text to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRecord {
    /// Path below the public base, such as `cps/esign-ca.html`.
    pub name: String,
    /// Content-Type.
    pub media_type: String,
    /// The text.
    pub body: Vec<u8>,
}

/// A responder's key, certified for a set of issuers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponderKey {
    /// The responder, by its name in the registry.
    pub follower: String,
    /// The issuers for which it answers.
    pub issuers: BTreeSet<IssuerName>,
    /// SHA-256 of the key, which tells it from the responder's others.
    pub spki_hash: SpkiHash,
    /// The key.
    pub spki_der: Vec<u8>,
}

/// The certificate that a responder uses for an issuer, with one of its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponderCertificate {
    /// The issuer.
    pub issuer: IssuerName,
    /// The responder.
    pub follower: String,
    /// The key.
    pub spki_hash: SpkiHash,
    /// Its serial number.
    pub serial: SerialNumber,
    /// When it expires.
    pub not_after: Timestamp,
    /// The certificate.
    pub certificate_der: Vec<u8>,
}
