//! A follower's copy in memory.

use std::io;
use std::sync::Mutex;

use jiff::Timestamp;

use crate::{CrlAcknowledgement, Entry, Epoch, FeedSink, Position};

#[derive(Default)]
pub(super) struct MemoryCopy {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    epoch: Option<Epoch>,
    cursor: u64,
    entries: Vec<Entry>,
    cursors: Vec<u64>,
    heard: Vec<Timestamp>,
    published: Vec<CrlAcknowledgement>,
    fail_next: bool,
}

impl MemoryCopy {
    pub(super) fn at(cursor: u64) -> Self {
        Self {
            state: Mutex::new(State {
                epoch: Some(super::daemon::epoch(1)),
                cursor,
                ..State::default()
            }),
        }
    }

    pub(super) fn seqs(&self) -> Vec<u64> {
        self.state
            .lock()
            .unwrap()
            .entries
            .iter()
            .map(|entry| entry.seq)
            .collect()
    }

    pub(super) fn cursors(&self) -> Vec<u64> {
        self.state.lock().unwrap().cursors.clone()
    }

    pub(super) fn heard_at(&self) -> Vec<Timestamp> {
        self.state.lock().unwrap().heard.clone()
    }

    pub(super) fn publish(&self, list: CrlAcknowledgement) {
        self.state.lock().unwrap().published.push(list);
    }

    pub(super) fn fail_next(&self) {
        self.state.lock().unwrap().fail_next = true;
    }
}

impl FeedSink for MemoryCopy {
    type Error = io::Error;

    async fn position(&self) -> Result<Position, io::Error> {
        let state = self.state.lock().unwrap();
        Ok(Position {
            epoch: state.epoch.clone(),
            cursor: state.cursor,
        })
    }

    async fn start_over(&self, epoch: &Epoch) -> Result<(), io::Error> {
        let mut state = self.state.lock().unwrap();
        state.epoch = Some(epoch.clone());
        state.cursor = 0;
        state.entries.clear();
        state.cursors.clear();
        Ok(())
    }

    async fn apply(&self, entries: Vec<Entry>, cursor: u64) -> Result<(), io::Error> {
        let mut state = self.state.lock().unwrap();
        if std::mem::take(&mut state.fail_next) {
            return Err(io::Error::other("disk full"));
        }
        state.entries.extend(entries);
        state.cursor = cursor;
        state.cursors.push(cursor);
        Ok(())
    }

    fn heard(&self, at: Timestamp) {
        self.state.lock().unwrap().heard.push(at);
    }

    async fn published(&self) -> Result<Vec<CrlAcknowledgement>, io::Error> {
        Ok(self.state.lock().unwrap().published.clone())
    }
}
