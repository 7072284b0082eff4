//! Subject alternative names (3.1.1, 7.1.2).

use pki::SubjectAltName;

use super::evaluation::Evaluation;
use crate::{model::SanKindRule, source::NameSource};

impl Evaluation<'_> {
    pub(super) fn check_sans(&mut self, names: &[SubjectAltName]) {
        let list = match self.profile.source.names {
            NameSource::Statement => "statement.subject_alt_names",
            NameSource::Csr => "csr.subject_alt_names",
        };
        let profile = self.profile;
        for (index, name) in names.iter().enumerate() {
            let field = format!("{list}[{index}]");
            let earlier = names.get(..index).unwrap_or_default();
            self.require(
                !earlier.contains(name),
                "san-repeated",
                &field,
                "7.1.2",
                "an alternative name stands once",
            );
            if let Some(rule) = profile.sans.iter().find(|rule| rule.kind == name.kind()) {
                self.check_san(rule, name, &field);
            } else {
                let detail = format!("the profile does not certify {} names", name.kind());
                self.deny("san-kind-not-allowed", &field, "7.1.2", detail);
            }
        }
        for rule in &profile.sans {
            let count = names.iter().filter(|name| name.kind() == rule.kind).count();
            if count < rule.min {
                let detail = format!("at least {} {} name(s) are required", rule.min, rule.kind);
                self.deny("san-missing", list, "7.1.2", detail);
            }
            if count > rule.max {
                let detail = format!("at most {} {} name(s) are certified", rule.max, rule.kind);
                self.deny("san-too-many", list, "7.1.2", detail);
            }
        }
    }

    fn check_san(&mut self, rule: &SanKindRule, name: &SubjectAltName, field: &str) {
        self.require(
            rule.wildcards || !name.is_wildcard(),
            "san-wildcard-not-allowed",
            field,
            "7.1.2",
            "the profile does not certify wildcards",
        );
        self.require(
            rule.within.is_empty() || rule.within.iter().any(|region| region.holds(name)),
            "san-not-allowed",
            field,
            "3.1.1",
            "lies outside the names that the profile certifies",
        );
    }
}
