//! What became of a request, and how long to go on trying.

use std::time::Duration;

use api::Problem;
use reqwest::{Response, StatusCode, Url};
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep};

use super::Answer;
use crate::failure::Failure;

/// What became of one try.
#[derive(Debug)]
pub(crate) enum Sent {
    /// The CA answered.
    Answered(Received),
    /// The CA asks to come back later.
    Busy(Failure),
    /// The connection could not be made: the CA has not seen the request.
    NotConnected(Failure),
    /// TLS said no: another try changes nothing.
    Refused(Failure),
    /// The connection was lost on the way: the CA may have seen the request.
    Lost(Failure),
}

impl Sent {
    pub(crate) fn failed(url: &Url, error: &reqwest::Error) -> Self {
        let failure = Failure::unreachable("the CA cannot be reached")
            .at(format!("{}://{}", url.scheme(), url.authority()))
            .because(error);
        if is_alert(error) {
            return Self::Refused(failure.rule("TLS 1.3 with client certificates").remedy(
                "see that the certificate in the configuration is the one that an officer \
                 registered, and that `tls.ca` is the CA of the server's certificate",
            ));
        }
        if error.is_connect() {
            return Self::NotConnected(failure);
        }
        Self::Lost(failure)
    }
}

/// Whether TLS itself said no, which another try does not change.
fn is_alert(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let inner = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        if error.is::<rustls::Error>()
            || inner.is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>)
        {
            return true;
        }
        cause = error.source();
    }
    false
}

/// An answer with its whole body.
#[derive(Debug)]
pub(crate) struct Received {
    status: StatusCode,
    url: Url,
    body: Vec<u8>,
}

impl Received {
    /// Reads the body to its end.
    pub(crate) async fn read(response: Response) -> Result<Self, reqwest::Error> {
        let (status, url) = (response.status(), response.url().clone());
        let body = response.bytes().await?.to_vec();
        Ok(Self { status, url, body })
    }

    /// Whether the CA asks to come back later.
    pub(crate) fn is_busy(&self) -> bool {
        [
            StatusCode::TOO_MANY_REQUESTS,
            StatusCode::SERVICE_UNAVAILABLE,
        ]
        .contains(&self.status)
    }

    /// The body of a 2xx, the problem of anything else.
    pub(crate) fn answer<T: DeserializeOwned>(&self) -> Result<Answer<T>, Failure> {
        if !self.status.is_success() {
            return Err(self.refusal());
        }
        // 204 has no body; `null` reads as `()`.
        let body = if self.body.is_empty() {
            b"null"
        } else {
            self.body.as_slice()
        };
        let answer = if self.status == StatusCode::ACCEPTED {
            serde_json::from_slice(body).map(Answer::Pending)
        } else {
            serde_json::from_slice(body).map(Answer::Done)
        };
        answer.map_err(|error| {
            Failure::internal("the CA's answer cannot be understood")
                .at(self.url.as_str())
                .because(&error)
                .remedy("see that `chancery` and `ca-daemon` are of the same version")
        })
    }

    /// Why the CA refused.
    pub(crate) fn refusal(&self) -> Failure {
        if let Ok(problem) = serde_json::from_slice::<Problem>(&self.body) {
            return Failure::problem(problem);
        }
        let status = self.status;
        Failure::internal(format!(
            "the CA answered {status} without a problem document"
        ))
        .at(self.url.as_str())
        .remedy("see that `url` in the configuration is that of ca-daemon's API")
    }
}

/// How long to go on, with growing pauses.
#[derive(Debug)]
pub(crate) struct Patience {
    until: Instant,
    pause: Duration,
}

impl Patience {
    pub(crate) fn new(wait: Duration) -> Self {
        Self {
            until: Instant::now() + wait,
            pause: FIRST_PAUSE,
        }
    }

    /// Waits a while; false when there is no time left for another try.
    pub(crate) async fn pause(&mut self) -> bool {
        if Instant::now() + self.pause > self.until {
            return false;
        }
        sleep(self.pause).await;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        true
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
