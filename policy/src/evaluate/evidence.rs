//! Evidence of identity (3.2.2, 3.2.3, 3.3).

use std::collections::BTreeSet;

use api::{Evidence, SubjectKind};

use super::evaluation::Evaluation;

impl Evaluation<'_> {
    /// The section on the identity of this kind of subscriber.
    pub(super) const fn identity_section(&self) -> &'static str {
        match self.request.statement.subject_kind {
            SubjectKind::Individual => "3.2.3",
            SubjectKind::Organization | SubjectKind::Device => "3.2.2",
        }
    }

    /// Checks each piece, then whether all that is required is there. A renewal and a replacement
    /// are asked for the same evidence as a first certificate.
    pub(super) fn check_evidence(&mut self) {
        let statement = self.request.statement;
        let mut sound = BTreeSet::new();
        for (index, piece) in statement.evidence.iter().enumerate() {
            let field = format!("statement.evidence[{index}]");
            if self.check_piece(piece, &field) {
                sound.insert(piece.kind.as_str());
            }
        }
        let Some(rule) = &self.profile.source.evidence else {
            return;
        };
        let field = "statement.evidence";
        for kind in rule
            .required_all
            .iter()
            .filter(|kind| !sound.contains(kind.as_str()))
        {
            let detail = format!("evidence of kind {kind} is required");
            self.deny("evidence-missing", field, self.identity_section(), detail);
        }
        let any = &rule.required_any;
        if !any.is_empty() && !any.iter().any(|kind| sound.contains(kind.as_str())) {
            let detail = format!(
                "evidence of one of these kinds is required: {}",
                any.join(", ")
            );
            self.deny("evidence-missing", field, self.identity_section(), detail);
        }
        if !usize::try_from(rule.min).is_ok_and(|min| sound.len() >= min) {
            let detail = format!("at least {} kinds of evidence are required", rule.min);
            self.deny("evidence-too-few", field, self.identity_section(), detail);
        }
    }

    /// Whether a piece counts; notes every rule that it breaks.
    fn check_piece(&mut self, piece: &Evidence, field: &str) -> bool {
        let faults = self.faults_of(piece);
        for (code, member, detail) in &faults {
            let field = format!("{field}.{member}");
            self.deny(code, &field, self.identity_section(), *detail);
        }
        faults.is_empty()
    }

    fn faults_of(&self, piece: &Evidence) -> Vec<(&'static str, &'static str, &'static str)> {
        let mut faults = Vec::new();
        match self.policy.evidence_kind(&piece.kind) {
            None => faults.push((
                "evidence-kind-unknown",
                "kind",
                "the CPS knows no such kind",
            )),
            Some(kind) => {
                if !kind.accepted {
                    faults.push((
                        "evidence-kind-not-accepted",
                        "kind",
                        "evidence of this kind is not accepted at present",
                    ));
                }
                if !kind
                    .subject_kinds
                    .contains(&self.request.statement.subject_kind)
                {
                    faults.push((
                        "evidence-kind-mismatch",
                        "kind",
                        "proves the identity of another kind of subscriber",
                    ));
                }
            }
        }
        if !is_digest(&piece.digest_sha256) {
            let detail = "is not 64 hexadecimal digits";
            faults.push(("evidence-digest-malformed", "digest_sha256", detail));
        }
        if !piece.passed {
            faults.push(("evidence-failed", "passed", "the verification did not pass"));
        }
        if self.is_future(piece.collected_at) {
            faults.push(("evidence-in-future", "collected_at", "lies in the future"));
        }
        let oldest = self
            .policy
            .evidence_max_age
            .and_then(|age| self.now.saturating_sub(age).ok());
        if oldest.is_some_and(|oldest| piece.collected_at < oldest) {
            let detail = "was collected too long ago; verify again";
            faults.push(("evidence-too-old", "collected_at", detail));
        }
        if piece.expires_at.is_some_and(|end| end <= self.now) {
            faults.push(("evidence-expired", "expires_at", "has expired"));
        }
        faults
    }
}

/// Whether the text is a SHA-256 digest in hexadecimal.
pub(super) fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|octet| octet.is_ascii_hexdigit())
}
