//! Reads CRLs without holding their entries: a view over the DER and an iterator.
//!
//! Strict DER, version 2, direct CRLs only. A critical extension that is not understood is an
//! error, as RFC 5280 section 5.2 demands of whoever decides by a CRL.

mod entries;
mod error;
mod scope;

use der::{
    AnyRef, Decode, Reader, SliceReader, Tag,
    asn1::{BitStringRef, UintRef},
};
use jiff::Timestamp;
use pki::{
    BadSignature, Certificate, CrlNumber, PublicKey, SignatureAlgorithm, time::from_x509_time,
};
use spki::AlgorithmIdentifierOwned;
use x509_cert::time::Time;

pub use self::{
    entries::{Entries, EntryView, EntryViews},
    error::CrlReadError,
};
use crate::CrlCoverage;

/// A CRL whose frame has been read; its entries are read on demand.
#[derive(Clone, Debug)]
pub struct CrlView<'a> {
    tbs_der: &'a [u8],
    algorithm: SignatureAlgorithm,
    signature: &'a [u8],
    fields: Fields<'a>,
    extensions: scope::CrlExtensions,
}

/// The fields of a `TBSCertList`, still as they stand there.
#[derive(Clone, Debug)]
struct Fields<'a> {
    algorithm_der: &'a [u8],
    issuer_der: &'a [u8],
    this_update: Timestamp,
    next_update: Timestamp,
    entries: &'a [u8],
    extensions: &'a [u8],
}

impl<'a> CrlView<'a> {
    /// Reads everything but the entries.
    ///
    /// # Errors
    /// Anything that is not a strict DER version 2 CRL with `nextUpdate` and `cRLNumber`, or that uses
    /// critical extensions that are not understood here.
    pub fn parse(der: &'a [u8]) -> Result<Self, CrlReadError> {
        let mut reader = SliceReader::new(der)?;
        let (tbs_der, algorithm_der, signature) = reader.sequence(|reader| {
            let tbs_der = reader.tlv_bytes()?;
            let algorithm_der = reader.tlv_bytes()?;
            Ok::<_, der::Error>((tbs_der, algorithm_der, BitStringRef::decode(reader)?))
        })?;
        reader.finish()?;
        let fields = Fields::parse(tbs_der)?;
        if fields.algorithm_der != algorithm_der {
            return Err(CrlReadError::AlgorithmsDiffer);
        }
        let algorithm = AlgorithmIdentifierOwned::from_der(algorithm_der)?;
        Ok(Self {
            tbs_der,
            algorithm: SignatureAlgorithm::from_identifier(&algorithm)
                .ok_or(CrlReadError::AlgorithmUnsupported)?,
            signature: signature
                .as_bytes()
                .ok_or(CrlReadError::SignatureNotOctets)?,
            extensions: scope::CrlExtensions::parse(fields.extensions)?,
            fields,
        })
    }

    /// The issuer's name, DER.
    pub fn issuer_der(&self) -> &'a [u8] {
        self.fields.issuer_der
    }

    /// The `cRLNumber`.
    pub fn number(&self) -> CrlNumber {
        self.extensions.number
    }

    /// When it was issued.
    pub fn this_update(&self) -> Timestamp {
        self.fields.this_update
    }

    /// When the next one is due at the latest.
    pub fn next_update(&self) -> Timestamp {
        self.fields.next_update
    }

    /// The key identifier in the AKI, if there is one.
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        self.extensions.authority_key_id.as_deref()
    }

    /// What the CRL covers; the default is the issuer's full list.
    pub fn scope(&self) -> &CrlCoverage {
        &self.extensions.scope
    }

    /// The algorithm of the signature.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// The signature as it stands in the BIT STRING.
    pub fn signature(&self) -> &'a [u8] {
        self.signature
    }

    /// The DER of the `TBSCertList`.
    pub fn tbs_der(&self) -> &'a [u8] {
        self.tbs_der
    }

    /// The entries in the order of the list. After an error the iterator ends.
    pub fn entries(&self) -> Entries<'a> {
        Entries::new(self.entry_views())
    }

    /// The same, of which only serial numbers are read at first.
    pub fn entry_views(&self) -> EntryViews<'a> {
        EntryViews::new(self.fields.entries)
    }

    /// Verifies the signature.
    ///
    /// # Errors
    /// It is not by `key`.
    pub fn verify(&self, key: &PublicKey) -> Result<(), BadSignature> {
        key.verify(self.algorithm, self.tbs_der, self.signature)
    }

    /// Checks that `issuer` issued this CRL: its name byte for byte, its key identifier if the CRL
    /// has one, and its signature.
    ///
    /// # Errors
    /// Says which of them differs.
    pub fn verify_issued_by(&self, issuer: &Certificate) -> Result<(), CrlReadError> {
        if self.issuer_der() != issuer.subject_der() {
            return Err(CrlReadError::OtherIssuer);
        }
        if self
            .authority_key_id()
            .is_some_and(|id| Some(id) != issuer.subject_key_id())
        {
            return Err(CrlReadError::OtherAuthorityKey);
        }
        self.verify(issuer.public_key())
            .map_err(CrlReadError::BadSignature)
    }
}

impl<'a> Fields<'a> {
    fn parse(tbs_der: &'a [u8]) -> Result<Self, CrlReadError> {
        let mut reader = SliceReader::new(tbs_der)?;
        let fields = reader.sequence(Self::read)?;
        reader.finish()?;
        Ok(fields)
    }

    fn read(reader: &mut SliceReader<'a>) -> Result<Self, CrlReadError> {
        if UintRef::decode(reader)?.as_bytes() != [1] {
            return Err(CrlReadError::NotVersion2);
        }
        let algorithm_der = reader.tlv_bytes()?;
        Tag::peek(reader)?.assert_eq(Tag::Sequence)?;
        let issuer_der = reader.tlv_bytes()?;
        let this_update = from_x509_time(&Time::decode(reader)?);
        if !matches!(Tag::peek(reader)?, Tag::UtcTime | Tag::GeneralizedTime) {
            return Err(CrlReadError::NoNextUpdate);
        }
        let next_update = from_x509_time(&Time::decode(reader)?);
        Ok(Self {
            algorithm_der,
            issuer_der,
            this_update,
            next_update,
            entries: read_entries(reader)?,
            extensions: read_extensions(reader)?,
        })
    }
}

/// The contents of `revokedCertificates`; empty if it is absent.
fn read_entries<'a>(reader: &mut SliceReader<'a>) -> Result<&'a [u8], CrlReadError> {
    if reader.is_finished() || Tag::peek(reader)? != Tag::Sequence {
        return Ok(&[]);
    }
    let entries = AnyRef::decode(reader)?.value();
    if entries.is_empty() {
        return Err(CrlReadError::EmptyEntries);
    }
    Ok(entries)
}

/// The contents of `[0] EXPLICIT`: the DER of Extensions.
fn read_extensions<'a>(reader: &mut SliceReader<'a>) -> Result<&'a [u8], CrlReadError> {
    if reader.is_finished() {
        return Err(CrlReadError::NoNumber);
    }
    let explicit = AnyRef::decode(reader)?;
    let expected = der::TagNumber(0).context_specific(true);
    der::Tagged::tag(&explicit).assert_eq(expected)?;
    Ok(explicit.value())
}
