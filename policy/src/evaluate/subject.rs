//! The subject's attributes (3.1.1, 3.2, 7.1.4).

use pki::{AttributeType, DistinguishedName, SubjectAltName};

use super::evaluation::Evaluation;
use crate::{
    Operation,
    model::SubjectRule,
    source::{AttributeFormat, NameSource},
    uscc,
};

impl Evaluation<'_> {
    /// Checks the attributes and puts them in the profile's order.
    pub(super) fn check_subject(
        &mut self,
        attributes: &[(AttributeType, String)],
        sans: &[SubjectAltName],
    ) -> Option<DistinguishedName> {
        let profile = self.profile;
        let rules = &profile.subject;
        for (attribute, _) in attributes {
            self.require(
                rules.iter().any(|rule| rule.attribute == *attribute),
                "attribute-not-allowed",
                &self.field(*attribute),
                "7.1.4",
                "the profile does not certify this attribute",
            );
        }
        let mut ordered = Vec::new();
        for rule in rules {
            let mut values = attributes
                .iter()
                .filter(|(found, _)| *found == rule.attribute);
            match values.next() {
                Some((_, value)) => {
                    self.check_attribute(rule, value, sans);
                    ordered.push((rule.attribute, value.clone()));
                }
                None => self.require(
                    !rule.required,
                    "attribute-missing",
                    &self.field(rule.attribute),
                    "7.1.4",
                    "the profile requires this attribute",
                ),
            }
            self.require(
                values.next().is_none(),
                "attribute-repeated",
                &self.field(rule.attribute),
                "7.1.4",
                "an attribute stands once",
            );
        }
        if ordered.is_empty() {
            self.deny(
                "subject-empty",
                &self.subject_field(),
                "3.1.1",
                "the subject has no name",
            );
            return None;
        }
        match DistinguishedName::new(ordered) {
            Ok(subject) => Some(subject),
            Err(errors) => {
                for error in errors {
                    let field = format!("{}.{}", self.subject_field(), error.attribute);
                    self.deny_name(&error, &field);
                }
                None
            }
        }
    }

    fn check_attribute(&mut self, rule: &SubjectRule, value: &str, sans: &[SubjectAltName]) {
        let field = self.field(rule.attribute);
        if !rule.values.is_empty() && !rule.values.iter().any(|allowed| allowed == value) {
            let code = if rule.attribute == AttributeType::CountryName {
                "country-not-allowed"
            } else {
                "attribute-value-not-allowed"
            };
            let detail = format!("must be {}", rule.values.join(" or "));
            self.deny(code, &field, "7.1.4", detail);
        }
        if let Some(format) = rule.format {
            self.check_format(format, value, &field);
        }
        self.require(
            !rule.in_subject_alt_names || sans.iter().any(|name| name.value() == value),
            "attribute-not-in-alt-names",
            &field,
            "7.1.4",
            "must also be a subject alternative name",
        );
        let evidence = &self.request.statement.evidence;
        let covered = evidence
            .iter()
            .any(|piece| piece.passed && rule.evidence.contains(&piece.kind));
        if !rule.evidence.is_empty() && !covered {
            let detail = format!(
                "must be covered by evidence: {}",
                rule.evidence.join(" or ")
            );
            self.deny(
                "attribute-not-verified",
                &field,
                self.identity_section(),
                detail,
            );
        }
    }

    fn check_format(&mut self, format: AttributeFormat, value: &str, field: &str) {
        match format {
            AttributeFormat::Uscc => self.require(
                uscc::is_uscc(value),
                "uscc-invalid",
                field,
                "3.2.2",
                "is not a unified social credit code with a right check character (GB 32100)",
            ),
            AttributeFormat::NtrUscc => self.require(
                value.strip_prefix("NTRCN-").is_some_and(uscc::is_uscc),
                "uscc-invalid",
                field,
                "3.2.2",
                "is not NTRCN- and a unified social credit code with a right check character",
            ),
            AttributeFormat::Pseudonym => self.require(
                !uscc::is_resident_number(value) && !uscc::is_mobile_number(value),
                "attribute-identifies-person",
                field,
                "3.1.3",
                "is an identity or telephone number; certificates are public, use a reference",
            ),
        }
    }

    /// A renewal certifies the same subject: a change of name is a replacement.
    pub(super) fn check_renewed_subject(&mut self, subject: &DistinguishedName) {
        let facts = self.facts;
        if let (Operation::Renew, Some(predecessor)) = (self.request.operation, &facts.predecessor)
        {
            self.require(
                predecessor.subject == *subject,
                "renewal-subject-differs",
                &self.subject_field(),
                "4.6.1",
                "a renewal keeps the subject; replace to change it",
            );
        }
    }

    fn field(&self, attribute: AttributeType) -> String {
        format!("{}.{attribute}", self.subject_field())
    }

    fn subject_field(&self) -> String {
        match self.profile.source.names {
            NameSource::Statement => "statement.subject".to_owned(),
            NameSource::Csr => "csr.subject".to_owned(),
        }
    }
}
