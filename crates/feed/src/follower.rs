//! The follower's half: keeps a copy up to date, says what it has, and never gives up.

mod backoff;
mod client;
mod lists;
mod pages;
mod sink;

use std::sync::Arc;

use jiff::Timestamp;
use pki::time::SharedClock;
use tokio::sync::{Notify, watch};
use tokio::time::{Duration, Instant, sleep};
use tokio_util::sync::CancellationToken;

use self::backoff::Backoff;
use self::client::{Answer, Client};
use self::pages::Pages;
use crate::Epoch;
use crate::wire::{Acknowledgement, FollowQuery, MAX_LIMIT};

pub use client::FollowError;
pub use lists::{AnnouncedList, Lists};
pub use sink::{FeedSink, Position};

/// The least time between two answers that bring nothing: a server that does not wait when it is
/// asked to must not be asked in a tight loop.
const EMPTY_PAUSE: Duration = Duration::from_secs(1);

/// Whom to follow, and how.
#[derive(Debug, Clone)]
pub struct FollowerConfig {
    /// The feed listener of ca-daemon, such as `https://ca.example:8444`.
    pub url: String,
    /// TLS with the certificate that the follower is registered by.
    pub tls: rustls::ClientConfig,
    /// The name that the follower is registered under; for logs.
    pub name: String,
    /// Where the time of hearing comes from.
    pub clock: SharedClock,
    /// How many entries to ask for at once; default 10,000.
    pub limit: u32,
    /// How many seconds the server may hold an answer back; default 20. A follower that hears
    /// nothing new still hears that often that there is nothing new.
    pub wait_seconds: u32,
    /// How long a connection may take; default 10 seconds.
    pub connect_timeout: Duration,
    /// How long an answer may take, or stop in between, beyond the wait; default 15 seconds.
    pub answer_timeout: Duration,
    /// The pause after the first failure; each further one doubles it. Default 250 milliseconds.
    pub first_pause: Duration,
    /// The longest pause; default 30 seconds.
    pub longest_pause: Duration,
}

/// Follows the feed of one ca-daemon.
#[derive(Debug)]
pub struct Follower {
    client: Arc<Client>,
    name: String,
    clock: SharedClock,
    limit: u32,
    wait_seconds: u32,
    pauses: (Duration, Duration),
    progress: watch::Sender<Progress>,
    acknowledge: Arc<Notify>,
}

/// How far a follower is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Everything up to this sequence number is applied and durable.
    pub cursor: u64,
    /// The highest sequence number that the server has named.
    pub head: u64,
    /// How often the copy was begun anew because the feed had another epoch.
    pub started_over: u64,
    /// What the server has accepted an acknowledgement of.
    pub acknowledged: u64,
    /// The latest time as of which the copy is known to have been complete.
    pub heard_at: Option<Timestamp>,
    /// Why the last attempt failed, if it did.
    pub fault: Option<String>,
}

/// Tells a follower that there is something new to acknowledge, such as a published list.
#[derive(Debug, Clone)]
pub struct Acknowledger {
    acknowledge: Arc<Notify>,
}

impl FollowerConfig {
    /// With the defaults.
    pub fn new(
        url: impl Into<String>,
        tls: rustls::ClientConfig,
        name: impl Into<String>,
        clock: SharedClock,
    ) -> Self {
        Self {
            url: url.into(),
            tls,
            name: name.into(),
            clock,
            limit: MAX_LIMIT,
            wait_seconds: 20,
            connect_timeout: Duration::from_secs(10),
            answer_timeout: Duration::from_secs(15),
            first_pause: Duration::from_millis(250),
            longest_pause: Duration::from_secs(30),
        }
    }
}

impl Acknowledger {
    /// Has the follower ask its sink again what there is to acknowledge, and send it.
    pub fn acknowledge(&self) {
        self.acknowledge.notify_one();
    }
}

