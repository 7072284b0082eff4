//! The two requests of a follower.

use std::sync::Arc;

use arc_swap::ArcSwap;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::redirect::Policy;
use reqwest::{Response, StatusCode, Url};
use tokio::time::Duration;

use super::FollowerConfig;
use crate::ndjson::{Decoder, NdjsonError};
use crate::wire::{
    ACKNOWLEDGE_ROUTE, Acknowledgement, CRL_ROUTE, EPOCH_HEADER, FOLLOW_ROUTE, FollowQuery,
    HEAD_HEADER, PAGE_HEADER, SNAPSHOT_HEADER, page_key,
};
use crate::{Entry, Epoch};

/// Longest body of an error that is looked at.
const MAX_PROBLEM_BYTES: usize = 16 * 1024;

/// Why the feed could not be followed for now.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// Not an `https` URL.
    #[error("`{url}` is not an https URL")]
    Url {
        /// As configured.
        url: String,
    },
    /// The HTTP client cannot be made.
    #[error("the HTTP client cannot be made")]
    Client(#[source] reqwest::Error),
    /// No connection, no answer, or one that broke off.
    #[error("no answer")]
    Transport(#[source] reqwest::Error),
    /// The server said no.
    #[error("refused with status {status}{}", .code.as_deref().map(|code| format!(", {code}")).unwrap_or_default())]
    Refused {
        /// The status of HTTP.
        status: u16,
        /// The problem's code, if there was one.
        code: Option<String>,
    },
    /// A header is missing or unreadable.
    #[error("the answer has no usable header {header}")]
    Header {
        /// Which.
        header: &'static str,
    },
    /// The body is not entries.
    #[error("the answer cannot be read")]
    Body(#[from] NdjsonError),
    /// More entries than were asked for.
    #[error("the answer has more than {limit} entries")]
    TooMany {
        /// How many were asked for.
        limit: u32,
    },
    /// Entries that are not in order, or not between the cursor and the head.
    #[error("entry {seq} is out of order after {after}")]
    Order {
        /// The entry's number.
        seq: u64,
        /// What it had to be higher than.
        after: u64,
    },
    /// No entries, though the head is beyond the cursor.
    #[error("nothing came after {cursor}, though the head is {head}")]
    Withheld {
        /// The follower's cursor.
        cursor: u64,
        /// The server's head.
        head: u64,
    },
    /// The server knows less than the follower: its database was put back.
    #[error("the server's head {head} is behind the cursor {cursor}")]
    ServerBehind {
        /// The follower's cursor.
        cursor: u64,
        /// The server's head.
        head: u64,
    },
    /// A page of a snapshot was answered with something else.
    #[error("the snapshot broke off")]
    SnapshotBrokenOff,
    /// The octets of a list are not those that its entry told of.
    #[error("the list is not the one that was announced")]
    OtherList,
    /// The follower's own copy failed.
    #[error("the copy cannot be used")]
    Sink(#[source] Box<dyn std::error::Error + Send + Sync>),
}

#[derive(Debug)]
pub(super) struct Client {
    follow: Url,
    acknowledge: Url,
    crls: Url,
    http: ArcSwap<reqwest::Client>,
    timeouts: Timeouts,
}

#[derive(Debug, Clone, Copy)]
struct Timeouts {
    connect: Duration,
    answer: Duration,
    wait: Duration,
}

/// One answer, as read.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) epoch: Epoch,
    pub(super) head: u64,
    pub(super) snapshot: bool,
    pub(super) next_page: Option<String>,
    pub(super) entries: Vec<Entry>,
}

impl FollowError {
    /// Stable, for logs and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Url { .. } => "feed-url-wrong",
            Self::Client(_) => "feed-client-unusable",
            Self::Transport(_) => "feed-unreachable",
            Self::Refused { .. } => "feed-refused",
            Self::Header { .. } | Self::Body(_) | Self::TooMany { .. } => "feed-answer-unreadable",
            Self::Order { .. } | Self::Withheld { .. } => "feed-order-broken",
            Self::ServerBehind { .. } => "feed-server-behind",
            Self::SnapshotBrokenOff => "feed-snapshot-broken-off",
            Self::OtherList => "feed-other-list",
            Self::Sink(_) => "feed-copy-unusable",
        }
    }
}

impl Client {
    pub(super) fn new(config: &FollowerConfig) -> Result<Self, FollowError> {
        let timeouts = Timeouts {
            connect: config.connect_timeout,
            answer: config.answer_timeout,
            wait: Duration::from_secs(config.wait_seconds.into()),
        };
        Ok(Self {
            follow: route(&config.url, FOLLOW_ROUTE)?,
            acknowledge: route(&config.url, ACKNOWLEDGE_ROUTE)?,
            crls: route(&config.url, CRL_ROUTE)?,
            http: ArcSwap::from_pointee(http_client(config.tls.clone(), timeouts)?),
            timeouts,
        })
    }

    pub(super) fn replace_tls(&self, tls: rustls::ClientConfig) -> Result<(), FollowError> {
        self.http.store(Arc::new(http_client(tls, self.timeouts)?));
        Ok(())
    }

