//! A certificate, taken apart.

use std::ops::Range;

use const_oid::AssociatedOid;
use der::Decode;
use x509_cert::ext::{
    Extension,
    pkix::{AuthorityKeyIdentifier, BasicConstraints, KeyUsage, SubjectKeyIdentifier},
};

use super::CertificateError;
use crate::{
    KeyUsageBits, PublicKey, SerialNumber, SignatureAlgorithm, extension,
    strict_der::{self, Element},
};

/// The tag of an explicit version.
const VERSION: u8 = 0xA0;

#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) der: Vec<u8>,
    pub(super) tbs: Range<usize>,
    pub(super) x509: x509_cert::Certificate,
    pub(super) serial: SerialNumber,
    pub(super) issuer_der: Vec<u8>,
    pub(super) subject_der: Vec<u8>,
    pub(super) public_key: PublicKey,
    pub(super) signature_algorithm: SignatureAlgorithm,
    pub(super) signature: Vec<u8>,
    pub(super) extensions: Extensions,
}

/// The extensions that decide who may have issued what.
#[derive(Debug)]
pub(super) struct Extensions {
    pub(super) subject_key_id: Option<Vec<u8>>,
    pub(super) authority_key_id: Option<Vec<u8>>,
    pub(super) basic_constraints: Option<BasicConstraints>,
    pub(super) key_usage: Option<KeyUsageBits>,
}

/// The parts of a certificate whose octets count.
struct Frame<'a> {
    tbs: Range<usize>,
    issuer_der: &'a [u8],
    subject_der: &'a [u8],
    spki_der: &'a [u8],
}

impl Parsed {
    pub(super) fn read(der: &[u8]) -> Result<Self, CertificateError> {
        let frame = read_frame(der).ok_or(CertificateError::NotDer)?;
        let x509 = x509_cert::Certificate::from_der(der).map_err(|_| CertificateError::NotDer)?;
        let tbs = x509.tbs_certificate();
        let serial =
            SerialNumber::from_x509(tbs.serial_number()).map_err(CertificateError::Serial)?;
        let public_key = PublicKey::parse(frame.spki_der).map_err(CertificateError::Key)?;
        let signature_algorithm = Some(x509.signature_algorithm())
            .filter(|outer| *outer == tbs.signature())
            .and_then(SignatureAlgorithm::from_identifier)
            .ok_or(CertificateError::SignatureAlgorithm)?;
        let signature = x509
            .signature()
            .as_bytes()
            .ok_or(CertificateError::NotDer)?
            .to_vec();
        let extensions = Extensions::read(tbs.extensions().map_or(&[], Vec::as_slice))?;
        Ok(Self {
            der: der.to_vec(),
            tbs: frame.tbs,
            serial,
            issuer_der: frame.issuer_der.to_vec(),
            subject_der: frame.subject_der.to_vec(),
            public_key,
            signature_algorithm,
            signature,
            extensions,
            x509,
        })
    }
}

impl Extensions {
    fn read(extensions: &[Extension]) -> Result<Self, CertificateError> {
        if extension::has_duplicate(extensions) {
            return Err(CertificateError::Extension);
        }
        let authority: Option<AuthorityKeyIdentifier> = find(extensions)?;
        let subject: Option<SubjectKeyIdentifier> = find(extensions)?;
        Ok(Self {
            subject_key_id: subject.map(|id| id.0.as_bytes().to_vec()),
            authority_key_id: authority
                .and_then(|id| id.key_identifier)
                .map(|id| id.as_bytes().to_vec()),
            basic_constraints: find(extensions)?,
            key_usage: find::<KeyUsage>(extensions)?.map(|usage| usage.0),
        })
    }
}

/// The extension of this type, if it is there.
fn find<T>(extensions: &[Extension]) -> Result<Option<T>, CertificateError>
where
    T: for<'a> Decode<'a> + AssociatedOid,
{
    let Some(extension) = extensions
        .iter()
        .find(|extension| extension.extn_id == T::OID)
    else {
        return Ok(None);
    };
    let value = extension.extn_value.as_bytes();
    strict_der::check(value).map_err(|_| CertificateError::Extension)?;
    T::from_der(value)
        .map(Some)
        .map_err(|_| CertificateError::Extension)
}

fn read_frame(der: &[u8]) -> Option<Frame<'_>> {
    let certificate = strict_der::check(der).ok()?;
    let tbs = *certificate.children()?.first()?;
    let start = der.len() - certificate.contents.len();
    let fields = tbs.children()?;
    let fields: &[Element<'_>] = match fields.as_slice() {
        [version, rest @ ..] if version.tag == VERSION => rest,
        all => all,
    };
    let [_serial, _signature, issuer, _validity, subject, spki, ..] = fields else {
        return None;
    };
    Some(Frame {
        tbs: start..start + tbs.whole.len(),
        issuer_der: issuer.whole,
        subject_der: subject.whole,
        spki_der: spki.whole,
    })
}
