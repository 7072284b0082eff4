//! Acceptance by delivery: a certificate is accepted when its answer has left for the RA.
//!
//! Recorded in batches after the fact. If the daemon dies first, the next GET or retry of the RA
//! makes it good.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use api::AcceptanceBasis;
use audit::{Actor, AuditEvent, EventKind};
use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use pki::SerialNumber;
use store::Acceptance;
use tokio::sync::mpsc;

use crate::authority::Authority;

/// Deliveries that wait to be recorded. More are recorded by the RA's next GET.
const QUEUE: usize = 4096;

/// Most deliveries in one record.
const BATCH: usize = 256;

/// Where bodies report that they have left.
#[derive(Clone, Debug)]
pub struct Deliveries {
    left: mpsc::Sender<SerialNumber>,
}

/// What has left and is to be recorded.
#[derive(Debug)]
pub struct Delivered {
    left: mpsc::Receiver<SerialNumber>,
}

impl Deliveries {
    /// Both ends.
    pub fn new() -> (Self, Delivered) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        (Self { left: sender }, Delivered { left: receiver })
    }

    /// A body that reports when its last octet was taken by the connection.
    pub fn watch(&self, body: Body, serial: SerialNumber) -> Body {
        Body::new(Watched {
            body,
            report: Some((self.left.clone(), serial)),
        })
    }
}

impl Delivered {
    /// Records deliveries until every sender is gone or the daemon breaks off.
    pub async fn record(mut self, authority: Arc<Authority>) {
        let stopping = authority.lifecycle.stopping();
        let mut serials = Vec::new();
        loop {
            tokio::select! {
                biased;
                count = self.left.recv_many(&mut serials, BATCH) => {
                    if count == 0 { return }
                }
                () = stopping.cancelled(), if self.left.is_empty() => return,
            }
            record(&authority, std::mem::take(&mut serials)).await;
        }
    }
}

async fn record(authority: &Authority, serials: Vec<SerialNumber>) {
    let at = authority.clock.now();
    let event = AuditEvent::new(at, EventKind::Accepted, Actor::Daemon)
        .with("basis", "delivery")
        .with(
            "certificates",
            u64::try_from(serials.len()).unwrap_or(u64::MAX),
        );
    let acceptances = serials
        .into_iter()
        .map(|serial| Acceptance {
            serial,
            at,
            basis: AcceptanceBasis::Delivery,
        })
        .collect();
    if let Err(error) = authority.store.record_acceptances(acceptances, event).await {
        tracing::error!(error = %error, "cannot record deliveries; the next GET makes them good");
    }
}

struct Watched {
    body: Body,
    report: Option<(mpsc::Sender<SerialNumber>, SerialNumber)>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.body).poll_frame(context);
        let last = match &polled {
            Poll::Ready(None) => true,
            Poll::Ready(Some(Ok(_))) => this.body.is_end_stream(),
            Poll::Ready(Some(Err(_))) | Poll::Pending => false,
        };
        if last && let Some((left, serial)) = this.report.take() {
            // A full queue loses nothing: the RA's next GET reports again.
            let _queued = left.try_send(serial).is_ok();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
