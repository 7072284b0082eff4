//! The prober: looks at what is published as a relying party would, from outside.
//!
//! In scope: fetching every URL that certificates and lists name, over plain HTTP with keep-alive
//! and without redirects; checking form, signatures, numbers, times and headers; holding OCSP, full
//! lists, deltas and shards against each other and against this process's own copy of the feed. Out
//! of scope: mending anything. What is wrong is a [`Finding`], a value with a stable code.
//!
//! [`Prober::round`] is one look at everything: [`subject`] says from the copy what is out there,
//! [`http`] fetches, one module of [`check`] judges each property, [`memory`] knows what earlier
//! rounds saw, [`report`] and [`metrics`] tell.

pub mod check;
pub mod command;
pub mod config;
pub mod finding;
pub mod http;
pub mod memory;
pub mod metrics;
pub mod report;
pub mod subject;

mod answers;
mod lists;
mod periodic;
mod sample;
mod texts;

use pki::time::{SharedClock, SignedDuration, Timestamp};
use store::{StoreError, copy::StatusCopy};

pub use self::{
    config::ProbeConfig,
    finding::{Finding, Visit},
    periodic::spawn,
    report::Report,
};
use self::{finding::Findings, http::HttpClient, memory::Memory, subject::Subject};

/// Looks at what is published.
#[derive(Debug)]
pub struct Prober {
    copy: StatusCopy,
    clock: SharedClock,
    client: HttpClient,
    terms: ProbeTerms,
    memory: Memory,
}

/// How closely is looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProbeTerms {
    /// How many serial numbers of each status are looked up.
    pub samples: u32,
    /// How long a change may take to be seen everywhere.
    pub tolerance: SignedDuration,
}

/// One look at one issuer.
struct Look<'a> {
    subject: &'a Subject,
    now: Timestamp,
    tolerance: SignedDuration,
    findings: Findings<'a>,
}

impl Prober {
    /// Looks at what `copy` says is published; has seen nothing yet.
    pub fn new(copy: StatusCopy, clock: SharedClock, config: &ProbeConfig) -> Self {
        Self {
            copy,
            clock,
            client: HttpClient::new(config.resolve.clone(), config.timeout.get()),
            terms: config.terms(),
            memory: Memory::default(),
        }
    }

    /// Looks at everything once.
    ///
    /// # Errors
    /// The copy failed: what should be published is not known.
    pub async fn round(&mut self) -> Result<Report, StoreError> {
        self.memory.begin(self.copy.position().await?.epoch);
        let subjects = subject::all(&self.copy).await?;
        let mut report = Report::new(self.clock.now());
        for subject in &subjects {
            self.memory.announced(subject);
            let mut look = Look {
                subject,
                now: self.clock.now(),
                tolerance: self.terms.tolerance,
                findings: Findings::new(&subject.issuer),
            };
            self.look_at(&mut look).await?;
            report.take(look.findings);
        }
        Ok(report)
    }

    async fn look_at(&mut self, look: &mut Look<'_>) -> Result<(), StoreError> {
        texts::probe(&mut self.client, look).await;
        let lists = lists::probe(&mut self.client, &mut self.memory, look).await;
        // After the lists were fetched: what changes from now on is newer than they are.
        let samples = sample::draw(&self.copy, look, self.terms.samples).await?;
        check::standing::check(&lists, &samples, &self.memory, look);
        check::union::check(&lists, &self.copy, &self.memory, look).await?;
        answers::probe(&mut self.client, &self.copy, &samples, look).await
    }
}

#[cfg(test)]
mod tests;
