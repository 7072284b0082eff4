//! Audit events: what happened, who did it and with which outcome.
//!
//! In scope: the event with its kinds, actors and outcomes, the canonical bytes of an event and
//! the hash chain over them. Out of scope: where events are kept (`store` records each of them in
//! the transaction of the change it describes) and who may read them (`ca-daemon`).

mod chain;
mod detail;
mod event;
mod kind;

pub use chain::{ChainHash, ChainHashError};
pub use detail::Detail;
pub use event::{Actor, AuditEvent, Outcome};
pub use kind::{EventKind, UnknownEventKind};
