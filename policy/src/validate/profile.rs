//! Section 7.1: certificate profiles.

use std::collections::BTreeMap;

use const_oid::ObjectIdentifier;
use pki::KeyAlgorithm;

use super::{FORMAT, checker::Checker, profile_names, profile_validity};
use crate::{
    ANY_POLICY, KeyUsage, KeyUsages, OCSP_SIGNING,
    document::join,
    model::Profile,
    purpose,
    source::{IssuerKind, PolicySource, ProfileSource},
};

/// Profiles by which a management CA serves the CA's own parts.
const MANAGEMENT_PROFILES: [&str; 4] = ["server", "client-ra", "client-officer", "client-follower"];

pub(super) fn profiles(
    source: &PolicySource,
    checker: &mut Checker<'_>,
) -> BTreeMap<String, Profile> {
    let sources = &source.certificates.profiles;
    checker.require(!sources.is_empty(), "\"7.1\".profiles", "is empty", FORMAT);
    if source.kind == IssuerKind::Management {
        for name in MANAGEMENT_PROFILES {
            checker.require(
                sources.contains_key(name),
                &join("\"7.1\".profiles", name),
                "is missing: a management CA serves servers, RAs, officers and followers",
                FORMAT,
            );
        }
    }
    sources
        .iter()
        .filter_map(|(name, profile)| {
            let path = join("\"7.1\".profiles", name);
            checker.id(&path, name, "-");
            Some((
                name.clone(),
                profile_of(name, profile, source, &path, checker)?,
            ))
        })
        .collect()
}

fn profile_of(
    name: &str,
    source: &ProfileSource,
    policy: &PolicySource,
    path: &str,
    checker: &mut Checker<'_>,
) -> Option<Profile> {
    let kinds = &source.subject_kinds;
    checker.require(
        !kinds.is_empty(),
        &format!("{path}.subject_kinds"),
        "names no kind",
        FORMAT,
    );
    let operations = &source.operations;
    checker.require(
        !operations.is_empty(),
        &format!("{path}.operations"),
        "is empty",
        FORMAT,
    );
    checker.unique(
        &format!("{path}.operations"),
        operations.iter().map(|o| o.as_str()),
    );
    let key_algorithms = key_algorithms(source, path, checker);
    key_usage(source, &key_algorithms, path, checker);
    let extended_key_usage = extended_key_usage(source, path, checker);
    let policies = policies(source, path, checker);
    let (subject, sans) = profile_names::names(source, policy, path, checker);
    profile_names::evidence(source, policy, path, checker);
    profile_names::consent(source, policy, path, checker);
    hold(source, policy, &extended_key_usage, path, checker);
    let (validity, renewal_window) = profile_validity::validity(source, path, checker)?;
    Some(Profile {
        name: name.to_owned(),
        source: source.clone(),
        subject,
        sans,
        key_algorithms,
        key_usage: source.key_usage.iter().copied().collect::<KeyUsages>(),
        extended_key_usage,
        policies,
        validity,
        renewal_window,
    })
}

fn key_algorithms(
    source: &ProfileSource,
    path: &str,
    checker: &mut Checker<'_>,
) -> Vec<KeyAlgorithm> {
    let path = format!("{path}.key_algorithms");
    let names = &source.key_algorithms;
    checker.require(!names.is_empty(), &path, "is empty", FORMAT);
    checker.unique(&path, names);
    let mut algorithms = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let path = format!("{path}[{index}]");
        match name.parse() {
            Ok(KeyAlgorithm::Rsa { bits }) if !(2048..=8192).contains(&bits) || bits % 8 != 0 => {
                checker.fault(
                    &path,
                    format!("{name}: 2048 to 8192 bits, divisible by 8"),
                    "BR 6.1.5",
                );
            }
            Ok(algorithm) => algorithms.push(algorithm),
            Err(_) => {
                checker.fault(
                    &path,
                    format!("{name:?} is not a key type that the CA knows"),
                    "BR 6.1.5",
                );
            }
        }
    }
    algorithms
}

