//! OCSP: asks about each sample over POST and GET, and judges what comes.

use ocsp::{
    Answer, Asked, CertIdHash, CertStatus, MAX_RESPONSE_BYTES, Query, ResponseFault, StatedStatus,
};
use pki::{
    RevocationReason, SerialNumber,
    time::{SignedDuration, Timestamp},
};
use rand::Rng as _;
use store::{StoreError, copy::StatusCopy};

use super::{
    Look,
    check::{caching, media_type},
    finding::Visited,
    http::{Ask, HttpClient},
    sample::{Expected, Sample},
};

/// Asks about every sample, in both forms: POST with a nonce and SHA-256, which no cache answers,
/// and GET with SHA-1 and without, as most clients ask.
pub(super) async fn probe(
    client: &mut HttpClient,
    copy: &StatusCopy,
    samples: &[Sample],
    look: &mut Look<'_>,
) -> Result<(), StoreError> {
    let Some(url) = look.subject.ocsp() else {
        return Ok(());
    };
    for form in [Form::Post, Form::Get] {
        let before = look.findings.len();
        let mut slowest = None;
        let mut next_update: Option<Timestamp> = None;
        for sample in samples {
            let Some(heard) = ask(client, form, url, sample.serial, look).await else {
                // One dead port is not worth a timeout for each sample.
                break;
            };
            slowest = slowest.max(Some(heard.took));
            let Some((answer, stated)) = heard.answer else {
                continue;
            };
            next_update = Some(
                next_update.map_or(stated.next_update, |before| before.min(stated.next_update)),
            );
            let now_expected = expected_now(copy, sample, look).await?;
            judge(form, url, sample, now_expected, (&answer, &stated), look);
        }
        if let Some(slowest) = slowest {
            let visited = Visited {
                url,
                method: form.method(),
                at: look.now,
                seconds: slowest.as_secs_f64(),
                next_update,
            };
            look.findings.visited(&visited, before);
        }
    }
    Ok(())
}

/// How a request travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Get,
    Post,
}

impl Form {
    fn method(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// What came over HTTP, and what is left of it after all checks.
struct Heard {
    took: std::time::Duration,
    answer: Option<(Answer, StatedStatus)>,
}

async fn ask(
    client: &mut HttpClient,
    form: Form,
    url: &str,
    serial: SerialNumber,
    look: &mut Look<'_>,
) -> Option<Heard> {
    let query = query(form, serial, look)?;
    let with_path = format!("{}/{}", url.trim_end_matches('/'), query.get_path());
    let ask = Ask {
        url: match form {
            Form::Get => &with_path,
            Form::Post => url,
        },
        post: (form == Form::Post).then_some((query.der(), "application/ocsp-request")),
        max_bytes: MAX_RESPONSE_BYTES,
    };
    let reply = match client.ask(&ask).await {
        Ok(reply) => reply,
        Err(fault) => {
            let detail = format!("{}: {fault}", form.method());
            look.findings.add(fault.code(), url, detail);
            return None;
        }
    };
    media_type::check(
        &reply.headers,
        "application/ocsp-response",
        url,
        &mut look.findings,
    );
    let asked = Asked {
        query: &query,
        issuer: &look.subject.certificate,
        now: look.now,
        tolerance: CLOCK_TOLERANCE,
    };
    let answer = Answer::verify(&reply.body, &asked);
    let answer = answer
        .map_err(|fault: ResponseFault| {
            let detail = format!("{} about {serial}: {fault}", form.method());
            look.findings.add(fault.code(), url, detail);
        })
        .ok()
        .and_then(|answer| Some((answer.statuses.first().copied()?, answer)));
    let answer = answer.map(|(stated, answer)| {
        caching::check(
            &reply.headers,
            stated.next_update,
            look.now,
            url,
            &mut look.findings,
        );
        (answer, stated)
    });
    Some(Heard {
        took: reply.took,
        answer,
    })
}

/// `None` never happens: one serial number and a good nonce can be asked about.
fn query(form: Form, serial: SerialNumber, look: &Look<'_>) -> Option<Query> {
    let issuer = &look.subject.certificate;
    match form {
        Form::Get => Query::new(issuer, &[serial], CertIdHash::Sha1, None),
        Form::Post => {
            let mut nonce = [0; 32];
            rand::rng().fill_bytes(&mut nonce);
            Query::new(issuer, &[serial], CertIdHash::Sha256, Some(&nonce))
        }
    }
    .ok()
}

/// What the copy says by now; `None` if the certificate changed while it was asked about.
async fn expected_now(
    copy: &StatusCopy,
    sample: &Sample,
    look: &Look<'_>,
) -> Result<Option<Expected>, StoreError> {
    let status = copy.status(&look.subject.issuer, sample.serial).await?;
    Ok(match (status, sample.sequence) {
        (None, _) => Some(sample.expected),
        (Some(status), Some(sequence)) if status.sequence == sequence => Some(sample.expected),
        (Some(_), _) => None,
    })
}

/// Finds an answer that contradicts the feed, unless the change is so new that it may still be on
/// its way, or a cache may rightly keep the answer before it.
fn judge(
    form: Form,
    url: &str,
    sample: &Sample,
    expected: Option<Expected>,
    (answer, stated): (&Answer, &StatedStatus),
    look: &mut Look<'_>,
) {
    let Some(expected) = expected else { return };
    if agrees(stated, expected) {
        return;
    }
    if may_be_under_way(form, sample, (answer, stated), look) {
        return;
    }
    let (method, serial) = (form.method(), sample.serial);
    let detail = format!(
        "{method}: {serial} is {}, but {} for {}",
        expected.as_str(),
        said(stated.status),
        stated.this_update
    );
    look.findings.add("ocsp-disagrees", url, detail);
}

fn may_be_under_way(
    form: Form,
    sample: &Sample,
    (answer, stated): (&Answer, &StatedStatus),
    look: &Look<'_>,
) -> bool {
    let kept = match (form, &look.subject.terms) {
        (Form::Get, Some(terms)) => i64::try_from(terms.ocsp_max_age).unwrap_or(i64::MAX),
        _ => 0,
    };
    let patience = look
        .tolerance
        .saturating_add(SignedDuration::from_secs(kept));
    let is_new = |at: Timestamp| at.checked_add(patience).is_ok_and(|due| due > look.now);
    // When a hold was released the feed does not say: the age of a kept answer must do.
    let released = form == Form::Get
        && sample.expected == Expected::Good
        && matches!(stated.status, CertStatus::Revoked { reason, .. } if is_hold(reason));
    sample.since.is_some_and(is_new) || (released && is_new(answer.produced_at))
}

fn agrees(stated: &StatedStatus, expected: Expected) -> bool {
    match (expected, stated.status) {
        (Expected::Good, CertStatus::Good)
        | (Expected::NeverIssued, CertStatus::Unknown | CertStatus::NeverIssued) => true,
        (Expected::OnHold, CertStatus::Revoked { reason, .. }) => is_hold(reason),
        (Expected::Revoked, CertStatus::Revoked { reason, .. }) => !is_hold(reason),
        _ => false,
    }
}

fn is_hold(reason: Option<RevocationReason>) -> bool {
    reason == Some(RevocationReason::CertificateHold)
}

fn said(status: CertStatus) -> &'static str {
    match status {
        CertStatus::Good => "good",
        CertStatus::Unknown => "unknown",
        CertStatus::NeverIssued => "never issued",
        CertStatus::Revoked { reason, .. } if is_hold(reason) => "on hold",
        CertStatus::Revoked { .. } => "revoked",
    }
}

/// How far the responder's clock may run ahead of this one.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(1);
