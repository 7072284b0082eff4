//! OCSP requests: no panic, limits hold, and each `CertID` is kept as it came.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ocsp::{MAX_CERT_IDS, OcspRequest};

fuzz_target!(|octets: &[u8]| {
    let Ok(request) = OcspRequest::parse(octets) else {
        return;
    };
    assert!((1..=MAX_CERT_IDS).contains(&request.cert_ids().len()));
    assert!(
        request
            .nonce()
            .is_none_or(|nonce| (1..=128).contains(&nonce.len()))
    );
    for cert_id in request.cert_ids() {
        assert!(
            octets
                .windows(cert_id.raw.len())
                .any(|window| window == cert_id.raw)
        );
    }
});
