//! Statements.

use blackbox_tests::enrolment::{request, submit};
use blackbox_tests::refusal::Refusals;
use blackbox_tests::{KeyKind, World};
use serde_json::{Value, json};

use crate::CERTIFICATES;

/// What is wrong, the member below `statement`, its value, the code.
type Case = (&'static str, &'static str, Value, &'static str);

#[test]
fn statements_that_the_policy_denies() {
    let world = World::start();
    let refusals = Refusals::watch(&world);
    let good = request("esign-individual", &world.key(KeyKind::P256), "张三");
    for (what, member, value, code) in names().into_iter().chain(proofs()) {
        let mut body = good.clone();
        let member = format!("/statement/{member}");
        *body.pointer_mut(&member).unwrap() = value;
        let answer = submit(world.ra(), CERTIFICATES, &body);
        refusals.audited(what, &answer, 422, code);
        let problem: api::Problem = answer.read();
        for violation in problem.violations {
            assert!(!violation.citation.is_empty(), "{what}");
            assert!(!violation.field.is_empty(), "{what}");
            assert!(!violation.detail.contains('张'), "{what}: a name is told");
        }
    }
}

#[test]
fn the_rest_that_the_policy_denies() {
    let world = World::start();
    let refusals = Refusals::watch(&world);
    let key = world.key(KeyKind::P256);
    let good = request("esign-individual", &key, "张三");
    for (what, validity, code) in [
        (
            "too long",
            json!({ "days": 2000 }),
            "validity-exceeds-profile",
        ),
        ("too short", json!({ "seconds": 1 }), "validity-too-short"),
    ] {
        let mut body = good.clone();
        body["validity"] = validity;
        let answer = submit(world.ra(), CERTIFICATES, &body);
        refusals.audited(what, &answer, 422, code);
    }
    let mut body = request("esign-organization", &key, "示例有限公司");
    body["statement"]["subject"]["organizationIdentifier"] = json!("NTRCN-91350100M000100Y44");
    let answer = submit(world.ra(), CERTIFICATES, &body);
    refusals.audited("check digit", &answer, 422, "uscc-invalid");

    // All that is wrong is told at once.
    let mut body = request("esign-individual", &key, "张\u{0}三");
    body["statement"]["evidence"] = json!([]);
    body["statement"]["consent"] = Value::Null;
    let codes = submit(world.ra(), CERTIFICATES, &body).codes();
    for code in ["name-nul", "evidence-missing", "consent-missing"] {
        assert!(codes.contains(&code.to_owned()), "{code}: {codes:?}");
    }
}

fn names() -> Vec<Case> {
    let (name, country) = ("subject/commonName", "subject/countryName");
    let (long, number) = ("三".repeat(65), "11010519491231002X");
    vec![
        ("NUL", name, json!("张\u{0}三"), "name-nul"),
        ("bidi", name, json!("张\u{202e}三"), "name-bidi-control"),
        ("control", name, json!("张\u{7}三"), "name-control"),
        ("blank", name, json!(" 张三"), "name-blank-edge"),
        ("long", name, json!(long), "name-too-long"),
        ("not NFC", name, json!("e\u{301}"), "name-not-nfc"),
        ("empty", name, json!(""), "name-empty"),
        ("country", country, json!("US"), "country-not-allowed"),
        ("lower case", country, json!("cn"), "country-code"),
        ("three letters", country, json!("CHN"), "country-code"),
        (
            "id",
            "subject/serialNumber",
            json!(number),
            "attribute-identifies-person",
        ),
        (
            "kind",
            "subject_kind",
            json!("organization"),
            "subject-kind-mismatch",
        ),
    ]
}

fn proofs() -> Vec<Case> {
    let (collected, digest) = ("evidence/0/collected_at", "consent/agreement_sha256");
    let (long_ago, later) = ("2025-01-01T00:00:00Z", "2099-01-01T00:00:00Z");
    let (other, one) = ("00".repeat(32), ["certificate_issuance"]);
    vec![
        ("none", "evidence", json!([]), "evidence-missing"),
        (
            "failed",
            "evidence/0/passed",
            json!(false),
            "evidence-failed",
        ),
        ("old", collected, json!(long_ago), "evidence-too-old"),
        ("future", collected, json!(later), "evidence-in-future"),
        (
            "digest",
            "evidence/0/digest_sha256",
            json!("abc"),
            "evidence-digest-malformed",
        ),
        (
            "unknown",
            "evidence/0/kind",
            json!("crystal_ball"),
            "evidence-kind-unknown",
        ),
        ("no consent", "consent", Value::Null, "consent-missing"),
        (
            "other text",
            digest,
            json!(other),
            "agreement-digest-differs",
        ),
        (
            "version",
            "consent/agreement_version",
            json!("1999-1"),
            "agreement-not-in-force",
        ),
        (
            "purposes",
            "consent/purposes",
            json!(one),
            "consent-purpose-missing",
        ),
    ]
}
