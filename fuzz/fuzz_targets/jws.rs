//! JSON Web Signatures: a header that nobody signed is never believed.

#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jws::SignedJson;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    // The whole, and a header of whose octets the fuzzer need not find the encoding.
    let whole: Option<SignedJson> = serde_json::from_slice(octets).ok();
    let header = SignedJson {
        payload: String::new(),
        protected: URL_SAFE_NO_PAD.encode(octets),
        signature: URL_SAFE_NO_PAD.encode([1; 64]),
    };
    assert!(header.verify().is_err());
    if let Some(Ok(verified)) = whole.map(|signed| signed.verify()) {
        assert!(!verified.chain.is_empty());
    }
});
