//! The client of the RA and officer API.
//!
//! Requests that change something carry an idempotency key where the API knows one, and are then
//! sent again after a lost connection: the CA answers with what it did the first time.

mod path;
mod retry;

use reqwest::{Method, Url, header};
use serde::{Serialize, de::DeserializeOwned};

pub(crate) use self::path::fill;
use self::retry::{Patience, Received, Sent};
use crate::{client_config::ClientConfig, failure::Failure, output::Output, progress::Progress};

/// A connection to one CA, as one RA, officer or auditor.
#[derive(Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    config: ClientConfig,
    output: Output,
}

/// What the CA said yes to.
#[derive(Debug)]
pub(crate) enum Answer<T> {
    /// It is done.
    Done(T),
    /// 202: it goes on; the body as sent.
    Pending(serde_json::Value),
}

/// One request.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    body: Option<serde_json::Value>,
    idempotency_key: Option<&'a str>,
}

impl<'a> Call<'a> {
    /// Reads.
    pub(crate) fn read(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    /// Changes something: `POST` with a body.
    pub(crate) fn post<B: Serialize>(path: impl Into<String>, body: &B) -> Result<Self, Failure> {
        Self::new(Method::POST, path).with_body(body)
    }

    /// Changes something: `PATCH` with a body.
    pub(crate) fn patch<B: Serialize>(path: impl Into<String>, body: &B) -> Result<Self, Failure> {
        Self::new(Method::PATCH, path).with_body(body)
    }

    /// Takes something away.
    pub(crate) fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// Adds the members of `query` that have a value.
    pub(crate) fn with_query<Q: Serialize>(mut self, query: &Q) -> Result<Self, Failure> {
        let members = serde_json::to_value(query).map_err(unencodable)?;
        for (name, value) in members.as_object().into_iter().flatten() {
            let value = match value.as_str() {
                Some(text) => text.to_owned(),
                None if value.is_null() => continue,
                None => value.to_string(),
            };
            self.query.push((name.clone(), value));
        }
        Ok(self)
    }

    /// Makes it safe to send again.
    pub(crate) fn with_idempotency_key(mut self, key: &'a str) -> Self {
        self.idempotency_key = Some(key);
        self
    }

    fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            query: Vec::new(),
            body: None,
            idempotency_key: None,
        }
    }

    fn with_body<B: Serialize>(mut self, body: &B) -> Result<Self, Failure> {
        self.body = Some(serde_json::to_value(body).map_err(unencodable)?);
        Ok(self)
    }

    /// Whether a second copy of the request does no harm.
    fn may_be_sent_again(&self) -> bool {
        self.method == Method::GET || self.idempotency_key.is_some()
    }
}

impl Client {
    /// Reads certificate and key; connects only with the first request.
    pub(crate) fn open(config: ClientConfig, output: Output) -> Result<Self, Failure> {
        let tls = service::tls::client_config(&config.tls).map_err(|error| {
            Failure::config("the TLS files cannot be used")
                .because(&error)
                .remedy("tls.certificate, tls.key and tls.ca are PEM files; the key has mode 0600")
        })?;
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .https_only(true)
            // The CA is where the configuration says, and nowhere else.
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(config.connect_timeout)
            .timeout(config.request_timeout)
            .user_agent(concat!("chancery/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| {
                Failure::internal("the HTTPS client cannot be built").because(&error)
            })?;
        Ok(Self {
            http,
            config,
            output,
        })
    }

