//! Names, evidence and consent of a profile (3.1, 3.2, 4.1).

use std::collections::BTreeSet;

use pki::AttributeType;

use super::{FORMAT, checker::Checker};
use crate::{
    model::{SanKindRule, SubjectRule},
    source::{AgeRule, AttributeRule, PolicySource, ProfileSource, SanRule, SanRules},
    within::Within,
};

pub(super) fn names(
    source: &ProfileSource,
    policy: &PolicySource,
    path: &str,
    checker: &mut Checker<'_>,
) -> (Vec<SubjectRule>, Vec<SanKindRule>) {
    let sans = sans(
        &source.subject_alt_names,
        &format!("{path}.subject_alt_names"),
        checker,
    );
    let path = format!("{path}.subject");
    checker.unique(&path, source.subject.iter().map(|rule| &rule.attribute));
    let mut rules = Vec::new();
    for (index, rule) in source.subject.iter().enumerate() {
        let path = format!("{path}[{index}]");
        attribute_evidence(rule, source, policy, &path, checker);
        checker.require(
            !rule.in_subject_alt_names || !sans.is_empty(),
            &format!("{path}.in_subject_alt_names"),
            "the profile has no subject alternative names",
            FORMAT,
        );
        rules.extend(subject_rule(rule, &path, checker));
    }
    checker.require(
        rules.iter().any(|rule| rule.required),
        &path,
        "requires no attribute: a certificate could be nameless",
        "RFC 5280 §4.1.2.6",
    );
    (rules, sans)
}

fn subject_rule(
    rule: &AttributeRule,
    path: &str,
    checker: &mut Checker<'_>,
) -> Option<SubjectRule> {
    let path = format!("{path}.attribute");
    let Ok(attribute) = rule.attribute.parse::<AttributeType>() else {
        checker.fault(
            &path,
            format!("{:?} is not an attribute type", rule.attribute),
            "X.520",
        );
        return None;
    };
    checker.require(
        attribute != AttributeType::EmailAddress,
        &path,
        "a mailbox belongs in the subject alternative name",
        "RFC 5280 §4.1.2.6",
    );
    Some(SubjectRule {
        attribute,
        required: rule.required,
        values: rule.values.clone(),
        evidence: rule.evidence.clone(),
        format: rule.format,
        in_subject_alt_names: rule.in_subject_alt_names,
    })
}

fn attribute_evidence(
    rule: &AttributeRule,
    source: &ProfileSource,
    policy: &PolicySource,
    path: &str,
    checker: &mut Checker<'_>,
) {
    kinds(
        &rule.evidence,
        source,
        policy,
        &format!("{path}.evidence"),
        checker,
    );
}

fn sans(rules: &SanRules, path: &str, checker: &mut Checker<'_>) -> Vec<SanKindRule> {
    [
        ("dns", &rules.dns),
        ("ip", &rules.ip),
        ("email", &rules.email),
        ("uri", &rules.uri),
    ]
    .into_iter()
    .filter_map(|(kind, rule)| {
        let rule = rule.as_ref()?;
        Some(san_rule(kind, rule, &format!("{path}.{kind}"), checker))
    })
    .collect()
}

fn san_rule(
    kind: &'static str,
    rule: &SanRule,
    path: &str,
    checker: &mut Checker<'_>,
) -> SanKindRule {
    checker.require(
        rule.max >= 1 && rule.min <= rule.max,
        &format!("{path}.max"),
        "must be at least 1 and at least min",
        FORMAT,
    );
    checker.require(
        !rule.wildcards || kind == "dns",
        &format!("{path}.wildcards"),
        "only DNS names have wildcards",
        "RFC 9525 §6.3",
    );
    let mut within = Vec::new();
    for (index, text) in rule.within.iter().enumerate() {
        match Within::parse(kind, text) {
            Ok(region) => within.push(region),
            Err(error) => {
                checker.fault(
                    &format!("{path}.within[{index}]"),
                    format!("{text:?} {error}"),
                    FORMAT,
                );
            }
        }
    }
    SanKindRule {
        kind,
        min: usize::try_from(rule.min).unwrap_or(usize::MAX),
        max: usize::try_from(rule.max).unwrap_or(usize::MAX),
        within,
        wildcards: rule.wildcards,
    }
}

pub(super) fn evidence(
    source: &ProfileSource,
    policy: &PolicySource,
    path: &str,
    checker: &mut Checker<'_>,
) {
    let Some(rule) = &source.evidence else { return };
    let path = format!("{path}.evidence");
    kinds(
        &rule.required_all,
        source,
        policy,
        &format!("{path}.required_all"),
        checker,
    );
    kinds(
        &rule.required_any,
        source,
        policy,
        &format!("{path}.required_any"),
        checker,
    );
    let available = policy
        .identity
        .evidence
        .iter()
        .filter(|kind| kind.accepted)
        .filter(|kind| {
            kind.subject_kinds
                .iter()
                .any(|who| source.subject_kinds.contains(who))
        })
        .count();
    checker.require(
        usize::try_from(rule.min).is_ok_and(|min| min <= available),
        &format!("{path}.min"),
        format!("is {}, and only {available} kinds are accepted", rule.min),
        FORMAT,
    );
}

fn kinds(
    ids: &[String],
    source: &ProfileSource,
    policy: &PolicySource,
    path: &str,
    checker: &mut Checker<'_>,
) {
    checker.unique(path, ids);
    for (index, id) in ids.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let Some(kind) = policy.identity.evidence.iter().find(|kind| kind.id == *id) else {
            checker.fault(
                &path,
                format!("{id:?} is not a kind of \"3.2\".evidence"),
                FORMAT,
            );
            continue;
        };
        checker.require(
            kind.accepted,
            &path,
            format!("{id} is not accepted"),
            FORMAT,
        );
        checker.require(
            kind.subject_kinds
                .iter()
                .any(|who| source.subject_kinds.contains(who)),
            &path,
            format!("{id} proves no identity of this profile's subject kinds"),
            FORMAT,
        );
    }
}

pub(super) fn consent(
    source: &ProfileSource,
    policy: &PolicySource,
    path: &str,
    checker: &mut Checker<'_>,
) {
    let guardians = [
        source.age.minor,
        source.age.under_fourteen,
        source.age.incapable,
    ];
    let needs_consent = guardians.iter().any(|rule| *rule != AgeRule::Refuse);
    checker.require(
        !needs_consent || source.consent.is_some(),
        &format!("{path}.age"),
        "a guardian's consent needs the methods of consent",
        "CPS 4.1.2",
    );
    checker.require(
        !source.third_party_custody || !policy.key_protection.custodians.is_empty(),
        &format!("{path}.third_party_custody"),
        "\"6.2\".custodians names none",
        "CPS 6.2",
    );
    let bindings: BTreeSet<&String> = source.bindings.iter().collect();
    for binding in bindings {
        checker.id(&format!("{path}.bindings"), binding, "_");
    }
    let Some(rule) = &source.consent else { return };
    let path = format!("{path}.consent");
    checker.require(
        !rule.methods.is_empty(),
        &format!("{path}.methods"),
        "is empty",
        FORMAT,
    );
    checker.unique(&format!("{path}.purposes"), &rule.purposes);
    checker.require(
        policy
            .requests
            .agreements
            .iter()
            .any(|agreement| agreement.superseded_at.is_none()),
        &path,
        "\"4.1\".agreements has no version that stays in force",
        "CPS 4.1.2",
    );
}
