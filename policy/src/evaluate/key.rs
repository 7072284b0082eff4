//! The key to certify and what its CSR asks for (3.2.1, 6.1.5, 6.1.6, 6.1.7).

use crate::Operation;

use super::evaluation::Evaluation;

impl Evaluation<'_> {
    pub(super) fn check_key(&mut self) {
        self.check_algorithm();
        let key = &self.facts.key;
        for weakness in &key.weaknesses {
            self.deny(weakness.code(), "csr", "6.1.6", weakness.to_string());
        }
        self.require(
            !key.blocked,
            "key-blocked",
            "csr",
            "6.1.6",
            "the key is on the blocklist and is never certified again",
        );
        self.require(
            !key.is_ca_key,
            "key-of-ca",
            "csr",
            "6.1.6",
            "the key is the CA's own",
        );
        self.require(
            !key.certified_for_other_subject,
            "key-certified-for-other-subject",
            "csr",
            "6.1.6",
            "the key is certified for another subject; make a new one",
        );
        self.check_possession();
        self.check_requested_extensions();
    }

    fn check_algorithm(&mut self) {
        let algorithm = self.request.public_key.algorithm();
        let allowed = self.profile.key_algorithms();
        if !allowed.contains(&algorithm) {
            let allowed: Vec<String> = allowed.iter().map(ToString::to_string).collect();
            let detail = format!("{algorithm} is not one of {}", allowed.join(", "));
            self.deny("key-type-not-allowed", "csr", "6.1.5", detail);
        }
    }

    fn check_possession(&mut self) {
        match self.request.csr {
            Some(csr) => self.require(
                csr.public_key().hash() == self.request.public_key.hash(),
                "csr-key-differs",
                "csr",
                "3.2.1",
                "the CSR proves possession of another key",
            ),
            None => self.require(
                self.request.operation == Operation::Renew,
                "csr-missing",
                "csr",
                "3.2.1",
                "a CSR must prove possession of the key",
            ),
        }
    }

    /// The profile alone decides on extensions: a CSR may repeat what it will get, and what it
    /// asks for beyond is refused rather than dropped in silence.
    fn check_requested_extensions(&mut self) {
        let Some(csr) = self.request.csr else { return };
        let requested = csr.requested();
        self.require(
            requested.ca != Some(true),
            "csr-asks-ca",
            "csr",
            "7.1.2",
            "the CSR asks for a CA certificate",
        );
        let granted = self.profile.key_usage.to_x509().0;
        self.require(
            requested
                .key_usage
                .is_none_or(|asked| granted.contains(asked)),
            "csr-key-usage-not-allowed",
            "csr",
            "6.1.7",
            "the CSR asks for a key usage beyond the profile's",
        );
        let purposes = &self.profile.extended_key_usage;
        self.require(
            requested
                .extended_key_usage
                .iter()
                .all(|asked| purposes.contains(asked)),
            "csr-extended-key-usage-not-allowed",
            "csr",
            "6.1.7",
            "the CSR asks for an extended key usage beyond the profile's",
        );
        for oid in &requested.other {
            let detail = format!("the CSR asks for extension {oid}");
            self.deny("csr-extension-not-allowed", "csr", "7.1.2", detail);
        }
    }
}
