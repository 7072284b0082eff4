//! The database as a whole: opening, migrating, copying, closing.

use std::{fs::File, path::Path, sync::Arc};

use pki::time::SharedClock;
use tokio::sync::{Mutex, oneshot, watch};

use crate::{
    DatabaseConfig, FeedHead, StoreError,
    certificates::Inquiries,
    engine::{Connection, Options, Pool, Statement},
    epoch::mark_as_copy,
    migrations,
    registry::KnownPeers,
    writer::Writer,
};

/// The database; a handle that clones share.
#[derive(Debug, Clone)]
pub struct Store {
    writer: Writer,
    reads: Pool,
    inquiries: Inquiries,
    options: Options,
    peers: KnownPeers,
    /// Taken when the store is closed.
    running: Arc<Mutex<Option<Running>>>,
}

/// What a store holds until it is closed.
#[derive(Debug)]
struct Running {
    writer: oneshot::Receiver<()>,
    /// An SQLite database has one owner.
    _owner: Option<File>,
}

impl Store {
    /// Opens the database; creates nothing and refuses a schema that is not this program's.
    ///
    /// Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`StoreError`] if the configuration is unusable, the database cannot be reached, another
    /// process owns the SQLite file, or the schema is of another version.
    pub async fn connect(config: &DatabaseConfig, clock: SharedClock) -> Result<Self, StoreError> {
        let options = Options::from_config(config)?;
        if options.file().is_some_and(|file| !file.exists()) {
            return Err(migrations::none());
        }
        let owner = own(&options)?;
        let mut connection = Connection::open(&options.clone().syncing()).await?;
        migrations::check(&mut connection).await?;
        let head = Statement::new("SELECT COALESCE(MAX(seq), 0) AS head FROM feed");
        let head = connection
            .first(head)
            .await?
            .map_or(Ok(0), |row| row.get("head"))
            .map(FeedHead::at)?;
        let peers = KnownPeers::new(options.file().is_some());
        connection.close().await?;
        let syncing = options.clone().syncing();
        let started = Writer::start(syncing, clock, head, peers.clone());
        let (writer, end) = started.map_err(sqlx::Error::Io)?;
        let reads = Pool::open(options.clone().reading(), config.read_connections.max(1));
        let running = Running {
            writer: end,
            _owner: owner,
        };
        let running = Arc::new(Mutex::new(Some(running)));
        Ok(Self {
            writer,
            inquiries: Inquiries::start(options.clone()),
            reads,
            options,
            peers,
            running,
        })
    }

    /// Whether no other daemon can work on this database: an SQLite file has one owner.
    pub fn is_exclusive(&self) -> bool {
        self.options.file().is_some()
    }

    /// Brings the schema up to date, creating an SQLite file if there is none; answers its version.
    ///
    /// # Errors
    /// [`StoreError`] as [`Self::connect`], and if a step of the migration fails: then nothing is
    /// changed.
    pub async fn migrate(config: &DatabaseConfig, clock: SharedClock) -> Result<i64, StoreError> {
        let options = Options::from_config(config)?;
        let _owner = own(&options)?;
        let mut connection = Connection::open(&options.creating()).await?;
        let version = migrations::apply(&mut connection, &clock).await?;
        connection.close().await?;
        Ok(version)
    }

    /// Lets the writer finish what is queued, then closes all connections. Operations that come
    /// later fail with [`StoreError::WriterStopped`].
    pub async fn close(&self) {
        self.writer.stop();
        let running = self.running.lock().await.take();
        self.inquiries.close().await;
        self.reads.close().await;
        if let Some(running) = running
            && running.writer.await.is_err()
        {
            tracing::error!("the writer did not end in order");
        }
    }

    /// Writes a consistent copy of an SQLite database to a file that must not exist yet, while work
    /// goes on. The copy has no epoch: it is used with [`Self::begin_epoch`] only. PostgreSQL has tools of its own for this: `pg_dump --format=custom` gives a
    /// consistent copy, `pg_basebackup` with WAL archiving one that loses no commit.
    ///
    /// # Errors
    /// [`StoreError::Unsupported`] for PostgreSQL; [`StoreError`] if the file exists or cannot be
    /// written.
    pub async fn backup(&self, path: &Path) -> Result<(), StoreError> {
        let unusable = || StoreError::Configuration {
            reason: "the path is not UTF-8".to_owned(),
        };
        let Options::Sqlite(_) = &self.options else {
            let what = "copy itself: use pg_dump or pg_basebackup";
            return Err(StoreError::Unsupported {
                engine: "PostgreSQL",
                what,
            });
        };
        let target = path.to_str().ok_or_else(unusable)?;
        // A connection of its own: read connections must not write, not even elsewhere.
        let mut connection = Connection::open(&self.options).await?;
        connection
            .execute(Statement::new("VACUUM INTO $1").bind(target))
            .await?;
        connection.close().await?;
        mark_as_copy(path).await?;
        File::open(path)
            .and_then(|copy| copy.sync_all())
            .map_err(sqlx::Error::Io)?;
        Ok(())
    }

    /// Shows the feed's head as this process moves it. With several daemons on one database, call
    /// [`Self::look_at_feed`] from time to time as well.
    pub fn watch_feed(&self) -> watch::Receiver<FeedHead> {
        self.writer.head()
    }

    /// Reads the feed's head, for those that [`Self::watch_feed`]: another daemon may have moved it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn look_at_feed(&self) -> Result<u64, StoreError> {
        let head = self.feed_head().await?;
        self.writer.saw(FeedHead::at(head));
        Ok(head)
    }

    /// How to connect.
    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// Where operations are handed in.
    pub(crate) fn writes(&self) -> &Writer {
        &self.writer
    }

    /// The peers that were looked up.
    pub(crate) fn known_peers(&self) -> &KnownPeers {
        &self.peers
    }

    /// Where is read.
    pub(crate) fn reads(&self) -> &Pool {
        &self.reads
    }

    /// Where it is asked what the policy must know.
    pub(crate) fn inquiries(&self) -> &Inquiries {
        &self.inquiries
    }

    /// A connection of its own, for reading several times from one state of the database.
    pub(crate) async fn reader(&self) -> Result<Connection, StoreError> {
        Ok(Connection::open(&self.options.clone().reading()).await?)
    }
}

/// Makes this process the owner of an SQLite database, for as long as the file is held.
///
/// A lock on a file beside it, since SQLite's own locks on the database are lost when any
/// descriptor of it is closed in the process.
pub(crate) fn own(options: &Options) -> Result<Option<File>, StoreError> {
    let Some(database) = options.file() else {
        return Ok(None);
    };
    let mut path = database.into_os_string();
    path.push(".lock");
    let unusable = |reason: String| StoreError::Configuration { reason };
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| unusable(format!("{}: {error}", Path::new(&path).display())))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(_) => Err(unusable("another process owns the database".to_owned())),
    }
}
