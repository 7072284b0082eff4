//! One entry of the feed, as it is recorded and as it is sent.

use jiff::Timestamp;
use pki::{CrlNumber, CrlScope, IssuerName, RevocationReason, SerialNumber, SpkiHash};
use serde::{Deserialize, Serialize};

use crate::Base64;

/// One entry; on the wire one line of NDJSON.
///
/// In a snapshot `seq` is the sequence number of the last change to the thing described, so it may
/// repeat an earlier number; a follower keeps the newer of two descriptions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Position in commit order, from 1.
    pub seq: u64,
    /// When it was committed.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
}

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Event {
    /// A CA whose certificates and lists the followers answer for.
    Issuer {
        /// Its name in URLs and file names.
        issuer: IssuerName,
        /// Its certificate, DER.
        certificate_der: Base64,
        /// What it signs.
        kind: IssuerKind,
    },
    /// A certificate, or a serial number that may have become one.
    Certificate {
        /// Who issued it.
        issuer: IssuerName,
        /// Its serial number.
        serial: SerialNumber,
        /// End of its validity, inclusive (RFC 5280 section 4.1.2.5).
        not_after: Timestamp,
        /// The shard that its CRL distribution point names; absent when that is the full list.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shard: Option<u16>,
        /// Its status from this entry on.
        status: Status,
    },
    /// A delegated OCSP responder's certificate (RFC 6960 section 4.2.2.2).
    ResponderCertificate {
        /// The CA it may answer for.
        issuer: IssuerName,
        /// The registered follower that holds the key.
        follower: String,
        /// Which of its keys; a later entry about the same one takes this one's place.
        spki_hash: SpkiHash,
        /// The certificate, DER.
        certificate_der: Base64,
    },
    /// A responder's key that must answer no longer.
    ResponderKeyRetired {
        /// The CA for which it answered.
        issuer: IssuerName,
        /// The registered follower that holds the key.
        follower: String,
        /// Which of its keys.
        spki_hash: SpkiHash,
    },
    /// A list that is ready to be published.
    Crl {
        /// Who signed it.
        issuer: IssuerName,
        /// What it covers.
        scope: CrlScope,
        /// CRLNumber (RFC 5280 section 5.2.3).
        number: CrlNumber,
        /// The complete list that a delta adds to (RFC 5280 section 5.2.4).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        base: Option<CrlNumber>,
        /// thisUpdate.
        this_update: Timestamp,
        /// nextUpdate.
        next_update: Timestamp,
        /// The sequence number of the feed at which its entries were read: it shows every change
        /// up to there and none after. 0 for a list that was imported.
        as_of: u64,
        /// How many octets its DER has.
        size: u64,
        /// SHA-256 of its DER.
        #[serde(with = "hex::serde")]
        sha256: [u8; 32],
    },
    /// What a policy promises relying parties, for those that keep the promise.
    Terms {
        /// The CA.
        issuer: IssuerName,
        /// The promises.
        terms: Terms,
    },
    /// A text to be published, such as a CPS.
    Document {
        /// Path below the public base, such as `cps/esign-ca.html`.
        name: String,
        /// Content-Type to publish it under.
        media_type: String,
        /// The text.
        body: Base64,
        /// The CA it belongs to.
        issuer: IssuerName,
    },
}

impl Event {
    /// Whether it says that a certificate is good.
    pub fn is_good(&self) -> bool {
        matches!(
            self,
            Self::Certificate {
                status: Status::Good,
                ..
            }
        )
    }
}

/// The part of an issuer's policy that is carried out by responders and publishers (CPS 2.1, 4.9,
/// 7.2, 7.3). Durations are whole seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Base URL of CRLs, CA certificates and CPS, without a slash at its end.
    pub repository: String,
    /// URL of the OCSP responder.
    pub ocsp: String,
    /// From thisUpdate to nextUpdate of an OCSP answer.
    pub ocsp_validity: u64,
    /// How long HTTP caches may keep an OCSP answer.
    pub ocsp_max_age: u64,
    /// How long the feed may be silent before a responder answers tryLater.
    pub ocsp_max_staleness: u64,
    /// How long after its expiry a certificate is answered for (RFC 6960 section 4.4.4).
    pub archive_cutoff: u64,
    /// Into how many shards the lists of new certificates are divided; 0 for none.
    pub shards: u16,
    /// Whether delta CRLs are made.
    pub delta: bool,
    /// Whether the CA issues certificates; a retired one only makes lists.
    pub issuing: bool,
}

/// What a CA signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IssuerKind {
    /// Certificates for subscribers.
    Issuing,
    /// Certificates of other CAs.
    Root,
    /// Certificates for peers of ca-daemon; never sent to followers.
    Management,
}

/// Whether a certificate may be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Status {
    /// Issued and not revoked; a released hold comes back to this.
    Good,
    /// Revoked for ever.
    Revoked {
        /// When the revocation took effect.
        at: Timestamp,
        /// Absent when the CPS says that no reason is published.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<RevocationReason>,
        /// When the key is known or suspected to have been compromised (RFC 5280 section 5.3.2).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        invalidity_date: Option<Timestamp>,
    },
    /// On hold: certificateHold.
    Hold {
        /// Since when.
        at: Timestamp,
    },
    /// Signing was begun and never completed: possibly issued, so treated as revoked.
    Abandoned {
        /// Since when.
        at: Timestamp,
    },
}

impl Status {
    /// Since when the certificate must not be relied on; absent for a good one.
    pub fn bad_since(&self) -> Option<Timestamp> {
        match self {
            Self::Good => None,
            Self::Revoked { at, .. } | Self::Hold { at } | Self::Abandoned { at } => Some(*at),
        }
    }

    /// The state's name on the wire.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Revoked { .. } => "revoked",
            Self::Hold { .. } => "hold",
            Self::Abandoned { .. } => "abandoned",
        }
    }
}
