//! How a command says that it did not do what was asked: for people and for scripts.

use std::{
    error::Error,
    fmt::{self, Write as _},
    path::Path,
};

use api::Problem;
use serde::Serialize;

/// The request was refused: by the CA, by the policy or by a check on the input.
pub(crate) const REFUSED: u8 = 1;
/// The command line is wrong.
pub(crate) const USAGE: u8 = 2;
/// The configuration file is missing or wrong.
pub(crate) const CONFIG: u8 = 64;
/// An input file is missing or cannot be read as what it should be.
pub(crate) const INPUT: u8 = 65;
/// The CA or the token cannot be reached.
pub(crate) const UNREACHABLE: u8 = 69;
/// The CA or this program broke.
pub(crate) const INTERNAL: u8 = 70;
/// An output file cannot be written.
pub(crate) const OUTPUT: u8 = 73;
/// The CA goes on with the request; the wait was over before it was done.
pub(crate) const PENDING: u8 = 75;

/// The paragraph of `--help` about exit codes.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
   0  done
   1  refused: by the CA, by the policy, or by a check on the input
   2  the command line is wrong
  64  the configuration file is missing or wrong
  65  an input file is missing or malformed
  69  the CA or the token cannot be reached
  70  the CA or this program broke
  73  an output file cannot be written
  75  accepted, but not finished while waiting: run the same command again with the same
      --idempotency-key, or ask `chancery ra status`";

/// Why a command failed: what, where, by which rule, and what to do about it.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Failure {
    // Boxed, so that every Result on the way is small.
    body: Box<Body>,
}

#[derive(Debug, Serialize)]
struct Body {
    exit_code: u8,
    what: String,
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    causes: Vec<String>,
    #[serde(rename = "do", skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem>,
}

impl Failure {
    fn new(exit_code: u8, what: impl Into<String>) -> Self {
        let body = Body {
            exit_code,
            what: what.into(),
            place: None,
            rule: None,
            causes: Vec::new(),
            remedy: None,
            problem: None,
        };
        Self {
            body: Box::new(body),
        }
    }

    /// A check on the input said no.
    pub(crate) fn refused(what: impl Into<String>) -> Self {
        Self::new(REFUSED, what)
    }

    /// The arguments do not go together.
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self::new(USAGE, what)
    }

    /// The configuration is wrong.
    pub(crate) fn config(what: impl Into<String>) -> Self {
        Self::new(CONFIG, what)
    }

    /// An input file is missing or malformed.
    pub(crate) fn input(what: impl Into<String>) -> Self {
        Self::new(INPUT, what)
    }

    /// The other side cannot be reached.
    pub(crate) fn unreachable(what: impl Into<String>) -> Self {
        Self::new(UNREACHABLE, what)
    }

    /// Something broke that the user cannot mend.
    pub(crate) fn internal(what: impl Into<String>) -> Self {
        Self::new(INTERNAL, what)
    }

    /// An output file cannot be written.
    pub(crate) fn output(what: impl Into<String>) -> Self {
        Self::new(OUTPUT, what)
    }

    /// The CA is not finished.
    pub(crate) fn pending(what: impl Into<String>) -> Self {
        Self::new(PENDING, what)
    }

    /// The CA answered with a problem document.
    pub(crate) fn problem(problem: Problem) -> Self {
        let exit_code = if problem.status >= 500 {
            INTERNAL
        } else {
            REFUSED
        };
        let mut failure = Self::new(exit_code, format!("the CA refused: {}", problem.title));
        failure.body.problem = Some(problem);
        failure
    }

    /// Says where: a file, a member, a URL.
    pub(crate) fn at(mut self, place: impl Into<String>) -> Self {
        self.body.place = Some(place.into());
        self
    }

    /// Says where: a file.
    pub(crate) fn in_file(self, path: &Path) -> Self {
        self.at(path.display().to_string())
    }

    /// Says by which rule.
    pub(crate) fn rule(mut self, rule: impl Into<String>) -> Self {
        self.body.rule = Some(rule.into());
        self
    }

    /// Says what to do about it.
    pub(crate) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.body.remedy = Some(remedy.into());
        self
    }

    /// Says what to do about it, unless something better has been said.
    pub(crate) fn remedy_if_none(self, remedy: impl Into<String>) -> Self {
        if self.body.remedy.is_some() {
            self
        } else {
            self.remedy(remedy)
        }
    }

    /// Adds the error behind it, with its whole chain.
    pub(crate) fn because(mut self, error: &dyn Error) -> Self {
        let mut cause = Some(error);
        while let Some(error) = cause {
            let text = error.to_string();
            if self.body.causes.last() != Some(&text) {
                self.body.causes.push(text);
            }
            cause = error.source();
        }
        self
    }

    /// Adds one line per fault.
    pub(crate) fn faults(mut self, faults: impl IntoIterator<Item = String>) -> Self {
        self.body.causes.extend(faults);
        self
    }

    /// The same, as a fault of the configuration.
    pub(crate) fn into_config(mut self) -> Self {
        self.body.exit_code = CONFIG;
        self
    }

    /// Whether the other side was not reached, or did not answer.
    pub(crate) fn is_unreachable(&self) -> bool {
        self.body.exit_code == UNREACHABLE
    }

    /// The exit code of the process.
    pub(crate) const fn exit_code(&self) -> u8 {
        self.body.exit_code
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Body {
            what,
            place,
            rule,
            causes,
            remedy,
            problem,
            exit_code: _,
        } = &*self.body;
        write!(f, "error: {what}")?;
        if let Some(place) = place {
            write!(f, "\n  where: {place}")?;
        }
        if let Some(rule) = rule {
            write!(f, "\n  rule:  {rule}")?;
        }
        for cause in causes {
            write!(f, "\n  why:   {cause}")?;
        }
        if let Some(problem) = problem {
            f.write_str(&problem_text(problem))?;
        }
        if let Some(remedy) = remedy {
            write!(f, "\n  do:    {remedy}")?;
        }
        Ok(())
    }
}

