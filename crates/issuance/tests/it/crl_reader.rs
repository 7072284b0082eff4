//! The reader meets CRLs that are not ours.

use issuance::crl_reader::CrlView;
use pki::{CrlNumber, SignatureAlgorithm};

use crate::{
    crl::{entry, issue},
    support::{SoftwareKey, TestCa, time},
};

#[test]
fn the_frame_says_what_was_issued() {
    let ca = TestCa::fixed();
    let crl = issue(&ca, vec![entry(2, None)], None);
    let view = CrlView::parse(crl.der()).unwrap();
    assert_eq!(view.number(), CrlNumber::new(4));
    assert_eq!(view.this_update(), time("2026-11-22T00:00:00Z"));
    assert_eq!(view.next_update(), time("2026-12-02T00:00:00Z"));
    assert_eq!(view.issuer_der(), ca.issuer.certificate().subject_der());
    assert_eq!(view.authority_key_id(), Some(ca.issuer.key_identifier()));
    assert_eq!(view.algorithm(), SignatureAlgorithm::Ed25519);
    assert_eq!(crl.this_update(), view.this_update());
}

#[test]
fn a_crl_of_another_issuer_is_told_apart() {
    let ca = TestCa::fixed();
    let crl = issue(&ca, vec![entry(2, None)], None);
    let view = CrlView::parse(crl.der()).unwrap();
    let same_name = TestCa::root_with(SoftwareKey::ed25519(9), SignatureAlgorithm::Ed25519);
    let error = view
        .verify_issued_by(same_name.issuer.certificate())
        .unwrap_err();
    assert_eq!(error.code(), "crl-other-authority-key");
    let leaf = ca.leaf(crate::support::serial(2));
    let error = view.verify_issued_by(leaf.certificate()).unwrap_err();
    assert_eq!(error.code(), "crl-other-issuer");
    assert!(view.verify(same_name.key.public_key()).is_err());
}

#[test]
fn no_cut_of_a_crl_is_read() {
    let der = issue(&TestCa::fixed(), vec![entry(2, None), entry(3, None)], None)
        .der()
        .to_vec();
    for end in 0..der.len() {
        assert!(CrlView::parse(&der[..end]).is_err(), "{end}");
    }
    let mut longer = der;
    longer.push(0);
    assert!(CrlView::parse(&longer).is_err());
}

#[test]
fn no_flipped_octet_passes_for_the_same_crl() {
    let ca = TestCa::fixed();
    let der = issue(&ca, vec![entry(2, None), entry(3, None)], None)
        .der()
        .to_vec();
    for at in 0..der.len() {
        let mut flipped = der.clone();
        flipped[at] ^= 0x04;
        let accepted = CrlView::parse(&flipped)
            .is_ok_and(|view| view.verify_issued_by(ca.issuer.certificate()).is_ok());
        assert!(!accepted, "{at}");
    }
}

#[test]
fn crls_that_break_a_rule_are_refused() {
    let cases: [(&str, &[&[u8]], &str); 8] = [
        (
            "version 1",
            &[b"\x02\x01\x00", TIME, TIME, NUMBER],
            "crl-not-version-2",
        ),
        ("no nextUpdate", &[V2, TIME, NUMBER], "crl-no-next-update"),
        ("no extensions", &[V2, TIME, TIME], "crl-no-number"),
        (
            "empty list",
            &[V2, TIME, TIME, b"\x30\x00", NUMBER],
            "crl-empty-entries",
        ),
        (
            "unknown critical",
            &[V2, TIME, TIME, UNKNOWN_CRITICAL],
            "crl-critical-extension",
        ),
        (
            "delta indicator that may be passed over",
            &[V2, TIME, TIME, DELTA_NOT_CRITICAL],
            "crl-not-critical",
        ),
        (
            "number twice",
            &[V2, TIME, TIME, NUMBER_TWICE],
            "crl-duplicate-extension",
        ),
        (
            "number of 9 octets",
            &[V2, TIME, TIME, LARGE_NUMBER],
            "crl-number-too-large",
        ),
    ];
    for (name, parts, code) in cases {
        let error = CrlView::parse(&unsigned(parts)).unwrap_err();
        assert_eq!(error.code(), code, "{name}");
    }
    assert!(CrlView::parse(&unsigned(&[V2, TIME, TIME, NUMBER])).is_ok());
}

