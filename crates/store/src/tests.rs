//! The same behaviour on both engines.

mod fixture;
mod issuing;
