//! A decision in words.

use std::fmt::Write;

use jiff::Timestamp;

use crate::{
    CertificatePlan, Decision, Facts, IssuanceRequest, Policy, duration, outline, purpose,
};

impl Policy {
    /// Says how the policy decides on a request, and why: the plan, or every broken rule with the
    /// section of the CPS that it stands in.
    pub fn explain(&self, request: &IssuanceRequest<'_>, facts: &Facts, now: Timestamp) -> String {
        let decision = self.evaluate(request, facts, now);
        let mut text = format!(
            "policy:   {} {} (sha256 {})\nprofile:  {}\nrequest:  {}\n",
            self.source.document.title.en,
            self.version(),
            hex::encode(self.digest),
            request.profile,
            request.operation.as_str(),
        );
        match &decision {
            Decision::Permit(plan) => {
                text.push_str("decision: permitted\n\n");
                text.push_str(&plan.describe());
            }
            Decision::Deny(violations) => {
                // Writing to a String cannot fail.
                let _ = writeln!(
                    text,
                    "decision: denied, {} rule(s) broken\n",
                    violations.len()
                );
                for violation in violations {
                    let number = violation.citation.trim_start_matches("CPS ");
                    let heading = outline::heading(number).map_or("", |heading| heading.en);
                    let field = if violation.field.is_empty() {
                        "request"
                    } else {
                        &violation.field
                    };
                    let _ = writeln!(text, "- {field}: {} [{}]", violation.detail, violation.code);
                    let _ = writeln!(text, "  {} {heading}", violation.citation);
                }
            }
        }
        text
    }
}

impl CertificatePlan {
    /// The plan in words, one line for each part.
    pub fn describe(&self) -> String {
        let length = self.not_after.duration_since(self.not_before);
        let length = length.saturating_add(jiff::SignedDuration::from_secs(1));
        let names: Vec<String> = self
            .subject_alt_names
            .iter()
            .map(|name| format!("{}:{}", name.kind(), name.value()))
            .collect();
        let usages: Vec<&str> = self.key_usage.iter().map(crate::KeyUsage::as_str).collect();
        let purposes: Vec<String> = self.extended_key_usage.iter().map(purpose::name).collect();
        let policies: Vec<String> = self
            .policies
            .iter()
            .map(|policy| policy.oid.to_string())
            .collect();
        let absent = || "none".to_owned();
        let lines = [
            ("subject", self.subject.to_string()),
            ("alternative names", or_none(&names.join(", "))),
            ("valid from", self.not_before.to_string()),
            (
                "valid to",
                format!("{} ({})", self.not_after, duration::format(length)),
            ),
            ("key usage", usages.join(", ")),
            ("extended key usage", or_none(&purposes.join(", "))),
            ("policies", or_none(&policies.join(", "))),
            (
                "CRL",
                self.crl_distribution_point
                    .as_ref()
                    .map_or_else(absent, ToString::to_string),
            ),
            ("OCSP", self.ocsp_uri.clone().unwrap_or_else(absent)),
            (
                "issuer certificate",
                self.ca_issuers_uri.clone().unwrap_or_else(absent),
            ),
        ];
        let mut text = String::new();
        for (label, value) in lines {
            let _ = writeln!(text, "{label:<19} {value}");
        }
        text
    }
}

fn or_none(text: &str) -> String {
    if text.is_empty() {
        "none".to_owned()
    } else {
        text.to_owned()
    }
}
