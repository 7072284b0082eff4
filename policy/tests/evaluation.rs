//! Every rule of evaluation: one request for each code, spoilt in one place.

mod common;

use api::{
    AgeBand, Binding, ConsentMethod, GuardianConsent, KeyCustody, Representation, SanKind,
    SubjectKind, Validity,
};
use common::{DAY, Scenario, at, csr, evidence, set};
use jiff::SignedDuration;
use pki::{AttributeType, key_check::KeyWeakness};
use policy::{CertificateStatus, Operation};

type Spoil = fn(&mut Scenario);
type SpoilEvidence = fn(&mut api::Evidence);

fn check(build: fn() -> Scenario, cases: &[(&str, Spoil)]) {
    assert_eq!(
        build().codes(),
        Vec::<String>::new(),
        "before anything is spoilt"
    );
    for (code, spoil) in cases {
        let mut scenario = build();
        spoil(&mut scenario);
        assert_eq!(scenario.codes(), [*code]);
    }
}

fn guardian() -> GuardianConsent {
    GuardianConsent {
        guardian_ref: "U-2026-000001".to_owned(),
        relation: "mother".to_owned(),
        method: ConsentMethod::Handwritten,
        at: common::now() - DAY,
    }
}

fn authorised(authorised: bool) -> Representation {
    Representation {
        authorised,
        reference: "A-1".to_owned(),
    }
}

#[test]
fn who_may_ask_for_what() {
    check(
        Scenario::individual,
        &[
            ("profile-unknown", |s| s.profile = "esign-nobody".to_owned()),
            ("profile-not-allowed", |s| {
                s.facts.ra.profiles = set(&["tls-server"]);
            }),
            ("subject-kind-not-allowed", |s| {
                s.facts.ra.subject_kinds = [SubjectKind::Organization].into();
            }),
            ("quota-exceeded", |s| s.facts.ra.quota_left = Some(0)),
        ],
    );
    let mut scenario = Scenario::individual();
    scenario.statement.subject_kind = SubjectKind::Organization;
    assert!(
        scenario
            .codes()
            .contains(&"subject-kind-mismatch".to_owned())
    );
}

#[test]
fn keys_that_are_refused() {
    check(
        Scenario::individual,
        &[
            ("key-type-not-allowed", |s| s.use_csr("blank-rsa-2048")),
            ("key-roca", |s| {
                s.facts.key.weaknesses = vec![KeyWeakness::Roca];
            }),
            ("key-blocked", |s| s.facts.key.blocked = true),
            ("key-of-ca", |s| s.facts.key.is_ca_key = true),
            ("key-certified-for-other-subject", |s| {
                s.facts.key.certified_for_other_subject = true;
            }),
            ("csr-key-differs", |s| s.csr = Some(csr("blank-other-key"))),
            ("csr-missing", |s| s.csr = None),
        ],
    );
}

#[test]
fn names_from_the_statement() {
    check(
        Scenario::individual,
        &[
            ("csr-name-differs", |s| s.use_csr("other-person")),
            ("country-not-allowed", |s| {
                s.set(AttributeType::CountryName, "US");
            }),
            ("attribute-missing", |s| {
                s.statement.subject.remove(&AttributeType::SerialNumber);
            }),
            ("attribute-not-allowed", |s| {
                s.set(AttributeType::Title, "Dr");
            }),
            ("attribute-identifies-person", |s| {
                s.set(AttributeType::SerialNumber, "11010519491231002X");
            }),
            ("attribute-identifies-person", |s| {
                s.set(AttributeType::SerialNumber, "13800138000");
            }),
            ("name-too-long", |s| {
                s.set(AttributeType::CommonName, &"张".repeat(65));
            }),
            ("san-kind-not-allowed", |s| {
                s.add_san(SanKind::Dns, "www.example.com");
            }),
        ],
    );
}

#[test]
fn names_may_be_sixty_four_characters_of_any_script() {
    let mut scenario = Scenario::individual();
    scenario.set(AttributeType::CommonName, &"张".repeat(64));
    assert_eq!(scenario.codes(), Vec::<String>::new());
}

#[test]
fn a_csr_may_repeat_a_part_of_the_statement() {
    let mut scenario = Scenario::individual();
    scenario.use_csr("person");
    assert_eq!(scenario.codes(), Vec::<String>::new());
}

