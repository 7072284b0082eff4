//! Decides what is published: takes entries of the feed in their order, asks the gate, writes.

mod issuer;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use feed::{CrlAcknowledgement, Entry, Event, IssuerKind};
use pki::{
    Certificate, CertificateError, CrlNumber, CrlScope, IssuerName,
    time::{SharedClock, Timestamp},
};

use self::issuer::{Issuer, Waiting};
use crate::{
    directory::{Directory, DirectoryError},
    gate::Refusal,
    knowledge::Knowledge,
    metrics,
    shelf::{Item, Shelf},
};

/// How long HTTP caches may keep what is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheTerms {
    /// CRLs; never past nextUpdate.
    pub crl_max_age: Duration,
    /// CA certificates and documents.
    pub max_age: Duration,
}

/// Everything that decides about publication. Blocks while it writes.
#[derive(Debug)]
pub struct Publisher {
    clock: SharedClock,
    directory: Directory,
    shelf: Arc<Shelf>,
    terms: CacheTerms,
    knowledge: Knowledge,
    issuers: BTreeMap<IssuerName, Issuer>,
    /// The newest list of each issuer that is not published, not yet or never. Its issuer may not
    /// be known yet: a snapshot comes in an order of its own.
    waiting: BTreeMap<IssuerName, Waiting>,
    /// Newest entries that the directory failed to take, by what they are about.
    deferred: BTreeMap<String, Entry>,
    /// Up to where the feed is known. A list is checked only when everything before it is.
    cursor: u64,
}

/// How an issuer's list stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Number and nextUpdate of the published list.
    pub published: Option<(CrlNumber, Timestamp)>,
    /// Why a newer list is not published: a code.
    pub blocked: Option<&'static str>,
}

/// Why something is not published.
#[derive(Debug, thiserror::Error)]
pub enum NotPublished {
    /// The gate refused a list.
    #[error("the gate refused the list")]
    Refused(#[from] Refusal),
    /// There are only full lists yet.
    #[error("lists of scope {scope} are not published")]
    Scope {
        /// The scope.
        scope: CrlScope,
    },
    /// A CA certificate cannot be read.
    #[error("the CA certificate cannot be read")]
    Certificate(#[source] CertificateError),
    /// A name that stands for one key is to stand for another.
    #[error("the issuer's certificate has another key than the published one")]
    OtherKey,
    /// A document whose path or media type is not among those that are published.
    #[error("{name} is no document for publication")]
    Document {
        /// Its path.
        name: String,
    },
    /// The directory failed.
    #[error("the directory cannot be used")]
    Directory(#[from] DirectoryError),
}

impl NotPublished {
    /// A stable slug for logs and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Scope { .. } => "crl-scope-unknown",
            Self::Certificate(_) => "issuer-certificate-unreadable",
            Self::OtherKey => "issuer-key-changed",
            Self::Document { .. } => "document-refused",
            Self::Directory(_) => "directory-unusable",
        }
    }
}

impl Publisher {
    /// Publishes into `directory` and onto `shelf`; knows nothing yet.
    pub fn new(
        clock: SharedClock,
        directory: Directory,
        shelf: Arc<Shelf>,
        terms: CacheTerms,
    ) -> Self {
        Self {
            clock,
            directory,
            shelf,
            terms,
            knowledge: Knowledge::default(),
            issuers: BTreeMap::new(),
            waiting: BTreeMap::new(),
            deferred: BTreeMap::new(),
            cursor: 0,
        }
    }

    /// Takes in entries; with them everything up to `cursor` is known, as the copy has it. Lists
    /// that can be checked by then are published if the gate lets them.
    ///
    /// What is not published is logged and counted; what may succeed later is kept.
    pub fn take(&mut self, entries: &[Entry], cursor: u64) {
        for entry in entries {
            self.deferred.remove(&subject(entry));
            if let Err(error) = self.take_or_defer(entry) {
                metrics::not_published(error.code());
                tracing::error!(
                    error = %metrics::chain(&error),
                    code = error.code(),
                    seq = entry.seq,
                    "not published"
                );
            }
        }
        self.cursor = self.cursor.max(cursor);
        metrics::feed_sequence(self.cursor);
        self.publish_lists();
    }

