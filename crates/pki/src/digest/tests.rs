//! Cases for digests and the small types beside them.

use super::{Fingerprint, KeyId, SpkiHash};
use crate::{CrlNumber, IssuerName, RevocationReason};

#[test]
fn reads_hexadecimal_with_and_without_colons() {
    let digest = Fingerprint::of(b"");
    let text = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(digest.to_string(), text);
    assert_eq!(text.parse(), Ok(digest));
    assert_eq!(text.to_uppercase().parse(), Ok(digest));
    let pairs: Vec<&str> = text
        .as_bytes()
        .chunks(2)
        .map(|two| str::from_utf8(two).unwrap())
        .collect();
    assert_eq!(pairs.join(":").parse(), Ok(digest));
}

#[test]
fn refuses_other_lengths() {
    for text in [
        "",
        "e3",
        &"00".repeat(31),
        &"00".repeat(33),
        &"zz".repeat(32),
    ] {
        assert!(text.parse::<SpkiHash>().is_err(), "{text}");
    }
    assert!(KeyId::from_bytes(&[0; 19]).is_err());
    assert_eq!(KeyId::from_bytes(&[7; 20]).unwrap().as_bytes(), &[7; 20]);
}

#[test]
fn serde_is_the_text() {
    let digest = SpkiHash::of(b"key");
    let json = serde_json::to_string(&digest).unwrap();
    assert_eq!(json, format!("\"{digest}\""));
    assert_eq!(serde_json::from_str::<SpkiHash>(&json).unwrap(), digest);
}

#[test]
fn issuer_names_fit_urls_and_files() {
    for name in ["esign-ca", "a", "2026", &"a".repeat(64)] {
        assert_eq!(name.parse::<IssuerName>().unwrap().as_str(), name);
    }
    for name in ["", "Esign", "a/b", "..", "a b", "é", "a_b", &"a".repeat(65)] {
        assert!(name.parse::<IssuerName>().is_err(), "{name}");
    }
}

#[test]
fn reasons_keep_their_codes_and_names() {
    let codes: Vec<u8> = RevocationReason::ALL.map(RevocationReason::code).to_vec();
    assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 8, 9, 10]);
    for reason in RevocationReason::ALL {
        assert_eq!(RevocationReason::from_code(reason.code()), Some(reason));
        assert_eq!(reason.as_str().parse(), Ok(reason));
    }
    assert_eq!(RevocationReason::from_code(7), None);
    assert_eq!(RevocationReason::from_code(11), None);
    assert!("KeyCompromise".parse::<RevocationReason>().is_err());
    assert_eq!(
        serde_json::to_string(&RevocationReason::AaCompromise).unwrap(),
        "\"aACompromise\""
    );
}

#[test]
fn crl_numbers_go_up() {
    let number = CrlNumber::new(41);
    assert_eq!(number.next(), CrlNumber::new(42));
    assert!(number < number.next());
    assert_eq!(serde_json::to_string(&number).unwrap(), "41");
}