#[test]
fn attributes_are_certified_in_the_order_of_the_profile() {
    let plan = Scenario::organization().plan();
    let order: Vec<AttributeType> = plan
        .subject
        .attributes()
        .iter()
        .map(|(kind, _)| *kind)
        .collect();
    assert_eq!(
        order,
        [
            AttributeType::CountryName,
            AttributeType::OrganizationName,
            AttributeType::OrganizationIdentifier,
            AttributeType::CommonName,
        ]
    );
}

#[test]
fn organisations_have_a_credit_code_with_its_check_character() {
    check(
        Scenario::organization,
        &[
            ("uscc-invalid", |s| {
                s.set(
                    AttributeType::OrganizationIdentifier,
                    "NTRCN-91350100M000100Y44",
                );
            }),
            ("uscc-invalid", |s| {
                s.set(AttributeType::OrganizationIdentifier, "91350100M000100Y43");
            }),
        ],
    );
}

#[test]
fn names_from_the_csr() {
    check(
        Scenario::tls_server,
        &[
            ("csr-name-differs", |s| {
                s.set(AttributeType::CommonName, "api.example.com");
            }),
            ("csr-name-differs", |s| {
                s.add_san(SanKind::Dns, "new.example.com");
            }),
        ],
    );
    let mut scenario = Scenario::tls_server();
    scenario.use_csr("tls-wildcard");
    assert_eq!(scenario.codes(), ["san-wildcard-not-allowed"]);
    let mut scenario = Scenario::tls_server();
    scenario.use_csr("tls-outside");
    assert_eq!(
        scenario.codes(),
        ["san-not-allowed", "san-kind-not-allowed"]
    );
    let mut scenario = Scenario::tls_server();
    scenario.use_csr("device");
    assert_eq!(
        scenario.codes(),
        ["san-missing", "attribute-not-in-alt-names"]
    );
    let mut scenario = Scenario::tls_server();
    scenario.use_csr("blank");
    assert_eq!(
        scenario.codes(),
        ["san-missing", "attribute-missing", "subject-empty"]
    );
}

#[test]
fn a_csr_decides_nothing_that_the_profile_fixes() {
    let mut scenario = Scenario::tls_server();
    scenario.use_csr("asks-ca");
    assert_eq!(
        scenario.codes(),
        [
            "csr-asks-ca",
            "csr-key-usage-not-allowed",
            "csr-extended-key-usage-not-allowed"
        ]
    );
    let mut scenario = Scenario::device();
    scenario.use_csr("asks-other");
    assert_eq!(scenario.codes(), ["csr-extension-not-allowed"]);
}

#[test]
fn every_missing_kind_of_evidence_is_named() {
    for kind in ["id_number", "mobile"] {
        let mut scenario = Scenario::individual();
        scenario
            .statement
            .evidence
            .retain(|piece| piece.kind != kind);
        assert_eq!(
            scenario.codes(),
            ["evidence-missing", "evidence-too-few"],
            "{kind}"
        );
    }
    let mut scenario = Scenario::individual();
    scenario.statement.evidence.clear();
    let codes = scenario.codes();
    assert_eq!(
        codes
            .iter()
            .filter(|code| *code == "evidence-missing")
            .count(),
        3
    );
    assert!(codes.contains(&"attribute-not-verified".to_owned()));
}

#[test]
fn evidence_that_does_not_count() {
    check(
        Scenario::individual,
        &[
            ("evidence-kind-unknown", |s| {
                s.statement.evidence.push(evidence("horoscope"));
            }),
            ("evidence-kind-not-accepted", |s| {
                s.statement.evidence.push(evidence("passport"));
            }),
            ("evidence-kind-mismatch", |s| {
                s.statement.evidence.push(evidence("uscc"));
            }),
        ],
    );
    let spoil: [(&str, SpoilEvidence); 5] = [
        ("evidence-digest-malformed", |e| {
            e.digest_sha256 = "00".to_owned();
        }),
        ("evidence-failed", |e| e.passed = false),
        ("evidence-in-future", |e| {
            e.collected_at = common::now() + DAY;
        }),
        ("evidence-too-old", |e| {
            e.collected_at = common::now() - DAY * 91;
        }),
        ("evidence-expired", |e| {
            e.expires_at = Some(common::now() - DAY);
        }),
    ];
    for (code, spoil) in spoil {
        let mut scenario = Scenario::individual();
        spoil(scenario.statement.evidence.last_mut().expect("evidence"));
        let codes = scenario.codes();
        assert!(
            codes.contains(&code.to_owned()),
            "{code} is not in {codes:?}"
        );
        assert!(codes.contains(&"evidence-missing".to_owned()), "{codes:?}");
    }
}

