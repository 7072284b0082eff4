//! A CA whose lists are made one at a time, and what its audit log tells of them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use api::AuditEntryBody;
use blackbox_tests::{AuditLog, Daemon, KeyKind, World, enrolment, statement};
use jiff::Timestamp;
use pki::{CrlScope, SerialNumber, time::Clock as _};
use service::SystemClock;

use crate::{
    filled::{self, Amount},
    process::Process,
};

/// How soon after a revocation the policy promises a list that shows it.
pub(super) const FULL_BOUND: Duration = Duration::from_secs(5);
/// The same of a delta.
pub(super) const DELTA_BOUND: Duration = Duration::from_secs(2);

/// The CA.
pub(super) struct Scene {
    world: World,
    /// Revoked one by one.
    certificates: Vec<SerialNumber>,
    log: AuditLog,
    shards: u16,
}

/// A list, as the audit log tells.
#[derive(Debug, Clone, Copy)]
pub(super) struct Made {
    revoked: Timestamp,
    begun: Timestamp,
    published: Timestamp,
}

/// Deltas, one after the other.
pub(super) struct Deltas {
    pub(super) first: Made,
    pub(super) others: Vec<Made>,
}

/// The lists that one revocation brought.
pub(super) type Round = BTreeMap<CrlScope, Made>;

impl Made {
    /// From taking a number until all outputs have it.
    pub(super) fn work(&self) -> Duration {
        between(self.begun, self.published)
    }

    /// From the revocation on.
    pub(super) fn visible(&self) -> Duration {
        between(self.revoked, self.published)
    }
}

fn between(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

impl Scene {
    /// With so many shards.
    pub(super) fn start(binaries: &Path, shards: u16) -> Self {
        let world = World::builder()
            .binaries(binaries)
            .variable("POLICY_EDIT", &format!("s/^shards = .*/shards = {shards}/"))
            .start();
        let certificates = (0..CERTIFICATES).map(|_| {
            let key = world.key(KeyKind::P256);
            let issued = enrolment::enroll(world.ra(), "esign-individual", &key, "Bench");
            issued.certificate.summary.serial
        });
        Self {
            certificates: certificates.collect(),
            log: AuditLog::from_now(world.officer()),
            shards,
            world,
        }
    }

    /// Resident memory of the daemons that have to do with lists.
    pub(super) fn memory(&self) -> anyhow::Result<Vec<(Daemon, u64)>> {
        let mut memory = Vec::new();
        for daemon in LISTING {
            memory.push((daemon, self.process(daemon)?.memory()?.0));
        }
        Ok(memory)
    }

    /// A daemon's process.
    pub(super) fn process(&self, daemon: Daemon) -> anyhow::Result<Process> {
        Process::of_file(&self.world.run().join(daemon.directory()).join("pid"))
    }

    /// Puts revoked certificates in, and waits until the lists that show them are published.
    pub(super) fn fill(&mut self, revoked: u64) -> anyhow::Result<()> {
        let certificates = revoked;
        filled::fill(
            &self.world,
            Amount {
                certificates,
                revoked,
            },
        )?;
        let begun = SystemClock.now();
        self.world.start_again(Daemon::Ca);
        self.published(&[Kind::Full, Kind::EachShard], Some(begun))
            .map(drop)
    }

    /// Starts the daemons that have to do with lists again: what they needed to take in what was filled in
    /// is not what they need to make and publish lists.
    pub(super) fn start_again(&self) {
        for daemon in LISTING {
            self.world.stop(daemon);
            self.world.start_again(daemon);
        }
    }

    /// Revokes, and waits for the delta; so many times. Other lists come much later.
    pub(super) fn deltas(&mut self, rounds: usize) -> anyhow::Result<Deltas> {
        self.policy(LATER, DELTA_BOUND)?;
        // What was revoked before has its lists first.
        let first = self.revoke(&[Kind::Delta])?;
        let first = *first.get(&CrlScope::Delta).context("no delta")?;
        let mut others = Vec::new();
        for _ in 0..rounds {
            let made = self.revoke(&[Kind::Delta])?;
            others.extend(made.into_values());
        }
        self.policy(AT_ONCE, AT_ONCE)?;
        Ok(Deltas { first, others })
    }

    /// Revokes, and waits for all lists, as soon as the policy promises them; so many times.
    pub(super) fn all(&mut self, rounds: usize) -> anyhow::Result<Vec<Round>> {
        self.policy(FULL_BOUND, DELTA_BOUND)?;
        let kinds = [Kind::Full, Kind::Delta, Kind::Shard];
        self.revoke(&kinds)?;
        (0..rounds).map(|_| self.revoke(&kinds)).collect()
    }

    /// Has complete lists and deltas made so long after a revocation.
    fn policy(&self, full: Duration, delta: Duration) -> anyhow::Result<()> {
        edit(&self.world.run(), [full, delta])?;
        let reload = api::routes::RELOAD_POLICY.replace("{issuer}", "esign-ca");
        let answer = self.world.officer().post(&reload, &serde_json::json!({}));
        ensure!(answer.status == 200, "{}", answer.text());
        Ok(())
    }

    fn revoke(&mut self, kinds: &[Kind]) -> anyhow::Result<Round> {
        let serial = self.certificates.pop().context("all are revoked")?;
        self.log.advance();
        let path = enrolment::path(api::routes::REVOKE, serial);
        let request = serde_json::json!({
            "ground": "sub.request",
            "evidence": [statement::evidence("name")],
        });
        let answer = self.world.ra().post(&path, &request);
        // 202: the responder may still be taking in what was filled in.
        ensure!(matches!(answer.status, 200 | 202), "{}", answer.text());
        self.published(kinds, None)
    }

    /// Waits until new lists of all these kinds are published: new since the moment that is given, or
    /// since the revocation that the log tells of next.
    fn published(&mut self, kinds: &[Kind], since: Option<Timestamp>) -> anyhow::Result<Round> {
        let until = Instant::now() + PATIENCE;
        let (mut revoked, mut begun, mut made) = (since, BTreeMap::new(), Round::new());
        while Instant::now() < until {
            for event in self.log.advance() {
                if event.event == "revoked" {
                    revoked = Some(event.at);
                }
                let (Some(list), Some(revoked)) = (list(&event), revoked) else {
                    continue;
                };
                if event.event == "crl-signing" && event.at >= revoked {
                    begun.insert(list, event.at);
                } else if event.event == "crl-published"
                    && let Some(begun) = begun.get(&list).copied()
                {
                    let published = event.at;
                    made.insert(
                        list.0,
                        Made {
                            revoked,
                            begun,
                            published,
                        },
                    );
                }
            }
            if kinds.iter().all(|kind| self.has(&made, *kind)) {
                return Ok(made);
            }
            std::thread::park_timeout(PAUSE);
        }
        bail!("the lists were not published: {made:?} of {kinds:?}");
    }

    fn has(&self, made: &Round, kind: Kind) -> bool {
        let shards = made.keys().filter(|scope| scope.shard().is_some());
        match kind {
            Kind::Full => made.contains_key(&CrlScope::Full),
            Kind::Delta => made.contains_key(&CrlScope::Delta),
            Kind::Shard => shards.count() > 0,
            Kind::EachShard => shards.count() >= usize::from(self.shards),
        }
    }

    /// A published list.
    pub(super) fn list(&self, scope: CrlScope) -> anyhow::Result<Vec<u8>> {
        let path = scope.path(&"esign-ca".parse()?);
        Ok(std::fs::read(
            self.world.run().join("crl/public").join(path),
        )?)
    }

    /// How many octets all published lists of the CA have.
    pub(super) fn size(&self) -> anyhow::Result<u64> {
        let shards = (0..self.shards).map(CrlScope::Shard);
        let scopes = [CrlScope::Full, CrlScope::Delta].into_iter().chain(shards);
        let sizes = scopes.map(|scope| Ok(u64::try_from(self.list(scope)?.len())?));
        sizes.sum()
    }

    /// The CA's database.
    pub(super) fn database(&self) -> PathBuf {
        self.world.run().join("ca/ca.db")
    }
}

/// Lists that somebody waits for.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Full,
    Delta,
    Shard,
    EachShard,
}

