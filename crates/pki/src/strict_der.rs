//! DER and nothing but DER.
