//! OCSP answers: one that many share, and one with a nonce.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use anyhow::ensure;
use async_trait::async_trait;
use const_oid::db::rfc5280::ID_KP_OCSP_SIGNING;
use feed::{Entry, Event, IssuerKind, Status, Terms};
use ocsp::{CertIdHash, Query};
use ocsp_responder::{
    answer::{AnswerSettings, AnswerSigner, NeverIssued, Responder, ResponderParts, SigningFault},
    authority::Authorities,
    freshness::Freshness,
    index::StatusIndex,
    keys::Keys,
};
use pki::{PublicKey, SignatureAlgorithm, time::ManualClock};
use tokio::runtime::Runtime;

use crate::{
    Operation,
    software_ca::{SoftwareCa, SoftwareKey, now, plan, serial},
};

/// An answer that was signed for another client.
pub(crate) fn cached() -> anyhow::Result<Operation> {
    answer("ocsp-answer-cached", None)
}

/// An answer that is signed for this client, with a key in memory in the place of the token's.
pub(crate) fn signed() -> anyhow::Result<Operation> {
    answer("ocsp-answer-signed", Some(b"a nonce of 16 oct"))
}

fn answer(name: &'static str, nonce: Option<&[u8]>) -> anyhow::Result<Operation> {
    let ca = SoftwareCa::new("esign-ca")?;
    let subscriber = SoftwareKey::new(9)?;
    let certificate = ca.issue(2, &subscriber.public_key, &plan("Subscriber")?)?;
    let issuer = ca.issuer.certificate();
    let query = Query::about(certificate.certificate(), issuer, CertIdHash::Sha1, nonce)?;
    let responder = responder(&ca)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    Ok(Operation::new(name, move || {
        ask(&runtime, &responder, query.der())
    }))
}

fn ask(runtime: &Runtime, responder: &Responder, request: &[u8]) -> anyhow::Result<()> {
    let answer = runtime.block_on(responder.answer(request));
    ensure!(answer.der.len() > UNSIGNED, "the answer is not signed");
    Ok(())
}

/// A responder that has heard of the CA, of its own certificate and of certificate 2.
fn responder(ca: &SoftwareCa) -> anyhow::Result<Responder> {
    let key = SoftwareKey::new(8)?;
    let mut plan = plan("Responder")?;
    plan.extended_key_usage = vec![ID_KP_OCSP_SIGNING];
    plan.ocsp_no_check = true;
    let delegation = ca.issue(3, &key.public_key, &plan)?;
    let entries = heard(ca, &key.public_key, delegation.der())?;

    let clock = Arc::new(ManualClock::new(now()));
    let keys = Arc::new(Keys::new(vec![Arc::new(MemorySigner(key))]));
    let parts = ResponderParts {
        authorities: Arc::new(Authorities::new(keys.hashes())),
        index: Arc::new(StatusIndex::default()),
        freshness: Arc::new(Freshness::new(
            Arc::<ManualClock>::clone(&clock),
            Some(now()),
        )),
        clock,
        keys,
    };
    parts.authorities.apply(&entries);
    parts.index.apply(&entries);
    Ok(Responder::new(parts, settings()))
}

fn heard(ca: &SoftwareCa, key: &PublicKey, delegation: &[u8]) -> anyhow::Result<Vec<Entry>> {
    let issuer = ca.issuer.name();
    let events = [
        Event::Issuer {
            issuer: issuer.clone(),
            certificate_der: ca.issuer.certificate().der().into(),
            kind: IssuerKind::Issuing,
        },
        Event::ResponderCertificate {
            issuer: issuer.clone(),
            follower: "ocsp-1".to_owned(),
            spki_hash: key.hash(),
            certificate_der: delegation.into(),
        },
        Event::Terms {
            issuer: issuer.clone(),
            terms: terms(),
        },
        Event::Certificate {
            issuer: issuer.clone(),
            serial: serial(2)?,
            not_after: plan("Subscriber")?.not_after,
            shard: None,
            status: Status::Good,
        },
    ];
    let numbered = (1..).zip(events);
    Ok(numbered
        .map(|(seq, event)| Entry {
            seq,
            at: now(),
            event,
        })
        .collect())
}

fn terms() -> Terms {
    Terms {
        repository: "http://pki.example.com".to_owned(),
        ocsp: "http://ocsp.example.com".to_owned(),
        ocsp_validity: 86_400,
        ocsp_max_age: 300,
        ocsp_max_staleness: 43_200,
        archive_cutoff: 864_000,
        shards: 0,
        delta: false,
        issuing: true,
    }
}

fn settings() -> AnswerSettings {
    AnswerSettings {
        reuse: Duration::from_hours(1),
        hot: NonZeroU32::MAX,
        cache_bytes: 1 << 20,
        known_per_second: NonZeroU32::MAX,
        fresh_per_second: NonZeroU32::MAX,
        unknown_per_second: NonZeroU32::MAX,
        never_issued: NeverIssued::Unknown,
    }
}

struct MemorySigner(SoftwareKey);

impl std::fmt::Debug for MemorySigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MemorySigner")
    }
}

#[async_trait]
impl AnswerSigner for MemorySigner {
    fn public_key(&self) -> &PublicKey {
        &self.0.public_key
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::Ed25519
    }

    async fn sign(&self, message: Arc<[u8]>) -> Result<Vec<u8>, SigningFault> {
        Ok(self.0.sign(&message))
    }
}

/// An exception (RFC 6960 section 2.3) has 5 octets.
const UNSIGNED: usize = 5;
