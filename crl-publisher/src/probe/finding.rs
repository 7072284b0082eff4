//! What the prober saw: visits, and what is wrong.

use pki::{IssuerName, time::Timestamp};
use serde::Serialize;

/// Something that a relying party would stumble over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// A stable slug: docs/operations.md says what to do at each.
    pub code: &'static str,
    /// The CA that it is about.
    pub issuer: IssuerName,
    /// Where it was seen.
    pub url: String,
    /// In words.
    pub detail: String,
}

/// One URL that was fetched.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Visit {
    /// The URL; of OCSP over GET without the request.
    pub url: String,
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The CA that it is about.
    pub issuer: IssuerName,
    /// When the answer was complete.
    pub at: Timestamp,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// nextUpdate of the list, or of the OCSP answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_update: Option<Timestamp>,
    /// Whether nothing was found here.
    pub sound: bool,
}

/// The findings and visits of one look at an issuer.
#[derive(Debug)]
pub struct Findings<'a> {
    issuer: &'a IssuerName,
    pub(super) found: Vec<Finding>,
    pub(super) visits: Vec<Visit>,
}

impl<'a> Findings<'a> {
    pub(super) fn new(issuer: &'a IssuerName) -> Self {
        Self {
            issuer,
            found: Vec::new(),
            visits: Vec::new(),
        }
    }

    /// Notes what is wrong.
    pub fn add(&mut self, code: &'static str, url: &str, detail: impl Into<String>) {
        self.found.push(Finding {
            code,
            issuer: self.issuer.clone(),
            url: url.to_owned(),
            detail: detail.into(),
        });
    }

    /// How many there are, to compare with later.
    pub(super) fn len(&self) -> usize {
        self.found.len()
    }

    /// Notes that a URL was visited; what was found since `before` was found there.
    pub(super) fn visited(&mut self, visited: &Visited<'_>, before: usize) {
        self.visits.push(Visit {
            url: visited.url.to_owned(),
            method: visited.method,
            issuer: self.issuer.clone(),
            at: visited.at,
            seconds: visited.seconds,
            next_update: visited.next_update,
            sound: self.found.len() == before,
        });
    }
}

/// A visit, for [`Findings::visited`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Visited<'a> {
    pub(super) url: &'a str,
    pub(super) method: &'static str,
    pub(super) at: Timestamp,
    pub(super) seconds: f64,
    pub(super) next_update: Option<Timestamp>,
}