impl Follower {
    /// Connects to nothing yet.
    ///
    /// # Errors
    /// [`FollowError::Url`], [`FollowError::Client`].
    pub fn new(config: FollowerConfig) -> Result<Self, FollowError> {
        Ok(Self {
            client: Arc::new(Client::new(&config)?),
            name: config.name,
            clock: config.clock,
            limit: config.limit,
            wait_seconds: config.wait_seconds,
            pauses: (config.first_pause, config.longest_pause),
            progress: watch::Sender::new(Progress::default()),
            acknowledge: Arc::new(Notify::new()),
        })
    }

    /// How far the follower is, now and from now on.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Where the octets of lists come from.
    pub fn lists(&self) -> Lists {
        Lists::new(Arc::clone(&self.client))
    }

    /// For what is acknowledged besides entries.
    pub fn acknowledger(&self) -> Acknowledger {
        Acknowledger {
            acknowledge: Arc::clone(&self.acknowledge),
        }
    }

    /// Uses another certificate or other roots from the next request on.
    ///
    /// # Errors
    /// [`FollowError::Client`]; what was there before stays in use.
    pub fn replace_tls(&self, tls: rustls::ClientConfig) -> Result<(), FollowError> {
        self.client.replace_tls(tls)
    }

    /// Follows until `cancel` is cancelled; any failure is tried again after a bounded pause.
    pub async fn run(&self, sink: impl FeedSink, cancel: CancellationToken) {
        let work = async { tokio::join!(self.follow(&sink), self.acknowledge(&sink)) };
        tokio::select! {
            () = cancel.cancelled() => {}
            ((), ()) = work => {}
        }
    }

    async fn follow(&self, sink: &impl FeedSink) {
        let mut backoff = Backoff::new(self.pauses);
        // Without a wait at first: a follower that just started wants to know where it stands.
        let mut wait = 0;
        loop {
            match self.round(sink, wait).await {
                Ok(caught_up) => {
                    wait = if caught_up { self.wait_seconds } else { 0 };
                    backoff.reset();
                    self.note(|progress| progress.fault = None);
                }
                Err(error) => {
                    wait = 0;
                    self.failed("feed not followed", &error, &mut backoff).await;
                }
            }
        }
    }

    /// One question and what its answer brings; gives whether there is nothing left to ask for.
    async fn round(&self, sink: &impl FeedSink, wait: u32) -> Result<bool, FollowError> {
        let Position { epoch, cursor } = sink.position().await.map_err(sink_error)?;
        let asked = (self.clock.now(), Instant::now());
        let query = FollowQuery {
            after: cursor,
            limit: self.limit,
            wait,
            page: None,
        };
        let answer = self.client.follow(&query).await?;
        if epoch.as_ref() != Some(&answer.epoch) {
            self.start_over(sink, epoch, cursor, &answer).await?;
            if cursor > 0 {
                return Ok(false);
            }
        }
        self.note(|progress| (progress.cursor, progress.head) = (cursor, answer.head));
        if answer.snapshot && (cursor, answer.head) != (0, 0) {
            self.snapshot(sink, query, answer).await?;
            return Ok(false);
        }
        let (head, reached) = (answer.head, answer.reaches(cursor)?);
        if reached > cursor {
            self.apply(sink, answer.entries, reached).await?;
        }
        if reached >= head {
            // Complete as of the question: of what was committed while the answer was held back
            // or under way nothing is known.
            sink.heard(asked.0);
            self.note(|progress| progress.heard_at = Some(asked.0));
        }
        if reached == cursor && wait > 0 {
            sleep(EMPTY_PAUSE.saturating_sub(asked.1.elapsed())).await;
        }
        Ok(reached >= head)
    }

    /// Another epoch: the server's database was put back, or is another one. What the copy has is of
    /// no use, and its numbers must not be taken for the new ones.
    async fn start_over(
        &self,
        sink: &impl FeedSink,
        epoch: Option<Epoch>,
        cursor: u64,
        answer: &Answer,
    ) -> Result<(), FollowError> {
        if epoch.is_some() || cursor > 0 {
            tracing::error!(
                follower = self.name,
                cursor,
                head = answer.head,
                epoch = %answer.epoch,
                "the feed has a new epoch, its database was put back: starting over"
            );
            self.note(|progress| progress.started_over += 1);
        }
        sink.start_over(&answer.epoch).await.map_err(sink_error)?;
        self.note(|progress| (progress.cursor, progress.heard_at) = (0, None));
        Ok(())
    }

