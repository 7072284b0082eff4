//! Renewal and replacement: the certificate that comes before (3.3, 4.6, 4.7).

use super::evaluation::Evaluation;
use crate::{CertificateStatus, Operation, PredecessorFacts};

impl Evaluation<'_> {
    pub(super) fn check_predecessor(&mut self) {
        let facts = self.facts;
        match (self.request.operation, &facts.predecessor) {
            (Operation::Issue, None) => {}
            (Operation::Issue, Some(_)) => self.deny(
                "predecessor-not-expected",
                "predecessor",
                "4.1.1",
                "a first certificate has no predecessor",
            ),
            (Operation::Renew | Operation::Replace, None) => self.deny(
                "predecessor-missing",
                "predecessor",
                "3.3.1",
                "the certificate to be followed is not known",
            ),
            (Operation::Renew, Some(predecessor)) => {
                self.check_lineage(predecessor, "renewal-expired", "4.6.1");
                self.check_renewal(predecessor);
            }
            (Operation::Replace, Some(predecessor)) => {
                self.check_lineage(predecessor, "replacement-expired", "4.7.1");
                self.require(
                    predecessor.spki_hash != self.request.public_key.hash(),
                    "replacement-key-same",
                    "csr",
                    "4.7.1",
                    "a replacement needs a new key; renew to keep the key",
                );
            }
        }
    }

    fn check_lineage(&mut self, predecessor: &PredecessorFacts, expired: &str, section: &str) {
        self.require(
            predecessor.profile == self.request.profile,
            "predecessor-profile-differs",
            "profile",
            "3.3.1",
            "the predecessor has another profile",
        );
        self.require(
            self.now <= predecessor.not_after,
            expired,
            "predecessor",
            section,
            "the certificate has expired; enrol anew with full evidence",
        );
        match predecessor.status {
            CertificateStatus::Good => {}
            CertificateStatus::Hold => self.deny(
                "predecessor-on-hold",
                "predecessor",
                "3.3.1",
                "the certificate is on hold",
            ),
            CertificateStatus::Revoked => self.deny(
                "predecessor-revoked",
                "predecessor",
                "3.3.2",
                "the certificate is revoked; enrol anew with full evidence",
            ),
        }
    }

    fn check_renewal(&mut self, predecessor: &PredecessorFacts) {
        let opens = self.profile.renewable_from(predecessor.not_after);
        if self.now < opens {
            let detail = format!("renewal opens at {opens}");
            self.deny("renewal-too-early", "predecessor", "4.6.1", detail);
        }
        self.require(
            predecessor.spki_hash == self.request.public_key.hash(),
            "renewal-key-differs",
            "csr",
            "4.6.1",
            "a renewal keeps the key; replace to change it",
        );
    }
}
