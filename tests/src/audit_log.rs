//! The audit log as an officer reads it.

use api::{AuditEntryBody, Page};

use crate::client::Client;

/// A place in the audit log: what happened after it can be asked for.
#[derive(Debug, Clone)]
pub struct AuditLog {
    officer: Client,
    after: u64,
}

impl AuditLog {
    /// The place after the newest event.
    pub fn from_now(officer: &Client) -> Self {
        let mut log = Self::from_the_beginning(officer);
        log.after = log.news().last().map_or(0, |event| event.sequence);
        log
    }

    /// The place before the first event.
    pub fn from_the_beginning(officer: &Client) -> Self {
        Self {
            officer: officer.clone(),
            after: 0,
        }
    }

    /// The events after this place, oldest first.
    pub fn news(&self) -> Vec<AuditEntryBody> {
        let mut events = Vec::new();
        let mut after = self.after.to_string();
        loop {
            let path = format!("{}?after={after}&limit=1000", api::routes::AUDIT);
            let page: Page<AuditEntryBody> = self.officer.get(&path).expect(200).read();
            events.extend(page.items);
            match page.next {
                Some(next) => after = next,
                None => return events,
            }
        }
    }

    /// The events after this place; the place moves behind them.
    pub fn advance(&mut self) -> Vec<AuditEntryBody> {
        let events = self.news();
        self.after = events.last().map_or(self.after, |event| event.sequence);
        events
    }

    /// The events of a kind after this place.
    pub fn of_kind(&self, kind: &str) -> Vec<AuditEntryBody> {
        let mut events = self.news();
        events.retain(|event| event.event == kind);
        events
    }
}
