//! The walk: steps by chance, publications, comparisons.

use audit::EventKind;
use ca_daemon::crl;
use futures_util::future::join_all;
use pki::time::{SignedDuration, Timestamp};
use pki::{CrlNumber, CrlScope, RevocationReason, SerialNumber};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use store::StatusChange;
use tempfile::TempDir;
use testkit::TestToken;

use crate::authority::TestAuthority;
use crate::lists::Lists;
use crate::model::{Known, Model};
use crate::operation::Operation;
use crate::publisher::TestPublisher;
use crate::responder::TestResponder;
use crate::serials::Serials;

pub struct Walk {
    rng: StdRng,
    seed: u64,
    at: TestAuthority,
    model: Model,
    serials: Serials,
    lists: Lists,
    /// Absent only while they start again.
    publisher: Option<TestPublisher>,
    responder: Option<TestResponder>,
    /// What the leading ca-daemon remembers of its lists.
    memory: crl::Memory,
    /// Publications that the publisher still misses.
    away: u32,
    /// What changed since the last comparison.
    changed: Vec<SerialNumber>,
    /// Every serial number, for asking about old ones.
    all: Vec<SerialNumber>,
    certified_at: Timestamp,
    steps: usize,
    publications: usize,
    asked: usize,
    _directory: TempDir,
}

impl Walk {
    pub async fn begin(token: &TestToken, seed: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let at = TestAuthority::new(token, directory.path()).await;
        at.divide(4).await;
        at.certify_responder().await;
        Self {
            rng: StdRng::seed_from_u64(seed),
            seed,
            publisher: Some(TestPublisher::start(&at, directory.path()).await),
            responder: Some(TestResponder::start(&at, directory.path()).await),
            memory: crl::Memory::default(),
            certified_at: at.now(),
            at,
            model: Model::default(),
            serials: Serials::default(),
            lists: Lists::default(),
            away: 0,
            changed: Vec::new(),
            all: Vec::new(),
            steps: 0,
            publications: 0,
            asked: 0,
            _directory: directory,
        }
    }

    pub async fn go(&mut self, steps: usize) {
        while self.steps < steps {
            for _ in 0..self.rng.random_range(1..=5) {
                self.operate().await;
                self.let_time_pass().await;
            }
            self.disturb().await;
            self.publish().await;
        }
    }

    pub fn summary(&self) -> String {
        format!(
            "{} steps, {} certificates, {} publications, {} lists and {} answers compared",
            self.steps,
            self.model.len(),
            self.publications,
            self.lists.compared,
            self.asked
        )
    }

    /// Some operations on different certificates, all at once, so that they share transactions.
    async fn operate(&mut self) {
        let count = self.rng.random_range(1..=150);
        let operations: Vec<Operation> = (0..count).map(|_| self.choose()).collect();
        let running = operations.iter().map(|operation| operation.run(&self.at));
        let outcomes: Vec<_> = join_all(running).await.into_iter().flatten().collect();
        for outcome in outcomes {
            outcome.tell(&mut self.model);
            let serial = outcome.serial();
            if outcome.is_new() {
                self.serials.add(serial);
                self.all.push(serial);
            }
            self.changed.push(serial);
        }
        self.steps += count;
        self.serials.settle(&self.model, self.at.now());
    }

    fn choose(&mut self) -> Operation {
        let change = match self.rng.random_range(0..100) {
            0..35 => None,
            35..55 => self.change(|known| known.bad.is_none(), Self::revocation),
            55..60 => self.change(Known::is_on_hold, Self::revocation),
            60..80 => self.change(|known| known.bad.is_none(), |_| StatusChange::Hold),
            80..97 => self.change(Known::is_on_hold, |_| StatusChange::Release),
            _ => {
                return Operation::Abandon {
                    not_after: self.end(),
                    replaced: self.rng.random(),
                };
            }
        };
        change.unwrap_or_else(|| Operation::Issue {
            not_after: self.end(),
        })
    }

    fn change(
        &mut self,
        right: impl Fn(&Known) -> bool,
        change: impl FnOnce(&mut Self) -> StatusChange,
    ) -> Option<Operation> {
        let serial = self.serials.pick(&mut self.rng, &self.model, right)?;
        let change = change(self);
        Some(Operation::Change { serial, change })
    }

    fn revocation(&mut self) -> StatusChange {
        let reason = *pick(&mut self.rng, &REASONS);
        let hours = self.rng.random_range(0..500);
        let before = self.at.now() - SignedDuration::from_hours(hours);
        StatusChange::Revoke {
            reason,
            invalidity_date: (hours % 3 == 0).then_some(before),
        }
    }