    pub(super) async fn follow(&self, query: &FollowQuery) -> Result<Answer, FollowError> {
        let mut url = self.follow.clone();
        url.set_query(Some(&query.to_query()));
        let request = self.http.load().get(url);
        let response = request.send().await.map_err(FollowError::Transport)?;
        if response.status() != StatusCode::OK {
            return Err(refused(response).await);
        }
        let headers = response.headers();
        let epoch = required(headers, EPOCH_HEADER)?;
        let head = required(headers, HEAD_HEADER)?;
        let snapshot = required(headers, SNAPSHOT_HEADER)?;
        let next_page = optional(headers, PAGE_HEADER)?;
        let entries = entries(response, query.limit).await?;
        Ok(Answer {
            epoch,
            head,
            snapshot,
            next_page,
            entries,
        })
    }

    pub(super) async fn acknowledge(&self, durable: &Acknowledgement) -> Result<(), FollowError> {
        let request = self.http.load().post(self.acknowledge.clone());
        let response = request
            .timeout(self.timeouts.answer)
            .json(durable)
            .send()
            .await
            .map_err(FollowError::Transport)?;
        if response.status().is_success() {
            Ok(())
        } else {
            Err(refused(response).await)
        }
    }
}

impl Client {
    /// The octets of a list, at most `most` of them; each piece is shown as it comes.
    pub(super) async fn crl(
        &self,
        path: &str,
        most: usize,
        mut show: impl FnMut(&[u8]),
    ) -> Result<Vec<u8>, FollowError> {
        let mut url = self.crls.clone();
        url.set_path(&format!("{CRL_ROUTE}/{path}"));
        let request = self.http.load().get(url);
        let mut response = request.send().await.map_err(FollowError::Transport)?;
        if response.status() != StatusCode::OK {
            return Err(refused(response).await);
        }
        let mut octets = Vec::with_capacity(most);
        while let Some(piece) = response.chunk().await.map_err(FollowError::Transport)? {
            if octets.len().saturating_add(piece.len()) > most {
                return Err(FollowError::OtherList);
            }
            show(&piece);
            octets.extend_from_slice(&piece);
        }
        Ok(octets)
    }
}

impl Answer {
    /// Checks the entries that follow `cursor`; gives the cursor after them.
    pub(super) fn reaches(&self, cursor: u64) -> Result<u64, FollowError> {
        let head = self.head;
        if head < cursor {
            return Err(FollowError::ServerBehind { cursor, head });
        }
        let mut after = cursor;
        for entry in &self.entries {
            let seq = entry.seq;
            if seq <= after {
                return Err(FollowError::Order { seq, after });
            }
            after = seq;
        }
        if after == cursor && head > cursor {
            return Err(FollowError::Withheld { cursor, head });
        }
        Ok(after)
    }
}

fn route(base: &str, route: &str) -> Result<Url, FollowError> {
    let url = Url::parse(base).and_then(|base| base.join(route));
    match url {
        Ok(url) if url.scheme() == "https" => Ok(url),
        _ => Err(FollowError::Url {
            url: base.to_owned(),
        }),
    }
}

fn http_client(
    tls: rustls::ClientConfig,
    timeouts: Timeouts,
) -> Result<reqwest::Client, FollowError> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .https_only(true)
        .no_proxy()
        .redirect(Policy::none())
        .connect_timeout(timeouts.connect)
        // Bounds each silence and not the whole: a snapshot may take long as long as it moves.
        .read_timeout(timeouts.wait.saturating_add(timeouts.answer))
        .build()
        .map_err(FollowError::Client)
}

fn required<T: std::str::FromStr>(
    headers: &HeaderMap,
    header: &'static str,
) -> Result<T, FollowError> {
    headers
        .get(header)
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .ok_or(FollowError::Header { header })
}

fn optional(headers: &HeaderMap, header: &'static str) -> Result<Option<String>, FollowError> {
    let Some(value) = headers.get(header) else {
        return Ok(None);
    };
    let key = value.to_str().ok().and_then(|text| page_key(text).ok());
    key.map(Some).ok_or(FollowError::Header { header })
}

async fn entries(mut response: Response, limit: u32) -> Result<Vec<Entry>, FollowError> {
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut decoder = Decoder::default();
    while let Some(piece) = response.chunk().await.map_err(FollowError::Transport)? {
        decoder.push(&piece)?;
        if decoder.len() > most {
            return Err(FollowError::TooMany { limit });
        }
    }
    Ok(decoder.finish()?)
}

async fn refused(mut response: Response) -> FollowError {
    let status = response.status().as_u16();
    let is_json = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("json"));
    let mut body = Vec::new();
    while let Ok(Some(piece)) = response.chunk().await {
        body.extend_from_slice(&piece);
        if body.len() > MAX_PROBLEM_BYTES {
            break;
        }
    }
    let code = if is_json { problem_code(&body) } else { None };
    FollowError::Refused { status, code }
}

fn problem_code(body: &[u8]) -> Option<String> {
    let problem: serde_json::Value = serde_json::from_slice(body).ok()?;
    problem.get("code")?.as_str().map(ToOwned::to_owned)
}
