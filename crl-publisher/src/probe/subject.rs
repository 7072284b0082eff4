//! What should be out there, as the copy of the feed says.

use feed::{IssuerKind, Terms};
use pki::{Certificate, CrlNumber, CrlScope, IssuerName, time::Timestamp};
use store::{
    StoreError,
    copy::{CopiedIssuer, StatusCopy},
};

/// A CA, and everything that is published about it.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Its name.
    pub issuer: IssuerName,
    /// Its certificate.
    pub certificate: Certificate,
    /// What it signs.
    pub kind: IssuerKind,
    /// The promises of its policy; a root has none.
    pub terms: Option<Terms>,
    /// The newest list of each scope.
    pub lists: Vec<AnnouncedList>,
    /// Where its lists are.
    pub list_urls: Vec<(CrlScope, String)>,
    /// Where its certificate is.
    pub certificate_urls: Vec<String>,
    /// Its documents.
    pub texts: Vec<Text>,
}

/// A list that the feed announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnnouncedList {
    /// What it covers.
    pub scope: CrlScope,
    /// Its number.
    pub number: CrlNumber,
    /// Up to which entry of the feed it shows every change.
    pub as_of: u64,
    /// When it was made.
    pub this_update: Timestamp,
}

/// A document that should be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Where.
    pub url: String,
    /// As what, without parameters.
    pub media_type: String,
    /// What it says.
    pub body: Vec<u8>,
}

impl Subject {
    /// The newest announced list of a scope.
    pub fn announced(&self, scope: CrlScope) -> Option<&AnnouncedList> {
        self.lists.iter().find(|list| list.scope == scope)
    }

    /// The URL of the responder.
    pub fn ocsp(&self) -> Option<&str> {
        self.terms.as_ref().map(|terms| terms.ocsp.as_str())
    }
}

/// Every CA that the copy knows and whose certificate can be read.
///
/// # Errors
/// [`StoreError`] when the copy fails.
pub(super) async fn all(copy: &StatusCopy) -> Result<Vec<Subject>, StoreError> {
    let mut subjects: Vec<Subject> = copy.issuers().await?.iter().filter_map(bare).collect();
    for terms in copy.terms().await? {
        if let Some(subject) = of(&mut subjects, &terms.issuer) {
            subject.terms = Some(terms.terms);
        }
    }
    for list in copy.crls().await? {
        if let Some(subject) = of(&mut subjects, &list.issuer) {
            subject.lists.push(AnnouncedList {
                scope: list.scope,
                number: list.number,
                as_of: list.as_of,
                this_update: list.this_update,
            });
        }
    }
    find_urls(&mut subjects);
    for document in copy.documents().await? {
        let Some(subject) = of(&mut subjects, &document.issuer) else {
            continue;
        };
        let Some(terms) = &subject.terms else {
            continue;
        };
        let media_type = document.media_type.split(';').next().unwrap_or_default();
        subject.texts.push(Text {
            url: format!("{}/{}", terms.repository, document.name),
            media_type: media_type.trim().to_owned(),
            body: document.body,
        });
    }
    Ok(subjects)
}

fn bare(issuer: &CopiedIssuer) -> Option<Subject> {
    Some(Subject {
        issuer: issuer.name.clone(),
        certificate: Certificate::parse(&issuer.certificate_der).ok()?,
        kind: issuer.kind,
        terms: None,
        lists: Vec::new(),
        list_urls: Vec::new(),
        certificate_urls: Vec::new(),
        texts: Vec::new(),
    })
}

fn of<'a>(subjects: &'a mut [Subject], issuer: &IssuerName) -> Option<&'a mut Subject> {
    subjects
        .iter_mut()
        .find(|subject| subject.issuer == *issuer)
}

/// An issuing CA's URLs follow from its policy; a root's stand in the certificates that it issued.
fn find_urls(subjects: &mut [Subject]) {
    let issued: Vec<Certificate> = subjects
        .iter()
        .map(|subject| subject.certificate.clone())
        .collect();
    for subject in subjects {
        if let Some(terms) = &subject.terms {
            let base = &terms.repository;
            let at = |scope: CrlScope| (scope, format!("{base}/{}", scope.path(&subject.issuer)));
            let scopes = scopes(terms, &subject.lists);
            subject.list_urls = scopes.into_iter().map(at).collect();
            subject.certificate_urls = vec![format!("{base}/ca/{}.cer", subject.issuer)];
            continue;
        }
        let own = subject.certificate.subject_der().to_vec();
        for certificate in &issued {
            if certificate.issuer_der() == own && certificate.subject_der() != own {
                let lists = certificate.crl_distribution_points();
                let lists = lists.into_iter().map(|url| (CrlScope::Full, url));
                subject.list_urls.extend(lists);
                subject
                    .certificate_urls
                    .extend(certificate.ca_issuers_urls());
            }
        }
        subject.list_urls.sort();
        subject.list_urls.dedup();
        subject.certificate_urls.sort();
        subject.certificate_urls.dedup();
    }
}

/// The full list, the delta if there are to be any, the shards of new certificates, and those of
/// old ones as long as lists of them are made.
fn scopes(terms: &Terms, lists: &[AnnouncedList]) -> Vec<CrlScope> {
    let mut scopes = vec![CrlScope::Full];
    scopes.extend(terms.delta.then_some(CrlScope::Delta));
    scopes.extend((0..terms.shards).map(CrlScope::Shard));
    let announced = lists.iter().map(|list| list.scope);
    scopes.extend(announced.filter(|scope| scope.shard().is_some()));
    scopes.sort();
    scopes.dedup();
    scopes
}