#[test]
fn consent_that_does_not_count() {
    check(
        Scenario::individual,
        &[
            ("consent-missing", |s| s.statement.consent = None),
            ("agreement-not-in-force", |s| {
                s.consent().agreement_version = "1999".to_owned();
            }),
            ("agreement-digest-differs", |s| {
                s.consent().agreement_sha256 = "00".repeat(32);
            }),
            ("consent-in-future", |s| {
                s.consent().at = common::now() + DAY;
            }),
            ("consent-purpose-missing", |s| {
                s.consent().purposes.pop();
            }),
        ],
    );
}

#[test]
fn minors_need_a_guardian() {
    check(
        Scenario::individual,
        &[
            ("guardian-consent-missing", |s| {
                s.statement.age_band = Some(AgeBand::Minor);
            }),
            ("guardian-application-required", |s| {
                s.statement.age_band = Some(AgeBand::UnderFourteen);
                s.statement.guardian_consent = Some(guardian());
            }),
            ("guardian-consent-incomplete", |s| {
                s.statement.age_band = Some(AgeBand::Minor);
                s.statement.guardian_consent = Some(GuardianConsent {
                    relation: " ".to_owned(),
                    ..guardian()
                });
            }),
            ("submission-not-authorised", |s| {
                s.statement.submitted_on_behalf = Some(authorised(false));
            }),
        ],
    );
    for band in [AgeBand::Minor, AgeBand::UnderFourteen, AgeBand::Incapable] {
        let mut scenario = Scenario::individual();
        scenario.statement.age_band = Some(band);
        scenario.statement.guardian_consent = Some(guardian());
        scenario.statement.submitted_on_behalf = Some(authorised(true));
        assert_eq!(scenario.codes(), Vec::<String>::new(), "{band:?}");
        scenario.statement.guardian_consent = None;
        assert_eq!(scenario.codes(), ["guardian-consent-missing"], "{band:?}");
    }
    let mut scenario = Scenario::device();
    scenario.statement.age_band = Some(AgeBand::Minor);
    assert_eq!(scenario.codes(), ["age-band-refused"]);
}

#[test]
fn custody_and_bindings() {
    check(
        Scenario::individual,
        &[
            ("binding-not-allowed", |s| {
                s.statement.binding = Some(Binding {
                    kind: "moon".to_owned(),
                    reference_sha256: "00".repeat(32),
                });
            }),
            ("binding-taken", |s| {
                s.statement.binding = Some(Binding {
                    kind: "social_card".to_owned(),
                    reference_sha256: "00".repeat(32),
                });
                s.facts.binding_taken = true;
            }),
        ],
    );
    let mut scenario = Scenario::individual();
    scenario.statement.key_custody = Some(KeyCustody::ThirdParty {
        custodian: "vault".to_owned(),
        agreement_sha256: String::new(),
    });
    assert_eq!(
        scenario.codes(),
        [
            "key-custody-not-allowed",
            "custodian-unknown",
            "custody-digest-malformed"
        ]
    );
}

#[test]
fn renewal_has_a_window_and_keeps_key_and_subject() {
    check(
        || Scenario::individual().renewal(),
        &[
            ("renewal-too-early", |s| {
                s.predecessor().not_after = common::now() + DAY * 31;
            }),
            ("renewal-expired", |s| {
                s.predecessor().not_after = common::now() - DAY;
            }),
            ("predecessor-revoked", |s| {
                s.predecessor().status = CertificateStatus::Revoked;
            }),
            ("predecessor-on-hold", |s| {
                s.predecessor().status = CertificateStatus::Hold;
            }),
            ("predecessor-profile-differs", |s| {
                s.predecessor().profile = "device".to_owned();
            }),
            ("predecessor-missing", |s| s.facts.predecessor = None),
            ("predecessor-not-expected", |s| {
                s.operation = Operation::Issue;
            }),
            ("renewal-key-differs", |s| s.use_csr("blank-other-key")),
            ("renewal-subject-differs", |s| {
                s.set(AttributeType::SerialNumber, "U-1");
            }),
            ("replacement-key-same", |s| s.operation = Operation::Replace),
        ],
    );
    let mut scenario = Scenario::individual().renewal();
    scenario.predecessor().not_after = scenario.now + DAY * 30;
    assert_eq!(
        scenario.codes(),
        Vec::<String>::new(),
        "the window's first moment"
    );
    scenario.csr = None;
    assert_eq!(scenario.codes(), Vec::<String>::new(), "without a CSR");
}

