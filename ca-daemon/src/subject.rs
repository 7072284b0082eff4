//! Hashes that stand for a subject and for a binding, so that records can compare without names.

use std::collections::BTreeMap;

use api::Statement;
use pki::{AttributeType, CertificationRequest, DistinguishedName, SubjectAltName};
use sha2::{Digest, Sha256};

/// The names that a request is about: the statement's, or where it has none those of the CSR or of
/// the predecessor.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Names {
    attributes: BTreeMap<AttributeType, String>,
    alternative: Vec<String>,
}

impl Names {
    /// Those of a statement, or else of the CSR.
    pub fn of_request(statement: &Statement, csr: Option<&CertificationRequest>) -> Self {
        let stated = statement.subject_alt_names.iter();
        let stated = stated.map(|name| format!("{}:{}", name.kind.as_str(), name.value));
        let names = Self::new(statement.subject.clone(), stated);
        match csr {
            Some(csr) if names == Self::default() => {
                Self::of_certified(csr.subject(), &csr.requested().subject_alt_names)
            }
            _ => names,
        }
    }

    /// Those of a certificate or a CSR.
    pub fn of_certified(subject: Option<&DistinguishedName>, names: &[SubjectAltName]) -> Self {
        let attributes = subject
            .map(DistinguishedName::attributes)
            .unwrap_or_default();
        let names = names
            .iter()
            .map(|name| format!("{}:{}", name.kind(), name.value()));
        Self::new(attributes.iter().cloned().collect(), names)
    }

    fn new(
        attributes: BTreeMap<AttributeType, String>,
        alternative: impl Iterator<Item = String>,
    ) -> Self {
        let mut alternative: Vec<_> = alternative.map(|name| name.to_lowercase()).collect();
        alternative.sort();
        Self {
            attributes,
            alternative,
        }
    }

    /// Whether there is no name at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// SHA-256 that names the subject. A key is certified for one subject only (C-18).
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let mut part = |text: &str| {
            hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(text);
        };
        for (attribute, value) in &self.attributes {
            part(&attribute.to_string());
            part(value);
        }
        for name in &self.alternative {
            part(name);
        }
        hash.finalize().into()
    }
}

/// The binding as it is recorded: its type and digest, which hexadecimal digits of either case
/// write.
pub fn binding_text(statement: &Statement) -> Option<String> {
    let binding = statement.binding.as_ref()?;
    let digest = binding.reference_sha256.to_ascii_lowercase();
    Some(format!("{}:{digest}", binding.kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(common_name: &str, dns: &[&str]) -> Names {
        let subject =
            DistinguishedName::new(vec![(AttributeType::CommonName, common_name.to_owned())]);
        let dns: Vec<_> = dns
            .iter()
            .map(|name| SubjectAltName::new_dns(name).unwrap())
            .collect();
        Names::of_certified(Some(&subject.unwrap()), &dns)
    }

    #[test]
    fn the_order_of_alternative_names_does_not_make_another_subject() {
        let one = names("a.example.com", &["a.example.com", "b.example.com"]);
        let other = names("a.example.com", &["b.example.com", "a.example.com"]);
        assert_eq!(one.hash(), other.hash());
    }

    #[test]
    fn another_name_makes_another_subject() {
        let hashes = [
            names("a.example.com", &[]).hash(),
            names("b.example.com", &[]).hash(),
            names("a.example.com", &["a.example.com"]).hash(),
            Names::default().hash(),
        ];
        for (index, hash) in hashes.iter().enumerate() {
            assert!(!hashes[..index].contains(hash), "hash {index} is not new");
        }
    }

    #[test]
    fn the_digits_of_a_binding_have_no_case() {
        let statement = |digest: &str| {
            let statement = serde_json::json!({
                "subject_kind": "device",
                "binding": { "type": "social_card", "reference_sha256": digest },
            });
            serde_json::from_value::<Statement>(statement).unwrap()
        };
        assert_eq!(
            binding_text(&statement(&"aB".repeat(32))),
            binding_text(&statement(&"Ab".repeat(32)))
        );
    }
}
