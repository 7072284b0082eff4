//! The certificate authority's daemon.
//!
//! Read [`issue`] for how a CSR becomes a certificate, [`revoke`] for how it ends, [`crl`] and
//! [`responders`] for what relying parties are told, [`http`] for who may ask.
//!
//! In scope: everything that needs a CA key or the database. Out of scope: public listeners; those
//! are `ocsp-responder` and `crl-publisher`, which hold neither.

pub mod access_refusals;
pub mod alarms;
pub mod app;
pub mod authority;
pub mod certified;
pub mod cli;
pub mod commands;
pub mod config;
pub mod crl;
pub mod delivery;
pub mod http;
pub mod in_flight;
pub mod issue;
pub mod leadership;
pub mod life_events;
pub mod management;
pub mod neighbours;
pub mod open;
pub mod policies;
pub mod receipts;
pub mod refusal;
pub mod responders;
pub mod revoke;
pub mod subject;
