//! Refusals: expected answers to requests that break a rule. Values, not errors.

use std::borrow::Cow;

use api::Violation;

/// What kind of no it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// The request cannot be read.
    Malformed,
    /// The peer may not do this.
    Forbidden,
    /// There is no such thing, or it is another RA's.
    NotFound,
    /// The path exists, the method does not.
    WrongMethod,
    /// It contradicts what is recorded.
    Conflict,
    /// It is larger than we read.
    TooLarge,
    /// It is not JSON.
    MediaType,
    /// The policy denies it.
    Denied,
    /// The peer has too many requests under way.
    TooMany,
    /// Try again later.
    Unavailable,
}

/// A refusal with its stable code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Kind.
    pub kind: RefusalKind,
    /// Stable code, kebab-case: the same in problems, metrics and audit.
    pub code: Cow<'static, str>,
    /// What was wrong and what to do, without personal data.
    pub detail: Option<String>,
    /// Every rule broken, where the policy denied.
    pub violations: Vec<Violation>,
}

impl Refusal {
    /// A refusal without further words.
    pub fn new(kind: RefusalKind, code: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            code: code.into(),
            detail: None,
            violations: Vec::new(),
        }
    }

    /// The same with a sentence on what was wrong.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Codes for the audit event: of each violation, or the refusal's own.
    pub fn codes(&self) -> Vec<String> {
        if self.violations.is_empty() {
            return vec![self.code.clone().into_owned()];
        }
        self.violations
            .iter()
            .map(|violation| violation.code.clone())
            .collect()
    }

    /// There is no such certificate, or it is another RA's.
    pub fn certificate_not_found() -> Self {
        Self::new(RefusalKind::NotFound, "certificate-not-found")
            .with_detail("no certificate of yours has this serial number")
    }
}
