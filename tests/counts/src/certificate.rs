//! A certificate from CSR to DER, without token and database: steps 2, 3, 4 and 7 of issuing.

use anyhow::{anyhow, bail};
use api::Statement;
use issuance::PreparedCertificate;
use jiff::SignedDuration;
use pki::CertificationRequest;
use policy::{Decision, Facts, IssuanceRequest, IssuerFacts, Operation as Asked, Policy};
use serde_json::json;

use crate::{
    Operation,
    software_ca::{SoftwareCa, now, serial},
};

pub(crate) fn operation() -> anyhow::Result<Operation> {
    let policy = Policy::parse(ESIGN).map_err(|faults| anyhow!("{faults}"))?;
    let ca = SoftwareCa::new("esign-ca")?;
    let statement = statement();
    let validity = IssuerFacts {
        not_before: now() - SignedDuration::from_hours(24 * 365),
        not_after: now() + SignedDuration::from_hours(24 * 3650),
    };
    let facts = Facts::assumed(PROFILE, validity);
    // The same octets are signed each time, so that one signature does for all.
    let mut signature = None;
    Ok(Operation::new("certificate", move || {
        let statement: Statement = serde_json::from_slice(&statement)?;
        let csr = CertificationRequest::parse_pem_or_der(CSR)?;
        let request = IssuanceRequest {
            operation: Asked::Issue,
            profile: PROFILE,
            issuer: ca.issuer.name(),
            csr: Some(&csr),
            public_key: csr.public_key(),
            statement: &statement,
            validity: None,
        };
        let plan = match policy.evaluate(&request, &facts, now()) {
            Decision::Permit(plan) => plan,
            Decision::Deny(violations) => bail!("denied: {violations:?}"),
        };
        let prepared = PreparedCertificate::new(&ca.issuer, serial(2)?, csr.public_key(), &plan)?;
        let (tbs_der, awaiting) = prepared.release();
        let signature = signature.get_or_insert_with(|| ca.key.sign(&tbs_der));
        awaiting.complete(signature)?;
        Ok(())
    }))
}

/// What the shipped policy wants to hear of a natural person, as an RA sends it.
fn statement() -> Vec<u8> {
    let yesterday = now() - SignedDuration::from_hours(24);
    let evidence = ["name", "id_number", "mobile"].map(|kind| {
        json!({
            "kind": kind,
            "digest_sha256": "ab".repeat(32),
            "collected_at": yesterday,
            "verified_by": "ra",
            "method": "database",
            "passed": true,
        })
    });
    let statement = json!({
        "subject_kind": "individual",
        "subject": {
            "countryName": "CN",
            "surname": "张",
            "givenName": "三",
            "commonName": "张三",
            "serialNumber": "U-2026-000123",
        },
        "subscriber_ref": "u-000123",
        "evidence": evidence,
        "consent": {
            "agreement_version": "2026-1",
            "agreement_sha256": AGREEMENT_SHA256,
            "method": "click",
            "at": yesterday,
            "purposes": ["certificate_issuance", "third_party_verification"],
        },
    });
    statement.to_string().into_bytes()
}

const ESIGN: &str = include_str!("../../../policy/esign.toml");
const CSR: &[u8] = include_bytes!("../../../policy/tests/fixtures/blank.csr");
const PROFILE: &str = "esign-individual";
/// Of policy/agreements/subscriber-2026-1.md.
const AGREEMENT_SHA256: &str = "666b52aa00bb37ddddeafa517e32636a7cea6a5a42153365e652a1ac5705c3e4";
