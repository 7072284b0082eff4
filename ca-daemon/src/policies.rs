//! Policies in force: put in force with their published CPS in one transaction.

use std::sync::Arc;

use anyhow::{Context, anyhow};
use api::ActivePolicyBody;
use audit::{Actor, AuditEvent, Detail, EventKind};
use feed::Terms;
use jiff::{SignedDuration, Timestamp};
use pki::IssuerName;
use policy::{IssuerKind, Policy};
use store::{DocumentRecord, PolicyRecord};

use crate::authority::{Authority, Ca};
use crate::http::problem::NotDone;
use crate::refusal::{Refusal, RefusalKind};

/// Reads the policy file of a CA again and puts it in force; nothing changes if it has a fault.
///
/// # Errors
/// `policy-faulty` with every fault, or what would make a running daemon contradict itself.
pub async fn reload(
    authority: &Authority,
    ca: &Arc<Ca>,
    actor: Actor,
) -> Result<ActivePolicyBody, NotDone> {
    let denied = |code: &'static str, detail: String| {
        NotDone::Refused(Refusal::new(RefusalKind::Denied, code).with_detail(detail))
    };
    let _turn = authority.policies_turn.lock().await;
    // Another daemon may have put policies in force since: this one must not contradict them.
    take_up_all(authority).await?;
    let text = tokio::fs::read_to_string(&ca.policy_path).await?;
    let policy =
        Policy::parse(&text).map_err(|faults| denied("policy-faulty", faults.to_string()))?;
    check_fits(ca, &policy).map_err(|(code, detail)| denied(code, detail))?;
    for profile in policy.profiles() {
        let other = authority.ca_for_profile(profile.name());
        let other = other.filter(|other| !other.is_retired() && !ca.is_retired());
        if other.is_some_and(|other| other.name() != ca.name()) {
            let detail = format!("profile {:?} is another CA's", profile.name());
            return Err(denied("profile-taken", detail));
        }
    }
    let now = authority.clock.now();
    let (record, documents) = records(ca.name(), &policy, now);
    let event = activated(ca.name(), &policy, actor, now);
    let version = record.version.clone();
    authority
        .store
        .activate_policy(record, documents, terms(&policy), event)
        .await?
        .map_err(|refusal| {
            NotDone::Failed(anyhow::anyhow!(
                "policy of {} not recorded: {refusal}",
                ca.name()
            ))
        })?;
    let policy_sha256 = hex::encode(policy.digest());
    ca.policy.store(Arc::new(policy));
    tracing::info!(issuer = %ca.name(), version, policy_sha256, "policy in force");
    Ok(ActivePolicyBody {
        issuer: ca.name().clone(),
        version,
        policy_sha256,
        activated_at: now,
    })
}

/// What a policy promises relying parties, for the daemons that keep the promise.
pub fn terms(policy: &Policy) -> Terms {
    let seconds = |duration: SignedDuration| u64::try_from(duration.as_secs()).unwrap_or(0);
    let ocsp = policy.ocsp();
    Terms {
        repository: policy.urls().repository().to_owned(),
        ocsp: policy.ocsp_url(),
        ocsp_validity: seconds(ocsp.validity),
        ocsp_max_age: seconds(ocsp.max_age),
        ocsp_max_staleness: seconds(ocsp.max_staleness),
        archive_cutoff: seconds(ocsp.archive_cutoff),
        shards: policy.crl().shards,
        delta: policy.crl().delta.is_some(),
        issuing: true,
    }
}

/// Retires a CA: it issues no more certificates to RAs. What it signed is still answered for.
///
/// # Errors
/// `issuer-needed` for the management CA, without which no peer could be certified any more; the
/// database failed.
pub async fn retire(authority: &Authority, ca: &Ca, event: AuditEvent) -> Result<(), NotDone> {
    if *ca.name() == authority.management {
        return Err(NotDone::Refused(
            Refusal::new(RefusalKind::Denied, "issuer-needed")
                .with_detail("the management CA certifies the peers of this one"),
        ));
    }
    let _turn = authority.policies_turn.lock().await;
    let terms = Terms {
        issuing: false,
        ..terms(&ca.policy.load())
    };
    let retired = authority
        .store
        .retire_issuer(ca.name(), terms, event)
        .await?;
    retired.map_err(|refusal| anyhow!("{}: {refusal}", ca.name()))?;
    ca.take_up_retirement(true);
    Ok(())
}

