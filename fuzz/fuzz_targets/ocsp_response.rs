//! OCSP responses as a relying party meets them: no panic, and nothing is believed that the
//! fuzzer made, which has no key.

#![no_main]

use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use libfuzzer_sys::fuzz_target;
use ocsp::{Answer, Asked, CertIdHash, Query};
use pki::{Certificate, SerialNumber};

static ISSUER: LazyLock<Certificate> = LazyLock::new(|| {
    let der = include_bytes!("../../crates/pki/tests/fixtures/certificate/good.issuing.der");
    Certificate::parse(der).expect("the fixture is a certificate")
});

fuzz_target!(|octets: &[u8]| {
    let serial = SerialNumber::from_bytes(&[7]).expect("7 is a serial number");
    let query = Query::new(&ISSUER, &[serial], CertIdHash::Sha1, Some(&[1; 16]));
    let asked = Asked {
        query: &query.expect("a query"),
        issuer: &ISSUER,
        now: Timestamp::from_second(1_800_000_000).expect("a time"),
        tolerance: SignedDuration::from_mins(5),
    };
    assert!(Answer::verify(octets, &asked).is_err());
});
