//! PKCS#11: module, token, sessions, pool, recovery.
