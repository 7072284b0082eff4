//! Cases for certificates.
