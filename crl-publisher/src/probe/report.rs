//! What a round found, for people and for machines.

use std::fmt::{self, Display};

use pki::time::Timestamp;
use serde::Serialize;

use super::{Finding, Visit, finding::Findings};

/// One round.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// When it began.
    pub at: Timestamp,
    /// What was fetched.
    pub visits: Vec<Visit>,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

impl Report {
    pub(super) fn new(at: Timestamp) -> Self {
        Self {
            at,
            visits: Vec::new(),
            findings: Vec::new(),
        }
    }

    pub(super) fn take(&mut self, findings: Findings<'_>) {
        self.visits.extend(findings.visits);
        self.findings.extend(findings.found);
    }
}

/// A table of the visits, then the findings.
impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widest = self.visits.iter().map(|visit| visit.url.len()).max();
        let width = widest.unwrap_or(0);
        for visit in &self.visits {
            let Visit {
                url,
                method,
                seconds,
                ..
            } = visit;
            let mark = if visit.sound { "ok  " } else { "FAIL" };
            write!(f, "{mark} {method:4} {url:width$} {seconds:7.3} s")?;
            if let Some(next_update) = visit.next_update {
                write!(f, "  until {next_update}")?;
            }
            writeln!(f)?;
        }
        for finding in &self.findings {
            let Finding {
                code,
                issuer,
                url,
                detail,
            } = finding;
            writeln!(f, "{code}: {issuer}: {url}: {detail}")?;
        }
        let (visits, findings) = (self.visits.len(), self.findings.len());
        writeln!(f, "{visits} URLs, {findings} findings")
    }
}
