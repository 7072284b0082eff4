//! An issuer, its delegated responder, and requests by hand.

use der_07::{
    Encode,
    asn1::{Any, ObjectIdentifier, OctetString},
};
use issuance::IssuedCertificate;
use jiff::{SignedDuration, Timestamp};
use ocsp::{IssuerHashes, OcspRequest, PreparedResponse, SingleStatus};
use pki::{AttributeType, SignatureAlgorithm};
use policy::CertificatePlan;
use x509_cert_02::{
    ext::{Extension, Extensions},
    serial_number::SerialNumber,
    spki::AlgorithmIdentifierOwned,
};
use x509_ocsp::{CertId, Request, TbsRequest};

use crate::support::{SoftwareKey, TestCa, leaf_plan, name, serial};

/// A CA, its responder and a moment in which both are valid.
pub(crate) struct Scene {
    pub(crate) ca: TestCa,
    pub(crate) hashes: IssuerHashes,
    pub(crate) responder: IssuedCertificate,
    pub(crate) key: SoftwareKey,
    pub(crate) algorithm: SignatureAlgorithm,
    pub(crate) now: Timestamp,
}

impl Scene {
    /// At the present, since `openssl ocsp` cannot be told another time.
    pub(crate) fn new(algorithm: SignatureAlgorithm) -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "an outside judge reads the clock too"
        )]
        let now = Timestamp::now();
        Self::at(now, SoftwareKey::for_algorithm(algorithm), algorithm)
    }

    /// With every byte fixed.
    pub(crate) fn fixed() -> Self {
        let now = "2026-11-22T12:00:00.5Z".parse().unwrap();
        Self::at(now, SoftwareKey::ed25519(9), SignatureAlgorithm::Ed25519)
    }

    fn at(now: Timestamp, key: SoftwareKey, algorithm: SignatureAlgorithm) -> Self {
        let ca = TestCa::fixed();
        let responder = ca.issue(serial(9), &key, &responder_plan(now));
        let certificate = ca.issuer.certificate();
        let hashes = IssuerHashes::of(certificate.subject_der(), certificate.public_key());
        Self {
            ca,
            hashes,
            responder,
            key,
            algorithm,
            now,
        }
    }

    /// An end-entity certificate that is valid now.
    pub(crate) fn leaf(&self, last: u8) -> IssuedCertificate {
        let mut plan = leaf_plan();
        plan.not_before = self.now - SignedDuration::from_hours(1);
        plan.not_after = self.now + SignedDuration::from_hours(24);
        self.ca.issue(serial(last), &SoftwareKey::ed25519(8), &plan)
    }

    /// A request about `serials` by SHA-1, as it arrives.
    pub(crate) fn request(&self, serials: &[u8], extensions: Option<Extensions>) -> Vec<u8> {
        let ids = serials
            .iter()
            .map(|last| self.cert_id(SHA_1, serial(*last).as_bytes()));
        encode(ids.collect(), extensions)
    }

    /// A CertID with these contents of the INTEGER. Hashes other than SHA-256 are of SHA-1's size.
    pub(crate) fn cert_id(&self, hash: &str, integer: &[u8]) -> CertId {
        let hashes = &self.hashes;
        let (name, key): (&[u8], &[u8]) = if hash == SHA_256 {
            (&hashes.name_sha256, &hashes.key_sha256)
        } else {
            (&hashes.name_sha1, &hashes.key_sha1)
        };
        CertId {
            hash_algorithm: AlgorithmIdentifierOwned {
                oid: ObjectIdentifier::new_unwrap(hash),
                parameters: Some(Any::null()),
            },
            issuer_name_hash: OctetString::new(name).unwrap(),
            issuer_key_hash: OctetString::new(key).unwrap(),
            serial_number: SerialNumber::new(integer).unwrap(),
        }
    }

    /// Answers `request` with one status for each CertID, signed by the responder.
    pub(crate) fn answer(&self, request: &OcspRequest, statuses: &[ocsp::CertStatus]) -> Vec<u8> {
        let (message, awaiting) = self.prepare(request, statuses).release();
        let signature = self.key.sign(self.algorithm, &message);
        awaiting
            .complete(&signature, self.responder.certificate())
            .unwrap()
    }

    pub(crate) fn prepare(
        &self,
        request: &OcspRequest,
        statuses: &[ocsp::CertStatus],
    ) -> PreparedResponse {
        let singles = request
            .cert_ids()
            .iter()
            .zip(statuses)
            .map(|(cert_id, status)| SingleStatus {
                cert_id: cert_id.clone(),
                status: *status,
                this_update: self.now,
                next_update: self.now + SignedDuration::from_hours(10),
                archive_cutoff: None,
            });
        PreparedResponse::new(
            singles,
            self.key.public_key().key_id(),
            self.now,
            request.nonce(),
            self.algorithm,
        )
        .unwrap()
    }
}

/// Encodes a request.
pub(crate) fn encode(cert_ids: Vec<CertId>, extensions: Option<Extensions>) -> Vec<u8> {
    let request_list = cert_ids.into_iter().map(Request::new).collect();
    let tbs_request = TbsRequest {
        request_list,
        request_extensions: extensions,
        ..TbsRequest::default()
    };
    x509_ocsp::OcspRequest {
        tbs_request,
        optional_signature: None,
    }
    .to_der()
    .unwrap()
}

/// The nonce extension around `value`, which need not be a nonce.
pub(crate) fn nonce_extension(value: &[u8]) -> Extension {
    extension("1.3.6.1.5.5.7.48.1.2", false, value)
}

pub(crate) fn extension(oid: &str, critical: bool, value: &[u8]) -> Extension {
    Extension {
        extn_id: ObjectIdentifier::new_unwrap(oid),
        critical,
        extn_value: OctetString::new(value).unwrap(),
    }
}

fn responder_plan(now: Timestamp) -> CertificatePlan {
    CertificatePlan {
        profile: "ocsp-responder".to_owned(),
        subject: name(&[(AttributeType::CommonName, "Test OCSP")]),
        subject_alt_names: Vec::new(),
        not_before: now - SignedDuration::from_hours(1),
        not_after: now + SignedDuration::from_hours(24 * 14),
        extended_key_usage: vec![policy::OCSP_SIGNING],
        policies: Vec::new(),
        crl_distribution_point: None,
        ocsp_uri: None,
        ca_issuers_uri: None,
        ocsp_no_check: true,
        ..leaf_plan()
    }
}

pub(crate) const SHA_1: &str = "1.3.14.3.2.26";
pub(crate) const SHA_256: &str = "2.16.840.1.101.3.4.2.1";
