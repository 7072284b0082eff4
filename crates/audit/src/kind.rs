//! The kinds of audit events, after the list of Baseline Requirements 5.4.1.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A text that names no kind of event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind of audit event")]
pub struct UnknownEventKind;

macro_rules! event_kinds {
    ($($(#[$doc:meta])+ $name:ident = $text:literal,)+) => {
        /// What happened (BR 5.4.1 (1) to (3), and the refusals beside them).
        ///
        /// The text of a kind is stable: it is stored, filtered by and shown to auditors.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum EventKind {
            $($(#[$doc])+ #[serde(rename = $text)] $name,)+
        }

        impl EventKind {
            /// All kinds, in the order of their declaration.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The stable text of this kind.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

event_kinds! {
    /// A CA or responder key pair was generated in a token: 5.4.1 (1) a.
    KeyGenerated = "key-generated",
    /// A key was copied for backup: 5.4.1 (1) a.
    KeyBackedUp = "key-backed-up",
    /// A key was brought back from a backup: 5.4.1 (1) a.
    KeyRecovered = "key-recovered",
    /// A key went out of use and was archived: 5.4.1 (1) a.
    KeyArchived = "key-archived",
    /// A key was destroyed: 5.4.1 (1) a.
    KeyDestroyed = "key-destroyed",
    /// A key was stopped because a signature of it did not verify.
    KeyStopped = "key-stopped",
    /// An officer let a stopped key sign again.
    KeyResumed = "key-resumed",
    /// A public key was put on the list of keys that are never certified.
    KeyBlocked = "key-blocked",
    /// A token was initialised or taken into use: 5.4.1 (1) e.
    TokenInstalled = "token-installed",
    /// A token was taken out of use or zeroised: 5.4.1 (1) e.
    TokenRetired = "token-retired",
    /// A token stopped answering: 5.4.1 (3) e.
    TokenLost = "token-lost",
    /// A token answers again, its keys proven: 5.4.1 (3) e.
    TokenRecovered = "token-recovered",
    /// A result of a token came after its call had been given up, and was discarded.
    LateSignatureDiscarded = "late-signature-discarded",

    /// The certificate of an issuing, root or management CA was registered: 5.4.1 (1) b.
    IssuerRegistered = "issuer-registered",
    /// An issuer was taken out of use: 5.4.1 (1) b.
    IssuerRetired = "issuer-retired",
    /// A policy file became the one in force for an issuer: 5.4.1 (1) f.
    PolicyActivated = "policy-activated",
    /// A policy file went out of force: 5.4.1 (1) f.
    PolicyRetired = "policy-retired",

    /// A request was approved; what is going to be signed is recorded: 5.4.1 (2) a, c, d.
    Signing = "signing",
    /// A certificate was issued: 5.4.1 (2) d.
    Issued = "issued",
    /// A serial number was given up after its signing had begun; it counts as revoked.
    Abandoned = "abandoned",
    /// A certificate was delivered to the RA or accepted by the subscriber.
    Accepted = "accepted",
    /// A certification request was refused: 5.4.1 (2) c.
    RequestRefused = "request-refused",
    /// A certificate was revoked: 5.4.1 (2) a.
    Revoked = "revoked",
    /// A certificate was put on hold: 5.4.1 (2) a.
    Held = "held",
    /// A certificate was released from hold: 5.4.1 (2) a.
    Released = "released",
    /// A revocation request was refused: 5.4.1 (2) c.
    RevocationRefused = "revocation-refused",
    /// All responders had acknowledged a revocation, or the bound for it had passed.
    RevocationDelivered = "revocation-delivered",

    /// A receipt of a revocation was signed for the RA or an officer.
    ReceiptSigned = "receipt-signed",

    /// A CRL number was taken; the list is going to be signed: 5.4.1 (2) e.
    CrlSigning = "crl-signing",
    /// A CRL was generated: 5.4.1 (2) e.
    CrlIssued = "crl-issued",
    /// A CRL that another CA signed offline was imported: 5.4.1 (1) d.
    CrlImported = "crl-imported",
    /// A publisher acknowledged that it shows a CRL.
    CrlPublished = "crl-published",
    /// A responder's key was registered for a set of issuers: 5.4.1 (1) a.
    ResponderKeyRegistered = "responder-key-registered",
    /// A responder's key was retired; it answers no longer: 5.4.1 (1) a.
    ResponderKeyRetired = "responder-key-retired",
    /// A certificate for a responder's key was made and put on the feed: 5.4.1 (1) b.
    ResponderCertificateIssued = "responder-certificate-issued",
    /// How many OCSP responses a responder signed in a span of time: 5.4.1 (2) f.
    OcspResponsesSigned = "ocsp-responses-signed",

    /// A peer (RA, officer, follower) was registered: 5.4.1 (3) b.
    PeerRegistered = "peer-registered",
    /// The status, rights or validity of a peer changed: 5.4.1 (3) c.
    PeerChanged = "peer-changed",
    /// A certificate was pinned for a peer: 5.4.1 (3) c.
    FingerprintAdded = "fingerprint-added",
    /// A certificate is no longer accepted for a peer: 5.4.1 (3) c.
    FingerprintRetired = "fingerprint-retired",
    /// A peer or a stranger was refused access: 5.4.1 (3) a.
    AccessRefused = "access-refused",

    /// The first officers and issuers were entered into an empty registry, offline.
    Bootstrapped = "bootstrapped",
    /// The officers were replaced offline.
    OfficersReset = "officers-reset",
    /// A daemon started: 5.4.1 (3) e.
    DaemonStarted = "daemon-started",
    /// A daemon stopped in order: 5.4.1 (3) e.
    DaemonStopped = "daemon-stopped",
    /// A start found that the stop before it was not orderly: 5.4.1 (3) e.
    CrashFound = "crash-found",
    /// Another version of the program runs now: 5.4.1 (3) d.
    SoftwareChanged = "software-changed",
    /// The configuration changed: 5.4.1 (3) b.
    ConfigurationChanged = "configuration-changed",
    /// The schema of the database was migrated: 5.4.1 (3) d.
    SchemaMigrated = "schema-migrated",
    /// The database was copied for backup.
    BackupTaken = "backup-taken",
    /// A database was put back from a copy and taken into use: followers start over.
    DatabaseRestored = "database-restored",
    /// The clock stands behind a time that was already recorded.
    ClockBehind = "clock-behind",
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for EventKind {
    type Err = UnknownEventKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.as_str() == text)
            .ok_or(UnknownEventKind)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_kind_is_read_back_from_its_text_and_from_json() {
        for kind in EventKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
            let json = serde_json::to_string(kind).unwrap();
            assert_eq!(json, format!("\"{kind}\""));
            assert_eq!(serde_json::from_str::<EventKind>(&json).unwrap(), *kind);
        }
    }

    #[test]
    fn texts_are_kebab_case_and_differ() {
        let texts: BTreeSet<_> = EventKind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(texts.len(), EventKind::ALL.len());
        for text in texts {
            assert!(
                text.chars().all(|c| c.is_ascii_lowercase() || c == '-'),
                "{text}"
            );
        }
    }

    #[test]
    fn an_unknown_text_is_no_kind() {
        assert_eq!("signed".parse::<EventKind>(), Err(UnknownEventKind));
    }
}
