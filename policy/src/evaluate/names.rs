//! Names: from the statement or the CSR, and no difference between the two (3.1).

use pki::{AttributeType, NameError, SubjectAltName};

use super::evaluation::{Evaluation, Names};
use crate::source::NameSource;

impl Evaluation<'_> {
    /// Checks the names and gives those to certify; none if there is nothing that could be named.
    pub(super) fn check_names(&mut self) -> Option<Names> {
        let stated = self.stated_attributes();
        let stated_sans = self.stated_sans();
        let (attributes, sans) = match self.profile.source.names {
            NameSource::Statement => {
                self.check_csr_repeats(&stated, &stated_sans);
                (stated, stated_sans)
            }
            NameSource::Csr => {
                let (requested, requested_sans) = self.requested_names();
                self.check_statement_repeats(&stated, &stated_sans, &requested, &requested_sans);
                (requested, requested_sans)
            }
        };
        self.check_sans(&sans);
        let subject = self.check_subject(&attributes, &sans)?;
        self.check_renewed_subject(&subject);
        Some((subject, sans))
    }

    fn stated_attributes(&self) -> Vec<(AttributeType, String)> {
        let subject = &self.request.statement.subject;
        subject
            .iter()
            .map(|(attribute, value)| (*attribute, value.clone()))
            .collect()
    }

    fn stated_sans(&mut self) -> Vec<SubjectAltName> {
        let statement = self.request.statement;
        let mut names = Vec::new();
        for (index, name) in statement.subject_alt_names.iter().enumerate() {
            match SubjectAltName::parse(san_kind(name.kind), &name.value) {
                Ok(name) => names.push(name),
                Err(error) => {
                    let field = format!("statement.subject_alt_names[{index}]");
                    self.deny_name(&error, &field);
                }
            }
        }
        names
    }

    /// What the CSR names; a renewal without CSR keeps the predecessor's names.
    fn requested_names(&self) -> (Vec<(AttributeType, String)>, Vec<SubjectAltName>) {
        match (self.request.csr, &self.facts.predecessor) {
            (Some(csr), _) => (
                csr.subject()
                    .map(|subject| subject.attributes().to_vec())
                    .unwrap_or_default(),
                csr.requested().subject_alt_names.clone(),
            ),
            (None, Some(predecessor)) => (
                predecessor.subject.attributes().to_vec(),
                predecessor.subject_alt_names.clone(),
            ),
            (None, None) => (Vec::new(), Vec::new()),
        }
    }

    /// A CSR may leave names out; a name that it has must be certified as it stands.
    fn check_csr_repeats(&mut self, stated: &[(AttributeType, String)], sans: &[SubjectAltName]) {
        let Some(csr) = self.request.csr else { return };
        for attribute in csr
            .subject()
            .map(pki::DistinguishedName::attributes)
            .unwrap_or_default()
        {
            self.require(
                stated.contains(attribute),
                "csr-name-differs",
                &format!("csr.subject.{}", attribute.0),
                "3.1.1",
                "the CSR and the statement name the subject differently",
            );
        }
        for (index, name) in csr.requested().subject_alt_names.iter().enumerate() {
            self.require(
                sans.contains(name),
                "csr-name-differs",
                &format!("csr.subject_alt_names[{index}]"),
                "3.1.1",
                "the CSR has an alternative name that the statement has not",
            );
        }
    }

    /// A statement may leave names to the CSR; a name that it has must stand there too.
    fn check_statement_repeats(
        &mut self,
        stated: &[(AttributeType, String)],
        stated_sans: &[SubjectAltName],
        requested: &[(AttributeType, String)],
        requested_sans: &[SubjectAltName],
    ) {
        for attribute in stated {
            self.require(
                requested.contains(attribute),
                "csr-name-differs",
                &format!("statement.subject.{}", attribute.0),
                "3.1.1",
                "the CSR and the statement name the subject differently",
            );
        }
        for (index, name) in stated_sans.iter().enumerate() {
            self.require(
                requested_sans.contains(name),
                "csr-name-differs",
                &format!("statement.subject_alt_names[{index}]"),
                "3.1.1",
                "the statement has an alternative name that the CSR has not",
            );
        }
    }

    pub(super) fn deny_name(&mut self, error: &NameError, field: &str) {
        self.deny(error.code, field, "3.1.1", error.detail.clone());
    }
}

const fn san_kind(kind: api::SanKind) -> &'static str {
    match kind {
        api::SanKind::Dns => "dns",
        api::SanKind::Ip => "ip",
        api::SanKind::Email => "email",
        api::SanKind::Uri => "uri",
    }
}
