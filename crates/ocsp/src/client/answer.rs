//! Responses, read and verified.

use std::collections::BTreeSet;

use der_07::{
    Decode, Encode,
    asn1::{GeneralizedTime, ObjectIdentifier, OctetStringRef},
};
use jiff::{SignedDuration, Timestamp};
use pki::{Certificate, RevocationReason};
use x509_cert_02::ext::{Extension, pkix::CrlReason};
use x509_ocsp::{
    BasicOcspResponse, CertStatus as EncodedStatus, OcspGeneralizedTime, OcspResponse,
    OcspResponseStatus, ResponseData, RevokedInfo, SingleResponse,
};

use super::{
    Query, ResponseFault,
    query::{NONCE, SHA_1, SHA_256},
    responder,
};
use crate::{CertId, CertIdHash, CertStatus, ResponseStatus};

/// The longest response that is read: sixteen answers, a large signature and a chain fit well.
pub const MAX_RESPONSE_BYTES: usize = 64 * 1024;

/// What a response is held against.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The request that it answers.
    pub query: &'a Query,
    /// The CA that issued the certificates asked about.
    pub issuer: &'a Certificate,
    /// The time.
    pub now: Timestamp,
    /// How far the responder's clock may run ahead.
    pub tolerance: SignedDuration,
}

/// A response that may be relied on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// When it was signed.
    pub produced_at: Timestamp,
    /// One status for each CertID of the query, in its order.
    pub statuses: Vec<StatedStatus>,
    /// Whether the nonce came back.
    pub nonce: NonceEcho,
    /// Who signed: the issuer, or its delegate.
    pub responder: Certificate,
}

/// The status of one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatedStatus {
    /// What the responder says.
    pub status: CertStatus,
    /// For when.
    pub this_update: Timestamp,
    /// Until when it may be relied on.
    pub next_update: Timestamp,
    /// How far back answers about expired certificates reach (RFC 6960 section 4.4.4).
    pub archive_cutoff: Option<Timestamp>,
}

/// What became of the nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NonceEcho {
    /// None was sent.
    NotAsked,
    /// The one that was sent came back: the answer was made for this question.
    Same,
    /// None came back: an answer made in advance (RFC 9654 section 2.1).
    Absent,
}

impl Answer {
    /// Reads a response and checks all that a relying party must (RFC 6960 section 3.2): form,
    /// signer, signature, nonce, that each CertID is answered once, and times.
    ///
    /// # Errors
    /// The first [`ResponseFault`].
    pub fn verify(der: &[u8], asked: &Asked<'_>) -> Result<Self, ResponseFault> {
        let basic = read(der)?;
        let data = &basic.tbs_response_data;
        // The octets were checked to be the encoding, so this is what was signed.
        let responder = responder::verify(&basic, &data.to_der()?, asked.issuer, asked.now)?;
        let extensions = data.response_extensions.as_deref().unwrap_or_default();
        check_extensions(extensions, &[NONCE, EXTENDED_REVOKED])?;
        let nonce = nonce_echo(extensions, asked.query.nonce())?;
        let produced_at = time(data.produced_at);
        let latest = asked.now.checked_add(asked.tolerance);
        let latest = latest.unwrap_or(Timestamp::MAX);
        if produced_at > latest {
            return Err(ResponseFault::NotYet { at: produced_at });
        }
        let extended_revoked = find(extensions, EXTENDED_REVOKED).is_some();
        let statuses = asked.query.cert_ids().iter().map(|cert_id| {
            let single = answer_about(data, cert_id)?;
            let stated = stated(single, extended_revoked)?;
            check_times(&stated, asked.now, latest).map(|()| stated)
        });
        Ok(Self {
            produced_at,
            statuses: statuses.collect::<Result<_, _>>()?,
            nonce,
            responder,
        })
    }
}

/// Both layers, each of them in DER.
fn read(der: &[u8]) -> Result<BasicOcspResponse, ResponseFault> {
    if der.len() > MAX_RESPONSE_BYTES {
        return Err(ResponseFault::TooLarge { octets: der.len() });
    }
    let response = OcspResponse::from_der(der)?;
    if response.to_der()? != der {
        return Err(ResponseFault::NotCanonical);
    }
    let exception = exception(response.response_status);
    let bytes = match (exception, response.response_bytes) {
        (None, Some(bytes)) => bytes,
        (Some(fault), None) => return Err(fault),
        (None, None) | (Some(_), Some(_)) => return Err(ResponseFault::Contents),
    };
    if bytes.response_type != BASIC {
        return Err(ResponseFault::NotBasic);
    }
    let basic = BasicOcspResponse::from_der(bytes.response.as_bytes())?;
    if basic.to_der()? != bytes.response.as_bytes() {
        return Err(ResponseFault::NotCanonical);
    }
    Ok(basic)
}

fn exception(status: OcspResponseStatus) -> Option<ResponseFault> {
    let status = match status {
        OcspResponseStatus::Successful => return None,
        OcspResponseStatus::SigRequired => return Some(ResponseFault::SignatureRequired),
        OcspResponseStatus::MalformedRequest => ResponseStatus::MalformedRequest,
        OcspResponseStatus::InternalError => ResponseStatus::InternalError,
        OcspResponseStatus::TryLater => ResponseStatus::TryLater,
        OcspResponseStatus::Unauthorized => ResponseStatus::Unauthorized,
    };
    Some(ResponseFault::Exception { status })
}

