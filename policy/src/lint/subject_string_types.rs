//! countryName and serialNumber are PrintableString, other text is UTF8String within its bound.

use der::{Tag, Tagged};
use pki::AttributeType;

use super::{Rule, candidate::Candidate};

pub(super) const RULE: Rule = Rule {
    id: "subject-string-types",
    citation: "RFC 5280 §4.1.2.4, appendix A.1",
    check,
};

fn check(candidate: &Candidate<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    for rdn in candidate.tbs().subject().iter_rdn() {
        if rdn.len() != 1 {
            faults.push("has several attributes in one RDN".to_owned());
        }
        for attribute in rdn.iter() {
            let Some(kind) = AttributeType::from_oid(&attribute.oid) else {
                faults.push(format!(
                    "has an attribute {} that is not known",
                    attribute.oid
                ));
                continue;
            };
            if attribute.value.tag() != string_type(kind) {
                faults.push(format!("{kind} has the wrong string type"));
            }
            let length =
                std::str::from_utf8(attribute.value.value()).map(|text| text.chars().count());
            if !length.is_ok_and(|length| (1..=kind.upper_bound()).contains(&length)) {
                faults.push(format!("{kind} is empty, too long or not text"));
            }
        }
    }
    faults
}

fn string_type(kind: AttributeType) -> Tag {
    if matches!(
        kind,
        AttributeType::CountryName | AttributeType::SerialNumber | AttributeType::DnQualifier
    ) {
        Tag::PrintableString
    } else if matches!(
        kind,
        AttributeType::EmailAddress | AttributeType::DomainComponent
    ) {
        Tag::Ia5String
    } else {
        Tag::Utf8String
    }
}
