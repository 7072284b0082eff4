//! Cases for subject alternative names.

use der::{Decode, Encode};
use proptest::prelude::*;
use x509_cert::ext::pkix::name::GeneralName;

use super::super::{NameError, SubjectAltName};

fn value(name: Result<SubjectAltName, NameError>) -> Result<String, &'static str> {
    name.map(|name| name.value().into_owned())
        .map_err(|fault| fault.code)
}

#[test]
fn brings_domain_names_to_a_labels() {
    let cases = [
        ("example.com", Ok("example.com")),
        ("EXAMPLE.Com", Ok("example.com")),
        ("*.example.com", Ok("*.example.com")),
        ("例子.测试", Ok("xn--fsqu00a.xn--0zwm56d")),
        ("*.例子.测试", Ok("*.xn--fsqu00a.xn--0zwm56d")),
        ("xn--fsqu00a.XN--0ZWM56D", Ok("xn--fsqu00a.xn--0zwm56d")),
        ("bücher.example", Ok("xn--bcher-kva.example")),
        ("straße.example", Ok("xn--strae-oqa.example")),
        ("l·l.example", Ok("xn--ll-0ea.example")),
        ("localhost", Ok("localhost")),
        ("", Err("dns-malformed")),
        (".", Err("dns-malformed")),
        ("example.com.", Err("dns-malformed")),
        ("a..example", Err("dns-malformed")),
        ("-a.example", Err("dns-malformed")),
        ("a-.example", Err("dns-malformed")),
        ("ab--c.example", Err("dns-malformed")),
        ("a_b.example", Err("dns-malformed")),
        ("a b.example", Err("dns-malformed")),
        ("a\0.example", Err("dns-malformed")),
        ("*", Err("dns-malformed")),
        ("a*.example.com", Err("dns-malformed")),
        ("a.*.example.com", Err("dns-malformed")),
        ("*.*.example.com", Err("dns-malformed")),
        ("192.0.2.1", Err("dns-malformed")),
        ("xn--a.example", Err("dns-malformed")),
        ("a\u{202E}b.example", Err("dns-malformed")),
        ("☃.example", Err("dns-not-idna")),
        ("xn--n3h.example", Err("dns-not-idna")),
        ("a·b.example", Err("dns-not-idna")),
        ("😀.example", Err("dns-not-idna")),
    ];
    for (name, wanted) in cases {
        assert_eq!(
            value(SubjectAltName::new_dns(name)),
            wanted.map(str::to_owned),
            "{name}"
        );
    }
}

#[test]
fn holds_labels_and_names_to_their_lengths() {
    let label = "a".repeat(63);
    assert!(SubjectAltName::new_dns(&format!("{label}.example")).is_ok());
    assert!(SubjectAltName::new_dns(&format!("{label}a.example")).is_err());
    let long = [label.as_str(); 4].join(".");
    assert_eq!(long.len(), 255);
    assert!(SubjectAltName::new_dns(&long).is_err());
    assert!(SubjectAltName::new_dns(&long[2..]).is_ok());
}

#[test]
fn brings_mailboxes_to_the_form_of_rfc_9598() {
    let cases = [
        ("A.b+c@EXAMPLE.com", Ok("A.b+c@example.com")),
        ("王@例子.测试", Ok("王@xn--fsqu00a.xn--0zwm56d")),
        ("a@例子.测试", Ok("a@xn--fsqu00a.xn--0zwm56d")),
        ("a", Err("email-malformed")),
        ("@example.com", Err("email-malformed")),
        ("a@", Err("dns-malformed")),
        ("a@@example.com", Err("email-malformed")),
        (".a@example.com", Err("email-malformed")),
        ("a..b@example.com", Err("email-malformed")),
        ("\"a b\"@example.com", Err("email-malformed")),
        ("a b@example.com", Err("email-malformed")),
        ("a@[192.0.2.1]", Err("dns-malformed")),
        ("a@*.example.com", Err("dns-malformed")),
        ("a\0@example.com", Err("name-nul")),
        ("a\u{202E}@example.com", Err("name-bidi-control")),
        ("e\u{0301}@example.com", Err("name-not-nfc")),
    ];
    for (mailbox, wanted) in cases {
        let wanted = wanted.map(str::to_owned);
        assert_eq!(
            value(SubjectAltName::new_email(mailbox)),
            wanted,
            "{mailbox}"
        );
    }
    assert!(SubjectAltName::new_email(&format!("{}@example.com", "a".repeat(64))).is_ok());
    assert!(SubjectAltName::new_email(&format!("{}@example.com", "a".repeat(65))).is_err());
}