/// The list of `esign-ca` that an event tells of.
fn list(event: &AuditEntryBody) -> Option<(CrlScope, u64)> {
    if event
        .issuer
        .as_ref()
        .is_none_or(|issuer| issuer.as_str() != "esign-ca")
    {
        return None;
    }
    let scope = event.details.get("scope")?.as_str()?.parse().ok()?;
    let number = event.details.get("number")?.to_string();
    Some((scope, number.trim_matches('"').parse().ok()?))
}

/// Sets the times of complete lists and of deltas, which stand in this order.
fn edit(run: &Path, after: [Duration; 2]) -> anyhow::Result<()> {
    let path = run.join("ca/policy/esign.toml");
    let text = std::fs::read_to_string(&path)?;
    let mut after = after.into_iter();
    let lines = text.lines().map(|line| {
        let is_time = line.starts_with("after_revocation = ");
        match is_time.then(|| after.next()).flatten() {
            Some(after) => format!("after_revocation = \"{}s\"\n", after.as_secs()),
            None => format!("{line}\n"),
        }
    });
    let text: String = lines.collect();
    Ok(std::fs::write(path, text)?)
}

const LISTING: [Daemon; 2] = [Daemon::Ca, Daemon::Crl];
const AT_ONCE: Duration = Duration::from_secs(1);
const LATER: Duration = Duration::from_hours(1);
/// Revoked in one run, and a few more.
const CERTIFICATES: usize = 24;
const PAUSE: Duration = Duration::from_millis(50);
/// Followers take in all certificates meanwhile.
const PATIENCE: Duration = Duration::from_mins(30);
