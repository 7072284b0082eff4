//! The relying party's half: requests to send, and responses to judge.
//!
//! A response is worth something only to whoever checks all of it: that it answers the question
//! that was asked, that its signer may speak for the issuer, and that it is of now (RFC 6960
//! section 3.2).

mod answer;
mod fault;
mod query;
mod responder;

pub use self::{
    answer::{Answer, Asked, MAX_RESPONSE_BYTES, NonceEcho, StatedStatus},
    fault::ResponseFault,
    query::{Query, QueryError},
};
