//! From the policy file to the policy: every fault at once.

mod checker;
mod legal;
mod profile;
mod profile_names;
mod profile_validity;
mod status;

use sha2::{Digest, Sha256};

use self::checker::Checker;
use crate::{Fault, Policy, PolicyFaults, conform, document::Document, source::PolicySource};

impl Policy {
    /// Reads a policy file.
    ///
    /// Form comes first: if the file is not TOML, or has keys, types or words that the schema does
    /// not know, all of those are reported. Otherwise every rule that its values break is.
    ///
    /// # Errors
    /// [`PolicyFaults`] lists everything that is wrong with the file.
    pub fn parse(text: &str) -> Result<Self, PolicyFaults> {
        let document = Document::parse(text).map_err(PolicyFaults::new)?;
        let mut checker = Checker::new(&document);
        for (path, what) in conform::mismatches(&crate::schema(), &document.value) {
            checker.fault(&path, what, "policy schema");
        }
        checker.no_blank_text(&document.value, "");
        let source: PolicySource = match serde_json::from_value(document.value.clone()) {
            Ok(source) if checker.is_clean() => source,
            Ok(_) => return Err(checker.into_faults()),
            Err(error) => {
                if checker.is_clean() {
                    checker.fault("", error.to_string(), "policy schema");
                }
                return Err(checker.into_faults());
            }
        };
        build(text, source, checker)
    }
}

fn build(
    text: &str,
    source: PolicySource,
    mut checker: Checker<'_>,
) -> Result<Policy, PolicyFaults> {
    let oid = legal::document(&source, &mut checker);
    let urls = legal::repositories(&source, &mut checker);
    let evidence_max_age = legal::identity(&source, &mut checker);
    let agreements = legal::agreements(&source, &mut checker);
    legal::texts(&source, &mut checker);
    let acknowledgement = status::revocation(&source, &mut checker);
    let crl = status::crl(&source, &mut checker);
    let ocsp = status::ocsp(&source, &mut checker);
    let signature_algorithms = status::signature_algorithms(&source, &mut checker);
    let periods = status::ca_periods(&source, &mut checker);
    let profiles = profile::profiles(&source, &mut checker);
    let built = (|| {
        let ((oid, effective_from), (root_max, issuing_max)) = (oid?, periods?);
        Some(Policy {
            text: text.to_owned(),
            digest: Sha256::digest(text.as_bytes()).into(),
            oid,
            effective_from,
            urls: urls?,
            evidence_max_age,
            agreements,
            acknowledgement: acknowledgement?,
            signature_algorithms,
            root_max,
            issuing_max,
            crl: crl?,
            ocsp: ocsp?,
            profiles,
            source,
        })
    })();
    match built {
        Some(policy) if checker.is_clean() => Ok(policy),
        _ => Err(checker.into_faults()),
    }
}

/// Rules of the file format itself.
const FORMAT: &str = "policy format";

impl Fault {
    fn new(line: usize, path: &str, what: String, rule: &str) -> Self {
        Self {
            line,
            path: path.to_owned(),
            what,
            rule: rule.to_owned(),
        }
    }
}
