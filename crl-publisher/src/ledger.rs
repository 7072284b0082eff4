//! What was published: a small file that outlives restarts, the copy and broken lists.
//!
//! A list is written here before anybody can see it, so that no number ever goes down.

use std::{
    io,
    path::{Path, PathBuf},
};

use feed::Epoch;
use pki::{CrlNumber, CrlScope, IssuerName, time::Timestamp};
use serde::{Deserialize, Serialize};

use crate::gate::{Floor, List};

/// The newest lists of each issuer and scope.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    content: Content,
}

/// What stands in the file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    /// The feed that the places are in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    epoch: Option<Epoch>,
    lists: Vec<Record>,
}

/// A list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    issuer: IssuerName,
    scope: CrlScope,
    number: CrlNumber,
    this_update: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    as_of: Option<u64>,
    #[serde(with = "hex::serde")]
    sha256: [u8; 32],
    /// Whether all outputs have it.
    published: bool,
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
            record.as_of = None;
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

fn forget_old(records: &mut Vec<Record>, issuer: &IssuerName, scope: CrlScope) {
    let keep = match scope {
        CrlScope::Full | CrlScope::Delta => KEPT,
        CrlScope::Shard(_) => KEPT_OF_A_SHARD,
    };
    let of_scope = |record: &Record| record.issuer == *issuer && record.scope == scope;
    let mut numbers: Vec<_> = records
        .iter()
        .filter(|r| of_scope(r))
        .map(|r| r.number)
        .collect();
    numbers.sort_unstable();
    if let Some(oldest) = numbers.iter().rev().nth(keep - 1) {
        records.retain(|record| !of_scope(record) || record.number >= *oldest);
    }
}

fn unusable(path: &Path, source: io::Error) -> LedgerError {
    LedgerError::Io {
        path: path.to_owned(),
        source,
    }
}

/// Complete lists can be the base of a delta for long.
const KEPT: usize = 64;
const KEPT_OF_A_SHARD: usize = 4;
