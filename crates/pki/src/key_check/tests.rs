//! Cases for the key checks.
