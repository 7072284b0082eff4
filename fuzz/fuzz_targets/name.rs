//! Distinguished names and subject alternative names, from DER and from text: what is taken must
//! survive writing and reading.

#![no_main]

use der::{Decode, Encode};
use libfuzzer_sys::fuzz_target;
use pki::{DistinguishedName, SubjectAltName};
use x509_cert::{ext::pkix::name::GeneralName, name::Name};

const KINDS: [&str; 4] = ["dns", "ip", "email", "uri"];

fuzz_target!(|octets: &[u8]| {
    if let Ok(name) = Name::from_der(octets) {
        distinguished_name(&name);
    }
    if let Ok(name) = GeneralName::from_der(octets)
        && let Ok(name) = SubjectAltName::from_general_name(&name)
    {
        subject_alt_name(&name);
    }
    if let Ok(text) = str::from_utf8(octets) {
        for kind in KINDS {
            if let Ok(name) = SubjectAltName::parse(kind, text) {
                subject_alt_name(&name);
            }
        }
    }
});

fn distinguished_name(name: &Name) {
    if let Ok(name) = DistinguishedName::from_x509(name) {
        let written = Name::from_der(&name.to_der()).expect("our own DER");
        assert_eq!(
            DistinguishedName::from_x509(&written).expect("our own name"),
            name
        );
        let _ = name.to_string();
    }
}

fn subject_alt_name(name: &SubjectAltName) {
    let der = name
        .to_general_name()
        .expect("a name")
        .to_der()
        .expect("its DER");
    let read = GeneralName::from_der(&der).expect("our own DER");
    assert_eq!(SubjectAltName::from_general_name(&read).as_ref(), Ok(name));
    assert_eq!(
        SubjectAltName::parse(name.kind(), &name.value()).as_ref(),
        Ok(name)
    );
}