#[test]
fn a_renewal_without_csr_keeps_the_names_of_the_predecessor() {
    let mut scenario = Scenario::tls_server().renewal();
    let before = scenario.predecessor().subject_alt_names.clone();
    scenario.csr = None;
    assert_eq!(scenario.plan().subject_alt_names, before);
    assert_eq!(before.len(), 3);
}

#[test]
fn a_replacement_takes_a_new_key_until_expiry() {
    let mut scenario = Scenario::individual().renewal();
    scenario.operation = Operation::Replace;
    scenario.use_csr("blank-other-key");
    scenario.predecessor().not_after = scenario.now + DAY * 300;
    assert_eq!(scenario.codes(), Vec::<String>::new());
    scenario.predecessor().not_after = scenario.now - DAY;
    assert_eq!(scenario.codes(), ["replacement-expired"]);
}

#[test]
fn validity_is_granted_exactly_or_refused() {
    let lasts = |scenario: &Scenario| {
        let plan = scenario.plan();
        plan.not_after.duration_since(plan.not_before) + SignedDuration::from_secs(1)
    };
    let mut scenario = Scenario::individual();
    assert_eq!(lasts(&scenario), DAY * 365);
    scenario.validity = Some(Validity::Days(1096));
    assert_eq!(lasts(&scenario), DAY * 1096);
    scenario.validity = Some(Validity::Seconds(1096 * 86_400 - 1));
    assert_eq!(lasts(&scenario), DAY * 1096 - SignedDuration::from_secs(1));
    scenario.validity = Some(Validity::Seconds(1096 * 86_400 + 1));
    assert_eq!(scenario.codes(), ["validity-exceeds-profile"]);
    scenario.validity = Some(Validity::Seconds(3_599));
    assert_eq!(scenario.codes(), ["validity-too-short"]);
    scenario.validity = Some(Validity::NotAfter(at("2026-12-24T00:00:00Z")));
    assert_eq!(scenario.plan().not_after, at("2026-12-24T00:00:00Z"));
    scenario.validity = Some(Validity::NotAfter(at("1999-12-24T00:00:00Z")));
    assert_eq!(scenario.codes(), ["validity-too-short"]);
}

#[test]
fn validity_ends_with_ra_evidence_and_issuer() {
    check(
        || {
            let mut scenario = Scenario::individual();
            scenario.validity = Some(Validity::Days(400));
            scenario
        },
        &[
            ("validity-exceeds-ra", |s| {
                s.facts.ra.max_validity = Some(DAY * 399);
            }),
            ("validity-exceeds-issuer", |s| {
                s.facts.issuer.not_after = s.now + DAY * 399;
            }),
            ("validity-exceeds-evidence", |s| {
                s.statement
                    .evidence
                    .first_mut()
                    .expect("evidence")
                    .expires_at = Some(s.now + DAY * 399);
            }),
            ("issuer-not-valid", |s| {
                s.facts.issuer.not_after = s.now - DAY;
            }),
            ("issuer-not-valid", |s| {
                s.facts.issuer.not_before = s.now + DAY;
            }),
            ("policy-not-in-force", |s| {
                s.policy = common::parse(&common::ESIGN.replace(
                    "effective_from = \"2026-01-01\"",
                    "effective_from = \"2027-01-01\"",
                ));
            }),
        ],
    );
}