    /// Tries again what the directory failed to take or the gate refused: the disk may have room
    /// by now, the copy may know more.
    pub fn retry(&mut self) {
        for entry in std::mem::take(&mut self.deferred).into_values() {
            if let Err(error) = self.take_or_defer(&entry) {
                tracing::debug!(error = %metrics::chain(&error), "still not published");
            }
        }
        self.publish_lists();
    }

    fn publish_lists(&mut self) {
        let names: Vec<IssuerName> = self.waiting.keys().cloned().collect();
        for name in names {
            if let Err(error) = self.publish_waiting(&name) {
                self.stays(&name, &error);
            }
        }
    }

    /// The newest published list of each issuer, for acknowledgement.
    pub fn published(&self) -> Vec<CrlAcknowledgement> {
        let number = |issuer: &Issuer| issuer.standing().map(|list| list.number);
        self.issuers
            .iter()
            .filter_map(|(name, issuer)| Some((name, number(issuer)?)))
            .map(|(name, number)| acknowledgement(name, number))
            .collect()
    }

    /// How each issuer's list stands.
    pub fn standings(&self) -> Vec<(IssuerName, Standing)> {
        let standing = |(name, issuer): (&IssuerName, &Issuer)| {
            let list = issuer.standing();
            let standing = Standing {
                published: list.map(|list| (list.number, list.next_update)),
                blocked: self.waiting.get(name).and_then(|waiting| waiting.fault),
            };
            (name.clone(), standing)
        };
        self.issuers.iter().map(standing).collect()
    }

    fn take_or_defer(&mut self, entry: &Entry) -> Result<(), NotPublished> {
        let taken = self.take_one(entry);
        if let Err(NotPublished::Directory(DirectoryError::Io { .. })) = &taken {
            self.deferred.insert(subject(entry), entry.clone());
        }
        taken
    }

    fn take_one(&mut self, entry: &Entry) -> Result<(), NotPublished> {
        match &entry.event {
            Event::Certificate { .. } => {
                self.knowledge.apply(entry);
                Ok(())
            }
            Event::Issuer {
                issuer,
                certificate_der,
                kind,
            } => self.take_issuer(issuer, certificate_der, *kind),
            Event::Crl {
                issuer,
                scope,
                number,
                crl_der,
                ..
            } => {
                if *scope != CrlScope::Full {
                    return Err(NotPublished::Scope { scope: *scope });
                }
                let newer = |before: &Waiting| before.seq <= entry.seq;
                if self.waiting.get(issuer).is_none_or(newer) {
                    let waiting = Waiting::new(entry.seq, *number, crl_der);
                    self.waiting.insert(issuer.clone(), waiting);
                }
                Ok(())
            }
            Event::Document {
                name,
                media_type,
                body,
                ..
            } => self.publish_document(name, media_type, body),
            Event::ResponderCertificate { .. }
            | Event::ResponderKeyRetired { .. }
            | Event::Terms { .. } => Ok(()),
        }
    }

    /// Publishes a CA certificate (RFC 5280 section 4.2.2.1, id-ad-caIssuers). Under one name
    /// stands one key for ever: another one would make every list that stands worthless.
    fn take_issuer(
        &mut self,
        name: &IssuerName,
        der: &[u8],
        kind: IssuerKind,
    ) -> Result<(), NotPublished> {
        let certificate = Certificate::parse(der).map_err(NotPublished::Certificate)?;
        let path = format!("ca/{name}.cer");
        let before = match self.issuers.get(name) {
            Some(issuer) => Some(issuer.certificate.clone()),
            None => self.published_certificate(&path)?,
        };
        if before.is_some_and(|before| before.public_key() != certificate.public_key()) {
            return Err(NotPublished::OtherKey);
        }
        self.directory.publish(&path, der)?;
        self.put(&path, der, "application/pkix-cert");
        if let Some(issuer) = self.issuers.get_mut(name) {
            issuer.certificate = certificate;
        } else {
            let mut issuer = Issuer::new(certificate, kind);
            self.resume(name, &mut issuer)?;
            self.issuers.insert(name.clone(), issuer);
        }
        Ok(())
    }

    fn published_certificate(&self, path: &str) -> Result<Option<Certificate>, NotPublished> {
        let der = self.directory.read(path)?;
        // What cannot be read binds nobody.
        Ok(der.and_then(|der| Certificate::parse(&der).ok()))
    }

