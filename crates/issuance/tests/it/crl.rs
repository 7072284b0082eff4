//! CRLs.

use issuance::{
    CrlCoverage, CrlEntry, DistributionPoint, IssuedCrl, OnlyContains, PreparedCrl,
    crl_reader::CrlView,
};
use pki::{CrlNumber, RevocationReason, SerialNumber, SignatureAlgorithm};
use proptest::prelude::*;
use testkit::judges::{Chain, GnuTls, OpenSsl};

use crate::{
    certificate::serial_octets,
    support::{ALGORITHMS, CRL_URL, TestCa, serial, time},
};

#[test]
fn openssl_verifies_a_crl_with_every_signature_algorithm() {
    for algorithm in ALGORITHMS {
        let ca = TestCa::root(algorithm);
        let crl = issue(&ca, vec![entry(2, None)], None);
        let verdict = OpenSsl::verify_crl(ca.der(), crl.der());
        assert!(verdict.is_ok(), "{algorithm}: {verdict:?}");
    }
}

#[test]
fn gnutls_verifies_a_crl_and_sees_that_one_was_tampered_with() {
    let ca = TestCa::fixed();
    // GnuTLS judges at the present.
    let (this_update, next_update) = (time("2026-01-02T00:00:00Z"), time("2045-12-31T00:00:00Z"));
    let number = CrlNumber::new(4);
    let prepared = PreparedCrl::new(
        &ca.issuer,
        number,
        this_update,
        next_update,
        [entry(2, None)],
        None,
    );
    let (message, awaiting) = prepared.unwrap().release();
    let crl = awaiting.complete(&ca.sign(&message)).unwrap();
    GnuTls::verify_crl(ca.der(), crl.der()).unwrap();
    let mut tampered = crl.der().to_vec();
    *tampered.last_mut().unwrap() ^= 1;
    assert!(GnuTls::verify_crl(ca.der(), &tampered).is_err());
}

#[test]
fn openssl_sees_that_a_crl_was_tampered_with() {
    let ca = TestCa::fixed();
    let mut der = issue(&ca, vec![entry(2, None)], None).der().to_vec();
    let date = b"261120";
    let at = der
        .windows(date.len())
        .position(|window| window == date)
        .unwrap();
    der[at] = b'3';
    assert!(OpenSsl::verify_crl(ca.der(), &der).is_err());
}

#[test]
fn openssl_takes_a_listed_certificate_for_revoked_and_no_other() {
    let ca = TestCa::root(SignatureAlgorithm::EcdsaSha256);
    let crl = issue(
        &ca,
        vec![entry(2, Some(RevocationReason::KeyCompromise))],
        None,
    );
    let judge = |number| {
        let leaf = ca.leaf(serial(number));
        OpenSsl::verify_chain(&Chain {
            crls: &[crl.der()],
            ..ca.chain(leaf.der())
        })
    };
    assert!(judge(2).unwrap_err().mentions("certificate revoked"));
    judge(3).unwrap();
}

#[test]
fn an_empty_list_is_left_out() {
    let ca = TestCa::fixed();
    let crl = issue(&ca, Vec::new(), None);
    let text = OpenSsl::verify_crl(ca.der(), crl.der()).unwrap();
    assert!(text.contains("No Revoked Certificates."), "{text}");
    // RFC 5280 section 5.1.2.6: absent, not empty; nextUpdate is followed by [0].
    let after_next_update = b"261202000000Z\xa0";
    assert!(
        crl.der()
            .windows(after_next_update.len())
            .any(|window| window == after_next_update)
    );
}

