//! Who may ask for what (1.3.2, 1.3.3, 4.1.1).

use super::evaluation::Evaluation;

impl Evaluation<'_> {
    pub(super) fn check_ra(&mut self) {
        let ra = &self.facts.ra;
        let kind = self.request.statement.subject_kind;
        let operation = self.request.operation;
        self.require(
            ra.profiles.contains(self.request.profile),
            "profile-not-allowed",
            "profile",
            "1.3.2",
            "the RA is not registered for this profile",
        );
        self.require(
            self.profile.source.operations.contains(&operation),
            "operation-not-allowed",
            "profile",
            "4.1.1",
            "the profile does not provide for this operation",
        );
        self.require(
            self.profile.source.subject_kinds.contains(&kind),
            "subject-kind-mismatch",
            "statement.subject_kind",
            "1.3.3",
            "the profile serves another kind of subscriber",
        );
        self.require(
            ra.subject_kinds.is_empty() || ra.subject_kinds.contains(&kind),
            "subject-kind-not-allowed",
            "statement.subject_kind",
            "1.3.2",
            "the RA is not registered for this kind of subscriber",
        );
        self.require(
            ra.quota_left != Some(0),
            "quota-exceeded",
            "",
            "1.3.2",
            "the RA's certificates for today are used up",
        );
    }
}
