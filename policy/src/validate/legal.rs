//! Sections 1, 2, 3.2, 4.1, 5.5, 6.2 and the free texts.

use const_oid::ObjectIdentifier;
use jiff::{SignedDuration, Timestamp};

use super::{FORMAT, checker::Checker};
use crate::{
    document::join,
    model::{Agreement, Urls},
    outline,
    source::{AgreementSource, PolicySource},
};

pub(super) fn document(
    source: &PolicySource,
    checker: &mut Checker<'_>,
) -> Option<(ObjectIdentifier, Timestamp)> {
    let section = &source.document;
    let oid = checker.oid("\"1.2\".oid", &section.oid);
    let from = checker.time("\"1.2\".effective_from", &section.effective_from);
    let contact = &source.administration.contact;
    checker.require(
        contact
            .split_once('@')
            .is_some_and(|(local, host)| !local.is_empty() && host.contains('.')),
        "\"1.5\".contact",
        format!("{contact:?} is not a mailbox"),
        "RFC 3647 §4.1.5",
    );
    let licensed = source
        .participants
        .certification_authority
        .licence
        .is_some();
    let (least, rule) = if licensed {
        (5, "Electronic Signature Law, article 24")
    } else {
        (2, "BR 5.4.3")
    };
    checker.require(
        source.retention.years_after_invalidity >= least,
        "\"5.5\".years_after_invalidity",
        format!(
            "is {}, less than {least}",
            source.retention.years_after_invalidity
        ),
        rule,
    );
    Some((oid?, from?))
}

pub(super) fn repositories(source: &PolicySource, checker: &mut Checker<'_>) -> Option<Urls> {
    let section = &source.repositories;
    let mut sound = true;
    for (path, url) in [
        ("\"2.1\".repository", &section.repository),
        ("\"2.1\".ocsp", &section.ocsp),
    ] {
        if let Err(what) = check_base(url) {
            checker.fault(
                path,
                format!("{url:?} {what}"),
                "RFC 5280 §4.2.1.13, §4.2.2.1",
            );
            sound = false;
        }
    }
    sound.then(|| Urls {
        repository: section.repository.clone(),
        ocsp: section.ocsp.clone(),
    })
}

fn check_base(url: &str) -> Result<(), &'static str> {
    let rest = url
        .strip_prefix("http://")
        .ok_or("must begin with http:// (https would ask for the status of its own certificate)")?;
    let host = rest.split('/').next().unwrap_or_default();
    if host.is_empty() || host.starts_with(':') {
        return Err("has no host");
    }
    if rest.ends_with('/') {
        return Err("must not end with a slash");
    }
    let plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~/:[]".contains(&octet);
    if !rest.bytes().all(plain) {
        return Err("must be ASCII without query, fragment, user or escapes");
    }
    Ok(())
}

pub(super) fn identity(source: &PolicySource, checker: &mut Checker<'_>) -> Option<SignedDuration> {
    let section = &source.identity;
    for (index, kind) in section.evidence.iter().enumerate() {
        let path = format!("\"3.2\".evidence[{index}]");
        checker.id(&format!("{path}.id"), &kind.id, "_");
        let path = format!("{path}.subject_kinds");
        checker.require(
            !kind.subject_kinds.is_empty(),
            &path,
            "names no kind",
            FORMAT,
        );
    }
    checker.unique(
        "\"3.2\".evidence",
        section.evidence.iter().map(|kind| &kind.id),
    );
    let custodians = &source.key_protection.custodians;
    checker.unique(
        "\"6.2\".custodians",
        custodians.iter().map(|custodian| &custodian.id),
    );
    let age = section.evidence_max_age.as_deref()?;
    checker.duration("\"3.2\".evidence_max_age", age)
}

pub(super) fn agreements(source: &PolicySource, checker: &mut Checker<'_>) -> Vec<Agreement> {
    let sources = &source.requests.agreements;
    checker.unique(
        "\"4.1\".agreements",
        sources.iter().map(|agreement| &agreement.version),
    );
    sources
        .iter()
        .enumerate()
        .filter_map(|(index, agreement)| {
            agreement_of(agreement, &format!("\"4.1\".agreements[{index}]"), checker)
        })
        .collect()
}

fn agreement_of(
    source: &AgreementSource,
    path: &str,
    checker: &mut Checker<'_>,
) -> Option<Agreement> {
    let mut sha256 = [0; 32];
    let digest = hex::decode_to_slice(&source.sha256, &mut sha256).ok();
    checker.require(
        digest.is_some(),
        &format!("{path}.sha256"),
        "is not 64 hexadecimal digits",
        FORMAT,
    );
    let published_at = checker.time(&format!("{path}.published_at"), &source.published_at);
    let effective_path = format!("{path}.effective_at");
    let effective_at = checker.time(&effective_path, &source.effective_at);
    let superseded_path = format!("{path}.superseded_at");
    let superseded_at = source
        .superseded_at
        .as_deref()
        .map(|text| checker.time(&superseded_path, text));
    if let (Some(published), Some(effective)) = (published_at, effective_at) {
        checker.require(
            published <= effective,
            &effective_path,
            "lies before publication: changes are announced in advance",
            "CPS 9.12",
        );
    }
    if let (Some(effective), Some(Some(end))) = (effective_at, superseded_at) {
        checker.require(
            effective < end,
            &superseded_path,
            "lies before effective_at",
            FORMAT,
        );
    }
    digest?;
    Some(Agreement {
        version: source.version.clone(),
        sha256,
        published_at: published_at?,
        effective_at: effective_at?,
        superseded_at: match superseded_at {
            Some(end) => Some(end?),
            None => None,
        },
    })
}

pub(super) fn texts(source: &PolicySource, checker: &mut Checker<'_>) {
    for number in source.text.keys() {
        checker.require(
            outline::heading(number).is_some(),
            &join("text", number),
            "is not a section of a CPS",
            "RFC 3647 §6",
        );
    }
}
