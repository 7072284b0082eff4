//! CA certificates and documents: published as the copy has them.

use std::collections::BTreeMap;

use pki::{Certificate, IssuerName, time::Timestamp};
use sha2::{Digest as _, Sha256};
use store::{
    StoreError,
    copy::{CopiedDocument, CopiedIssuer},
};

use super::{
    Issuer, NotPublished, Publisher,
    slot::{LONGEST_PAUSE, Pause},
};
use crate::{
    metrics,
    output::{Content, Replaceable, Replaced},
    shelf::Item,
};

/// How each file stands, by path.
#[derive(Debug, Default)]
pub(super) struct Files(BTreeMap<String, File>);

#[derive(Debug, Default)]
struct File {
    /// SHA-256 of what all outputs have.
    done: Option<[u8; 32]>,
    /// SHA-256 of what was not published, and why.
    complaint: Option<([u8; 32], &'static str)>,
    pause: Pause,
}

impl Files {
    pub(super) fn due(&self) -> Option<Timestamp> {
        self.0.values().filter_map(|file| file.pause.until()).min()
    }

    /// Whether it is time to publish this.
    fn wants(&mut self, path: &str, digest: [u8; 32], now: Timestamp) -> bool {
        let file = self.0.entry(path.to_owned()).or_default();
        let news = file.complaint.is_none_or(|(what, _)| what != digest);
        file.done != Some(digest) && (news || file.pause.is_over(now))
    }

    fn note(
        &mut self,
        path: &str,
        digest: [u8; 32],
        outcome: Result<(), NotPublished>,
        now: Timestamp,
    ) {
        let file = self.0.entry(path.to_owned()).or_default();
        let Err(error) = outcome else {
            *file = File {
                done: Some(digest),
                ..File::default()
            };
            return;
        };
        file.pause.lengthen(now, LONGEST_PAUSE);
        let complaint = Some((digest, error.code()));
        if std::mem::replace(&mut file.complaint, complaint) == complaint {
            return;
        }
        metrics::not_published(error.code());
        tracing::error!(
            path,
            error = %metrics::chain(&error),
            code = error.code(),
            "not published"
        );
    }
}

impl Publisher {
    /// Certificates before lists: a list is checked against the published certificate.
    pub(super) async fn publish_files(&mut self) -> Result<(), StoreError> {
        for issuer in self.parts.copy.issuers().await? {
            let path = certificate_path(&issuer.name);
            let digest = Sha256::digest(&issuer.certificate_der).into();
            if self.files.wants(&path, digest, self.now()) {
                let outcome = self.publish_certificate(&path, issuer).await;
                self.files
                    .note(&path, digest, outcome, self.parts.clock.now());
            }
        }
        for document in self.parts.copy.documents().await? {
            let digest = Sha256::digest(&document.body).into();
            if self.files.wants(&document.name, digest, self.now()) {
                let path = document.name.clone();
                let outcome = self.publish_document(document).await;
                self.files
                    .note(&path, digest, outcome, self.parts.clock.now());
            }
        }
        Ok(())
    }

    /// Publishes a CA certificate (RFC 5280 section 4.2.2.1, id-ad-caIssuers). Under one name
    /// stands one key for ever: another one would make every list that stands worthless.
    async fn publish_certificate(
        &mut self,
        path: &str,
        issuer: CopiedIssuer,
    ) -> Result<(), NotPublished> {
        let der = issuer.certificate_der;
        let certificate = Certificate::parse(&der).map_err(NotPublished::Certificate)?;
        let same_key = |before: &Certificate| before.public_key() == certificate.public_key();
        if let Some(before) = self.issuers.get(&issuer.name)
            && !same_key(&before.certificate)
        {
            return Err(NotPublished::OtherKey);
        }
        let content = Content {
            body: der.into(),
            media_type: "application/pkix-cert",
            max_age: self.parts.terms.max_age,
        };
        // What cannot be read binds nobody.
        let may_replace = |standing: &[u8]| {
            Certificate::parse(standing)
                .ok()
                .is_none_or(|it| same_key(&it))
        };
        let outcome = self
            .publish_file(path, content, Replaceable::by(&may_replace))
            .await;
        if !matches!(outcome, Err(NotPublished::OtherKey)) {
            // What an output fails to take is no reason to hold back lists from the others.
            let kind = issuer.kind;
            self.issuers
                .insert(issuer.name, Issuer { certificate, kind });
        }
        outcome
    }

    /// The CPS as the policy renders it. HTML of strangers on our own origin is nothing to serve,
    /// so only this one path and these two forms are.
    async fn publish_document(&mut self, document: CopiedDocument) -> Result<(), NotPublished> {
        let (name, told) = (document.name, document.media_type);
        let media_type = match name.rsplit_once('.').map(|(_, form)| form) {
            Some("html") if told.starts_with("text/html") => "text/html; charset=utf-8",
            Some("md") if told.starts_with("text/markdown") => "text/markdown; charset=utf-8",
            _ => "",
        };
        if media_type.is_empty() || !name.starts_with("cps/") {
            return Err(NotPublished::Document { name });
        }
        let content = Content {
            body: document.body.into(),
            media_type,
            max_age: self.parts.terms.max_age,
        };
        self.publish_file(&name, content, Replaceable::by(&|_| true))
            .await
    }

    /// Into all outputs; served as soon as one has it.
    async fn publish_file(
        &self,
        path: &str,
        content: Content,
        replaceable: Replaceable<'_>,
    ) -> Result<(), NotPublished> {
        let mut failed = None;
        for output in &self.parts.outputs {
            match output.replace(path, &content, replaceable).await {
                Ok(Replaced::Stands) => self.shelve(path, &content),
                Ok(Replaced::Kept) => return Err(NotPublished::OtherKey),
                Err(source) => {
                    let output = output.kind();
                    failed = Some(NotPublished::Output { output, source });
                }
            }
        }
        failed.map_or(Ok(()), Err)
    }

    fn shelve(&self, path: &str, content: &Content) {
        let item = Item {
            body: content.body.clone(),
            digest: Sha256::digest(&content.body).into(),
            media_type: content.media_type,
            max_age: content.max_age,
            fresh_until: None,
        };
        self.parts.shelf.put(path, item, self.now());
    }
}

fn certificate_path(issuer: &IssuerName) -> String {
    format!("ca/{issuer}.cer")
}
