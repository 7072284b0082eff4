//! A follower's own copy of the status feed, in a small SQLite database.
//!
//! It outlives restarts and the absence of ca-daemon. It holds nothing that the feed cannot bring
//! again, so that it may be deleted: the follower then begins with a snapshot.

mod apply;
mod not_good;
mod page;
mod read;
mod sample;

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

use feed::{IssuerKind, Status, Terms};
use jiff::Timestamp;
use pki::{CrlNumber, CrlScope, IssuerName, SerialNumber, SpkiHash};
use tokio::sync::Mutex;

pub use self::sample::SampleOf;
use crate::{
    StoreError,
    engine::{Connection, Pool, Statement, sqlite_options},
    store::own,
};

/// The copy; a handle that clones share.
#[derive(Debug, Clone)]
pub struct StatusCopy {
    /// The only connection that changes the copy.
    writer: Arc<Mutex<Connection>>,
    reads: Pool,
    path: PathBuf,
    /// The file has one owner.
    _owner: Option<Arc<File>>,
}

/// A CA, as the feed told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedIssuer {
    /// Its name in URLs and file names.
    pub name: IssuerName,
    /// What it signs.
    pub kind: IssuerKind,
    /// Its certificate.
    pub certificate_der: Vec<u8>,
}

/// The status of a certificate, as the feed told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedStatus {
    /// The issuer.
    pub issuer: IssuerName,
    /// The serial number.
    pub serial: SerialNumber,
    /// Last second of validity, inclusive.
    pub not_after: Timestamp,
    /// The shard that its CRL distribution point names.
    pub shard: Option<u16>,
    /// The status.
    pub status: Status,
    /// Sequence number of the entry that told it.
    pub sequence: u64,
}

/// A responder's certificate, as the feed told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedResponderCertificate {
    /// The CA for which it answers.
    pub issuer: IssuerName,
    /// The responder.
    pub follower: String,
    /// Its key.
    pub spki_hash: SpkiHash,
    /// The certificate.
    pub certificate_der: Vec<u8>,
    /// Sequence number of the entry that brought it.
    pub sequence: u64,
}

/// The newest list of an issuer and scope, as the feed brought it: not checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedCrl {
    /// Who signed it.
    pub issuer: IssuerName,
    /// What it covers.
    pub scope: CrlScope,
    /// CRLNumber.
    pub number: CrlNumber,
    /// The complete list that a delta adds to.
    pub base: Option<CrlNumber>,
    /// thisUpdate.
    pub this_update: Timestamp,
    /// nextUpdate.
    pub next_update: Timestamp,
    /// The sequence number of the feed at which its entries were read.
    pub as_of: u64,
    /// How many octets its DER has.
    pub size: u64,
    /// SHA-256 of its DER.
    pub sha256: [u8; 32],
    /// Sequence number of the entry that brought it.
    pub sequence: u64,
}

/// What an issuer's policy promises, as the feed brought it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedTerms {
    /// The CA.
    pub issuer: IssuerName,
    /// The promises.
    pub terms: Terms,
    /// Sequence number of the entry that brought them.
    pub sequence: u64,
}

/// A text to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedDocument {
    /// Path below the public base.
    pub name: String,
    /// Content-Type.
    pub media_type: String,
    /// The text.
    pub body: Vec<u8>,
    /// The CA it belongs to.
    pub issuer: IssuerName,
    /// Sequence number of the entry that brought it.
    pub sequence: u64,
}

/// Version of `schema.sql`.
const VERSION: i64 = 1;
/// In place of a shard, where a certificate's CRL distribution point names the full list.
const FULL: i64 = -1;
/// How many connections serve reads.
const READ_CONNECTIONS: u32 = 2;

impl StatusCopy {
    /// Opens the copy, making an empty one if there is none.
    ///
    /// # Errors
    /// [`StoreError`] if the file cannot be used, another process owns it, or another version of
    /// this program made it: delete it then.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let options = sqlite_options(path);
        let owner = own(&options)?;
        let mut connection = Connection::open(&options.clone().creating().copying()).await?;
        let found = version(&mut connection).await?;
        match found {
            VERSION => {}
            0 => {
                connection.begin().await?;
                connection.run(include_str!("copy/schema.sql")).await?;
                connection.commit().await?;
            }
            found => {
                return Err(StoreError::SchemaTooNew {
                    found,
                    known: VERSION,
                });
            }
        }
        Ok(Self {
            writer: Arc::new(Mutex::new(connection)),
            reads: Pool::open(options.reading(), READ_CONNECTIONS),
            path: path.to_owned(),
            _owner: owner.map(Arc::new),
        })
    }

    /// Opens a copy that another process may own, to read it: what that process commits is seen.
    ///
    /// # Errors
    /// [`StoreError`] if there is none, or another version of this program made it.
    pub async fn beside(path: &Path) -> Result<Self, StoreError> {
        let options = sqlite_options(path);
        let mut connection = Connection::open(&options.clone().reading()).await?;
        match version(&mut connection).await? {
            VERSION => {}
            found => {
                return Err(StoreError::SchemaTooNew {
                    found,
                    known: VERSION,
                });
            }
        }
        Ok(Self {
            writer: Arc::new(Mutex::new(connection)),
            reads: Pool::open(options.reading(), READ_CONNECTIONS),
            path: path.to_owned(),
            _owner: None,
        })
    }
}

async fn version(connection: &mut Connection) -> Result<i64, StoreError> {
    let version = Statement::new("PRAGMA user_version");
    let row = connection.first(version).await?;
    row.map_or(Ok(0), |row| row.get("user_version"))
}
