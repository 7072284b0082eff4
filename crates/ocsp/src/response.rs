//! Signed responses: prepared, released to the signer, completed.

use std::{sync::Arc, time::Duration};

use der_07::{
    Decode, Encode, Tag, TagNumber,
    asn1::{GeneralizedTime, Null, ObjectIdentifier, OctetString},
};
use jiff::Timestamp;
use pki::{BadSignature, Certificate, KeyId, RevocationReason, SignatureAlgorithm};
use thiserror::Error;
use x509_cert_02::ext::{Extension, Extensions, pkix::CrlReason};
use x509_ocsp::{
    CertStatus as EncodedStatus, OcspGeneralizedTime, ResponderId, ResponseData, RevokedInfo,
    SingleResponse, Version,
};

use crate::{
    CertId,
    encode::{context, sequence, tlv},
};

/// The answer about one certificate (RFC 6960 section 4.2.1).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SingleStatus {
    /// The CertID of the request; it is repeated byte for byte.
    pub cert_id: CertId,
    /// The certificate's status.
    pub status: CertStatus,
    /// When the status was known to be so; whole seconds are encoded.
    pub this_update: Timestamp,
    /// Until when it may be relied on; always encoded (RFC 9919 section 3.2.4).
    pub next_update: Timestamp,
    /// How far back answers about expired certificates reach (RFC 6960 section 4.4.4).
    pub archive_cutoff: Option<Timestamp>,
}

/// The status of a certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CertStatus {
    /// Issued and not revoked.
    Good,
    /// Revoked, or on hold.
    Revoked {
        /// Since when.
        at: Timestamp,
        /// Why. `None` and `Unspecified` are both encoded as no reason, as on the CRL.
        reason: Option<RevocationReason>,
    },
    /// Never issued.
    Unknown,
    /// Never issued, and told to be revoked: certificateHold since 1970-01-01, in a response that
    /// carries the extended-revoke extension (RFC 6960 sections 2.2 and 4.4.8).
    NeverIssued,
}

/// A response that is ready to be signed. Not `Clone`.
#[must_use]
#[derive(Debug)]
pub struct PreparedResponse {
    awaiting: Awaiting,
}

impl PreparedResponse {
    /// Builds the `ResponseData`: `responses` in their order, the responder named by its key.
    /// `nonce` is the request's, to be repeated.
    ///
    /// # Errors
    /// There are no responses, or a time lies outside of the years 1970 to 9999.
    pub fn new(
        responses: impl IntoIterator<Item = SingleStatus>,
        responder_key_id: KeyId,
        produced_at: Timestamp,
        nonce: Option<&[u8]>,
        algorithm: SignatureAlgorithm,
    ) -> Result<Self, ResponseError> {
        let mut encoded = Vec::new();
        let mut extended = false;
        for single in responses {
            extended |= single.status == CertStatus::NeverIssued;
            encoded.push(single_response(&single)?);
        }
        if encoded.is_empty() {
            return Err(ResponseError::NoResponses);
        }
        let response_data = ResponseData {
            version: Version::V1,
            responder_id: ResponderId::ByKey(octets(responder_key_id.as_bytes())?),
            produced_at: time(produced_at)?,
            responses: encoded,
            response_extensions: response_extensions(nonce, extended)?,
        };
        Ok(Self {
            awaiting: Awaiting {
                tbs_der: response_data.to_der()?.into(),
                algorithm,
            },
        })
    }

    /// The DER of the `ResponseData`: exactly what will be signed.
    pub fn tbs_der(&self) -> &[u8] {
        &self.awaiting.tbs_der
    }

    /// Gives up the bytes to be signed.
    pub fn release(self) -> (Arc<[u8]>, Awaiting) {
        (Arc::clone(&self.awaiting.tbs_der), self.awaiting)
    }
}

/// A response whose bytes are with the signer.
#[must_use]
#[derive(Debug)]
pub struct Awaiting {
    tbs_der: Arc<[u8]>,
    algorithm: SignatureAlgorithm,
}

impl Awaiting {
    /// Verifies `signature` over the released bytes with the key of the responder's certificate,
    /// and assembles the `OCSPResponse` around them, certificate included. A wrong signature must
    /// not leave the process: clients could not use it, and a faulty RSA one betrays the key.
    ///
    /// # Errors
    /// The signature is not the responder's over these bytes.
    pub fn complete(
        self,
        signature: &[u8],
        responder_certificate: &Certificate,
    ) -> Result<Vec<u8>, BadSignature> {
        responder_certificate
            .public_key()
            .verify(self.algorithm, &self.tbs_der, signature)?;
        self.assemble(signature, responder_certificate.der())
            .map_err(|_| BadSignature)
    }

