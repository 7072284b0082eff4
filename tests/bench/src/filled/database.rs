//! The database itself, by the program that its makers give to operators.

use std::{
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context as _, ensure};
use blackbox_tests::World;
use testkit::TestPostgres;

/// Where certificates are put.
pub(super) enum Database<'w> {
    /// A file; nobody else may have it open.
    Sqlite(PathBuf),
    /// A database of a server.
    Postgres(&'w TestPostgres),
}

/// What the two engines write differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// SQLite's.
    Sqlite,
    /// PostgreSQL's.
    Postgres,
}

impl<'w> Database<'w> {
    /// The database of a world.
    pub(super) fn of(world: &'w World) -> Self {
        let file = || Self::Sqlite(world.run().join("ca/ca.db"));
        world.postgres().map_or_else(file, Self::Postgres)
    }

    pub(super) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Before the first row.
    pub(super) fn prepare(&self) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(_) => self.run("ALTER SYSTEM SET max_wal_size = '8GB'"),
        }
    }

    /// After the last row: all as it was, and statistics as a database that has grown has them.
    pub(super) fn finish(&self) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(_) => self.run("PRAGMA journal_mode = WAL;"),
            Self::Postgres(_) => self.run("VACUUM ANALYZE"),
        }
    }

    /// Runs statements.
    pub(super) fn run(&self, sql: &str) -> anyhow::Result<()> {
        self.rows(sql).map(drop)
    }

    /// The columns of a table.
    pub(super) fn columns(&self, table: &str) -> anyhow::Result<Vec<String>> {
        self.rows(&match self {
            Self::Sqlite(_) => format!("SELECT name FROM pragma_table_info('{table}');"),
            Self::Postgres(_) => format!(
                "SELECT column_name FROM information_schema.columns \
                 WHERE table_name = '{table}' ORDER BY ordinal_position"
            ),
        })
    }

    /// The lines that statements answer with.
    pub(super) fn rows(&self, sql: &str) -> anyhow::Result<Vec<String>> {
        let said = match self {
            Self::Sqlite(path) => {
                let mut command = Command::new("sqlite3");
                said(command.args(["-batch", "-bail"]).arg(path), &[FAST, sql])?
            }
            Self::Postgres(database) => database.sql(sql),
        };
        let lines = said.lines().filter(|line| !line.is_empty());
        Ok(lines.map(str::to_owned).collect())
    }
}

fn said(command: &mut Command, input: &[&str]) -> anyhow::Result<String> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("sqlite3 (make test-prerequisites)")?;
    if let Some(mut stdin) = child.stdin.take() {
        for text in input {
            stdin.write_all(text.as_bytes())?;
        }
    }
    let output = child.wait_with_output()?;
    ensure!(
        output.status.success(),
        "sqlite3: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?)
}

/// Nothing is synced, what a chunk touches stays in memory (2 GB of cache), and there is no journal: a
/// file that is lost half way is made anew.
const FAST: &str = "\
.output /dev/null
PRAGMA synchronous = OFF;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = OFF;
PRAGMA cache_size = -2000000;
PRAGMA temp_store = MEMORY;
.output
";
