//! Certification requests: whatever is taken must stand as it was read.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pki::{CertificationRequest, MAX_CSR_BYTES};

fuzz_target!(|octets: &[u8]| {
    if let Ok(request) = CertificationRequest::parse_pem_or_der(octets) {
        assert!(request.der().len() <= MAX_CSR_BYTES);
        let again = CertificationRequest::parse(request.der()).expect("it was good before");
        assert_eq!(again.public_key(), request.public_key());
        assert_eq!(again.subject(), request.subject());
        assert_eq!(again.requested(), request.requested());
    }
});
