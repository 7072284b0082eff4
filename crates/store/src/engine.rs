//! The two database engines behind one face: statements, values and rows.
//!
//! Both engines take `$1` placeholders, `ON CONFLICT` and partial indexes, so every statement of
//! this crate is one text for both. Columns are of four types: 64-bit integer, text, octets, flag.

mod arguments;
mod connection;
mod options;
mod row;
mod statement;
mod value;
mod word;

pub(crate) use connection::{Connection, Kind, Pool};
pub(crate) use options::{Options, sqlite_options};
pub(crate) use row::Row;
pub(crate) use statement::Statement;
pub(crate) use value::{FromCell, Value, nanos_free};
pub(crate) use word::{from_word, to_json, to_word};