fn nonce_echo(extensions: &[Extension], sent: Option<&[u8]>) -> Result<NonceEcho, ResponseFault> {
    match (sent, find(extensions, NONCE)) {
        (None, None) => Ok(NonceEcho::NotAsked),
        (Some(_), None) => Ok(NonceEcho::Absent),
        (Some(sent), Some(value)) => {
            let nonce = OctetStringRef::from_der(value).map_err(|_| ResponseFault::Nonce)?;
            if nonce.as_bytes() == sent {
                Ok(NonceEcho::Same)
            } else {
                Err(ResponseFault::Nonce)
            }
        }
        (None, Some(_)) => Err(ResponseFault::Nonce),
    }
}

/// The one answer about a certificate: two could contradict each other.
fn answer_about<'a>(
    data: &'a ResponseData,
    cert_id: &CertId,
) -> Result<&'a SingleResponse, ResponseFault> {
    let mut answers = data
        .responses
        .iter()
        .filter(|single| is_about(single, cert_id));
    match (answers.next(), answers.next()) {
        (Some(single), None) => Ok(single),
        _ => Err(ResponseFault::NotAnswered),
    }
}

/// The parameters of the hash algorithm may be NULL or absent: they are not compared.
fn is_about(single: &SingleResponse, asked: &CertId) -> bool {
    let oid = match asked.hash {
        CertIdHash::Sha1 => SHA_1,
        CertIdHash::Sha256 => SHA_256,
    };
    let serial = single.cert_id.serial_number.as_bytes();
    let magnitude = match serial {
        [0, magnitude @ ..] | magnitude => magnitude,
    };
    single.cert_id.hash_algorithm.oid == oid
        && single.cert_id.issuer_name_hash.as_bytes() == asked.issuer_name_hash
        && single.cert_id.issuer_key_hash.as_bytes() == asked.issuer_key_hash
        && serial.first().is_some_and(|first| *first < 0x80)
        && magnitude == asked.serial.as_bytes()
}

fn stated(single: &SingleResponse, extended: bool) -> Result<StatedStatus, ResponseFault> {
    let extensions = single.single_extensions.as_deref().unwrap_or_default();
    check_extensions(extensions, &[ARCHIVE_CUTOFF])?;
    let archive_cutoff = match find(extensions, ARCHIVE_CUTOFF) {
        None => None,
        Some(value) => Some(time(OcspGeneralizedTime(GeneralizedTime::from_der(value)?))),
    };
    let status = match single.cert_status {
        EncodedStatus::Good(_) => CertStatus::Good,
        EncodedStatus::Unknown(_) => CertStatus::Unknown,
        EncodedStatus::Revoked(_) if extended && says_never_issued(single) => {
            CertStatus::NeverIssued
        }
        EncodedStatus::Revoked(info) => CertStatus::Revoked {
            at: time(info.revocation_time),
            reason: info.revocation_reason.map(reason),
        },
    };
    Ok(StatedStatus {
        status,
        this_update: time(single.this_update),
        next_update: single
            .next_update
            .map(time)
            .ok_or(ResponseFault::NoNextUpdate)?,
        archive_cutoff,
    })
}

/// RFC 6960 section 2.2: revoked at 1970-01-01 with certificateHold, where the responder says that
/// it tells never-issued numbers so (section 4.4.8).
fn says_never_issued(single: &SingleResponse) -> bool {
    matches!(
        single.cert_status,
        EncodedStatus::Revoked(RevokedInfo {
            revocation_time,
            revocation_reason: Some(CrlReason::CertificateHold),
        }) if time(revocation_time) == Timestamp::UNIX_EPOCH
    )
}

fn check_times(
    stated: &StatedStatus,
    now: Timestamp,
    latest: Timestamp,
) -> Result<(), ResponseFault> {
    if stated.this_update > latest {
        return Err(ResponseFault::NotYet {
            at: stated.this_update,
        });
    }
    if stated.next_update <= now || stated.next_update < stated.this_update {
        return Err(ResponseFault::Stale {
            next_update: stated.next_update,
        });
    }
    Ok(())
}

/// No extension twice, and no critical one besides those that are understood.
fn check_extensions(
    extensions: &[Extension],
    understood: &[ObjectIdentifier],
) -> Result<(), ResponseFault> {
    let mut seen = BTreeSet::new();
    for extension in extensions {
        let new = seen.insert(extension.extn_id);
        if !new || (extension.critical && !understood.contains(&extension.extn_id)) {
            return Err(ResponseFault::Extension);
        }
    }
    Ok(())
}

fn find(extensions: &[Extension], oid: ObjectIdentifier) -> Option<&[u8]> {
    let found = extensions.iter().find(|found| found.extn_id == oid)?;
    Some(found.extn_value.as_bytes())
}

fn time(at: OcspGeneralizedTime) -> Timestamp {
    i64::try_from(at.0.to_unix_duration().as_secs())
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .unwrap_or(Timestamp::MAX)
}

fn reason(reason: CrlReason) -> RevocationReason {
    match reason {
        CrlReason::Unspecified => RevocationReason::Unspecified,
        CrlReason::KeyCompromise => RevocationReason::KeyCompromise,
        CrlReason::CaCompromise => RevocationReason::CaCompromise,
        CrlReason::AffiliationChanged => RevocationReason::AffiliationChanged,
        CrlReason::Superseded => RevocationReason::Superseded,
        CrlReason::CessationOfOperation => RevocationReason::CessationOfOperation,
        CrlReason::CertificateHold => RevocationReason::CertificateHold,
        CrlReason::RemoveFromCRL => RevocationReason::RemoveFromCrl,
        CrlReason::PrivilegeWithdrawn => RevocationReason::PrivilegeWithdrawn,
        CrlReason::AaCompromise => RevocationReason::AaCompromise,
    }
}

const BASIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.1");
const ARCHIVE_CUTOFF: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.6");
const EXTENDED_REVOKED: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.9");