    /// From an hour to twenty days from now.
    fn end(&mut self) -> Timestamp {
        let seconds = self.rng.random_range(3_600..20 * 86_400);
        self.at.now() + SignedDuration::from_secs(seconds)
    }

    async fn let_time_pass(&mut self) {
        let seconds = match self.rng.random_range(0..10) {
            0..5 => self.rng.random_range(0..600),
            5..9 => self.rng.random_range(3_600..6 * 3_600),
            _ => self.rng.random_range(86_400..2 * 86_400),
        };
        self.pass(seconds).await;
        self.steps += 1;
    }

    async fn pass(&mut self, seconds: i64) {
        self.at.clock.advance(SignedDuration::from_secs(seconds));
        let now = self.at.now();
        if now.duration_since(self.certified_at) >= SignedDuration::from_hours(24) {
            self.at.certify_responder().await;
            self.certified_at = now;
        }
        self.serials.settle(&self.model, now);
    }

    /// Once in a while: other shards, a publisher that is away, daemons that start again.
    async fn disturb(&mut self) {
        match self.rng.random_range(0..40) {
            0..2 => {
                let shards = *pick(&mut self.rng, &[0, 0, 1, 2, 3, 5, 8]);
                self.at.divide(shards).await;
            }
            2..5 if self.away == 0 => self.away = self.rng.random_range(1..8),
            5..8 => {
                let forget = self.rng.random_range(0..3) == 0;
                let publisher = self.publisher.take().unwrap();
                self.publisher = Some(publisher.start_again(&self.at, forget).await);
            }
            8..10 => {
                let responder = self.responder.take().unwrap();
                self.responder = Some(responder.start_again(&self.at).await);
            }
            // ca-daemon dies, and sometimes between taking a number and recording its list.
            10..13 => {
                if self.rng.random() {
                    self.lose_a_number().await;
                }
                self.memory = crl::Memory::default();
            }
            _ => return,
        }
        self.steps += 1;
    }

    async fn lose_a_number(&mut self) {
        let scopes = [CrlScope::Full, CrlScope::Delta, CrlScope::Shard(0)];
        let scope = *pick(&mut self.rng, &scopes);
        let event = self.at.event(EventKind::CrlSigning);
        let (store, issuer) = (&self.at.authority.store, self.at.ca.name());
        let taken = store.reserve_crl_number(issuer, scope, CrlNumber::new(1), event);
        taken.await.unwrap();
    }

    /// All lists that are due are made; whoever is there takes them in; everything is compared.
    async fn publish(&mut self) {
        self.pass(10).await;
        let acknowledged = self.publisher.as_ref().and_then(|it| it.acknowledged);
        let made = crl::make_due(&self.at.authority, &self.at.ca, &mut self.memory).await;
        made.unwrap();
        self.publications += 1;
        self.away = self.away.saturating_sub(1);
        if self.away == 0 {
            self.publisher.as_mut().unwrap().follow(&self.at).await;
        }
        self.responder.as_ref().unwrap().follow(&self.at).await;
        self.compare(acknowledged).await;
    }

    async fn compare(&mut self, acknowledged: Option<CrlNumber>) {
        let present = self.publisher.as_ref().filter(|_| self.away == 0);
        self.lists
            .compare(&self.at, &mut self.model, present, acknowledged)
            .await;
        let mut asked = std::mem::take(&mut self.changed);
        for _ in 0..OLD {
            asked.push(*pick(&mut self.rng, &self.all));
        }
        // Serial numbers that were never given out.
        asked.extend((0..3).map(|_| self.at.authority.new_serial()));
        asked.sort_unstable();
        asked.dedup();
        self.asked += asked.len();
        let responder = self.responder.as_ref().unwrap();
        responder.compare(&self.at, &self.model, &asked).await;
    }
}

impl Drop for Walk {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("failed with seed {} after {}", self.seed, self.summary());
        }
    }
}

fn pick<'a, T>(rng: &mut StdRng, of: &'a [T]) -> &'a T {
    &of[rng.random_range(0..of.len())]
}

/// Answers about certificates that did not change, after each publication.
const OLD: usize = 64;
const REASONS: [RevocationReason; 6] = [
    RevocationReason::Unspecified,
    RevocationReason::KeyCompromise,
    RevocationReason::AffiliationChanged,
    RevocationReason::Superseded,
    RevocationReason::CessationOfOperation,
    RevocationReason::PrivilegeWithdrawn,
];
