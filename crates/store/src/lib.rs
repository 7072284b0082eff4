//! The database: repositories and migrations for SQLite and PostgreSQL.