    /// Sends a request whose answer is there at once.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<T, Failure> {
        match self.send(&call).await? {
            Answer::Done(body) => Ok(body),
            Answer::Pending(body) => Err(pending(&body)),
        }
    }

    /// Sends a request until it is done; a 202 is asked again with the same idempotency key.
    pub(crate) async fn ask_until_done<T: DeserializeOwned>(
        &self,
        call: Call<'_>,
        what: &str,
    ) -> Result<T, Failure> {
        let progress = self.output.progress(what);
        let mut patience = Patience::new(self.config.wait);
        loop {
            let waiting = match self.send_with(&call, &mut patience, &progress).await? {
                Answer::Done(body) => return Ok(body),
                Answer::Pending(body) => body,
            };
            if !call.may_be_sent_again() || !patience.pause().await {
                return Err(pending(&waiting));
            }
            progress.say(&format!("{what}: {}", reason(&waiting)));
        }
    }

    /// Sends a request; a 202 is an answer.
    pub(crate) async fn send<T: DeserializeOwned>(
        &self,
        call: &Call<'_>,
    ) -> Result<Answer<T>, Failure> {
        let progress = self.output.progress("asking the CA");
        self.send_with(call, &mut Patience::new(self.config.wait), &progress)
            .await
    }

    /// Tries again after what passes: a lost connection, 429 and 503.
    async fn send_with<T: DeserializeOwned>(
        &self,
        call: &Call<'_>,
        patience: &mut Patience,
        progress: &Progress,
    ) -> Result<Answer<T>, Failure> {
        loop {
            let sent = self.send_once(call).await?;
            let failure = match sent {
                Sent::Answered(received) => return received.answer(),
                // Nothing has reached the CA: any request may be sent again.
                Sent::NotConnected(failure) => failure,
                Sent::Busy(failure) | Sent::Lost(failure) if call.may_be_sent_again() => failure,
                Sent::Refused(failure) | Sent::Busy(failure) => return Err(failure),
                Sent::Lost(failure) => {
                    return Err(
                        failure.remedy("the CA may have done it or not: look before you ask again")
                    );
                }
            };
            progress.say("the CA cannot be reached, trying again");
            if !patience.pause().await {
                return Err(failure);
            }
        }
    }

    async fn send_once(&self, call: &Call<'_>) -> Result<Sent, Failure> {
        let url = self.url(call)?;
        let mut request = self
            .http
            .request(call.method.clone(), url.clone())
            .header(header::ACCEPT, "application/json, application/problem+json");
        if let Some(key) = call.idempotency_key {
            request = request.header(api::routes::IDEMPOTENCY_KEY, key);
        }
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        let received = match request.send().await {
            Ok(response) => Received::read(response).await,
            Err(error) => Err(error),
        };
        Ok(match received {
            Ok(received) if received.is_busy() => Sent::Busy(received.refusal()),
            Ok(received) => Sent::Answered(received),
            Err(error) => Sent::failed(&url, &error),
        })
    }

    fn url(&self, call: &Call<'_>) -> Result<Url, Failure> {
        let mut url = self.config.url.join(&call.path).map_err(|error| {
            Failure::internal("the CA's URL cannot be formed")
                .at(&call.path)
                .because(&error)
        })?;
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        Ok(url)
    }

    /// Where the client reports progress.
    pub(crate) const fn output(&self) -> Output {
        self.output
    }

    /// Waits until `check` finds its answer, asking `path` again and again.
    pub(crate) async fn poll<T, F>(&self, path: &str, what: &str, check: F) -> Result<T, Failure>
    where
        T: DeserializeOwned,
        F: Fn(&T) -> Result<bool, Failure>,
    {
        let progress = self.output.progress(what);
        let mut patience = Patience::new(self.config.wait);
        loop {
            let call = Call::read(path);
            if let Answer::Done(body) = self.send_with(&call, &mut patience, &progress).await?
                && check(&body)?
            {
                return Ok(body);
            }
            if !patience.pause().await {
                return Err(pending(&serde_json::json!({ "poll": path })));
            }
        }
    }
}

fn pending(body: &serde_json::Value) -> Failure {
    let member = |name: &str| body.get(name).and_then(serde_json::Value::as_str);
    let failure = Failure::pending("the CA has accepted the request and is not finished")
        .faults(member("reason").map(str::to_owned))
        .remedy(
            "ask again later with `chancery ra status`, or run the same command again with \
                 the same --idempotency-key",
        );
    match (member("request_id"), member("poll")) {
        (Some(request_id), _) => failure.at(format!("request {request_id}")),
        (None, Some(poll)) => failure.at(poll),
        (None, None) => failure,
    }
}

fn reason(body: &serde_json::Value) -> &str {
    body.get("reason")
        .and_then(serde_json::Value::as_str)
        .unwrap_or("not finished")
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "used as a function in map_err"
)]
fn unencodable(error: serde_json::Error) -> Failure {
    Failure::internal("the request has no JSON").because(&error)
}
