//! What the machine could do at best, measured in the same run.

pub(crate) mod copy;
pub(crate) mod http;
pub(crate) mod token;