#[test]
fn an_ascii_mailbox_is_an_rfc822_name_and_any_other_an_other_name() {
    let ascii = SubjectAltName::new_email("a@例子.测试")
        .unwrap()
        .to_general_name()
        .unwrap();
    assert!(matches!(ascii, GeneralName::Rfc822Name(_)));
    let other = SubjectAltName::new_email("王@example.com")
        .unwrap()
        .to_general_name()
        .unwrap();
    let der = hex::encode(other.to_der().unwrap());
    assert_eq!(
        der,
        "a01d06082b06010505070809a0110c0fe78e8b406578616d706c652e636f6d"
    );
}

#[test]
fn refuses_the_wrong_form_of_a_mailbox() {
    let ascii = "a01b06082b06010505070809a00f0c0d61406578616d706c652e636f6d";
    let ia5 = "a01b06082b06010505070809a00f160d61406578616d706c652e636f6d";
    for hex in [ascii, ia5] {
        let name = GeneralName::from_der(&hex::decode(hex).unwrap()).unwrap();
        let fault = SubjectAltName::from_general_name(&name).unwrap_err();
        assert_eq!(fault.code, "email-form", "{hex}");
    }
}

#[test]
fn refuses_other_kinds_and_odd_addresses() {
    let cases = [
        ("registered id", "88022a03", "san-kind-unsupported"),
        (
            "directory name",
            "a40f300d310b300906035504061302434e",
            "san-kind-unsupported",
        ),
        ("five octets", "8705c000020101", "ip-malformed"),
        ("address with mask", "8708c0000201ffffff00", "ip-malformed"),
    ];
    for (case, hex, code) in cases {
        let name = GeneralName::from_der(&hex::decode(hex).unwrap()).unwrap();
        assert_eq!(
            SubjectAltName::from_general_name(&name).unwrap_err().code,
            code,
            "{case}"
        );
    }
    assert!(SubjectAltName::parse("upn", "a@example.com").is_err());
}

#[test]
fn checks_uris() {
    let cases = [
        ("https://example.com/a?b#c", Ok("https://example.com/a?b#c")),
        (
            "HTTPS://Example.COM:8443/A",
            Ok("https://example.com:8443/A"),
        ),
        (
            "https://[2001:DB8::1]:443/",
            Ok("https://[2001:db8::1]:443/"),
        ),
        ("https://192.0.2.1/", Ok("https://192.0.2.1/")),
        (
            "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
            Ok("urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"),
        ),
        (
            "spiffe://example.org/service",
            Ok("spiffe://example.org/service"),
        ),
        ("https://u@example.com/", Ok("https://u@example.com/")),
        ("https://例子.测试/", Err("uri-malformed")),
        ("/relative", Err("uri-malformed")),
        ("example.com", Err("uri-malformed")),
        ("https:", Err("uri-malformed")),
        ("https:///path", Err("uri-malformed")),
        ("https://a b/", Err("uri-malformed")),
        ("https://example.com/%zz", Err("uri-malformed")),
        ("https://example.com:port/", Err("uri-malformed")),
        ("1http://example.com/", Err("uri-malformed")),
        ("", Err("uri-malformed")),
    ];
    for (uri, wanted) in cases {
        assert_eq!(
            value(SubjectAltName::new_uri(uri)),
            wanted.map(str::to_owned),
            "{uri}"
        );
    }
}

#[test]
fn knows_wildcards_and_kinds() {
    let wildcard = SubjectAltName::parse("dns", "*.example.com").unwrap();
    assert!(wildcard.is_wildcard());
    assert_eq!(wildcard.to_string(), "dns:*.example.com");
    let address = SubjectAltName::parse("ip", "2001:DB8::1").unwrap();
    assert!(!address.is_wildcard());
    assert_eq!(address.to_string(), "ip:2001:db8::1");
}

proptest! {
    #[test]
    fn survives_a_general_name(kind in "dns|email|uri|ip", text in "\\PC{0,40}") {
        if let Ok(name) = SubjectAltName::parse(&kind, &text) {
            let der = name.to_general_name().unwrap().to_der().unwrap();
            let read = GeneralName::from_der(&der).unwrap();
            prop_assert_eq!(SubjectAltName::from_general_name(&read).unwrap(), name.clone());
            // The normal form is a fixed point.
            prop_assert_eq!(SubjectAltName::parse(name.kind(), &name.value()).unwrap(), name);
        }
    }

    #[test]
    fn survives_likely_names(
        local in "[a-z王é]{1,9}",
        domain in "[a-z0-9王例é-]{1,9}\\.(example|测试)",
    ) {
        if let Ok(name) = SubjectAltName::new_email(&format!("{local}@{domain}")) {
            let der = name.to_general_name().unwrap().to_der().unwrap();
            let read = GeneralName::from_der(&der).unwrap();
            prop_assert_eq!(SubjectAltName::from_general_name(&read).unwrap(), name);
        }
    }
}
