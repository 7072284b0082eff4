//! The public publisher of CRLs, CA certificates and CPS documents.
//!
//! In scope: following the status feed into an own copy, checking each CRL against that copy before
//! it replaces another, publishing atomically into a directory or an object store, serving what is
//! published. Out of scope: making CRLs; this process has no key and trusts no CRL that it did not
//! check itself.
//!
//! The path of a CRL is the order of these modules: [`follow`] takes its announcement from the
//! feed, [`publisher`] has its octets from [`source`] and asks the [`gate`], which compares them
//! with what the copy has ([`statuses`]) and with the lists that stand; then it goes into the
//! [`ledger`] and the [`output`]s, and onto the [`shelf`] from which [`http`] serves.

pub mod cli;
pub mod config;
pub mod follow;
pub mod gate;
pub mod http;
pub mod ledger;
pub mod metrics;
pub mod output;
pub mod probe;
pub mod publisher;
pub mod run;
pub mod shelf;
pub mod source;
pub mod statuses;

#[cfg(test)]
mod test_ca;