fn key_usage(
    source: &ProfileSource,
    algorithms: &[KeyAlgorithm],
    path: &str,
    checker: &mut Checker<'_>,
) {
    let path = format!("{path}.key_usage");
    let usages: KeyUsages = source.key_usage.iter().copied().collect();
    checker.require(!usages.is_empty(), &path, "is empty", "RFC 5280 §4.2.1.3");
    checker.unique(&path, source.key_usage.iter().map(|usage| usage.as_str()));
    for usage in [KeyUsage::KeyCertSign, KeyUsage::CrlSign] {
        checker.require(
            !usages.contains(usage),
            &path,
            format!("{} belongs to CAs", usage.as_str()),
            "RFC 5280 §4.2.1.9",
        );
    }
    let is_rsa = |algorithm: &KeyAlgorithm| matches!(algorithm, KeyAlgorithm::Rsa { .. });
    let encipher = [KeyUsage::KeyEncipherment, KeyUsage::DataEncipherment];
    checker.require(
        !encipher.iter().any(|usage| usages.contains(*usage)) || algorithms.iter().all(is_rsa),
        &path,
        "encipherment is for RSA keys alone, and the profile takes others",
        "RFC 8813 §3, RFC 9295 §3",
    );
    let agrees = |algorithm: &KeyAlgorithm| {
        matches!(
            algorithm,
            KeyAlgorithm::EcP256 | KeyAlgorithm::EcP384 | KeyAlgorithm::EcP521
        )
    };
    checker.require(
        !usages.contains(KeyUsage::KeyAgreement) || algorithms.iter().all(agrees),
        &path,
        "keyAgreement is for elliptic curve keys alone, and the profile takes others",
        "RFC 4055 §1.2, RFC 9295 §3",
    );
}

fn extended_key_usage(
    source: &ProfileSource,
    path: &str,
    checker: &mut Checker<'_>,
) -> Vec<ObjectIdentifier> {
    let path = format!("{path}.extended_key_usage");
    checker.unique(&path, &source.extended_key_usage);
    let mut purposes = Vec::new();
    for (index, text) in source.extended_key_usage.iter().enumerate() {
        let path = format!("{path}[{index}]");
        match purpose::parse(text) {
            Some(purpose::ANY) => {
                checker.fault(&path, "anyExtendedKeyUsage limits nothing", "BR 7.1.2.7.10");
            }
            Some(OCSP_SIGNING) => {
                checker.fault(
                    &path,
                    "OCSPSigning is for the CA's own responders",
                    "RFC 6960 §4.2.2.2",
                );
            }
            Some(oid) => purposes.push(oid),
            None => {
                checker.fault(
                    &path,
                    format!("{text:?} is neither a known purpose nor dotted"),
                    FORMAT,
                );
            }
        }
    }
    purposes
}

fn policies(
    source: &ProfileSource,
    path: &str,
    checker: &mut Checker<'_>,
) -> Vec<ObjectIdentifier> {
    let path = format!("{path}.policies");
    checker.require(!source.policies.is_empty(), &path, "is empty", "BR 7.1.6.4");
    checker.unique(&path, &source.policies);
    let mut oids = Vec::new();
    for (index, text) in source.policies.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let Some(oid) = checker.oid(&path, text) else {
            continue;
        };
        checker.require(
            oid != ANY_POLICY,
            &path,
            "anyPolicy belongs to CAs",
            "BR 7.1.2.7.9",
        );
        oids.push(oid);
    }
    oids
}

fn hold(
    source: &ProfileSource,
    policy: &PolicySource,
    purposes: &[ObjectIdentifier],
    path: &str,
    checker: &mut Checker<'_>,
) {
    if !source.hold {
        return;
    }
    let path = format!("{path}.hold");
    checker.require(
        policy.revocation.suspension.is_some(),
        &path,
        "needs the rules of \"4.9\".suspension",
        "RFC 3647 §4.9.13",
    );
    checker.require(
        source.revocation,
        &path,
        "cannot be published",
        "RFC 9608 §3",
    );
    checker.require(
        !purposes.contains(&purpose::SERVER_AUTH),
        &path,
        "TLS server certificates are never suspended",
        "BR 4.9.13",
    );
}
