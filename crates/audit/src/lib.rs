//! Audit events: what happened, who did it, with which outcome.
