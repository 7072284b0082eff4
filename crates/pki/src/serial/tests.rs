//! Cases for serial numbers.

use std::collections::HashSet;

use der::{Decode, Encode};
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use rand::{SeedableRng, rngs::StdRng};

use super::{SerialError, SerialNumber};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn der(serial: &SerialNumber) -> Vec<u8> {
    serial.to_x509().unwrap().to_der().unwrap()
}

#[test]
fn five_thousand_are_distinct_positive_and_in_no_order() {
    let mut rng = StdRng::seed_from_u64(1);
    let now = at("2026-11-22T00:00:00Z");
    let serials: Vec<SerialNumber> = (0..5000)
        .map(|_| SerialNumber::generate(now, &mut rng))
        .collect();
    assert_eq!(serials.iter().collect::<HashSet<_>>().len(), 5000);
    let rises = serials.windows(2).filter(|pair| pair[0] < pair[1]).count();
    assert!((2300..2700).contains(&rises), "{rises} of 4999 rise");
    for serial in serials {
        let contents = &der(&serial)[2..];
        assert_eq!(
            contents.len(),
            18,
            "two octets of the day, sixteen random ones"
        );
        assert!(contents[0] < 0x80 && contents[0] != 0);
    }
}

#[test]
fn the_day_stands_in_front() {
    let mut rng = StdRng::seed_from_u64(2);
    let cases = [
        ("1990-01-01T00:00:00Z", "0100"),
        ("2019-12-31T23:59:59Z", "0100"),
        ("2020-01-01T00:00:00Z", "0100"),
        ("2020-01-01T23:59:59.999Z", "0100"),
        ("2020-01-02T00:00:00Z", "0101"),
        ("2026-11-22T00:00:00Z", "0ad5"),
        ("2109-12-31T00:00:00Z", "7fff"),
        ("2500-01-01T00:00:00Z", "7fff"),
    ];
    for (now, prefix) in cases {
        let serial = SerialNumber::generate(at(now), &mut rng).to_string();
        assert_eq!(&serial[..4], prefix, "{now}");
    }
}

#[test]
fn later_days_sort_later() {
    let mut rng = StdRng::seed_from_u64(3);
    let today = at("2026-11-22T00:00:00Z");
    let tomorrow = today.checked_add(24.hours()).unwrap();
    for _ in 0..100 {
        let earlier = SerialNumber::generate(today, &mut rng);
        assert!(earlier < SerialNumber::generate(tomorrow, &mut rng));
    }
}

#[test]
fn refuses_what_rfc_5280_does() {
    let high = [&[0x80][..], &[0; 19]].concat();
    let cases: [(&[u8], SerialError); 5] = [
        (&[], SerialError::NotPositive),
        (&[0], SerialError::NotPositive),
        (&[0, 1], SerialError::LeadingZero),
        (&high, SerialError::TooLong),
        (&[1; 21], SerialError::TooLong),
    ];
    for (magnitude, error) in cases {
        assert_eq!(
            SerialNumber::from_bytes(magnitude),
            Err(error),
            "{magnitude:?}"
        );
    }
}

#[test]
fn reads_der_integers() {
    let cases = [
        ("020101", Ok("01")),
        ("02020080", Ok("80")),
        ("0209008000000000000001", Ok("8000000000000001")),
        ("020100", Err(SerialError::NotPositive)),
        ("0201ff", Err(SerialError::NotPositive)),
        ("02020080ff", Ok("80ff")),
    ];
    for (hex, wanted) in cases {
        let mut octets = hex::decode(hex).unwrap();
        octets[1] = u8::try_from(octets.len() - 2).unwrap();
        let x509 = x509_cert::serial_number::SerialNumber::from_der(&octets).unwrap();
        let serial = SerialNumber::from_x509(&x509).map(|serial| serial.to_string());
        assert_eq!(serial.as_deref(), wanted.as_ref().copied(), "{hex}");
    }
}

#[test]
fn orders_numerically() {
    let serials = ["01", "80", "ff", "0100", "1000", "ff00", "010000"];
    let serials = serials.map(|text| text.parse::<SerialNumber>().unwrap());
    assert!(serials.is_sorted_by(|left, right| left < right));
}

proptest! {
    #[test]
    fn survives_text_json_and_der(magnitude in prop::collection::vec(any::<u8>(), 1..=20)) {
        if let Ok(serial) = SerialNumber::from_bytes(&magnitude) {
            prop_assert_eq!(serial.as_bytes(), &magnitude[..]);
            prop_assert_eq!(serial.to_string().parse(), Ok(serial));
            let json = serde_json::to_string(&serial).unwrap();
            prop_assert_eq!(serde_json::from_str::<SerialNumber>(&json).unwrap(), serial);
            let x509 = serial.to_x509().unwrap();
            prop_assert_eq!(SerialNumber::from_x509(&x509), Ok(serial));
        }
    }

    #[test]
    fn is_always_positive_whatever_the_day(seconds in -10_000_000_000_i64..200_000_000_000, seed in any::<u64>()) {
        let now = Timestamp::from_second(seconds).unwrap();
        let serial = SerialNumber::generate(now, &mut StdRng::seed_from_u64(seed));
        prop_assert_eq!(SerialNumber::from_bytes(serial.as_bytes()), Ok(serial));
        prop_assert_eq!(serial.as_bytes().len(), 18);
    }
}