/// What a policy must not change of a running CA.
fn check_fits(ca: &Ca, policy: &Policy) -> Result<(), (&'static str, String)> {
    if policy.issuer_kind() != ca.policy.load().issuer_kind() {
        let detail = "kind: a running CA does not change it".to_owned();
        return Err(("policy-other-kind", detail));
    }
    let algorithm = ca.issuer.algorithm();
    if !policy.signature_algorithms().contains(&algorithm) {
        let detail = format!("the CA signs with {algorithm}, which it must allow");
        return Err(("policy-algorithm", detail));
    }
    Ok(())
}

/// Takes up what is in force by the records: the policy of each CA, and which keys are halted. The
/// text that the records hold counts, and not the file, which may be another on each machine.
///
/// # Errors
/// The database failed, or a policy is in force that this program cannot use. The CA then issues
/// nothing here: what the old policy decides is refused where it would be recorded.
pub async fn take_up(authority: &Authority) -> anyhow::Result<()> {
    let _turn = authority.policies_turn.lock().await;
    take_up_all(authority).await
}

async fn take_up_all(authority: &Authority) -> anyhow::Result<()> {
    for standing in authority.store.standings().await? {
        let Some(ca) = authority.ca(&standing.issuer) else {
            continue;
        };
        ca.take_up_halt(standing.halted);
        ca.take_up_retirement(standing.retired);
        if standing
            .policy_digest
            .is_some_and(|digest| digest != ca.policy.load().digest())
        {
            take_up_policy(authority, ca)
                .await
                .with_context(|| format!("the policy in force of {}", ca.name()))?;
        }
    }
    Ok(())
}

async fn take_up_policy(authority: &Authority, ca: &Ca) -> anyhow::Result<()> {
    let Some(record) = authority.store.policy_of(ca.name()).await? else {
        return Ok(());
    };
    let policy = Policy::parse(&record.text)?;
    check_fits(ca, &policy).map_err(|(code, detail)| anyhow!("{code}: {detail}"))?;
    ca.policy.store(Arc::new(policy));
    tracing::info!(issuer = %ca.name(), version = record.version, "policy in force taken up");
    Ok(())
}

/// The policy and its published texts as they are recorded. The management CA publishes none.
pub fn records(
    issuer: &IssuerName,
    policy: &Policy,
    now: Timestamp,
) -> (PolicyRecord, Vec<DocumentRecord>) {
    let record = PolicyRecord {
        issuer: issuer.clone(),
        digest: policy.digest(),
        version: policy.version().to_owned(),
        text: policy.to_source().to_owned(),
        activated_at: now,
    };
    let document = |extension: &str, media_type: &str, body: String| DocumentRecord {
        name: format!("cps/{issuer}.{extension}"),
        media_type: media_type.to_owned(),
        body: body.into_bytes(),
    };
    let documents = match policy.issuer_kind() {
        IssuerKind::Management => Vec::new(),
        IssuerKind::Issuing => vec![
            document(
                "html",
                "text/html; charset=utf-8",
                policy.render_html(issuer),
            ),
            document(
                "md",
                "text/markdown; charset=utf-8",
                policy.render_markdown(issuer),
            ),
        ],
    };
    (record, documents)
}

/// The audit event of a policy that is put in force.
pub fn activated(issuer: &IssuerName, policy: &Policy, actor: Actor, now: Timestamp) -> AuditEvent {
    AuditEvent::new(now, EventKind::PolicyActivated, actor)
        .issuer(issuer)
        .with("version", Detail::word(policy.version()))
        .with("policy", Detail::word(hex::encode(policy.digest())))
}
