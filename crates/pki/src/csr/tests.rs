//! Cases for certification requests.
