//! The status feed: follow and acknowledge, for registered followers alone.

use std::sync::Arc;
use std::time::Duration;

use ::feed::Acknowledgement;
use ::feed::server::{FollowAnswer, SnapshotPage};
use ::feed::wire::FollowQuery;
use anyhow::anyhow;
use audit::{AuditEvent, Detail, EventKind};
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use pki::CrlNumber;
use store::{FeedPosition, ShownList, Store, StoreError};
use tokio::time::{Instant, timeout_at};

use super::body::{self, ReadBody};
use super::problem::{NotDone, ProblemResponse};
use super::request::{Authorized, Follower};
use crate::app::App;
use crate::refusal::{Refusal, RefusalKind};

/// How often an answer that waits looks for itself.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How often a follower hears of new certificates at most: under load it hears of many at once.
const TOGETHER: Duration = Duration::from_millis(20);

/// `GET /feed/v1/follow`: the entries after a cursor, or a page of the snapshot.
pub async fn follow(
    State(app): State<Arc<App>>,
    authorized: Authorized<Follower>,
    RawQuery(query): RawQuery,
) -> Result<Response, ProblemResponse> {
    answer(&app, query.as_deref())
        .await
        .map_err(|not_done| authorized.problem(not_done))
}

async fn answer(app: &App, query: Option<&str>) -> Result<Response, NotDone> {
    let query = FollowQuery::parse(query).map_err(|error| {
        NotDone::Refused(
            Refusal::new(RefusalKind::Malformed, error.code()).with_detail(error.to_string()),
        )
    })?;
    let store = &app.authority.store;
    let answer = if query.after == 0 {
        snapshot(store, &query).await?
    } else {
        let FeedPosition { epoch, head } = wait_beyond(app, query.after, query.wait).await?;
        let lines = store.feed_after(query.after, query.limit).await?;
        FollowAnswer {
            epoch,
            head,
            snapshot: None,
            lines,
        }
    };
    let headers = answer.headers();
    let mut response = answer.lines.into_octets().into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse()?);
    }
    Ok(response)
}

async fn snapshot(store: &Store, query: &FollowQuery) -> Result<FollowAnswer, NotDone> {
    let malformed = || {
        NotDone::Refused(Refusal::new(
            RefusalKind::Malformed,
            "query-parameter-out-of-range",
        ))
    };
    let after = query
        .page
        .as_deref()
        .map_or(Ok(0), str::parse)
        .map_err(|_| malformed())?;
    // Read before the entries: what is committed in between comes again, instead of never.
    let FeedPosition { epoch, head } = position(store).await?;
    let page = store.snapshot_page(after, query.limit).await?;
    let next = (!page.complete).then(|| page.next.to_string());
    Ok(FollowAnswer {
        epoch,
        head,
        snapshot: Some(SnapshotPage { next }),
        lines: page.lines,
    })
}

async fn position(store: &Store) -> Result<FeedPosition, NotDone> {
    let position = store.feed_position().await?;
    position.ok_or_else(|| NotDone::Failed(anyhow!("the database is a copy without an epoch")))
}

/// Waits until there is an entry after the cursor, for `wait` seconds at most, or until the daemon
/// stops; gives epoch and head.
async fn wait_beyond(app: &App, after: u64, wait: u32) -> Result<FeedPosition, NotDone> {
    let store = &app.authority.store;
    let asked = Instant::now();
    let until = asked + Duration::from_secs(u64::from(wait));
    let stopping = app.authority.lifecycle.stopping();
    let mut recorded = store.watch_feed();
    let position = loop {
        let position = position(store).await?;
        // A follower that is ahead has the copy of another epoch: it is to hear so at once.
        if position.head != after || Instant::now() >= until || stopping.is_cancelled() {
            break position;
        }
        let look_again = until.min(Instant::now() + LOOK_EVERY);
        tokio::select! {
            () = stopping.cancelled() => {}
            // The end of the time is no fault: the database is asked again either way.
            _ = timeout_at(look_again, recorded.wait_for(|head| head.last > after)) => {}
        }
    };
    if position.head > after {
        // A follower that just had an answer hears of new certificates together, of anything else at once.
        let together = until.min(asked + TOGETHER);
        tokio::select! {
            () = stopping.cancelled() => {}
            _ = timeout_at(together, recorded.wait_for(|head| head.pressing > after)) => {}
        }
    }
    Ok(position)
}

/// `GET /feed/v1/crl/{issuer}/{scope}/{number}`: the DER of a list.
pub async fn crl(
    State(app): State<Arc<App>>,
    authorized: Authorized<Follower>,
    Path((issuer, scope, number)): Path<(String, String, u64)>,
) -> Result<Response, ProblemResponse> {
    let outcome = async {
        let gone = || NotDone::Refused(Refusal::new(RefusalKind::NotFound, "crl-not-found"));
        let issuer = issuer.parse().map_err(|_| gone())?;
        let scope = scope.parse().map_err(|_| gone())?;
        let number = CrlNumber::new(number);
        let octets = app
            .authority
            .store
            .crl_octets(&issuer, scope, number)
            .await?;
        let octets = octets.ok_or_else(gone)?;
        let headers = [
            (header::CONTENT_TYPE, "application/pkix-crl".to_owned()),
            (header::CONTENT_LENGTH, octets.left().to_string()),
        ];
        let parts = stream::try_unfold(octets, async |mut octets| {
            let part = octets.next_part().await?;
            Ok::<_, StoreError>(part.map(|part| (part, octets)))
        });
        Ok((headers, Body::from_stream(parts)).into_response())
    };
    authorized.answer(outcome).await
}

/// `POST /feed/v1/acknowledge`: what the follower has made durable, and which lists it shows.
pub async fn acknowledge(
    State(app): State<Arc<App>>,
    authorized: Authorized<Follower>,
    headers: HeaderMap,
    body: ReadBody,
) -> Result<StatusCode, ProblemResponse> {
    let outcome = async {
        let octets = body::octets(body)?;
        let acknowledgement: Acknowledgement = body::json(&headers, &octets)?;
        record(&app, &authorized, acknowledgement).await
    };
    authorized.answer(outcome).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn record(
    app: &App,
    authorized: &Authorized<Follower>,
    acknowledgement: Acknowledgement,
) -> Result<(), NotDone> {
    let authority = &app.authority;
    let follower = authorized.peer.name.as_str();
    let Acknowledgement {
        epoch,
        sequence,
        crls,
    } = acknowledgement;
    let shown = crls.into_iter().map(|list| {
        let event = AuditEvent::new(
            authority.clock.now(),
            EventKind::CrlPublished,
            authorized.actor(),
        )
        .issuer(&list.issuer)
        .with("scope", Detail::word(list.scope.to_string()))
        .with("number", list.number.get());
        ShownList { list, event }
    });
    let is_awaited = authority.acknowledgements.is_awaited(follower, sequence);
    authority
        .store
        .acknowledge(follower, &epoch, sequence, shown.collect(), is_awaited)
        .await?
        .map_err(|refusal| {
            NotDone::Refused(
                Refusal::new(RefusalKind::Conflict, refusal.code())
                    .with_detail(refusal.to_string()),
            )
        })?;
    authority.acknowledgements.advance(follower, sequence);
    Ok(())
}
