//! Cases for time.

use der::Encode;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use x509_cert::time::Time;

use super::{Clock, ManualClock, TimeError, from_x509_time, to_x509_time};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn written(text: &str) -> String {
    let der = to_x509_time(at(text)).unwrap().to_der().unwrap();
    format!("{:02x} {}", der[0], str::from_utf8(&der[2..]).unwrap())
}

#[test]
fn writes_utc_time_to_2049_and_generalized_time_after() {
    assert_eq!(written("1970-01-01T00:00:00Z"), "17 700101000000Z");
    assert_eq!(written("2026-11-22T01:02:03.999Z"), "17 261122010203Z");
    assert_eq!(written("2049-12-31T23:59:59Z"), "17 491231235959Z");
    assert_eq!(written("2050-01-01T00:00:00Z"), "18 20500101000000Z");
    assert_eq!(written("2051-02-03T04:05:06Z"), "18 20510203040506Z");
}

#[test]
fn refuses_what_x509_cannot_write() {
    let before = at("1969-12-31T23:59:59Z");
    assert_eq!(to_x509_time(before), Err(TimeError { at: before }));
}

#[test]
fn reads_no_expiration_as_the_last_moment() {
    let never = der::DateTime::new(9999, 12, 31, 23, 59, 59).unwrap();
    let never = Time::GeneralTime(der::asn1::GeneralizedTime::from_date_time(never));
    assert_eq!(from_x509_time(&never), Timestamp::MAX);
}

#[test]
fn clones_of_a_manual_clock_share_one_time() {
    let clock = ManualClock::new(at("2026-11-22T00:00:00Z"));
    let other = clock.clone();
    clock.advance(SignedDuration::from_secs(90));
    assert_eq!(other.now(), at("2026-11-22T00:01:30Z"));
    other.set(at("2020-01-01T00:00:00Z"));
    assert_eq!(clock.now(), at("2020-01-01T00:00:00Z"));
    clock.advance(SignedDuration::MAX);
    assert_eq!(clock.now(), Timestamp::MAX);
    clock.advance(SignedDuration::MIN);
    assert_eq!(clock.now(), Timestamp::MIN);
}

proptest! {
    #[test]
    fn survives_x509(second in 0_i64..253_402_207_200) {
        let moment = Timestamp::from_second(second).unwrap();
        prop_assert_eq!(from_x509_time(&to_x509_time(moment).unwrap()), moment);
    }
}
