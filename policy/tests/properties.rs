//! Properties of evaluation: fewer permissions permit less, limits hold, answers repeat.
#![expect(
    clippy::expect_used,
    reason = "tests stop at the first thing that is missing"
)]

mod common;

use std::sync::LazyLock;

use api::{ConsentMethod, Validity};
use common::{DAY, Scenario, evidence};
use jiff::{SignedDuration, Timestamp};
use policy::{Decision, Operation, Policy, source::PolicySource};
use proptest::prelude::*;

type Removal = (&'static str, fn(&mut PolicySource));

/// Ways to take a permission from the signing policy.
const REMOVALS: [Removal; 12] = [
    ("key type", |p| {
        profile(p).key_algorithms.retain(|name| name != "ec-p256");
    }),
    ("another key type", |p| {
        profile(p).key_algorithms.retain(|name| name != "ed25519");
    }),
    ("renewal", |p| {
        profile(p)
            .operations
            .retain(|operation| *operation != Operation::Renew);
    }),
    ("replacement", |p| {
        profile(p)
            .operations
            .retain(|operation| *operation != Operation::Replace);
    }),
    ("alternative names", |p| {
        profile(p).subject_alt_names = policy::source::SanRules::default();
    }),
    ("an optional attribute", |p| {
        profile(p)
            .subject
            .retain(|rule| rule.attribute != "givenName");
    }),
    ("long validity", |p| {
        "365d".clone_into(&mut profile(p).validity.max);
    }),
    ("early renewal", |p| {
        "5d".clone_into(&mut profile(p).renewal_window);
    }),
    ("a method of consent", |p| {
        if let Some(consent) = &mut profile(p).consent {
            consent
                .methods
                .retain(|method| *method != ConsentMethod::Click);
        }
    }),
    ("little evidence", |p| {
        if let Some(evidence) = &mut profile(p).evidence {
            evidence.required_all.push("face_video".to_owned());
        }
    }),
    ("a kind of evidence", |p| {
        for kind in &mut p.identity.evidence {
            kind.accepted &= kind.id != "bank_card";
        }
    }),
    ("minors", |p| {
        profile(p).age = policy::source::AgeRules::default();
    }),
];

fn profile(source: &mut PolicySource) -> &mut policy::source::ProfileSource {
    source
        .certificates
        .profiles
        .get_mut("esign-individual")
        .expect("profile")
}

/// The signing policy without each permission.
static RESTRICTED: LazyLock<Vec<(&str, Policy)>> = LazyLock::new(|| {
    let source = common::parse(common::ESIGN).source().clone();
    REMOVALS
        .iter()
        .map(|(what, remove)| {
            let mut source = source.clone();
            remove(&mut source);
            let text = toml::to_string(&source).expect("TOML");
            (*what, Policy::parse(&text).expect(what))
        })
        .collect()
});

/// Requests of all kinds, most of which some policy refuses and some policy permits.
fn scenarios() -> impl Strategy<Value = Scenario> {
    let csr = prop::sample::select(vec!["blank", "blank-ed25519", "person", "other-person"]);
    let extra = prop::sample::subsequence(vec!["face_video", "bank_card", "passport"], 0..=3);
    let operation =
        prop::sample::select(vec![Operation::Issue, Operation::Renew, Operation::Replace]);
    let method = prop::sample::select(vec![ConsentMethod::Click, ConsentMethod::Tick]);
    let days = prop::option::of(0_u32..1_200);
    (
        csr,
        extra,
        operation,
        method,
        days,
        0_i64..40,
        any::<[bool; 4]>(),
    )
        .prop_map(
            |(csr, extra, operation, method, days, left, [san, mononym, minor, other_key])| {
                let mut scenario = Scenario::individual().renewal();
                scenario.operation = operation;
                scenario.use_csr(csr);
                scenario.predecessor().not_after =
                    scenario.now + DAY * i32::try_from(left).expect("small");
                if !other_key {
                    scenario.predecessor().spki_hash = scenario.public_key.hash();
                }
                if operation == Operation::Issue {
                    scenario.facts.predecessor = None;
                }
                scenario
                    .statement
                    .evidence
                    .extend(extra.into_iter().map(evidence));
                scenario.consent().method = method;
                scenario.validity = days.map(Validity::Days);
                if san {
                    scenario.add_san(api::SanKind::Email, "zhang@example.com");
                }
                if mononym {
                    scenario
                        .statement
                        .subject
                        .remove(&pki::AttributeType::GivenName);
                }
                if minor {
                    scenario.statement.age_band = Some(api::AgeBand::Minor);
                    scenario.statement.guardian_consent = Some(api::GuardianConsent {
                        guardian_ref: "U-1".to_owned(),
                        relation: "father".to_owned(),
                        method: ConsentMethod::Tick,
                        at: scenario.now - DAY,
                    });
                }
                scenario
            },
        )
}

fn seconds() -> impl Strategy<Value = Timestamp> {
    // 2026 to 2036, beyond both ends of the issuer's validity.
    (1_760_000_000_i64..2_100_000_000)
        .prop_map(|second| Timestamp::from_second(second).expect("time"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn removing_a_permission_never_permits_more(mut scenario in scenarios()) {
        let before = scenario.decide().is_permit();
        for (what, restricted) in RESTRICTED.iter() {
            scenario.policy = restricted.clone();
            prop_assert!(before || !scenario.decide().is_permit(), "without {what}");
        }
    }

    #[test]
    fn the_same_question_has_the_same_answer(scenario in scenarios()) {
        prop_assert_eq!(scenario.decide(), scenario.decide());
    }

    #[test]
    fn a_denial_says_why(scenario in scenarios()) {
        if let Decision::Deny(violations) = scenario.decide() {
            prop_assert!(!violations.is_empty());
        }
    }

    #[test]
    fn validity_never_exceeds_any_limit(
        now in seconds(),
        days in prop::option::of(0_u32..2_000),
        ra_days in prop::option::of(1_i32..500),
        issuer in (seconds(), seconds()),
        ends in prop::option::of(seconds()),
        server in any::<bool>(),
    ) {
        let mut scenario = if server { Scenario::tls_server() } else { Scenario::organization() };
        scenario.now = now;
        scenario.validity = days.map(Validity::Days);
        scenario.facts.ra.max_validity = ra_days.map(|days| DAY * days);
        scenario.facts.issuer.not_before = issuer.0.min(issuer.1);
        scenario.facts.issuer.not_after = issuer.0.max(issuer.1);
        for piece in &mut scenario.statement.evidence {
            piece.collected_at = now - DAY;
            piece.expires_at = ends;
        }
        if let Some(consent) = &mut scenario.statement.consent {
            consent.at = now - DAY;
        }
        if let Decision::Permit(plan) = scenario.decide() {
            let length = plan.not_after.duration_since(plan.not_before) + SignedDuration::from_secs(1);
            let profile = scenario.policy.profile(&scenario.profile).expect("profile");
            prop_assert!(length <= profile.max_validity());
            prop_assert!(ra_days.is_none_or(|days| length <= DAY * days));
            prop_assert!(plan.not_before >= scenario.facts.issuer.not_before);
            prop_assert!(plan.not_after <= scenario.facts.issuer.not_after);
            prop_assert!(plan.not_after > now);
            prop_assert!(now.duration_since(plan.not_before) <= SignedDuration::from_mins(5));
            let evidence = scenario.statement.evidence.first().and_then(|piece| piece.expires_at);
            prop_assert!(evidence.is_none_or(|end| plan.not_after <= end));
            if server {
                let limit = match now.to_string() {
                    text if *text < *"2026-03-15" => 398,
                    text if *text < *"2027-03-15" => 200,
                    text if *text < *"2029-03-15" => 100,
                    _ => 47,
                };
                prop_assert!(length <= DAY * limit);
            }
        }
    }
}
