//! The issuers that are answered for, and the certificates that allow it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwap;
use const_oid::db::rfc5280::ID_KP_OCSP_SIGNING;
use feed::{Entry, Event, IssuerKind};
use ocsp::{CertId, IssuerHashes};
use pki::{Certificate, IssuerName, SpkiHash, time::Timestamp};
use x509_cert::ext::pkix::ExtendedKeyUsage;

use crate::{keys::Moment, terms::IssuerTerms};

/// Certificates kept per issuer and key: the one in use, its successor, and one for a hasty renewal.
const KEPT: usize = 3;

/// One issuer and what allows this process to answer for it.
#[derive(Debug)]
pub struct Authority {
    /// Its name in the feed.
    pub name: IssuerName,
    /// What it signs.
    pub kind: IssuerKind,
    /// What its policy promises; absent until the feed has told.
    pub terms: Option<IssuerTerms>,
    hashes: IssuerHashes,
    /// Newest first, of the keys that this process holds.
    delegations: Vec<Arc<Delegation>>,
}

/// A certificate that lets one of this process's keys answer for an issuer (RFC 6960 section
/// 4.2.2.2).
#[derive(Debug)]
pub struct Delegation {
    /// Sequence number of the feed entry that brought it.
    pub seq: u64,
    /// When that entry was made; the beginning of time for one from the copy.
    since: Timestamp,
    /// The key that it is for.
    key: SpkiHash,
    /// The certificate.
    pub certificate: Certificate,
}

/// All issuers; readers never wait and see each change whole.
#[derive(Debug)]
pub struct Authorities {
    current: ArcSwap<Vec<Arc<Authority>>>,
    received: Mutex<Received>,
}

/// What the feed said, in whatever order: a delegation may come before its issuer.
#[derive(Debug, Default)]
struct Received {
    /// The keys that this process holds.
    held: BTreeSet<SpkiHash>,
    issuers: BTreeMap<IssuerName, Issuer>,
    terms: BTreeMap<IssuerName, (u64, IssuerTerms)>,
    /// For the keys of all responders, newest first: a key may be held later than its certificate
    /// came.
    delegations: BTreeMap<(IssuerName, SpkiHash), Vec<Arc<Delegation>>>,
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
    /// It is for another key than the feed says.
    #[error("the certificate is for another key")]
    OtherKey,
    /// The issuer did not sign it.
    #[error("the certificate was not issued by the CA that it is to answer for")]
    NotIssued,
    /// The extended key usage is not `OCSPSigning` (RFC 6960 section 4.2.2.2).
    #[error("the certificate does not say OCSPSigning")]
    NoOcspSigning,
}

impl Delegation {
    /// The key that it is for.
    pub fn key(&self) -> SpkiHash {
        self.key
    }
}

impl Authority {
    /// The newest certificate of a key that is valid, if there is one among those that are settled.
    pub fn delegation(&self, key: SpkiHash, moment: Moment) -> Option<&Arc<Delegation>> {
        let mut of_key = self.valid(moment.now).filter(|found| found.key == key);
        let settled = of_key
            .clone()
            .find(|delegation| delegation.since <= moment.settled);
        settled.or_else(|| of_key.next())
    }

    /// The certificates that are valid at `now`, of all keys held, newest first.
    pub fn valid(&self, now: Timestamp) -> impl Iterator<Item = &Arc<Delegation>> + Clone {
        self.delegations.iter().filter(move |delegation| {
            let certificate = &delegation.certificate;
            certificate.not_before() <= now && now <= certificate.not_after()
        })
    }

    /// Whether this process was ever allowed to answer for the issuer. An officer may register a
    /// responder for some issuers only.
    pub fn is_delegated(&self) -> bool {
        !self.delegations.is_empty()
    }
}

impl Authorities {
    /// Without issuers; `held` are the keys that answers are signed with.
    pub fn new(held: impl IntoIterator<Item = SpkiHash>) -> Self {
        let received = Received {
            held: held.into_iter().collect(),
            ..Received::default()
        };
        Self {
            current: ArcSwap::default(),
            received: Mutex::new(received),
        }
    }

    /// Answers are signed with other keys from now on.
    pub fn hold(&self, held: impl IntoIterator<Item = SpkiHash>) {
        let mut received = self.received.lock().unwrap_or_else(PoisonError::into_inner);
        received.held = held.into_iter().collect();
        self.current.store(Arc::new(received.authorities()));
    }

