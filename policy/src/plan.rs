//! What a permitted certificate will contain: the policy's answer, ready to be encoded.

use std::collections::BTreeSet;

use const_oid::ObjectIdentifier;
use der::flagset::FlagSet;
use jiff::Timestamp;
use pki::{DistinguishedName, SerialNumber, SubjectAltName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use x509_cert::ext::pkix::{KeyUsage as X509KeyUsage, KeyUsages as X509KeyUsages};

use crate::CrlDistributionPoint;

/// Everything of a certificate but its serial number, its key and its issuer.
///
/// Only the policy makes one: `issuance` encodes it and adds nothing of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificatePlan {
    /// The profile that was applied, e.g. `tls-server`.
    pub profile: String,
    /// The subject; never empty.
    pub subject: DistinguishedName,
    /// Subject alternative names in the order in which they are encoded; none leaves the
    /// extension out. Never critical, the subject never being empty (RFC 5280 §4.2.1.6).
    pub subject_alt_names: Vec<SubjectAltName>,
    /// First second of validity.
    pub not_before: Timestamp,
    /// Last second of validity: the period is `not_after - not_before + 1 s` (RFC 5280 §4.1.2.5).
    pub not_after: Timestamp,
    /// Whether the subject may itself issue.
    pub basic_constraints: BasicConstraintsPlan,
    /// Key usages; the extension is always critical.
    pub key_usage: KeyUsages,
    /// Extended key usages; none leaves the extension out. Never critical.
    pub extended_key_usage: Vec<ObjectIdentifier>,
    /// Certificate policies; none leaves the extension out. Never critical.
    pub policies: Vec<PolicyIdentifier>,
    /// Where the CRL that covers this certificate is published.
    pub crl_distribution_point: Option<CrlDistributionPoint>,
    /// URL of the OCSP responder (authority information access, id-ad-ocsp).
    pub ocsp_uri: Option<String>,
    /// URL of the issuer's certificate in DER (authority information access, id-ad-caIssuers).
    pub ca_issuers_uri: Option<String>,
    /// RFC 9608 noRevAvail: no revocation is ever published for this certificate.
    pub no_rev_avail: bool,
    /// RFC 6960 §4.2.2.2.1 id-pkix-ocsp-nocheck, for OCSP responders alone.
    pub ocsp_no_check: bool,
}

impl CertificatePlan {
    /// The shard that the certificate names, once it has this serial number; none where it names
    /// the complete list or no list.
    pub fn shard(&self, serial: SerialNumber) -> Option<u16> {
        let point = self.crl_distribution_point.as_ref()?;
        point.scope(serial).shard()
    }
}

/// The basicConstraints extension of a plan; always critical.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BasicConstraintsPlan {
    /// `cA` is FALSE.
    EndEntity,
    /// `cA` is TRUE.
    Ca {
        /// How many further CA certificates may follow in a chain; `None` sets no limit.
        path_len: Option<u8>,
    },
}

/// One entry of certificatePolicies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyIdentifier {
    /// The policy's object identifier.
    pub oid: ObjectIdentifier,
    /// Where the CPS is published (the id-qt-cps qualifier).
    pub cps_uri: Option<String>,
}

/// One bit of the keyUsage extension (RFC 5280 §4.2.1.3).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum KeyUsage {
    /// Signatures other than those on certificates and CRLs.
    DigitalSignature,
    /// Signatures that bind the signer; also known as contentCommitment.
    NonRepudiation,
    /// Encryption of keys, e.g. RSA key transport.
    KeyEncipherment,
    /// Encryption of content.
    DataEncipherment,
    /// Key agreement, e.g. ECDH.
    KeyAgreement,
    /// Signatures on certificates.
    KeyCertSign,
    /// Signatures on CRLs.
    #[serde(rename = "cRLSign")]
    CrlSign,
}

impl KeyUsage {
    /// The name as RFC 5280 writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DigitalSignature => "digitalSignature",
            Self::NonRepudiation => "nonRepudiation",
            Self::KeyEncipherment => "keyEncipherment",
            Self::DataEncipherment => "dataEncipherment",
            Self::KeyAgreement => "keyAgreement",
            Self::KeyCertSign => "keyCertSign",
            Self::CrlSign => "cRLSign",
        }
    }

    /// The usage as `x509-cert` names it.
    pub const fn to_x509(self) -> X509KeyUsages {
        match self {
            Self::DigitalSignature => X509KeyUsages::DigitalSignature,
            Self::NonRepudiation => X509KeyUsages::NonRepudiation,
            Self::KeyEncipherment => X509KeyUsages::KeyEncipherment,
            Self::DataEncipherment => X509KeyUsages::DataEncipherment,
            Self::KeyAgreement => X509KeyUsages::KeyAgreement,
            Self::KeyCertSign => X509KeyUsages::KeyCertSign,
            Self::CrlSign => X509KeyUsages::CRLSign,
        }
    }
}

/// A set of key usages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyUsages(BTreeSet<KeyUsage>);

impl KeyUsages {
    /// Whether the set has this usage.
    pub fn contains(&self, usage: KeyUsage) -> bool {
        self.0.contains(&usage)
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The usages in the order of their bits.
    pub fn iter(&self) -> impl Iterator<Item = KeyUsage> + '_ {
        self.0.iter().copied()
    }

    /// The extension's value.
    pub fn to_x509(&self) -> X509KeyUsage {
        let mut flags = FlagSet::<X509KeyUsages>::default();
        for usage in self.iter() {
            flags |= usage.to_x509();
        }
        X509KeyUsage(flags)
    }
}

impl FromIterator<KeyUsage> for KeyUsages {
    fn from_iter<I: IntoIterator<Item = KeyUsage>>(usages: I) -> Self {
        Self(usages.into_iter().collect())
    }
}
