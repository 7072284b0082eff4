//! Certificates, in DER and in PEM: no panic, and the parts lie in the original octets.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pki::Certificate;

fuzz_target!(|octets: &[u8]| {
    if let Ok(certificate) = Certificate::parse(octets) {
        check(&certificate);
        let again = Certificate::parse_pem(&certificate.to_pem()).expect("our own PEM");
        assert_eq!(again, certificate);
    }
    if let Ok(text) = str::from_utf8(octets)
        && let Ok(chain) = Certificate::parse_pem_chain(text)
    {
        chain.iter().for_each(check);
    }
});

fn check(certificate: &Certificate) {
    let der = certificate.der();
    for part in [
        certificate.tbs_der(),
        certificate.issuer_der(),
        certificate.subject_der(),
    ] {
        assert!(der.windows(part.len().max(1)).any(|window| window == part));
    }
    let _ = certificate.subject_display();
    let _ = certificate.issuer_display();
    let _ = (certificate.not_before(), certificate.not_after());
    let _ = certificate.verify_issued_by(certificate);
}
