//! Who signed a response, and by what right (RFC 6960 section 4.2.2.2).

use der_07::{Decode, Encode, asn1::ObjectIdentifier};
use jiff::Timestamp;
use pki::{Certificate, SignatureAlgorithm};
use x509_cert_02::ext::pkix::{ExtendedKeyUsage, KeyUsage};
use x509_ocsp::{BasicOcspResponse, ResponderId};

use super::ResponseFault;

/// Finds the signer, checks its right to speak for `issuer`, and verifies its signature over
/// `tbs_der`.
pub(super) fn verify(
    basic: &BasicOcspResponse,
    tbs_der: &[u8],
    issuer: &Certificate,
    now: Timestamp,
) -> Result<Certificate, ResponseFault> {
    let algorithm = algorithm(&basic.signature_algorithm.to_der()?)?;
    let signature = basic
        .signature
        .as_bytes()
        .ok_or(ResponseFault::AlgorithmUnsupported)?;
    let signer = signer(basic, issuer, now)?;
    signer
        .public_key()
        .verify(algorithm, tbs_der, signature)
        .map_err(|_| ResponseFault::Signature)?;
    Ok(signer)
}

fn algorithm(identifier_der: &[u8]) -> Result<SignatureAlgorithm, ResponseFault> {
    SignatureAlgorithm::ALL
        .into_iter()
        .find(|algorithm| algorithm.identifier_der() == identifier_der)
        .ok_or(ResponseFault::AlgorithmUnsupported)
}

/// The issuer itself, or the delegate whose certificate comes along.
fn signer(
    basic: &BasicOcspResponse,
    issuer: &Certificate,
    now: Timestamp,
) -> Result<Certificate, ResponseFault> {
    let id = &basic.tbs_response_data.responder_id;
    if is(id, issuer)? {
        return Ok(issuer.clone());
    }
    for brought in basic.certs.as_deref().unwrap_or_default() {
        let certificate = Certificate::parse(&brought.to_der()?)
            .map_err(|_| ResponseFault::ResponderUnreadable)?;
        if is(id, &certificate)? {
            check_delegate(&certificate, brought, issuer, now)?;
            return Ok(certificate);
        }
    }
    Err(ResponseFault::ResponderMissing)
}

fn is(id: &ResponderId, certificate: &Certificate) -> Result<bool, ResponseFault> {
    Ok(match id {
        ResponderId::ByName(name) => name.to_der()? == certificate.subject_der(),
        ResponderId::ByKey(hash) => hash.as_bytes() == certificate.public_key().key_id().as_bytes(),
    })
}

fn check_delegate(
    certificate: &Certificate,
    x509: &x509_cert_02::Certificate,
    issuer: &Certificate,
    now: Timestamp,
) -> Result<(), ResponseFault> {
    certificate
        .verify_issued_by(issuer)
        .map_err(|_| ResponseFault::ResponderForeign)?;
    if !is_for_ocsp(x509)? {
        return Err(ResponseFault::ResponderNotDelegated);
    }
    let (not_before, not_after) = (certificate.not_before(), certificate.not_after());
    if !(not_before.as_second()..=not_after.as_second()).contains(&now.as_second()) {
        return Err(ResponseFault::ResponderNotValid {
            not_before,
            not_after,
        });
    }
    if extension(x509, NO_CHECK).is_none() {
        return Err(ResponseFault::ResponderNeedsCheck);
    }
    Ok(())
}

/// id-kp-OCSPSigning, and no key usage that forbids signatures.
fn is_for_ocsp(x509: &x509_cert_02::Certificate) -> Result<bool, ResponseFault> {
    let Some(purposes) = extension(x509, EXTENDED_KEY_USAGE) else {
        return Ok(false);
    };
    let purposes = ExtendedKeyUsage::from_der(purposes)?;
    let may_sign = match extension(x509, KEY_USAGE) {
        None => true,
        Some(usage) => {
            let usage = KeyUsage::from_der(usage)?;
            usage.digital_signature() || usage.non_repudiation()
        }
    };
    Ok(purposes.0.contains(&OCSP_SIGNING) && may_sign)
}

fn extension(x509: &x509_cert_02::Certificate, oid: ObjectIdentifier) -> Option<&[u8]> {
    let mut extensions = x509.tbs_certificate.extensions.iter().flatten();
    let found = extensions.find(|extension| extension.extn_id == oid)?;
    Some(found.extn_value.as_bytes())
}

const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
const OCSP_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9");
const NO_CHECK: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.5");
