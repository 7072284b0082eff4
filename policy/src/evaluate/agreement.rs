//! Consent, guardians, custody and bindings (3.1.5, 3.2.3, 4.1.2, 6.2).

use api::{AgeBand, Consent, KeyCustody};

use super::{evaluation::Evaluation, evidence::is_digest};
use crate::source::{AgeRule, ConsentRule};

impl Evaluation<'_> {
    pub(super) fn check_consent(&mut self) {
        let Some(rule) = &self.profile.source.consent else {
            return;
        };
        let statement = self.request.statement;
        let Some(consent) = &statement.consent else {
            let detail = "the subscriber's consent to the agreement is required";
            return self.deny("consent-missing", "statement.consent", "4.1.2", detail);
        };
        self.check_agreement(consent);
        self.require(
            rule.methods.contains(&consent.method),
            "consent-method-not-accepted",
            "statement.consent.method",
            "4.1.2",
            "consent given in this way is not accepted",
        );
        self.require(
            !self.is_future(consent.at),
            "consent-in-future",
            "statement.consent.at",
            "4.1.2",
            "lies in the future",
        );
        self.check_purposes(rule, consent);
    }

    fn check_agreement(&mut self, consent: &Consent) {
        let policy = self.policy;
        let version = &consent.agreement_version;
        let agreement = policy
            .agreements
            .iter()
            .find(|agreement| agreement.version == *version);
        self.require(
            agreement.is_some_and(|agreement| agreement.in_force(self.now)),
            "agreement-not-in-force",
            "statement.consent.agreement_version",
            "4.1.2",
            "this version of the agreement is not in force",
        );
        if let Some(agreement) = agreement {
            let mut digest = [0; 32];
            let read = hex::decode_to_slice(&consent.agreement_sha256, &mut digest);
            self.require(
                read.is_ok() && digest == agreement.sha256,
                "agreement-digest-differs",
                "statement.consent.agreement_sha256",
                "4.1.2",
                "the subscriber saw another text than the published one",
            );
        }
    }

    fn check_purposes(&mut self, rule: &ConsentRule, consent: &Consent) {
        for purpose in rule
            .purposes
            .iter()
            .filter(|purpose| !consent.purposes.contains(purpose))
        {
            let detail = format!("consent to {purpose} is required");
            self.deny(
                "consent-purpose-missing",
                "statement.consent.purposes",
                "4.1.2",
                detail,
            );
        }
    }

    /// Persons who are not of full age and capacity, and submissions by others.
    pub(super) fn check_person(&mut self) {
        let statement = self.request.statement;
        if let Some(submission) = &statement.submitted_on_behalf {
            self.require(
                submission.authorised,
                "submission-not-authorised",
                "statement.submitted_on_behalf",
                "3.2.5",
                "the person has not authorised the submission",
            );
        }
        let rules = &self.profile.source.age;
        let rule = match statement.age_band {
            None | Some(AgeBand::Adult) => return,
            Some(AgeBand::Minor) => rules.minor,
            Some(AgeBand::UnderFourteen) => rules.under_fourteen,
            Some(AgeBand::Incapable) => rules.incapable,
        };
        match rule {
            AgeRule::Refuse => self.deny(
                "age-band-refused",
                "statement.age_band",
                "3.2.3",
                "the profile does not serve persons of this age or capacity",
            ),
            AgeRule::GuardianConsent => self.check_guardian(),
            AgeRule::GuardianApplication => {
                self.check_guardian();
                self.require(
                    statement.submitted_on_behalf.is_some(),
                    "guardian-application-required",
                    "statement.submitted_on_behalf",
                    "3.2.3",
                    "the guardian must apply on the person's behalf",
                );
            }
        }
    }

    fn check_guardian(&mut self) {
        let statement = self.request.statement;
        let Some(guardian) = &statement.guardian_consent else {
            let detail = "the guardian's consent is required";
            return self.deny(
                "guardian-consent-missing",
                "statement.guardian_consent",
                "3.2.3",
                detail,
            );
        };
        let methods = self
            .profile
            .source
            .consent
            .as_ref()
            .map(|rule| &rule.methods);
        self.require(
            methods.is_some_and(|methods| methods.contains(&guardian.method)),
            "consent-method-not-accepted",
            "statement.guardian_consent.method",
            "3.2.3",
            "consent given in this way is not accepted",
        );
        self.require(
            !self.is_future(guardian.at),
            "consent-in-future",
            "statement.guardian_consent.at",
            "3.2.3",
            "lies in the future",
        );
        for (member, text) in [
            ("guardian_ref", &guardian.guardian_ref),
            ("relation", &guardian.relation),
        ] {
            self.require(
                !text.trim().is_empty(),
                "guardian-consent-incomplete",
                &format!("statement.guardian_consent.{member}"),
                "3.2.3",
                "is blank",
            );
        }
    }

    pub(super) fn check_custody_and_binding(&mut self) {
        let statement = self.request.statement;
        if let Some(KeyCustody::ThirdParty {
            custodian,
            agreement_sha256,
        }) = &statement.key_custody
        {
            self.check_custodian(custodian, agreement_sha256);
        }
        if let Some(binding) = &statement.binding {
            self.require(
                self.profile.source.bindings.contains(&binding.kind),
                "binding-not-allowed",
                "statement.binding.type",
                "3.1.5",
                "the profile has no bindings of this type",
            );
            self.require(
                is_digest(&binding.reference_sha256),
                "binding-digest-malformed",
                "statement.binding.reference_sha256",
                "3.1.5",
                "is not 64 hexadecimal digits",
            );
            self.require(
                !self.facts.binding_taken,
                "binding-taken",
                "statement.binding",
                "3.1.5",
                "another active certificate of the profile has this binding",
            );
        }
    }

    fn check_custodian(&mut self, custodian: &str, agreement_sha256: &str) {
        let field = "statement.key_custody";
        self.require(
            self.profile.source.third_party_custody,
            "key-custody-not-allowed",
            field,
            "6.2",
            "the profile asks that the subscriber keeps the key",
        );
        let custodians = &self.policy.source.key_protection.custodians;
        self.require(
            custodians.iter().any(|known| known.id == custodian),
            "custodian-unknown",
            field,
            "6.2",
            "the CPS names no such custodian",
        );
        self.require(
            is_digest(agreement_sha256),
            "custody-digest-malformed",
            field,
            "6.2",
            "the agreement's digest is not 64 hexadecimal digits",
        );
    }
}
