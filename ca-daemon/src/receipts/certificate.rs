//! The certificate of the key that signs receipts: issued and renewed by the management CA.

use std::sync::Arc;
use std::time::Duration;

use api::CertificateState;
use audit::Actor;
use issuance::PreparedRequest;
use jiff::Timestamp;
use pki::{AttributeType, Certificate, DistinguishedName};
use uuid::Uuid;

use super::ReceiptSigner;
use crate::app::App;
use crate::authority::Authority;
use crate::http::problem::NotDone;
use crate::management::{Holder, certify_key};

/// How often to look whether the certificate is due.
const LOOK_EVERY: Duration = Duration::from_mins(1);

/// Keeps the key of receipts certified until the daemon stops.
pub async fn keep_certified(app: Arc<App>) {
    let authority = &app.authority;
    let stopping = authority.lifecycle.stopping();
    loop {
        if authority.leadership.holds().await
            && let Err(not_done) = ensure_certified(authority, app.new_request_id()).await
        {
            let error = match not_done {
                NotDone::Refused(refusal) => refusal.codes().join(" "),
                NotDone::Failed(error) => format!("{error:#}"),
            };
            tracing::error!(error, "cannot certify the key of receipts");
            metrics::counter!("ca_receipt_certificate_failures_total").increment(1);
        }
        tokio::select! {
            () = stopping.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Certifies the key of receipts if it has no certificate or the renewal window has begun; does
/// nothing without such a key.
///
/// # Errors
/// What the management policy denies, or a failure of token or database.
pub async fn ensure_certified(authority: &Arc<Authority>, request_id: Uuid) -> Result<(), NotDone> {
    let Some(signer) = &authority.receipts else {
        return Ok(());
    };
    let now = authority.clock.now();
    if let Some(certificate) = current(authority, signer, now).await? {
        let policy = authority.management_ca().map(|ca| ca.policy.load_full());
        let profile = policy
            .as_ref()
            .and_then(|policy| policy.profile(Holder::Receipts.profile()));
        if profile.is_none_or(|it| now < it.renewable_from(certificate.not_after())) {
            return Ok(());
        }
    }
    let csr = request(authority, signer).await?;
    let holder = Holder::Receipts;
    let issued = certify_key(authority, request_id, Actor::Daemon, &holder, &csr).await?;
    tracing::info!(serial = %issued.serial(), "the key of receipts is certified");
    Ok(())
}

/// The newest certificate of the key that is in force.
///
/// # Errors
/// A failure of the database.
pub(super) async fn current(
    authority: &Authority,
    signer: &ReceiptSigner,
    now: Timestamp,
) -> Result<Option<Certificate>, NotDone> {
    let key = signer.key.public_key().hash();
    let all = authority.store.certificates_of_key(&key).await?;
    let newest = all
        .into_iter()
        .filter(|it| it.issuer == authority.management && it.profile == Holder::Receipts.profile())
        .filter(|it| it.state == CertificateState::Issued)
        .filter(|it| it.not_before <= now && now <= it.not_after)
        .max_by_key(|it| it.not_after);
    let der = newest.and_then(|it| it.certificate_der);
    Ok(der.map(|der| Certificate::parse(&der)).transpose()?)
}

/// A certification request that the key itself signs.
async fn request(authority: &Authority, signer: &ReceiptSigner) -> Result<String, NotDone> {
    let key = &signer.key;
    let prepared =
        PreparedRequest::new(&subject(authority)?, key.public_key(), key.algorithm(), &[])?;
    let (message, awaiting) = prepared.release();
    let der = awaiting.complete(&key.sign(message).await?)?;
    Ok(pki::pem::encode("CERTIFICATE REQUEST", &der))
}

/// The organisation is the management CA's.
fn subject(authority: &Authority) -> anyhow::Result<DistinguishedName> {
    let unusable = |faults| anyhow::anyhow!("the name is not usable: {faults:?}");
    let mut attributes = Vec::new();
    if let Some(ca) = authority.management_ca() {
        let issuer = ca.issuer.certificate().x509().tbs_certificate().subject();
        let issuer = DistinguishedName::from_x509(issuer).map_err(unusable)?;
        let organization = AttributeType::OrganizationName;
        attributes.extend(
            issuer
                .get(organization)
                .map(|name| (organization, name.to_owned())),
        );
    }
    let name = "Revocation Receipts".to_owned();
    attributes.push((AttributeType::CommonName, name));
    DistinguishedName::new(attributes).map_err(unusable)
}
