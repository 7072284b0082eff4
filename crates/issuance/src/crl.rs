//! Certificate revocation lists: written entry by entry, frozen, signed, verified.

mod encode;
mod error;
mod writer;

use bytes::Bytes;
use jiff::Timestamp;
use pki::{
    BadSignature, CrlNumber, IssuerName, PublicKey, RevocationReason, SerialNumber,
    SignatureAlgorithm,
};

pub use self::{error::CrlError, writer::CrlWriter};
use crate::{Issuer, der_writer};

/// One revoked certificate (RFC 5280 section 5.1.2.6).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CrlEntry {
    /// Serial number of the certificate.
    pub serial: SerialNumber,
    /// When the revocation took effect; fractions of a second are cut off.
    pub revoked_at: Timestamp,
    /// Why. `None` and `Unspecified` are both encoded as no `reasonCode` (section 5.3.1).
    pub reason: Option<RevocationReason>,
    /// Since when the certificate must be doubted, if earlier (section 5.3.2).
    pub invalidity_date: Option<Timestamp>,
}

/// What a CRL covers, if it is not the full list of its issuer.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CrlCoverage {
    /// The shard: becomes the critical `issuingDistributionPoint` (section 5.2.5).
    pub distribution_point: Option<DistributionPoint>,
    /// The full list that a delta CRL adds to: becomes the critical `deltaCRLIndicator`
    /// (section 5.2.4).
    pub delta_base: Option<CrlNumber>,
    /// Where the delta of this full list is found: becomes `freshestCRL` (section 5.2.6).
    pub freshest_crl: Option<String>,
}

/// An issuing distribution point (RFC 5280 section 5.2.5).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DistributionPoint {
    /// The URI of the CRL, byte for byte as in the certificates' CRL distribution point.
    pub uri: Option<String>,
    /// Which certificates can be on the list.
    pub only_contains: OnlyContains,
}

/// Which certificates a shard covers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum OnlyContains {
    /// All of the distribution point's certificates.
    #[default]
    Any,
    /// End-entity certificates: `onlyContainsUserCerts`.
    UserCertificates,
    /// CA certificates: `onlyContainsCACerts`.
    CaCertificates,
}

/// A CRL that is ready to be signed. Not `Clone`.
#[must_use]
#[derive(Debug)]
pub struct PreparedCrl {
    awaiting: AwaitingCrl,
}

impl PreparedCrl {
    /// Writes a CRL with all of `entries`, which come in ascending order of serial number. Use a
    /// [`CrlWriter`] where entries arrive in pages.
    ///
    /// # Errors
    /// As [`CrlWriter::new`] and [`CrlWriter::push`].
    pub fn new(
        issuer: &Issuer,
        number: CrlNumber,
        this_update: Timestamp,
        next_update: Timestamp,
        entries: impl IntoIterator<Item = CrlEntry>,
        scope: Option<CrlCoverage>,
    ) -> Result<Self, CrlError> {
        let mut writer = CrlWriter::new(issuer, number, this_update, next_update, scope)?;
        for entry in entries {
            writer.push(&entry)?;
        }
        writer.finish()
    }

    /// The DER of the `TBSCertList`: exactly what will be signed.
    pub fn tbs_der(&self) -> Bytes {
        self.awaiting.tbs_der()
    }

    /// Its number.
    pub fn number(&self) -> CrlNumber {
        self.awaiting.number
    }

    /// The algorithm that the signature must have.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.awaiting.algorithm
    }

    /// Gives up the bytes to be signed, a view of the one buffer. It is completed in place if no
    /// view is left by then.
    pub fn release(self) -> (Bytes, AwaitingCrl) {
        (self.awaiting.tbs_der(), self.awaiting)
    }
}

/// A CRL whose bytes are with the signer.
#[must_use]
#[derive(Debug)]
pub struct AwaitingCrl {
    /// Room, then the `TBSCertList` from `start` on.
    list: Bytes,
    start: usize,
    issuer_name: IssuerName,
    issuer_key: PublicKey,
    algorithm: SignatureAlgorithm,
    number: CrlNumber,
    this_update: Timestamp,
    next_update: Timestamp,
}

impl AwaitingCrl {
    fn tbs_der(&self) -> Bytes {
        self.list.slice(self.start..)
    }

    /// Verifies `signature` over the released bytes and assembles the CRL around them.
    ///
    /// # Errors
    /// The signature is not the issuer's over these bytes.
    pub fn complete(self, signature: &[u8]) -> Result<IssuedCrl, BadSignature> {
        self.issuer_key
            .verify(self.algorithm, &self.tbs_der(), signature)?;
        let der =
            der_writer::signed_in_place(self.list.into(), self.start, self.algorithm, signature)
                .map_err(|_| BadSignature)?;
        Ok(IssuedCrl {
            der,
            issuer_name: self.issuer_name,
            number: self.number,
            this_update: self.this_update,
            next_update: self.next_update,
        })
    }
}

/// A CRL that carries its issuer's verified signature.
#[derive(Clone, Debug)]
pub struct IssuedCrl {
    der: Bytes,
    issuer_name: IssuerName,
    number: CrlNumber,
    this_update: Timestamp,
    next_update: Timestamp,
}

impl IssuedCrl {
    /// The CRL, DER.
    pub fn der(&self) -> &Bytes {
        &self.der
    }

    /// Who issued it.
    pub fn issuer_name(&self) -> &IssuerName {
        &self.issuer_name
    }

    /// Its number.
    pub fn number(&self) -> CrlNumber {
        self.number
    }

    /// When it was issued, in whole seconds.
    pub fn this_update(&self) -> Timestamp {
        self.this_update
    }

    /// When the next one is due at the latest, in whole seconds.
    pub fn next_update(&self) -> Timestamp {
        self.next_update
    }
}