impl Error for Failure {}

fn problem_text(problem: &Problem) -> String {
    let mut text = format!("\n  code:  {} (HTTP {})", problem.code, problem.status);
    // Writing to a String cannot fail.
    if let Some(detail) = &problem.detail {
        let _ = write!(text, "\n  why:   {detail}");
    }
    for violation in &problem.violations {
        let _ = write!(
            text,
            "\n  - {code} at {field}\n      rule: {citation}\n      {detail}",
            code = violation.code,
            field = violation.field,
            citation = violation.citation,
            detail = violation.detail,
        );
    }
    let _ = write!(
        text,
        "\n  request: {} (quote it when asking the CA)",
        problem.request_id
    );
    text
}

#[cfg(test)]
mod tests {
    use api::Violation;

    use super::*;

    fn problem(status: u16) -> Problem {
        Problem {
            problem_type: "urn:chancery:problem:policy-denied".to_owned(),
            title: "the policy denies the request".to_owned(),
            status,
            code: "policy-denied".to_owned(),
            detail: None,
            request_id: "0197".to_owned(),
            violations: vec![
                Violation {
                    code: "key-too-weak".to_owned(),
                    field: "csr".to_owned(),
                    citation: "CPS 6.1.5".to_owned(),
                    detail: "use RSA of 3072 bits or more".to_owned(),
                },
                Violation {
                    code: "evidence-missing".to_owned(),
                    field: "statement.evidence".to_owned(),
                    citation: "CPS 3.2.3".to_owned(),
                    detail: "id_card is required".to_owned(),
                },
            ],
        }
    }

    #[test]
    fn every_violation_is_printed_with_its_citation() {
        let text = Failure::problem(problem(422)).to_string();
        for expected in [
            "key-too-weak at csr",
            "CPS 6.1.5",
            "evidence-missing",
            "CPS 3.2.3",
        ] {
            assert!(text.contains(expected), "{expected} is not in {text}");
        }
    }

    #[test]
    fn a_refusal_exits_with_1_and_a_broken_ca_with_70() {
        assert_eq!(Failure::problem(problem(409)).exit_code(), REFUSED);
        assert_eq!(Failure::problem(problem(500)).exit_code(), INTERNAL);
    }

    #[test]
    fn a_failure_says_what_where_which_rule_and_what_to_do() {
        let text = Failure::input("this is no CSR")
            .in_file(Path::new("a.csr"))
            .rule("RFC 2986")
            .remedy("make one with `chancery key new`")
            .to_string();
        assert_eq!(
            text,
            "error: this is no CSR\n  where: a.csr\n  rule:  RFC 2986\n  do:    make one with \
             `chancery key new`"
        );
    }
}
