//! From refusals and failures to RFC 9457 problems: the only place that knows status codes.

use std::borrow::Cow;

use api::{Problem, Violation};
use audit::Actor;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use crate::refusal::{Refusal, RefusalKind};

/// Why a request was not done.
#[derive(Debug)]
pub enum NotDone {
    /// The request breaks a rule; the answer says which.
    Refused(Refusal),
    /// We failed; the answer carries the request id only, the log has the rest.
    Failed(anyhow::Error),
}

impl NotDone {
    /// A member of the body that cannot be what it stands for.
    pub fn malformed_member(detail: &str) -> Self {
        Self::Refused(Refusal::new(RefusalKind::Malformed, "malformed-member").with_detail(detail))
    }

    /// A query that cannot be read or is out of range.
    pub fn malformed_query(detail: &str) -> Self {
        Self::Refused(Refusal::new(RefusalKind::Malformed, "malformed-query").with_detail(detail))
    }
}

impl<T: Into<anyhow::Error>> From<T> for NotDone {
    fn from(error: T) -> Self {
        Self::Failed(error.into())
    }
}

/// A problem that is ready to be sent.
#[derive(Debug)]
pub struct ProblemResponse {
    problem: Problem,
    to: Option<Actor>,
}

/// Response extension: whose request was refused, for the routes that audit it there.
#[derive(Clone, Debug)]
pub struct RefusedTo {
    /// The peer.
    pub actor: Actor,
    /// The request.
    pub request_id: Uuid,
    /// Codes of every rule that was broken.
    pub codes: Vec<String>,
}

impl ProblemResponse {
    /// The answer to a request that was not done; logs a failure once, here.
    pub fn new(not_done: NotDone, request_id: Uuid) -> Self {
        match not_done {
            NotDone::Refused(refusal) => Self::refused(refusal, request_id),
            NotDone::Failed(error) => {
                tracing::error!(%request_id, error = format!("{error:#}"), "request failed");
                Self::from(Problem {
                    problem_type: problem_type("internal"),
                    title: "Internal failure".to_owned(),
                    status: StatusCode::INTERNAL_SERVER_ERROR.as_u16(),
                    code: "internal".to_owned(),
                    detail: None,
                    request_id: request_id.to_string(),
                    violations: Vec::new(),
                })
            }
        }
    }

    fn refused(refusal: Refusal, request_id: Uuid) -> Self {
        let (status, title) = status_and_title(refusal.kind);
        metrics::counter!("ca_refusals_total", "code" => refusal.code.clone()).increment(1);
        let hidden = status.is_server_error();
        Self::from(Problem {
            problem_type: problem_type(&refusal.code),
            title: title.to_owned(),
            status: status.as_u16(),
            code: refusal.code.into_owned(),
            detail: refusal.detail.filter(|_| !hidden),
            request_id: request_id.to_string(),
            violations: refusal.violations,
        })
    }
}

impl From<Problem> for ProblemResponse {
    fn from(problem: Problem) -> Self {
        Self { problem, to: None }
    }
}

impl ProblemResponse {
    /// The same, naming the peer whose request was refused.
    #[must_use]
    pub fn to(mut self, actor: Actor) -> Self {
        self.to = Some(actor);
        self
    }

    /// Whose request was refused and by which rules; nothing for a failure of ours.
    fn refused_to(&self, status: StatusCode) -> Option<RefusedTo> {
        let actor = self.to.clone().filter(|_| status.is_client_error())?;
        let request_id = self.problem.request_id.parse().ok()?;
        let broken = self
            .problem
            .violations
            .iter()
            .map(|violation| violation.code.clone());
        let mut codes: Vec<_> = broken.collect();
        if codes.is_empty() {
            codes.push(self.problem.code.clone());
        }
        Some(RefusedTo {
            actor,
            request_id,
            codes,
        })
    }
}

impl IntoResponse for ProblemResponse {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let refused_to = self.refused_to(status);
        let retry_after = match status {
            StatusCode::SERVICE_UNAVAILABLE => Some("5"),
            StatusCode::TOO_MANY_REQUESTS => Some("1"),
            _ => None,
        };
        let mut response = (status, axum::Json(self.problem)).into_response();
        if let Some(refused_to) = refused_to {
            response.extensions_mut().insert(refused_to);
        }
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(api::routes::PROBLEM_MEDIA_TYPE),
        );
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(seconds));
        }
        response
    }
}

fn problem_type(code: &str) -> String {
    format!("urn:chancery:problem:{code}")
}

fn status_and_title(kind: RefusalKind) -> (StatusCode, &'static str) {
    match kind {
        RefusalKind::Malformed => (StatusCode::BAD_REQUEST, "The request cannot be read"),
        RefusalKind::Forbidden => (StatusCode::FORBIDDEN, "Not allowed"),
        RefusalKind::NotFound => (StatusCode::NOT_FOUND, "Not found"),
        RefusalKind::WrongMethod => (StatusCode::METHOD_NOT_ALLOWED, "Wrong method"),
        RefusalKind::Conflict => (StatusCode::CONFLICT, "Conflict with what is recorded"),
        RefusalKind::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "The request is too large"),
        RefusalKind::MediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Wrong media type"),
        RefusalKind::Denied => (StatusCode::UNPROCESSABLE_ENTITY, "The policy denies it"),
        RefusalKind::TooMany => (StatusCode::TOO_MANY_REQUESTS, "Too many requests at once"),
        RefusalKind::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "Not available now"),
    }
}

impl From<Vec<Violation>> for Refusal {
    fn from(violations: Vec<Violation>) -> Self {
        let code = violations.first().map_or_else(
            || Cow::Borrowed("denied"),
            |first| Cow::Owned(first.code.clone()),
        );
        Self {
            violations,
            ..Self::new(RefusalKind::Denied, code)
        }
    }
}
