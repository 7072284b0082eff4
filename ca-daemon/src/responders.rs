//! Certificates of OCSP responders: issued and renewed for the keys that officers registered, and
//! delivered through the feed. A public process cannot ask for one.

use std::sync::Arc;
use std::time::Duration;

use audit::{Actor, AuditEvent, Detail, EventKind};
use jiff::Timestamp;
use pki::{AttributeType, DistinguishedName, PublicKey};
use policy::OcspRules;
use store::{ResponderCertificate, ResponderKey};

use crate::app::App;
use crate::authority::{Authority, Ca};
use crate::http::problem::NotDone;
use crate::issue::{Order, by_the_ca, certify};

/// How often to look whether a certificate is due.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How long to wait after a failure. Each attempt at a token that does not sign gives up serial
/// numbers, which stand on the CRL until they end.
const RETRY_AFTER: Duration = Duration::from_mins(1);

/// Keeps every registered responder certified until the daemon stops.
pub async fn keep_certified(app: Arc<App>) {
    let stopping = app.authority.lifecycle.stopping();
    loop {
        let pause = match certify_due(&app).await {
            Ok(true) => LOOK_EVERY,
            Ok(false) => RETRY_AFTER,
            Err(not_done) => {
                tracing::error!(error = what(&not_done), "cannot look for OCSP responders");
                RETRY_AFTER
            }
        };
        tokio::select! {
            () = stopping.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Certifies each responder that is due; one that cannot be certified keeps no other from it.
/// Answers whether all went well.
async fn certify_due(app: &App) -> Result<bool, NotDone> {
    let current = app.authority.store.responder_certificates().await?;
    let mut well = true;
    for key in app.authority.store.responder_keys().await? {
        if let Err(not_done) = certify_due_for(app, &key, &current).await {
            well = false;
            let error = what(&not_done);
            tracing::error!(
                responder = key.follower,
                error,
                "cannot certify an OCSP responder"
            );
            metrics::counter!("ca_responder_failures_total", "responder" => key.follower)
                .increment(1);
        }
    }
    Ok(well)
}

fn what(not_done: &NotDone) -> String {
    match not_done {
        NotDone::Refused(refusal) => refusal.codes().join(" "),
        NotDone::Failed(error) => format!("{error:#}"),
    }
}

async fn certify_due_for(
    app: &App,
    key: &ResponderKey,
    current: &[ResponderCertificate],
) -> Result<(), NotDone> {
    let authority = &app.authority;
    let public_key = PublicKey::parse(&key.spki_der)?;
    let issuers = key.issuers.iter();
    let issuers = issuers.filter_map(|issuer| authority.ca(issuer));
    for ca in issuers.filter(|ca| !ca.has_ended()) {
        let newest = current.iter().find(|certificate| {
            certificate.follower == key.follower
                && certificate.spki_hash == key.spki_hash
                && certificate.issuer == *ca.name()
        });
        let rules = *ca.policy.load().ocsp();
        if newest.is_none_or(|newest| is_due(newest, &rules, authority.clock.now())) {
            if !authority.leadership.holds().await {
                return Ok(());
            }
            certify_responder(app, ca, key, &public_key).await?;
        }
    }
    Ok(())
}

/// Renewed once the interval has passed since it was made: notAfter less the whole validity.
fn is_due(newest: &ResponderCertificate, rules: &OcspRules, now: Timestamp) -> bool {
    let made_at = newest
        .not_after
        .saturating_sub(rules.responder_certificate_validity)
        .unwrap_or(Timestamp::MIN);
    let due = made_at.saturating_add(rules.renew_every);
    due.is_ok_and(|due| now >= due)
}

/// Country and organisation are the issuer's, as BR 7.1.2.8.2 wants them.
fn responder_name(ca: &Ca, follower: &str) -> anyhow::Result<DistinguishedName> {
    let issuer = ca.issuer.certificate().x509().tbs_certificate().subject();
    let issuer = DistinguishedName::from_x509(issuer)
        .map_err(|faults| anyhow::anyhow!("the issuer's name is not usable: {faults:?}"))?;
    let inherited = [AttributeType::CountryName, AttributeType::OrganizationName];
    let mut attributes: Vec<_> = inherited
        .into_iter()
        .filter_map(|kind| Some((kind, issuer.get(kind)?.to_owned())))
        .collect();
    let name = format!("OCSP {} {follower}", ca.name());
    attributes.push((AttributeType::CommonName, name));
    DistinguishedName::new(attributes)
        .map_err(|faults| anyhow::anyhow!("the responder's name is not usable: {faults:?}"))
}

async fn certify_responder(
    app: &App,
    ca: &Arc<Ca>,
    key: &ResponderKey,
    public_key: &PublicKey,
) -> Result<(), NotDone> {
    let authority: &Arc<Authority> = &app.authority;
    let now = authority.clock.now();
    let policy = ca.policy.load_full();
    let subject = responder_name(ca, &key.follower)?;
    let plan = policy.ocsp_responder_plan(subject, now, ca.issuer.certificate().not_after())?;
    let order = Order {
        request: by_the_ca(app.new_request_id(), "responder", now),
        plan,
        public_key: public_key.clone(),
        subject_hash: *public_key.hash().as_bytes(),
        subscriber_ref: None,
        binding: None,
        predecessor: None,
        policy_digest: policy.digest(),
        statement: None,
        quota: None,
        actor: Actor::Daemon,
    };
    let certified = certify(Arc::clone(authority), Arc::clone(ca), order).await?;
    let issued = certified.issued;
    let certificate = ResponderCertificate {
        issuer: ca.name().clone(),
        follower: key.follower.clone(),
        spki_hash: key.spki_hash,
        serial: issued.serial(),
        not_after: issued.not_after(),
        certificate_der: issued.der().to_vec(),
    };
    let event = AuditEvent::new(now, EventKind::ResponderCertificateIssued, Actor::Daemon)
        .issuer(ca.name())
        .serial(issued.serial())
        .with("responder", Detail::word(&key.follower))
        .with("spki_sha256", Detail::word(key.spki_hash.to_string()));
    authority
        .store
        .record_responder_certificate(certificate, event)
        .await?;
    tracing::info!(issuer = %ca.name(), responder = key.follower, "responder certified");
    Ok(())
}
