use jiff::Timestamp;
use pki::{CrlNumber, IssuerName, RevocationReason, SerialNumber, SpkiHash};
use proptest::prelude::*;

use super::*;
use crate::{Base64, Event, IssuerKind, Status};

fn issuer() -> IssuerName {
    "esign-ca".parse().unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn status() -> impl Strategy<Value = Status> {
    let moment = 0_i64..4_000_000_000;
    prop_oneof![
        Just(Status::Good),
        (moment.clone(), any::<bool>()).prop_map(|(second, known)| Status::Revoked {
            at: at(second),
            reason: known.then_some(RevocationReason::KeyCompromise),
            invalidity_date: (!known).then_some(at(second / 2)),
        }),
        moment
            .clone()
            .prop_map(|second| Status::Hold { at: at(second) }),
        moment.prop_map(|second| Status::Abandoned { at: at(second) }),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let octets = proptest::collection::vec(any::<u8>(), 0..64).prop_map(Base64);
    let serial = proptest::collection::vec(1_u8..=0x7f, 1..20)
        .prop_map(|octets| SerialNumber::from_bytes(&octets).unwrap());
    prop_oneof![
        octets.clone().prop_map(|certificate_der| Event::Issuer {
            issuer: issuer(),
            certificate_der,
            kind: IssuerKind::Root,
        }),
        (serial, status()).prop_map(|(serial, status)| Event::Certificate {
            issuer: issuer(),
            serial,
            not_after: at(5_000_000_000),
            shard: Some(7),
            status,
        }),
        octets
            .clone()
            .prop_map(|certificate_der| Event::ResponderCertificate {
                issuer: issuer(),
                follower: "ocsp-1".to_owned(),
                spki_hash: SpkiHash::of(&certificate_der.0),
                certificate_der,
            }),
        octets.clone().prop_map(|spki| Event::ResponderKeyRetired {
            issuer: issuer(),
            follower: "ocsp-1".to_owned(),
            spki_hash: SpkiHash::of(&spki.0),
        }),
        any::<u64>().prop_map(|size| Event::Crl {
            issuer: issuer(),
            scope: pki::CrlScope::Full,
            base: None,
            as_of: 3,
            size,
            sha256: [5; 32],
            number: CrlNumber::new(7),
            this_update: at(1),
            next_update: at(2),
        }),
        octets.prop_map(|body| Event::Document {
            name: "cps/esign-ca.html".to_owned(),
            media_type: "text/html; charset=utf-8".to_owned(),
            body,
            issuer: issuer(),
        }),
    ]
}

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let entry = (any::<u64>(), event()).prop_map(|(seq, event)| Entry {
        seq,
        at: at(3),
        event,
    });
    proptest::collection::vec(entry, 0..6)
}

proptest! {
    #[test]
    fn entries_survive_however_the_body_is_cut(entries in entries(), piece in 1_usize..97) {
        let body = Lines::of(&entries).unwrap().into_octets();
        prop_assert_eq!(body.split_inclusive(|byte| *byte == b'\n').count(), entries.len());
        let mut decoder = Decoder::default();
        for piece in body.chunks(piece) {
            decoder.push(piece).unwrap();
        }
        prop_assert_eq!(decoder.len(), entries.len());
        prop_assert_eq!(decoder.finish().unwrap(), entries);
    }
}

proptest! {
    #[test]
    fn what_is_read_without_a_detour_is_what_serde_reads(entries in entries()) {
        for entry in entries {
            let line = serde_json::to_vec(&entry).unwrap();
            let read = certificate::read(&line);
            let is_certificate = matches!(entry.event, Event::Certificate { .. });
            prop_assert_eq!(read, is_certificate.then_some(entry));
        }
    }
}

#[test]
fn only_a_whole_status_is_taken_for_one() {
    let line = |status: &str| {
        format!(
            "{{\"seq\":1,\"at\":\"2027-01-15T08:00:00Z\",\"event\":{{\"type\":\"certificate\",\
             \"issuer\":\"ca\",\"serial\":\"0a\",\"not_after\":\"2030-01-15T08:00:00Z\",\
             \"status\":{status}}}}}"
        )
    };
    for status in [
        r#"{"state":"revoked"}"#,
        r#"{"state":"hold"}"#,
        r#"{"state":"good","at":"2027-01-15T08:00:00Z"}"#,
    ] {
        assert_eq!(certificate::read(line(status).as_bytes()), None, "{status}");
    }
    assert!(certificate::read(line(r#"{"state":"good"}"#).as_bytes()).is_some());
}

#[test]
fn the_wire_form_is_what_other_programs_were_told() {
    let entry = Entry {
        seq: 9,
        at: at(1_800_000_000),
        event: Event::Certificate {
            issuer: issuer(),
            serial: "0a1b".parse().unwrap(),
            not_after: at(1_900_000_000),
            shard: None,
            status: Status::Revoked {
                at: at(1_800_000_000),
                reason: Some(RevocationReason::Superseded),
                invalidity_date: None,
            },
        },
    };
    assert_eq!(
        String::from_utf8(Lines::of(&[entry]).unwrap().into_octets()).unwrap(),
        concat!(
            r#"{"seq":9,"at":"2027-01-15T08:00:00Z","event":{"type":"certificate","#,
            r#""issuer":"esign-ca","serial":"0a1b","not_after":"2030-03-17T17:46:40Z","#,
            r#""status":{"state":"revoked","at":"2027-01-15T08:00:00Z","reason":"superseded"}}}"#,
            "\n"
        )
    );
}

#[test]
fn a_body_that_breaks_off_is_not_taken_for_a_whole_one() {
    let mut decoder = Decoder::default();
    decoder.push(b"{\"seq\":1").unwrap();
    assert!(matches!(decoder.finish(), Err(NdjsonError::Incomplete)));
}

#[test]
fn an_unknown_event_is_an_error_and_not_skipped() {
    let mut decoder = Decoder::default();
    let line = b"{\"seq\":1,\"at\":\"2027-01-15T08:00:00Z\",\"event\":{\"type\":\"new-thing\"}}\n";
    assert!(matches!(
        decoder.push(line),
        Err(NdjsonError::Line { line: 1, .. })
    ));
}
