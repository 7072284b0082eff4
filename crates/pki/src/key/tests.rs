//! Cases for public keys.