    /// Takes all pages, some while those before are applied; the cursor moves with the last ones, so
    /// that a snapshot that breaks off is begun again.
    async fn snapshot(
        &self,
        sink: &impl FeedSink,
        query: FollowQuery,
        first: Answer,
    ) -> Result<(), FollowError> {
        let (head, cursor) = (first.head, query.after);
        tracing::info!(follower = self.name, head, "taking a snapshot of the feed");
        let mut pages = Pages::from(Arc::clone(&self.client), query, first);
        loop {
            let batch = pages.next().await?;
            if batch.complete {
                return self.apply(sink, batch.entries, head).await;
            }
            sink.apply(batch.entries, cursor)
                .await
                .map_err(sink_error)?;
        }
    }

    async fn apply(
        &self,
        sink: &impl FeedSink,
        entries: Vec<crate::Entry>,
        cursor: u64,
    ) -> Result<(), FollowError> {
        sink.apply(entries, cursor).await.map_err(sink_error)?;
        self.note(|progress| progress.cursor = cursor);
        self.acknowledge.notify_one();
        Ok(())
    }

    /// Runs beside [`follow`](Self::follow): somebody waits for each acknowledgement, so it must
    /// not wait for an answer that the server holds back.
    async fn acknowledge(&self, sink: &impl FeedSink) {
        let mut backoff = Backoff::new(self.pauses);
        let mut accepted = None;
        loop {
            match self.acknowledge_once(sink, accepted.as_ref()).await {
                Ok(now_accepted) => {
                    accepted = now_accepted;
                    backoff.reset();
                    self.acknowledge.notified().await;
                }
                Err(error) => {
                    self.failed("feed not acknowledged", &error, &mut backoff)
                        .await;
                }
            }
        }
    }

    async fn acknowledge_once(
        &self,
        sink: &impl FeedSink,
        accepted: Option<&Acknowledgement>,
    ) -> Result<Option<Acknowledgement>, FollowError> {
        let position = sink.position().await.map_err(sink_error)?;
        let (Some(epoch), sequence @ 1..) = (position.epoch, position.cursor) else {
            return Ok(accepted.cloned());
        };
        let crls = sink.published().await.map_err(sink_error)?;
        let durable = Acknowledgement {
            epoch,
            sequence,
            crls,
        };
        if accepted != Some(&durable) {
            self.client
                .acknowledge(&news(durable.clone(), accepted))
                .await?;
            self.note(|progress| progress.acknowledged = sequence);
        }
        Ok(Some(durable))
    }

    async fn failed(&self, what: &str, error: &FollowError, backoff: &mut Backoff) {
        let pause = backoff.next_pause();
        let chain = chain(error);
        tracing::warn!(
            follower = self.name,
            error = chain,
            code = error.code(),
            ?pause,
            "{what}"
        );
        self.note(|progress| progress.fault = Some(chain));
        sleep(pause).await;
    }

    fn note(&self, change: impl FnOnce(&mut Progress)) {
        self.progress.send_if_modified(|progress| {
            let before = progress.clone();
            change(progress);
            *progress != before
        });
    }
}

/// What to say after what was accepted: the server records each list that it hears of.
fn news(mut durable: Acknowledgement, accepted: Option<&Acknowledgement>) -> Acknowledgement {
    if let Some(accepted) = accepted.filter(|accepted| accepted.epoch == durable.epoch) {
        durable.crls.retain(|list| !accepted.crls.contains(list));
    }
    durable
}

fn sink_error(error: impl std::error::Error + Send + Sync + 'static) -> FollowError {
    FollowError::Sink(Box::new(error))
}

fn chain(error: &FollowError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests;
