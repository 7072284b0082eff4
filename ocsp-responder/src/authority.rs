//! The issuers that are answered for, and the certificates that allow it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwap;
use const_oid::db::rfc5280::ID_KP_OCSP_SIGNING;
use feed::{Entry, Event, IssuerKind};
use ocsp::{CertId, IssuerHashes};
use pki::{Certificate, IssuerName, PublicKey, SpkiHash, time::Timestamp};
use x509_cert::ext::pkix::ExtendedKeyUsage;

/// Certificates kept per issuer: the one in use, its successor, and one for a hasty renewal.
const KEPT: usize = 3;

/// One issuer and what allows this process to answer for it.
#[derive(Debug)]
pub struct Authority {
    /// Its name in the feed.
    pub name: IssuerName,
    /// What it signs.
    pub kind: IssuerKind,
    hashes: IssuerHashes,
    /// Newest first.
    delegations: Vec<Arc<Delegation>>,
}

/// A certificate that lets this process's key answer for an issuer (RFC 6960 section 4.2.2.2).
#[derive(Debug)]
pub struct Delegation {
    /// Sequence number of the feed entry that brought it.
    pub seq: u64,
    /// The certificate.
    pub certificate: Certificate,
}

/// All issuers; readers never wait and see each change whole.
#[derive(Debug)]
pub struct Authorities {
    key: PublicKey,
    current: ArcSwap<Vec<Arc<Authority>>>,
    received: Mutex<Received>,
}

/// What the feed said, in whatever order: a delegation may come before its issuer.
#[derive(Debug, Default)]
struct Received {
    issuers: BTreeMap<IssuerName, Issuer>,
    delegations: BTreeMap<IssuerName, Vec<Arc<Delegation>>>,
}

#[derive(Debug)]
struct Issuer {
    seq: u64,
    kind: IssuerKind,
    certificate: Certificate,
    hashes: IssuerHashes,
}

/// Why a certificate from the feed does not let this process answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotDelegated {
    /// It does not parse.
    #[error("the certificate cannot be read")]
    Unreadable,
    /// It is for another responder's key, which is nothing unusual.
    #[error("the certificate is for another key")]
    OtherKey,
    /// The issuer did not sign it.
    #[error("the certificate was not issued by the CA that it is to answer for")]
    NotIssued,
    /// The extended key usage is not `OCSPSigning` (RFC 6960 section 4.2.2.2).
    #[error("the certificate does not say OCSPSigning")]
    NoOcspSigning,
}

impl Authority {
    /// The newest certificate that is valid at `now`.
    pub fn delegation(&self, now: Timestamp) -> Option<&Arc<Delegation>> {
        self.delegations.iter().find(|delegation| {
            let certificate = &delegation.certificate;
            certificate.not_before() <= now && now <= certificate.not_after()
        })
    }

    /// Whether this process was ever allowed to answer for the issuer. An officer may register a
    /// responder for some issuers only.
    pub fn is_delegated(&self) -> bool {
        !self.delegations.is_empty()
    }

    /// Whether this process is meant to answer for the issuer: it was delegated once, or the
    /// issuer signs for subscribers and may delegate yet. Root CAs are in the feed for their lists only.
    pub fn is_served(&self) -> bool {
        self.is_delegated() || self.kind == IssuerKind::Issuing
    }
}

impl Authorities {
    /// Without issuers; `key` is the key that answers are signed with.
    pub fn new(key: PublicKey) -> Self {
        Self {
            key,
            current: ArcSwap::default(),
            received: Mutex::default(),
        }
    }

    /// The issuer of the certificate that a client asks about.
    pub fn find(&self, cert_id: &CertId) -> Option<Arc<Authority>> {
        let current = self.current.load();
        current
            .iter()
            .find(|authority| authority.hashes.matches(cert_id))
            .map(Arc::clone)
    }

    /// All issuers, by name.
    pub fn all(&self) -> Arc<Vec<Arc<Authority>>> {
        self.current.load_full()
    }

    /// Takes in what the entries say of issuers and responder certificates.
    pub fn apply(&self, entries: &[Entry]) {
        let mut received = self.received.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = false;
        for entry in entries {
            changed |= received.take_in(entry, &self.key);
        }
        if changed {
            self.current.store(Arc::new(received.authorities()));
        }
    }
}