#[test]
fn entries_that_break_a_rule_are_refused() {
    let cases: [(&str, &[u8], &str); 4] = [
        ("zero serial", b"\x02\x01\x00", "crl-serial"),
        ("negative serial", b"\x02\x01\x80", "crl-malformed"),
        ("serial with padding", b"\x02\x02\x00\x01", "crl-malformed"),
        (
            "serial of 21 octets",
            &[
                2, 21, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
            ],
            "crl-serial",
        ),
    ];
    for (name, serial, code) in cases {
        let entry = tlv(0x30, &[serial, TIME]);
        let der = unsigned(&[V2, TIME, TIME, &tlv(0x30, &[&entry]), NUMBER]);
        let view = CrlView::parse(&der).unwrap();
        let entries: Vec<_> = view.entries().collect();
        assert_eq!(entries.len(), 1, "{name}");
        assert_eq!(entries[0].as_ref().unwrap_err().code(), code, "{name}");
    }
}

#[test]
fn an_indirect_entry_is_refused() {
    let certificate_issuer = b"\x30\x0c\x06\x03\x55\x1d\x1d\x01\x01\xff\x04\x02\x30\x00";
    let entry = tlv(
        0x30,
        &[b"\x02\x01\x05", TIME, &tlv(0x30, &[certificate_issuer])],
    );
    let der = unsigned(&[V2, TIME, TIME, &tlv(0x30, &[&entry]), NUMBER]);
    let view = CrlView::parse(&der).unwrap();
    let error = view.entries().next().unwrap().unwrap_err();
    assert_eq!(error.code(), "crl-critical-extension");
}

/// A CRL by hand: version, then algorithm and issuer, then the rest of the parts.
fn unsigned(parts: &[&[u8]]) -> Vec<u8> {
    let (version, rest) = parts.split_first().unwrap();
    let algorithm = SignatureAlgorithm::Ed25519.identifier_der();
    let mut fields = vec![*version, &algorithm, b"\x30\x00"];
    fields.extend_from_slice(rest);
    let tbs = tlv(0x30, &fields);
    tlv(0x30, &[&tbs, &algorithm, b"\x03\x02\x00\x00"])
}

fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let contents = parts.concat();
    let mut encoded = vec![tag];
    match u8::try_from(contents.len()).unwrap() {
        short @ 0..=127 => encoded.push(short),
        long => encoded.extend([0x81, long]),
    }
    encoded.extend(contents);
    encoded
}

const V2: &[u8] = b"\x02\x01\x01";
const TIME: &[u8] = b"\x17\x0d261122000000Z";
const NUMBER: &[u8] = b"\xa0\x0e\x30\x0c\x30\x0a\x06\x03\x55\x1d\x14\x04\x03\x02\x01\x04";
const NUMBER_TWICE: &[u8] = b"\xa0\x1a\x30\x18\x30\x0a\x06\x03\x55\x1d\x14\x04\x03\x02\x01\x04\x30\x0a\x06\x03\x55\x1d\x14\x04\x03\x02\x01\x04";
const DELTA_NOT_CRITICAL: &[u8] = b"\xa0\x1a\x30\x18\x30\x0a\x06\x03\x55\x1d\x14\x04\x03\x02\x01\x04\x30\x0a\x06\x03\x55\x1d\x1b\x04\x03\x02\x01\x03";
const LARGE_NUMBER: &[u8] = b"\xa0\x16\x30\x14\x30\x12\x06\x03\x55\x1d\x14\x04\x0b\x02\x09\x01\x00\x00\x00\x00\x00\x00\x00\x00";
const UNKNOWN_CRITICAL: &[u8] =
    b"\xa0\x10\x30\x0e\x30\x0c\x06\x03\x55\x1d\x63\x01\x01\xff\x04\x02\x05\x00";
