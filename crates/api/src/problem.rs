//! Problems: how the API says no (RFC 9457).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A problem document, `application/problem+json` (RFC 9457 §3.1).
///
/// A problem with status 5xx carries `type`, `title`, `status` and `request_id` only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// `urn:chancery:problem:` followed by the code.
    #[serde(rename = "type")]
    pub problem_type: String,
    /// What the type means, in a few words.
    pub title: String,
    /// HTTP status code.
    pub status: u16,
    /// The stable code, kebab-case: the same word in problems, metrics and audit.
    pub code: String,
    /// What went wrong this time, without personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Our id of the request, for questions to the CA.
    pub request_id: String,
    /// Every rule that the request breaks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<Violation>,
}

/// One rule that a request breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Violation {
    /// Stable code, kebab-case (`key-too-weak`, `evidence-missing` …).
    pub code: String,
    /// Member of the request that is at fault (`statement.subject.countryName`, `csr` …).
    pub field: String,
    /// Where the rule stands: a section of the CPS, an RFC.
    pub citation: String,
    /// What to do about it, without personal data.
    pub detail: String,
}
