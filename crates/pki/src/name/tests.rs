//! Cases for distinguished names.

mod subject_alt_names;

use der::{Decode, Encode};
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;
use x509_cert::name::Name;

use super::{
    AttributeType::{self, CommonName, CountryName, OrganizationName, SerialNumber},
    DistinguishedName, NameError,
};

fn codes(attributes: &[(AttributeType, &str)]) -> Vec<&'static str> {
    let attributes = attributes
        .iter()
        .map(|(kind, text)| (*kind, (*text).to_owned()))
        .collect();
    match DistinguishedName::new(attributes) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.into_iter().map(|fault| fault.code).collect(),
    }
}

fn name(attributes: &[(AttributeType, &str)]) -> DistinguishedName {
    let attributes = attributes
        .iter()
        .map(|(kind, text)| (*kind, (*text).to_owned()))
        .collect();
    DistinguishedName::new(attributes).unwrap()
}

#[test]
fn counts_characters_and_not_octets() {
    assert_eq!(codes(&[(CommonName, &"汉".repeat(64))]), [""; 0]);
    assert_eq!(codes(&[(CommonName, &"汉".repeat(65))]), ["name-too-long"]);
    assert_eq!(codes(&[(CommonName, &"𠮷".repeat(64))]), [""; 0]);
    assert_eq!(
        codes(&[(OrganizationName, &"a".repeat(65))]),
        ["name-too-long"]
    );
}

#[test]
fn holds_texts_to_their_rules() {
    let cases: &[(&str, &str, &[&str])] = &[
        ("plain", "王小明", &[]),
        ("hebrew needs no controls", "שלום", &[]),
        ("persian needs a joiner", "می\u{200C}خواهم", &[]),
        ("empty", "", &["name-empty"]),
        ("nul", "a\0b", &["name-nul"]),
        ("newline", "a\nb", &["name-control"]),
        ("c1 control", "a\u{0085}b", &["name-control"]),
        ("line separator", "a\u{2028}b", &["name-control"]),
        (
            "right-to-left override",
            "a\u{202E}b",
            &["name-bidi-control"],
        ),
        ("isolate", "a\u{2066}b", &["name-bidi-control"]),
        ("mark", "a\u{200F}b", &["name-bidi-control"]),
        ("arabic letter mark", "a\u{061C}b", &["name-bidi-control"]),
        ("zero width space", "a\u{200B}b", &["name-invisible"]),
        ("byte order mark", "\u{FEFF}a", &["name-invisible"]),
        ("tag", "a\u{E0041}", &["name-invisible"]),
        ("noncharacter", "a\u{FFFE}", &["name-invisible"]),
        ("leading blank", " a", &["name-blank-edge"]),
        ("trailing blank", "a ", &["name-blank-edge"]),
        ("ideographic blank", "王\u{3000}", &["name-blank-edge"]),
        ("only a blank", " ", &["name-blank-edge"]),
        ("decomposed", "e\u{0301}", &["name-not-nfc"]),
        ("compatibility ideograph", "\u{F900}", &["name-not-nfc"]),
        (
            "several",
            " \u{202E}\0",
            &["name-nul", "name-bidi-control", "name-blank-edge"],
        ),
    ];
    for (case, text, wanted) in cases {
        assert_eq!(codes(&[(CommonName, text)]), *wanted, "{case}");
    }
}

#[test]
fn a_country_is_two_capital_letters() {
    assert_eq!(codes(&[(CountryName, "CN")]), [""; 0]);
    for text in ["cn", "C", "C1", "Cn", "中国"] {
        assert_eq!(codes(&[(CountryName, text)]), ["country-code"], "{text}");
    }
    assert_eq!(
        codes(&[(CountryName, "CHN")]),
        ["name-too-long", "country-code"]
    );
}

#[test]
fn a_serial_number_is_printable() {
    assert_eq!(codes(&[(SerialNumber, "91310000-X (2)")]), [""; 0]);
    assert_eq!(codes(&[(SerialNumber, "身份")]), ["name-not-printable"]);
    assert_eq!(codes(&[(SerialNumber, "a_b")]), ["name-not-printable"]);
}

#[test]
fn tells_all_faults_at_once_and_none_of_the_values() {
    let attributes = vec![
        (CountryName, "cn".to_owned()),
        (CommonName, "Wang ".to_owned()),
    ];
    let faults = DistinguishedName::new(attributes).unwrap_err();
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "countryName must be two capital letters",
            "commonName must not begin or end with a blank"
        ]
    );
    assert!(DistinguishedName::new(Vec::new()).is_err());
}

#[test]
fn writes_the_string_types_of_rfc_5280() {
    let der = name(&[(CountryName, "CN"), (SerialNumber, "1"), (CommonName, "汉")]).to_der();
    let country = "310b300906035504061302434e";
    let serial = "310a30080603550405130131";
    let common = "310c300a06035504030c03e6b189";
    assert_eq!(hex::encode(der), format!("3027{country}{serial}{common}"));
}

#[test]
fn reads_a_printable_string_as_the_same_name() {
    let utf8 = name(&[(OrganizationName, "Acme")]);
    let printable = hex::decode("300f310d300b060355040a130441636d65").unwrap();
    let read = DistinguishedName::from_x509(&Name::from_der(&printable).unwrap()).unwrap();
    assert_eq!(read, utf8);
    assert_ne!(utf8.to_der(), printable);
}

#[test]
fn tells_unknown_attributes_by_their_identifier() {
    let der = hex::decode("300c310a3008060355040e0c0161").unwrap();
    let faults = DistinguishedName::from_x509(&Name::from_der(&der).unwrap()).unwrap_err();
    let wanted = NameError::new(
        "2.5.4.14",
        "name-attribute-unknown",
        "is not a type that is supported",
    );
    assert_eq!(faults, [wanted]);
}

#[test]
fn displays_as_rfc_4514() {
    let cases = [
        (
            name(&[(CountryName, "CN"), (CommonName, "王, 小明")]),
            "CN=王\\, 小明,C=CN",
        ),
        (
            name(&[(CommonName, "#1 \"a\"+b\\;<c>=")]),
            "CN=\\#1 \\\"a\\\"\\+b\\\\\\;\\<c\\>\\=",
        ),
        (name(&[(SerialNumber, "7")]), "serialNumber=7"),
    ];
    for (name, wanted) in cases {
        assert_eq!(name.to_string(), wanted);
    }
}

#[test]
fn names_attribute_types_both_ways() {
    for attribute in AttributeType::ALL {
        assert_eq!(attribute.as_str().parse(), Ok(*attribute));
        assert_eq!(AttributeType::from_oid(&attribute.oid()), Some(*attribute));
    }
    assert!("CN".parse::<AttributeType>().is_err());
}

proptest! {
    #[test]
    fn survives_der(texts in prop::collection::vec("\\PC{1,70}", 1..5)) {
        let attributes: Vec<_> =
            texts.iter().map(|text| (CommonName, text.nfc().collect::<String>())).collect();
        if let Ok(name) = DistinguishedName::new(attributes) {
            let read = Name::from_der(&name.to_der()).unwrap();
            prop_assert_eq!(read.to_der().unwrap(), name.to_der());
            prop_assert_eq!(DistinguishedName::from_x509(&read).unwrap(), name);
        }
    }
}