#[test]
fn the_limit_of_a_tls_server_depends_on_the_date() {
    for (now, days) in [
        ("2026-03-14T23:59:59Z", 398),
        ("2026-03-15T00:00:00Z", 200),
        ("2027-03-14T23:59:59Z", 200),
        ("2027-03-15T00:00:00Z", 100),
        ("2029-03-15T00:00:00Z", 47),
    ] {
        let mut scenario = Scenario::tls_server();
        scenario.now = at(now);
        scenario.validity = Some(Validity::Days(days));
        assert_eq!(scenario.codes(), Vec::<String>::new(), "{now} {days} d");
        scenario.validity = Some(Validity::Days(days + 1));
        let codes = scenario.codes();
        assert!(
            codes.contains(&"validity-exceeds-limit".to_owned()),
            "{now} {codes:?}"
        );
        scenario.validity = None;
        assert_eq!(scenario.codes(), Vec::<String>::new(), "{now} default");
    }
}

#[test]
fn a_denial_lists_everything_with_its_section() {
    let mut scenario = Scenario::individual();
    scenario.set(AttributeType::CountryName, "US");
    scenario.facts.key.blocked = true;
    scenario.statement.consent = None;
    scenario.validity = Some(Validity::Days(4_000));
    let policy::Decision::Deny(violations) = scenario.decide() else {
        panic!("permitted")
    };
    let told: Vec<(&str, &str, &str)> = violations
        .iter()
        .map(|v| (v.code.as_str(), v.field.as_str(), v.citation.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("key-blocked", "csr", "CPS 6.1.6"),
            (
                "country-not-allowed",
                "statement.subject.countryName",
                "CPS 7.1.4"
            ),
            ("consent-missing", "statement.consent", "CPS 4.1.2"),
            ("validity-exceeds-profile", "validity", "CPS 6.3.2"),
            ("validity-exceeds-issuer", "validity", "CPS 6.3.2"),
        ]
    );
}

#[test]
fn every_citation_is_a_heading_of_the_cps_and_no_detail_is_personal() {
    let mut scenario = Scenario::individual();
    scenario.statement.evidence.clear();
    scenario.use_csr("other-person");
    scenario.set(AttributeType::SerialNumber, "11010519491231002X");
    let policy::Decision::Deny(violations) = scenario.decide() else {
        panic!("permitted")
    };
    for violation in violations {
        let number = violation.citation.strip_prefix("CPS ").expect("citation");
        assert!(policy::outline::heading(number).is_some(), "{number}");
        for personal in ["张三", "李四", "11010519491231002X"] {
            assert!(!violation.detail.contains(personal), "{violation:?}");
        }
    }
}

#[test]
fn urls_of_the_plan_are_the_published_ones() {
    let plan = Scenario::individual().plan();
    let whole = "http://pki.example.com/crl/internal-ca.crl";
    let serial = "0a0000000000000000000000000000000012".parse().expect("hex");
    let url = |plan: policy::CertificatePlan| {
        let shard = plan.shard(serial);
        let point = plan.crl_distribution_point.expect("a point");
        (point.url(serial), shard)
    };
    let shard = "http://pki.example.com/crl/esign-ca/shard-2.crl";
    assert_eq!(url(plan.clone()), (shard.to_owned(), Some(2)));
    let mut internal = Scenario::device();
    internal.issuer = "internal-ca".parse().expect("name");
    assert_eq!(url(internal.plan()), (whole.to_owned(), None));
    assert_eq!(
        plan.ca_issuers_uri.as_deref(),
        Some("http://pki.example.com/ca/esign-ca.cer")
    );
    assert_eq!(plan.ocsp_uri.as_deref(), Some("http://ocsp.example.com"));
    let cps = plan
        .policies
        .first()
        .and_then(|policy| policy.cps_uri.as_deref());
    assert_eq!(cps, Some("http://pki.example.com/cps/esign-ca.html"));
}

#[test]
fn management_certificates_come_from_their_csr() {
    let plan = Scenario::client_ra().plan();
    assert_eq!(
        plan.subject.get(AttributeType::CommonName),
        Some("device-7")
    );
}

#[test]
fn an_explanation_names_the_rule_and_its_heading() {
    let mut scenario = Scenario::individual();
    let text = scenario
        .policy
        .explain(&scenario.request(), &scenario.facts, scenario.now);
    assert!(text.contains("decision: permitted"), "{text}");
    scenario.facts.key.blocked = true;
    let text = scenario
        .policy
        .explain(&scenario.request(), &scenario.facts, scenario.now);
    assert!(text.contains("[key-blocked]"), "{text}");
    assert!(
        text.contains("CPS 6.1.6 Public key parameters generation"),
        "{text}"
    );
}