#[test]
fn unspecified_is_not_encoded_and_reasons_are_not_critical() {
    let ca = TestCa::fixed();
    let entries = vec![
        entry(2, Some(RevocationReason::Unspecified)),
        entry(3, Some(RevocationReason::Superseded)),
        entry(4, None),
    ];
    let crl = issue(&ca, entries, None);
    let reason_code = [0x06, 0x03, 0x55, 0x1d, 0x15];
    let reasons: Vec<&[u8]> = crl
        .der()
        .windows(10)
        .filter(|window| window.starts_with(&reason_code))
        .collect();
    // Straight after the identifier comes the value, so there is no critical flag.
    assert_eq!(
        reasons,
        [&[0x06, 0x03, 0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01, 0x04]]
    );
    let read: Vec<_> = view(&crl)
        .entries()
        .map(|entry| entry.unwrap().reason)
        .collect();
    assert_eq!(read, [None, Some(RevocationReason::Superseded), None]);
}

#[test]
fn openssl_reads_number_reason_and_invalidity_date() {
    let ca = TestCa::fixed();
    let mut revoked = entry(2, Some(RevocationReason::CaCompromise));
    revoked.invalidity_date = Some(time("2026-11-01T10:20:30Z"));
    let crl = issue(&ca, vec![revoked], None);
    let text = OpenSsl::verify_crl(ca.der(), crl.der()).unwrap();
    for expected in [
        "CA Compromise",
        "Nov  1 10:20:30 2026 GMT",
        "X509v3 CRL Number: \n",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
}

#[test]
fn a_shard_and_a_delta_say_so_in_critical_extensions() {
    let ca = TestCa::fixed();
    let scope = CrlCoverage {
        distribution_point: Some(DistributionPoint {
            uri: Some(CRL_URL.to_owned()),
            only_contains: OnlyContains::UserCertificates,
        }),
        delta_base: Some(CrlNumber::new(3)),
        freshest_crl: None,
    };
    let crl = issue(
        &ca,
        vec![entry(2, Some(RevocationReason::RemoveFromCrl))],
        Some(scope.clone()),
    );
    assert_eq!(view(&crl).scope(), &scope);
    let text = OpenSsl::verify_crl(ca.der(), crl.der()).unwrap();
    for expected in [
        "X509v3 Delta CRL Indicator: critical",
        "X509v3 Issuing Distribution Point: critical",
        "Only User Certificates",
        CRL_URL,
        "Remove From CRL",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
}

#[test]
fn a_full_list_says_where_its_delta_is() {
    let ca = TestCa::fixed();
    let scope = CrlCoverage {
        freshest_crl: Some(CRL_URL.to_owned()),
        ..CrlCoverage::default()
    };
    let crl = issue(&ca, Vec::new(), Some(scope.clone()));
    assert_eq!(view(&crl).scope(), &scope);
}

#[test]
fn entries_out_of_order_or_twice_are_refused() {
    let ca = TestCa::fixed();
    for serials in [[3, 2], [2, 2]] {
        let entries = serials.map(|last| entry(last, None));
        assert_eq!(
            prepare(&ca, entries, None).unwrap_err().code(),
            "crl-not-ascending"
        );
    }
}

#[test]
fn a_removal_on_a_full_list_is_refused() {
    let ca = TestCa::fixed();
    let entries = [entry(2, Some(RevocationReason::RemoveFromCrl))];
    assert_eq!(
        prepare(&ca, entries, None).unwrap_err().code(),
        "crl-removal-on-full-list"
    );
}

#[test]
fn a_delta_needs_a_lower_base() {
    let ca = TestCa::fixed();
    let scope = CrlCoverage {
        delta_base: Some(CrlNumber::new(4)),
        ..CrlCoverage::default()
    };
    let error = prepare(&ca, [], Some(scope)).unwrap_err();
    assert_eq!(error.code(), "crl-delta-not-above-base");
}

#[test]
fn next_update_is_after_this_update() {
    let ca = TestCa::fixed();
    let at = time("2026-11-22T00:00:00Z");
    let same_second = time("2026-11-22T00:00:00.9Z");
    let error = PreparedCrl::new(&ca.issuer, CrlNumber::new(4), at, same_second, [], None);
    assert_eq!(error.unwrap_err().code(), "crl-empty-validity");
}

#[test]
fn a_wrong_signature_makes_no_crl() {
    let ca = TestCa::fixed();
    let release = || prepare(&ca, [entry(2, None)], None).unwrap().release();
    assert!(release().1.complete(&ca.sign(b"other")).is_err());
    let (message, awaiting) = release();
    let issued = awaiting.complete(&ca.sign(&message)).unwrap();
    assert_eq!(view(&issued).tbs_der(), &*message);
}

#[test]
fn a_list_is_signed_and_completed_where_it_was_written() {
    let ca = TestCa::fixed();
    let entries = (1..=200).map(|last| entry(last, None));
    let (message, awaiting) = prepare(&ca, entries, None).unwrap().release();
    let signature = ca.sign(&message);
    let place = message.as_ptr_range();
    drop(message);
    let crl = awaiting.complete(&signature).unwrap();
    assert!(crl.der().as_ptr_range().contains(&place.start));
    assert_eq!(view(&crl).tbs_der().as_ptr_range(), place);
}

#[test]
fn a_list_is_completed_while_somebody_still_looks_at_it() {
    let ca = TestCa::fixed();
    let (message, awaiting) = prepare(&ca, [entry(2, None)], None).unwrap().release();
    let crl = awaiting.complete(&ca.sign(&message)).unwrap();
    assert_eq!(view(&crl).tbs_der(), &*message);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_reader_reads_what_the_writer_wrote(
        rows in proptest::collection::btree_map(
            serial_octets(1),
            (1_600_000_000_i64..2_800_000_000, 0_u8..11, proptest::option::of(0_i64..4_000_000_000)),
            0..40,
        )
    ) {
        let ca = TestCa::fixed();
        let mut entries: Vec<_> = rows.into_iter().map(|row| generated(&row)).collect();
        entries.sort_by_key(|entry| entry.serial);
        let crl = issue(&ca, entries.clone(), None);
        let view = view(&crl);
        view.verify_issued_by(ca.issuer.certificate()).unwrap();
        let read: Vec<_> = view.entries().map(|entry| entry.unwrap()).collect();
        for entry in &mut entries {
            entry.reason = entry.reason.filter(|reason| *reason != RevocationReason::Unspecified);
        }
        prop_assert_eq!(read, entries);
    }
}

type Row = (Vec<u8>, (i64, u8, Option<i64>));

fn generated((octets, (revoked_at, reason, invalidity)): &Row) -> CrlEntry {
    let second = |second| jiff::Timestamp::from_second(second).unwrap();
    CrlEntry {
        serial: SerialNumber::from_bytes(octets).unwrap(),
        revoked_at: second(*revoked_at),
        reason: RevocationReason::from_code(*reason)
            .filter(|reason| *reason != RevocationReason::RemoveFromCrl),
        invalidity_date: invalidity.map(second),
    }
}

pub(crate) fn entry(last: u8, reason: Option<RevocationReason>) -> CrlEntry {
    CrlEntry {
        serial: serial(last),
        revoked_at: time("2026-11-20T08:00:00Z"),
        reason,
        invalidity_date: None,
    }
}

pub(crate) fn issue(ca: &TestCa, entries: Vec<CrlEntry>, scope: Option<CrlCoverage>) -> IssuedCrl {
    let (message, awaiting) = prepare(ca, entries, scope).unwrap().release();
    awaiting.complete(&ca.sign(&message)).unwrap()
}

fn prepare(
    ca: &TestCa,
    entries: impl IntoIterator<Item = CrlEntry>,
    scope: Option<CrlCoverage>,
) -> Result<PreparedCrl, issuance::CrlError> {
    let this_update = time("2026-11-22T00:00:00.75Z");
    let next_update = time("2026-12-02T00:00:00Z");
    PreparedCrl::new(
        &ca.issuer,
        CrlNumber::new(4),
        this_update,
        next_update,
        entries,
        scope,
    )
}

fn view(crl: &IssuedCrl) -> CrlView<'_> {
    CrlView::parse(crl.der()).unwrap()
}