    /// `BasicOCSPResponse` in `ResponseBytes` in `OCSPResponse` (RFC 6960 section 4.2.1).
    fn assemble(&self, signature: &[u8], certificate_der: &[u8]) -> der_07::Result<Vec<u8>> {
        let certificates = sequence(&[certificate_der])?;
        let basic = sequence(&[
            &self.tbs_der,
            &self.algorithm.identifier_der(),
            &tlv(Tag::BitString, &[&[0], signature])?,
            &context(TagNumber::N0, &[&certificates])?,
        ])?;
        let response = tlv(Tag::OctetString, &[&basic])?;
        let response_bytes = sequence(&[&OCSP_BASIC.to_der()?, &response])?;
        sequence(&[SUCCESSFUL, &context(TagNumber::N0, &[&response_bytes])?])
    }
}

/// Why a response could not be prepared.
#[derive(Clone, Debug, Eq, PartialEq, Error)]
pub enum ResponseError {
    /// A response answers about at least one certificate.
    #[error("the response answers about no certificate")]
    NoResponses,
    /// Years 1970 to 9999 can be encoded.
    #[error("{at} cannot be encoded")]
    Time {
        /// The time in question.
        at: Timestamp,
    },
    /// A value has no encoding.
    #[error("cannot encode the response")]
    Encoding(#[from] der_07::Error),
}

impl ResponseError {
    /// A stable slug for metrics and logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoResponses => "ocsp-no-responses",
            Self::Time { .. } => "ocsp-time-not-encodable",
            Self::Encoding(_) => "ocsp-response-not-encodable",
        }
    }
}

fn single_response(single: &SingleStatus) -> Result<SingleResponse, ResponseError> {
    Ok(SingleResponse {
        // Decoded from the request's own bytes, which were checked to encode to themselves.
        cert_id: x509_ocsp::CertId::from_der(&single.cert_id.raw)?,
        cert_status: cert_status(single.status)?,
        this_update: time(single.this_update)?,
        next_update: Some(time(single.next_update)?),
        single_extensions: single.archive_cutoff.map(archive_cutoff).transpose()?,
    })
}

fn cert_status(status: CertStatus) -> Result<EncodedStatus, ResponseError> {
    Ok(match status {
        CertStatus::Good => EncodedStatus::good(),
        CertStatus::Unknown => EncodedStatus::unknown(),
        CertStatus::NeverIssued => EncodedStatus::Revoked(RevokedInfo {
            revocation_time: time(Timestamp::UNIX_EPOCH)?,
            revocation_reason: Some(CrlReason::CertificateHold),
        }),
        CertStatus::Revoked { at, reason } => EncodedStatus::Revoked(RevokedInfo {
            revocation_time: time(at)?,
            revocation_reason: reason.and_then(crl_reason),
        }),
    })
}

fn crl_reason(reason: RevocationReason) -> Option<CrlReason> {
    Some(match reason {
        RevocationReason::Unspecified => return None,
        RevocationReason::KeyCompromise => CrlReason::KeyCompromise,
        RevocationReason::CaCompromise => CrlReason::CaCompromise,
        RevocationReason::AffiliationChanged => CrlReason::AffiliationChanged,
        RevocationReason::Superseded => CrlReason::Superseded,
        RevocationReason::CessationOfOperation => CrlReason::CessationOfOperation,
        RevocationReason::CertificateHold => CrlReason::CertificateHold,
        RevocationReason::RemoveFromCrl => CrlReason::RemoveFromCRL,
        RevocationReason::PrivilegeWithdrawn => CrlReason::PrivilegeWithdrawn,
        RevocationReason::AaCompromise => CrlReason::AaCompromise,
    })
}

fn archive_cutoff(at: Timestamp) -> Result<Extensions, ResponseError> {
    Ok(vec![extension(ARCHIVE_CUTOFF, &time(at)?.0.to_der()?)?])
}

fn response_extensions(
    nonce: Option<&[u8]>,
    extended: bool,
) -> Result<Option<Extensions>, ResponseError> {
    let mut extensions = Vec::new();
    if let Some(nonce) = nonce {
        extensions.push(extension(NONCE, &octets(nonce)?.to_der()?)?);
    }
    if extended {
        extensions.push(extension(EXTENDED_REVOKE, &Null.to_der()?)?);
    }
    Ok((!extensions.is_empty()).then_some(extensions))
}

fn extension(extn_id: ObjectIdentifier, value: &[u8]) -> Result<Extension, ResponseError> {
    Ok(Extension {
        extn_id,
        critical: false,
        extn_value: octets(value)?,
    })
}

fn octets(bytes: &[u8]) -> der_07::Result<OctetString> {
    OctetString::new(bytes)
}

/// GeneralizedTime without fractions (RFC 6960 section 4.2.2.1).
fn time(at: Timestamp) -> Result<OcspGeneralizedTime, ResponseError> {
    let seconds = u64::try_from(at.as_second()).map_err(|_| ResponseError::Time { at })?;
    GeneralizedTime::from_unix_duration(Duration::from_secs(seconds))
        .map(OcspGeneralizedTime)
        .map_err(|_| ResponseError::Time { at })
}

/// `ENUMERATED 0`.
const SUCCESSFUL: &[u8] = &[0x0a, 0x01, 0x00];
const OCSP_BASIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.1");
const NONCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.2");
const ARCHIVE_CUTOFF: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.6");
const EXTENDED_REVOKE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.9");
