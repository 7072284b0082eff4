//! What was published: a small file that outlives restarts, the copy and broken lists.
//!
//! A list is written here before anybody can see it, so that no number ever goes down.

mod content;

use std::{
    io,
    path::{Path, PathBuf},
};

use feed::Epoch;
use pki::{CrlNumber, CrlScope, IssuerName};

use self::content::{Content, Record, forget_old, released};
use crate::gate::{Floor, List, Released};

/// The newest lists of each issuer and scope.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    content: Content,
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The operating system's error.
    #[error("{} cannot be used", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Not what this program wrote: put it back, for without it older lists could be published.
    #[error("{} is broken", .path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

impl Ledger {
    /// Reads the file; there is none at first.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        let content = match std::fs::read(path) {
            Ok(json) => serde_json::from_slice(&json).map_err(|source| LedgerError::Broken {
                path: path.to_owned(),
                source,
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Content::default(),
            Err(source) => return Err(unusable(path, source)),
        };
        Ok(Self {
            path: path.to_owned(),
            content,
        })
    }

    /// The scopes of an issuer that were published.
    pub fn scopes(&self, issuer: &IssuerName) -> Vec<CrlScope> {
        let of_issuer = self
            .content
            .lists
            .iter()
            .filter(|record| record.issuer == *issuer);
        let mut scopes: Vec<_> = of_issuer.map(|record| record.scope).collect();
        scopes.sort_unstable();
        scopes.dedup();
        scopes
    }

    /// The newest list of a scope that was published or about to be.
    pub fn floor(&self, issuer: &IssuerName, scope: CrlScope) -> Option<Floor> {
        let newest = self.of(issuer, scope).max_by_key(|record| record.number)?;
        Some(Floor {
            number: newest.number,
            this_update: newest.this_update,
            as_of: newest.as_of,
            digest: newest.sha256,
        })
    }

    /// The newest number of a scope that all outputs have.
    pub fn published(&self, issuer: &IssuerName, scope: CrlScope) -> Option<CrlNumber> {
        let published = self.of(issuer, scope).filter(|record| record.published);
        published.map(|record| record.number).max()
    }

    /// As of which place in the feed a list was read.
    pub fn as_of(&self, issuer: &IssuerName, scope: CrlScope, digest: &[u8; 32]) -> Option<u64> {
        let mut of_scope = self.of(issuer, scope);
        of_scope.find(|record| record.sha256 == *digest)?.as_of
    }

    /// What was on a list although the copy had it as good; none if it was not compared with the copy.
    pub fn released(
        &self,
        issuer: &IssuerName,
        scope: CrlScope,
        digest: &[u8; 32],
    ) -> Option<&Released> {
        let mut of_scope = self.of(issuer, scope);
        let record = of_scope.find(|record| record.sha256 == *digest)?;
        record.released.as_ref()
    }

    /// Writes down that a list of the ledger was compared with the copy.
    ///
    /// # Errors
    /// [`LedgerError`]; then nothing changed.
    pub async fn compared(
        &mut self,
        issuer: &IssuerName,
        scope: CrlScope,
        list: &List,
    ) -> Result<(), LedgerError> {
        let mut content = self.content.clone();
        let mut lists = content.lists.iter_mut();
        let same = |record: &&mut Record| {
            (&record.issuer, record.scope, record.sha256) == (issuer, scope, list.digest)
        };
        match lists.find(same) {
            Some(record) => record.released = released(list),
            None => return Ok(()),
        }
        self.write(content).await
    }

    /// Goes on with a copy that has everything up to `cursor`. One that has not got as far as the
    /// lists is not the one that they were compared with.
    ///
    /// # Errors
    /// [`LedgerError`]; then nothing changed, and what was compared must not be relied on.
    pub async fn go_on(&mut self, cursor: u64) -> Result<(), LedgerError> {
        let is_ahead = |record: &Record| record.released.is_some() && record.as_of > Some(cursor);
        if !self.content.lists.iter().any(is_ahead) {
            return Ok(());
        }
        let mut content = self.content.clone();
        for record in &mut content.lists {
            record.released = None;
        }
        self.write(content).await
    }

    /// As of which place in the feed a complete list was read that all outputs have had.
    pub fn base_as_of(&self, issuer: &IssuerName, number: CrlNumber) -> Option<u64> {
        let mut published = self
            .of(issuer, CrlScope::Full)
            .filter(|record| record.published);
        published.find(|record| record.number == number)?.as_of
    }

    /// Goes over to a feed; gives whether the lists were of another one: then at which places they
    /// were read is forgotten, for the numbers mean other things.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn follow(&mut self, epoch: &Epoch) -> Result<bool, LedgerError> {
        let before = self.content.epoch.as_ref();
        if before == Some(epoch) {
            return Ok(false);
        }
        let other = before.is_some();
        let mut content = self.content.clone();
        content.epoch = Some(epoch.clone());
        for record in content.lists.iter_mut().filter(|_| other) {
            (record.as_of, record.released) = (None, None);
        }
        self.write(content).await?;
        Ok(other)
    }

    /// Whether a list that could drop entries may have a number between these two: every number
    /// between them that is not of a delta.
    pub fn gap(
        &self,
        issuer: &IssuerName,
        scope: CrlScope,
        from: CrlNumber,
        to: CrlNumber,
    ) -> bool {
        let between = (from.get() + 1)..to.get();
        let deltas = self.of(issuer, CrlScope::Delta).filter(|record| {
            scope.numbering() == CrlScope::Full && between.contains(&record.number.get())
        });
        let known = u64::try_from(deltas.count()).unwrap_or(u64::MAX);
        known < between.end.saturating_sub(between.start)
    }

    /// Writes down a list that is about to be published, or that `published` says all outputs have.
    ///
    /// # Errors
    /// [`LedgerError`]; then nothing changed, and the list must not be published.
    pub async fn record(
        &mut self,
        issuer: &IssuerName,
        scope: CrlScope,
        list: &List,
        published: bool,
    ) -> Result<(), LedgerError> {
        let record = Record {
            issuer: issuer.clone(),
            scope,
            number: list.number,
            this_update: list.this_update,
            as_of: list.as_of,
            sha256: list.digest,
            published,
            released: released(list),
        };
        if self.content.lists.contains(&record) {
            return Ok(());
        }
        let mut content = self.content.clone();
        let same = |other: &Record| {
            (&other.issuer, other.scope, other.number) == (issuer, scope, record.number)
        };
        content.lists.retain(|other| !same(other));
        content.lists.push(record);
        forget_old(&mut content.lists, issuer, scope);
        self.write(content).await
    }

    async fn write(&mut self, content: Content) -> Result<(), LedgerError> {
        let json = serde_json::to_vec(&content).map_err(|source| LedgerError::Broken {
            path: self.path.clone(),
            source,
        })?;
        let path = self.path.clone();
        let written = tokio::task::spawn_blocking(move || service::fs::write_atomic(&path, &json));
        let written = written.await.map_err(io::Error::other).flatten();
        written.map_err(|source| unusable(&self.path, source))?;
        self.content = content;
        Ok(())
    }

    fn of(&self, issuer: &IssuerName, scope: CrlScope) -> impl Iterator<Item = &Record> {
        self.content
            .lists
            .iter()
            .filter(move |record| record.issuer == *issuer && record.scope == scope)
    }
}

fn unusable(path: &Path, source: io::Error) -> LedgerError {
    LedgerError::Io {
        path: path.to_owned(),
        source,
    }
}
