//! The load generator: connections that are kept, requests that were prepared.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use hdrhistogram::Histogram;
use hyper::Request;
use tokio::time::{Instant, sleep_until};

use crate::{
    connection::{Address, Body, Connection},
    figure::real,
};

/// Requests that are sent in turn, by number.
pub(crate) trait Requests: Send + Sync + 'static {
    /// The request with this number; `None` when there are no more.
    fn request(&self, number: usize) -> Option<Request<Body>>;
    /// Whether an answer is the one expected.
    fn is_good(&self, status: u16, body: &Bytes) -> bool;
}

/// How requests are sent.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pace {
    /// Each connection sends the next request when it has the answer to the last.
    Closed,
    /// So many requests a second over all connections, whatever the answers do. A time is counted from
    /// the moment at which the request was due: a server that stalls is not spared the queue.
    Open(f64),
}

/// What a load brought.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Good answers.
    pub(crate) answers: u64,
    /// How long it took.
    pub(crate) elapsed: Duration,
    /// Times from request to answer, microseconds.
    pub(crate) times: Histogram<u64>,
}

impl Outcome {
    /// Good answers a second.
    pub(crate) fn rate(&self) -> f64 {
        real(self.answers) / self.elapsed.as_secs_f64()
    }
}

/// Sends requests over `connections` for at most `time`.
///
/// # Errors
/// An answer that is not the one expected ends the load: figures with failures in them mean nothing.
pub(crate) async fn run(
    address: &Address,
    requests: Arc<impl Requests>,
    connections: usize,
    pace: Pace,
    time: Duration,
) -> anyhow::Result<Outcome> {
    let mut open = Vec::with_capacity(connections);
    for _ in 0..connections {
        open.push(Connection::open(address).await?);
    }
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let until = begun + time;
    let mut tasks = tokio::task::JoinSet::new();
    for connection in open {
        tasks.spawn(work(
            connection,
            Arc::clone(&requests),
            Arc::clone(&next),
            due(pace, begun),
            until,
        ));
    }
    let mut times = histogram()?;
    while let Some(worked) = tasks.join_next().await {
        times.add(worked??)?;
    }
    ensure!(!times.is_empty(), "no request was answered in time");
    Ok(Outcome {
        answers: times.len(),
        elapsed: begun.elapsed(),
        times,
    })
}

/// How many requests so many a second are in a time.
pub(crate) fn count(rate: f64, time: Duration) -> usize {
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "std has no other conversion; it saturates"
    )]
    let count = (rate * time.as_secs_f64()).ceil() as usize;
    count
}

/// When the request with a number is due; at once for a closed loop.
fn due(pace: Pace, begun: Instant) -> impl Fn(usize) -> Option<Instant> + Send + Copy {
    move |number| match pace {
        Pace::Closed => None,
        Pace::Open(rate) => {
            let number = u64::try_from(number).unwrap_or(u64::MAX);
            begun.checked_add(Duration::from_secs_f64(real(number) / rate))
        }
    }
}

async fn work(
    mut connection: Connection,
    requests: Arc<impl Requests>,
    next: Arc<AtomicUsize>,
    due: impl Fn(usize) -> Option<Instant>,
    until: Instant,
) -> anyhow::Result<Histogram<u64>> {
    let mut times = histogram()?;
    while Instant::now() < until {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let Some(request) = requests.request(number) else {
            break;
        };
        let due = due(number);
        if let Some(due) = due {
            if due >= until {
                break;
            }
            sleep_until(due).await;
        }
        let asked = due.unwrap_or_else(Instant::now);
        let (status, body) = answered(connection.send(request)).await?;
        let microseconds = u64::try_from(asked.elapsed().as_micros())?;
        ensure!(
            requests.is_good(status, &body),
            "request {number} was answered with {status}: {}",
            String::from_utf8_lossy(&body)
        );
        times.record(microseconds.max(1))?;
    }
    Ok(times)
}

async fn answered(
    answer: impl Future<Output = anyhow::Result<(u16, Bytes)>>,
) -> anyhow::Result<(u16, Bytes)> {
    tokio::time::timeout(PATIENCE, answer)
        .await
        .context("no answer within a minute")?
}

fn histogram() -> anyhow::Result<Histogram<u64>> {
    Ok(Histogram::new(3)?)
}

const PATIENCE: Duration = Duration::from_mins(1);
