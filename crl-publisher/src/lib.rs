//! The public publisher of CRLs, CA certificates and CPS documents.
//!
//! In scope: following the status feed into an own copy, checking each CRL against that copy before
//! it replaces another, publishing atomically into a directory, serving that directory. Out of
//! scope: making CRLs; this process has no key and trusts no CRL that it did not check itself.
//!
//! The path of a CRL is the order of these modules: [`follow`] takes it from the feed, [`gate`]
//! compares it with what [`knowledge`] has from the same feed and with the list that stands,
//! [`publisher`] decides, [`directory`] writes, [`shelf`] holds what [`http`] serves.

pub mod cli;
pub mod config;
pub mod directory;
pub mod follow;
pub mod gate;
pub mod http;
pub mod knowledge;
pub mod metrics;
pub mod output;
pub mod probe;
pub mod publisher;
pub mod run;
pub mod shelf;

#[cfg(test)]
mod test_ca;
