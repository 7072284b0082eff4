//! The public OCSP responder (RFC 6960, RFC 9654, RFC 9919).
//!
//! In scope: answering strangers over plain HTTP from an own copy of the status feed, signed with
//! an own key on an own token. Out of scope: CA keys and the CA's database, which this process
//! cannot reach, and asking for certificates: those for its key arrive through the feed.
//!
//! The path of a request is the order of these modules: [`http`] takes the bytes out of GET or
//! POST, [`answer`] decides what to say, [`authority`] and [`index`] say what is known,
//! [`freshness`] whether it may still be said. The path of a status is [`follow`], which lets the
//! feed be acknowledged only when every later answer sees it.

pub mod answer;
pub mod authority;
pub mod cli;
pub mod config;
pub mod follow;
pub mod freshness;
pub mod heard;
pub mod http;
pub mod index;
pub mod key;
pub mod keys;
pub mod metrics;
pub mod run;
pub mod terms;

#[cfg(test)]
mod test_ca;
#[cfg(test)]
mod token_tests;
