//! A client of the API: a plain HTTP client with a client certificate.

use std::path::Path;
use std::sync::{LazyLock, Once};
use std::time::Duration;

use reqwest::{Certificate, Identity, Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::runtime::Runtime;

/// Speaks to one base URL, as one peer or as nobody.
#[derive(Debug, Clone)]
pub struct Client {
    base: String,
    http: reqwest::Client,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Client {
    /// A client that shows a certificate and trusts one CA.
    pub fn new(base: &str, certificate: &Path, key: &Path, ca: &Path) -> Self {
        let mut identity = std::fs::read(certificate).expect("the client certificate");
        identity.extend(std::fs::read(key).expect("the client key"));
        let identity = Identity::from_pem(&identity).expect("certificate and key");
        Self::build(base, ca, |builder| builder.identity(identity))
    }

    /// A client that shows no certificate.
    pub fn anonymous(base: &str, ca: &Path) -> Self {
        Self::build(base, ca, |builder| builder)
    }

    fn build(
        base: &str,
        ca: &Path,
        with: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> Self {
        install_provider();
        let ca = std::fs::read(ca).expect("the CA's certificate");
        let builder = reqwest::Client::builder()
            .tls_certs_only([Certificate::from_pem(&ca).expect("the CA's certificate")])
            .no_proxy()
            .timeout(Duration::from_secs(30));
        Self {
            base: base.to_owned(),
            http: with(builder).build().expect("an HTTP client"),
        }
    }

    /// `GET`.
    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Vec::new())
    }

    /// `DELETE`.
    #[track_caller]
    pub fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[], Vec::new())
    }

    /// `POST` of JSON.
    #[track_caller]
    pub fn post(&self, path: &str, body: &impl Serialize) -> Answer {
        let body = serde_json::to_vec(body).expect("JSON");
        self.send(Method::POST, path, &[JSON], body)
    }

    /// `PATCH` with JSON.
    #[track_caller]
    pub fn patch(&self, path: &str, body: &impl Serialize) -> Answer {
        let body = serde_json::to_vec(body).expect("JSON");
        self.send(Method::PATCH, path, &[JSON], body)
    }

    /// `POST` of JSON with an idempotency key.
    #[track_caller]
    pub fn submit(&self, path: &str, key: &str, body: &impl Serialize) -> Answer {
        let body = serde_json::to_vec(body).expect("JSON");
        let headers = [JSON, (api::routes::IDEMPOTENCY_KEY, key)];
        self.send(Method::POST, path, &headers, body)
    }

    /// Any request; panics when there is no answer.
    #[track_caller]
    pub fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        self.try_send(method, path, headers, body)
            .unwrap_or_else(|error| panic!("no answer from {path}: {error:?}"))
    }

    /// Any request.
    ///
    /// # Errors
    /// There was no answer: no connection, a TLS alert, a time-out.
    pub fn try_send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Answer, reqwest::Error> {
        let url = format!("{}{path}", self.base);
        let mut request = self.http.request(method, url).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        RUNTIME.block_on(async {
            let response = request.send().await?;
            Ok(Answer {
                status: response.status().as_u16(),
                headers: response
                    .headers()
                    .iter()
                    .map(|(name, value)| {
                        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                        (name.as_str().to_owned(), value)
                    })
                    .collect(),
                body: response.bytes().await?.to_vec(),
            })
        })
    }

    /// The base URL.
    pub fn base(&self) -> &str {
        &self.base
    }
}

impl Answer {
    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        self.read()
    }

    /// The body as a type of the API.
    #[track_caller]
    pub fn read<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("not the JSON expected ({error}): {}", self.text()))
    }

    /// The same, if the status is this one; panics with the body if not.
    #[expect(
        clippy::return_self_not_must_use,
        reason = "the check may be all that is wanted"
    )]
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// The code of a problem; empty if this is none.
    pub fn code(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        body["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The codes of a problem's violations, or its own if it lists none.
    pub fn codes(&self) -> Vec<String> {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let violations = body["violations"].as_array().cloned().unwrap_or_default();
        if violations.is_empty() {
            return vec![self.code()];
        }
        let codes = violations.iter().filter_map(|v| v["code"].as_str());
        codes.map(str::to_owned).collect()
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find_map(|(n, value)| (n == name).then_some(value.as_str()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        StatusCode::from_u16(self.status).is_ok_and(|status| status.is_success())
    }
}

fn install_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        provider.install_default().ok();
    });
}

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime")
});
const JSON: (&str, &str) = ("content-type", "application/json");