    /// Goes on from the list that stands in the directory: it is what relying parties have.
    fn resume(&self, name: &IssuerName, issuer: &mut Issuer) -> Result<(), NotPublished> {
        let path = crl_path(name);
        let Some(der) = self.directory.read(&path)? else {
            return Ok(());
        };
        match issuer.resume(&der) {
            Ok(next_update) => self.put_crl(&path, &der, next_update),
            Err(error) => {
                tracing::error!(issuer = %name, error = %metrics::chain(&error), "the published list is broken");
            }
        }
        Ok(())
    }

    fn publish_waiting(&mut self, name: &IssuerName) -> Result<(), NotPublished> {
        let (Some(waiting), Some(issuer)) = (self.waiting.get(name), self.issuers.get_mut(name))
        else {
            return Ok(());
        };
        if waiting.seq > self.cursor {
            return Ok(());
        }
        // The same list comes again with a snapshot and after a restart.
        if !issuer.has(waiting) {
            let list = issuer.check(waiting, self.knowledge.of(name), self.clock.now())?;
            let (path, next_update) = (crl_path(name), list.next_update);
            self.directory.publish(&path, &waiting.der)?;
            tracing::info!(issuer = %name, number = %list.number, %next_update, "published");
            metrics::published(name);
            issuer.stand(list);
            let der = Arc::clone(&waiting.der);
            self.put_crl(&path, &der, next_update);
        }
        self.waiting.remove(name);
        Ok(())
    }

    /// Says once for each reason why the last good list stays; the metrics go on saying it.
    fn stays(&mut self, name: &IssuerName, error: &NotPublished) {
        let standing = self.issuers.get(name).and_then(Issuer::standing);
        let Some(waiting) = self.waiting.get_mut(name) else {
            return;
        };
        if waiting.fault.replace(error.code()) == Some(error.code()) {
            return;
        }
        metrics::not_published(error.code());
        tracing::error!(
            issuer = %name,
            number = %waiting.number,
            error = %metrics::chain(error),
            code = error.code(),
            standing = ?standing.map(|list| list.number),
            next_update = ?standing.map(|list| list.next_update),
            "the last good list stays"
        );
    }

    /// The CPS as the policy renders it. HTML of strangers on our own origin is nothing to serve,
    /// so only this one path and these two forms are.
    fn publish_document(
        &self,
        name: &str,
        media_type: &str,
        body: &[u8],
    ) -> Result<(), NotPublished> {
        let media_type = match name.rsplit_once('.').map(|(_, form)| form) {
            Some("html") if media_type.starts_with("text/html") => "text/html; charset=utf-8",
            Some("md") if media_type.starts_with("text/markdown") => "text/markdown; charset=utf-8",
            _ => "",
        };
        if media_type.is_empty() || !name.starts_with("cps/") {
            return Err(NotPublished::Document {
                name: name.to_owned(),
            });
        }
        self.directory.publish(name, body)?;
        self.put(name, body, media_type);
        Ok(())
    }

    fn put(&self, path: &str, body: &[u8], media_type: &str) {
        let item = Item {
            body: body.to_vec().into(),
            media_type: media_type.to_owned(),
            max_age: self.terms.max_age,
            fresh_until: None,
        };
        self.shelf.put(path, item, self.clock.now());
    }

    fn put_crl(&self, path: &str, der: &[u8], next_update: Timestamp) {
        let item = Item {
            body: der.to_vec().into(),
            media_type: "application/pkix-crl".to_owned(),
            max_age: self.terms.crl_max_age,
            fresh_until: Some(next_update),
        };
        self.shelf.put(path, item, self.clock.now());
    }
}

/// What an entry is about, for entries that are written as they come.
fn subject(entry: &Entry) -> String {
    match &entry.event {
        Event::Issuer { issuer, .. } => format!("ca/{issuer}.cer"),
        Event::Document { name, .. } => name.clone(),
        Event::Certificate { .. }
        | Event::Crl { .. }
        | Event::ResponderCertificate { .. }
        | Event::ResponderKeyRetired { .. }
        | Event::Terms { .. } => String::new(),
    }
}

fn acknowledgement(issuer: &IssuerName, number: CrlNumber) -> CrlAcknowledgement {
    CrlAcknowledgement {
        issuer: issuer.clone(),
        scope: CrlScope::Full,
        number,
    }
}

fn crl_path(issuer: &IssuerName) -> String {
    format!("crl/{issuer}.crl")
}

#[cfg(test)]
mod tests;
