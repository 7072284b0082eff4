//! Statements that the shipped policies permit, as JSON to be spoilt.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// A natural person, for `esign-individual`.
pub fn individual(name: &str) -> Value {
    json!({
        "subject_kind": "individual",
        "subject": {
            "countryName": "CN",
            "surname": "张",
            "givenName": "三",
            "commonName": name,
            "serialNumber": "U-2026-000123",
        },
        "subscriber_ref": "u-000123",
        "evidence": [evidence("name"), evidence("id_number"), evidence("mobile")],
        "consent": consent(),
    })
}

/// A legal person, for `esign-organization`.
pub fn organization(name: &str) -> Value {
    json!({
        "subject_kind": "organization",
        "subject": {
            "countryName": "CN",
            "organizationName": name,
            "organizationIdentifier": "NTRCN-91350100M000100Y43",
            "commonName": name,
        },
        "subscriber_ref": "o-000456",
        "evidence": [
            evidence("org_name"), evidence("uscc"),
            evidence("legal_rep_id"), evidence("corp_bank_account"),
        ],
        "consent": consent(),
    })
}

/// A device or server, named by its CSR.
pub fn device() -> Value {
    json!({ "subject_kind": "device" })
}

/// Evidence of a kind, collected yesterday.
pub fn evidence(kind: &str) -> Value {
    json!({
        "kind": kind,
        "digest_sha256": "ab".repeat(32),
        "collected_at": yesterday(),
        "verified_by": "ra",
        "method": "database",
        "passed": true,
    })
}

/// Consent to the shipped agreement, given yesterday.
pub fn consent() -> Value {
    json!({
        "agreement_version": "2026-1",
        "agreement_sha256": AGREEMENT_SHA256,
        "method": "click",
        "at": yesterday(),
        "purposes": ["certificate_issuance", "third_party_verification"],
    })
}

/// The present moment: black-box tests live in the daemons' time.
#[expect(
    clippy::disallowed_methods,
    reason = "the daemons under test run on the real clock"
)]
pub fn now() -> Timestamp {
    Timestamp::now()
}

fn yesterday() -> Timestamp {
    now() - SignedDuration::from_hours(24)
}

/// Of policy/agreements/subscriber-2026-1.md.
pub const AGREEMENT_SHA256: &str =
    "666b52aa00bb37ddddeafa517e32636a7cea6a5a42153365e652a1ac5705c3e4";