    /// Whether any issuer has let this process answer. Until one has, it is not known for whom it
    /// is meant to.
    pub fn has_delegations(&self) -> bool {
        self.current
            .load()
            .iter()
            .any(|authority| authority.is_delegated())
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

    /// Whether all issuers still are as they were when they were [asked for](Self::all).
    pub fn are(&self, known: &Arc<Vec<Arc<Authority>>>) -> bool {
        Arc::ptr_eq(&self.current.load(), known)
    }

    /// Takes in what the entries say of issuers and responder certificates.
    pub fn apply(&self, entries: &[Entry]) {
        let mut received = self.received.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = false;
        for entry in entries {
            changed |= received.take_in(entry);
        }
        if changed {
            self.current.store(Arc::new(received.authorities()));
        }
    }
}

impl Received {
    fn take_in(&mut self, entry: &Entry) -> bool {
        match &entry.event {
            Event::Issuer {
                issuer,
                certificate_der,
                kind,
            } => self.take_issuer(entry.seq, issuer, certificate_der, *kind),
            Event::ResponderCertificate {
                issuer,
                spki_hash,
                certificate_der,
                ..
            } => self.take_delegation(entry, issuer, *spki_hash, certificate_der),
            Event::ResponderKeyRetired {
                issuer, spki_hash, ..
            } => self.retire(issuer, *spki_hash),
            Event::Terms { issuer, terms } => self.take_terms(entry.seq, issuer, terms.into()),
            Event::Certificate { .. } | Event::Crl { .. } | Event::Document { .. } => false,
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

    fn take_terms(&mut self, seq: u64, issuer: &IssuerName, terms: IssuerTerms) -> bool {
        if self.terms.get(issuer).is_some_and(|known| known.0 > seq) {
            return false;
        }
        self.terms.insert(issuer.clone(), (seq, terms));
        true
    }

    fn take_delegation(
        &mut self,
        entry: &Entry,
        issuer: &IssuerName,
        key: SpkiHash,
        der: &[u8],
    ) -> bool {
        let certificate = match certificate_for(key, der) {
            Ok(certificate) => certificate,
            Err(error) => {
                tracing::error!(%issuer, %error, "a responder certificate is of no use");
                return false;
            }
        };
        let delegations = self.delegations.entry((issuer.clone(), key)).or_default();
        delegations.retain(|known| known.certificate.der() != certificate.der());
        delegations.push(Arc::new(Delegation {
            seq: entry.seq,
            since: entry.at,
            key,
            certificate,
        }));
        delegations.sort_by_key(|delegation| std::cmp::Reverse(delegation.seq));
        delegations.truncate(KEPT);
        true
    }

    /// Forgets what allowed a key to answer for an issuer.
    fn retire(&mut self, issuer: &IssuerName, key: SpkiHash) -> bool {
        self.delegations.remove(&(issuer.clone(), key)).is_some()
    }

    fn authorities(&self) -> Vec<Arc<Authority>> {
        let authority = |(name, issuer): (&IssuerName, &Issuer)| {
            Arc::new(Authority {
                name: name.clone(),
                kind: issuer.kind,
                terms: self.terms.get(name).map(|(_, terms)| *terms),
                hashes: issuer.hashes.clone(),
                delegations: self.delegations_of(name, &issuer.certificate),
            })
        };
        self.issuers.iter().map(authority).collect()
    }

    fn delegations_of(&self, name: &IssuerName, issuer: &Certificate) -> Vec<Arc<Delegation>> {
        let keys = self.held.iter().map(|key| (name.clone(), *key));
        let received = keys.filter_map(|key| self.delegations.get(&key)).flatten();
        let mut delegations = Vec::new();
        for delegation in received {
            match check_delegation(&delegation.certificate, issuer) {
                Ok(()) => delegations.push(Arc::clone(delegation)),
                Err(error) => {
                    tracing::error!(issuer = %name, %error, "a responder certificate is of no use");
                }
            }
        }
        delegations.sort_by_key(|delegation| std::cmp::Reverse(delegation.seq));
        delegations
    }
}

fn certificate_for(key: SpkiHash, der: &[u8]) -> Result<Certificate, NotDelegated> {
    let certificate = Certificate::parse(der).map_err(|_| NotDelegated::Unreadable)?;
    if certificate.public_key().hash() == key {
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
