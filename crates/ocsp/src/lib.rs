//! OCSP requests and responses, bytes in and bytes out.