impl Received {
    fn take_in(&mut self, entry: &Entry, key: &PublicKey) -> bool {
        match &entry.event {
            Event::Issuer {
                issuer,
                certificate_der,
                kind,
            } => self.take_issuer(entry.seq, issuer, certificate_der, *kind),
            Event::ResponderCertificate {
                issuer,
                certificate_der,
                ..
            } => self.take_delegation(entry.seq, issuer, certificate_der, key),
            Event::ResponderKeyRetired {
                issuer, spki_hash, ..
            } => self.retire(entry.seq, issuer, *spki_hash),
            Event::Certificate { .. }
            | Event::Crl { .. }
            | Event::Terms { .. }
            | Event::Document { .. } => false,
        }
    }

    fn take_issuer(&mut self, seq: u64, name: &IssuerName, der: &[u8], kind: IssuerKind) -> bool {
        if self.issuers.get(name).is_some_and(|known| known.seq > seq) {
            return false;
        }
        let Ok(certificate) = Certificate::parse(der) else {
            tracing::error!(issuer = %name, "the issuer's certificate cannot be read");
            return false;
        };
        let hashes = IssuerHashes::of(certificate.subject_der(), certificate.public_key());
        let issuer = Issuer {
            seq,
            kind,
            certificate,
            hashes,
        };
        self.issuers.insert(name.clone(), issuer);
        true
    }

    fn take_delegation(
        &mut self,
        seq: u64,
        issuer: &IssuerName,
        der: &[u8],
        key: &PublicKey,
    ) -> bool {
        let certificate = match delegated_key(der, key) {
            Ok(certificate) => certificate,
            Err(NotDelegated::OtherKey) => return false,
            Err(error) => {
                tracing::error!(%issuer, %error, "a responder certificate is of no use");
                return false;
            }
        };
        let delegations = self.delegations.entry(issuer.clone()).or_default();
        delegations.retain(|known| known.certificate.der() != certificate.der());
        delegations.push(Arc::new(Delegation { seq, certificate }));
        delegations.sort_by_key(|delegation| std::cmp::Reverse(delegation.seq));
        delegations.truncate(KEPT);
        true
    }

    /// Forgets what allowed a key to answer for an issuer.
    fn retire(&mut self, seq: u64, issuer: &IssuerName, spki_hash: SpkiHash) -> bool {
        let Some(delegations) = self.delegations.get_mut(issuer) else {
            return false;
        };
        let before = delegations.len();
        delegations.retain(|delegation| {
            delegation.seq > seq || delegation.certificate.public_key().hash() != spki_hash
        });
        delegations.len() != before
    }

    fn authorities(&self) -> Vec<Arc<Authority>> {
        let authority = |(name, issuer): (&IssuerName, &Issuer)| {
            Arc::new(Authority {
                name: name.clone(),
                kind: issuer.kind,
                hashes: issuer.hashes.clone(),
                delegations: self.delegations_of(name, &issuer.certificate),
            })
        };
        self.issuers.iter().map(authority).collect()
    }

    fn delegations_of(&self, name: &IssuerName, issuer: &Certificate) -> Vec<Arc<Delegation>> {
        let received = self.delegations.get(name).map(Vec::as_slice);
        let mut delegations = Vec::new();
        for delegation in received.unwrap_or_default() {
            match check_delegation(&delegation.certificate, issuer) {
                Ok(()) => delegations.push(Arc::clone(delegation)),
                Err(error) => {
                    tracing::error!(issuer = %name, %error, "a responder certificate is of no use");
                }
            }
        }
        delegations
    }
}

fn delegated_key(der: &[u8], key: &PublicKey) -> Result<Certificate, NotDelegated> {
    let certificate = Certificate::parse(der).map_err(|_| NotDelegated::Unreadable)?;
    if certificate.public_key() == key {
        Ok(certificate)
    } else {
        Err(NotDelegated::OtherKey)
    }
}

/// A client would refuse answers under anything less, so they are not made.
fn check_delegation(certificate: &Certificate, issuer: &Certificate) -> Result<(), NotDelegated> {
    certificate
        .verify_issued_by(issuer)
        .map_err(|_| NotDelegated::NotIssued)?;
    let usages = certificate
        .x509()
        .tbs_certificate()
        .get_extension::<ExtendedKeyUsage>();
    match usages {
        Ok(Some((_, usages))) if usages.0.contains(&ID_KP_OCSP_SIGNING) => Ok(()),
        _ => Err(NotDelegated::NoOcspSigning),
    }
}
