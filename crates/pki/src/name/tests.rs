//! Cases for names.
