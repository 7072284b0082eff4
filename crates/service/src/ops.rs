//! The operators' listener: `/metrics`, `/healthz`, `/readyz`.
//!
//! Plain HTTP and without authentication, so it belongs on a loopback or management address.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::future::ready;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;

use crate::http::{HttpLimits, serve_plain};
use crate::{Health, Lifecycle};

/// Upper bounds of the buckets of every histogram whose name ends in `_seconds`.
const SECONDS: &[f64] = &[
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];
const PROMETHEUS_TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
const UPKEEP: Duration = Duration::from_secs(5);

/// The process's metrics, as Prometheus reads them; clones share them.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
}

/// Why metrics could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// The buckets are wrong.
    #[error("histograms cannot be set up")]
    Buckets(#[source] metrics_exporter_prometheus::BuildError),
    /// Called a second time.
    #[error("metrics are set up already")]
    Twice,
}

/// Collects what the `metrics` macros record from now on; call once, early.
///
/// # Errors
/// [`MetricsError`].
pub fn install_metrics() -> Result<Metrics, MetricsError> {
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(
            metrics_exporter_prometheus::Matcher::Suffix("_seconds".to_owned()),
            SECONDS,
        )
        .map_err(MetricsError::Buckets)?
        .build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|_| MetricsError::Twice)?;
    Ok(Metrics { handle })
}

/// Serves the operators' listener until the daemon has ended.
pub fn serve(listener: TcpListener, metrics: Metrics, health: Health, lifecycle: &Lifecycle) {
    let upkeep = metrics.clone();
    let ended = lifecycle.stopping();
    lifecycle.background("metrics upkeep", async move {
        tokio::select! {
            () = ended.cancelled() => {}
            () = keep_up(&upkeep) => {}
        }
    });
    let service = tower::service_fn(move |request| {
        ready(Ok::<_, Infallible>(answer(&request, &metrics, &health)))
    });
    let daemon = lifecycle.clone();
    lifecycle.spawn("operators' listener", async move {
        serve_plain(listener, service, HttpLimits::default(), &daemon).await
    });
}

async fn keep_up(metrics: &Metrics) {
    loop {
        tokio::time::sleep(UPKEEP).await;
        metrics.handle.run_upkeep();
    }
}

fn answer(
    request: &Request<Incoming>,
    metrics: &Metrics,
    health: &Health,
) -> Response<Full<Bytes>> {
    let (status, text) = if matches!(*request.method(), Method::GET | Method::HEAD) {
        match request.uri().path() {
            "/metrics" => (StatusCode::OK, metrics.handle.render()),
            "/healthz" => (StatusCode::OK, "alive\n".to_owned()),
            "/readyz" => readiness(health),
            _ => (StatusCode::NOT_FOUND, "not found\n".to_owned()),
        }
    } else {
        (StatusCode::METHOD_NOT_ALLOWED, "GET only\n".to_owned())
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROMETHEUS_TEXT));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn readiness(health: &Health) -> (StatusCode, String) {
    let faults = health.faults();
    if faults.is_empty() {
        return (StatusCode::OK, "ready\n".to_owned());
    }
    let mut text = "not ready\n".to_owned();
    for fault in faults {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{fault}");
    }
    (StatusCode::SERVICE_UNAVAILABLE, text)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::*;
    use crate::http::bind;
    use crate::lifecycle::LifecycleLimits;

    async fn ask(address: std::net::SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("{request} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn tells_metrics_life_and_readiness() {
        let metrics = install_metrics().unwrap();
        assert!(matches!(install_metrics(), Err(MetricsError::Twice)));
        let health = Health::new();
        let token = health.condition("token");
        let lifecycle = Lifecycle::new(LifecycleLimits::default());
        let listener = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let address = listener.local_addr().unwrap();
        serve(listener, metrics, health, &lifecycle);

        metrics::counter!("certificates_issued_total").increment(3);
        metrics::histogram!("sign_duration_seconds").record(0.003);
        let shown = ask(address, "GET /metrics").await;
        assert!(shown.contains("certificates_issued_total 3"), "{shown}");
        assert!(
            shown.contains("sign_duration_seconds_bucket{le=\"0.005\"} 1"),
            "{shown}"
        );
        assert!(
            ask(address, "GET /healthz")
                .await
                .starts_with("HTTP/1.1 200")
        );
        let waiting = ask(address, "GET /readyz").await;
        assert!(waiting.starts_with("HTTP/1.1 503"), "{waiting}");
        assert!(
            waiting.ends_with("not ready\ntoken: starting\n"),
            "{waiting}"
        );
        token.set_ready();
        assert!(
            ask(address, "GET /readyz")
                .await
                .starts_with("HTTP/1.1 200")
        );
        assert!(
            ask(address, "GET /secrets")
                .await
                .starts_with("HTTP/1.1 404")
        );
        assert!(
            ask(address, "POST /metrics")
                .await
                .starts_with("HTTP/1.1 405")
        );
        lifecycle.stop();
        lifecycle.run().await.unwrap();
    }
}
