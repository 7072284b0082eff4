//! The pages against a plain map, and their memory.

use std::collections::BTreeMap;

use pki::{RevocationReason, SerialNumber, time::Timestamp};
use proptest::prelude::*;

use super::*;
use crate::index::{Record, Standing, row::key};

fn record() -> impl Strategy<Value = Record> {
    let at = (0..=Timestamp::MAX.as_second()).prop_map(|at| Timestamp::from_second(at).unwrap());
    let reason = proptest::option::of(proptest::sample::select(RevocationReason::ALL.as_slice()));
    let standing = prop_oneof![
        Just(Standing::Good),
        (at.clone(), reason).prop_map(|(at, reason)| Standing::Revoked { at, reason }),
    ];
    (any::<u64>(), at, standing).prop_map(|(seq, not_after, standing)| Record {
        seq,
        not_after,
        standing,
    })
}

/// From a small set, so that many come again, and of all lengths.
fn serial() -> impl Strategy<Value = SerialNumber> {
    let magnitude = (1_u8..0x80, proptest::collection::vec(0_u8..3, 0..20));
    magnitude.prop_map(|(first, rest)| {
        let magnitude: Vec<u8> = [first].into_iter().chain(rest).collect();
        SerialNumber::from_bytes(&magnitude).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn pages_know_what_a_map_knows(
        changes in proptest::collection::vec((serial(), record()), 0..3_000),
        strange in serial(),
    ) {
        let mut pages = Pages::default();
        let mut model: BTreeMap<SerialNumber, Record> = BTreeMap::new();
        for (serial, record) in changes {
            pages.keep_newer(Row::new(&serial, &record));
            let known = model.entry(serial).or_insert(record);
            if known.seq <= record.seq {
                *known = record;
            }
        }
        let found = |serial: &SerialNumber| pages.find(&key(serial)).map(Row::record);
        prop_assert_eq!(pages.len(), model.len());
        prop_assert_eq!(found(&strange), model.get(&strange).copied());
        for (serial, record) in &model {
            prop_assert_eq!(found(serial), Some(*record));
        }
    }
}

fn good(seq: u64) -> Record {
    Record {
        seq,
        not_after: Timestamp::UNIX_EPOCH,
        standing: Standing::Good,
    }
}

/// A serial number that depends on its place alone; `mixed` puts them in no order.
fn nth(index: u64, mixed: bool) -> SerialNumber {
    let head = if mixed {
        index.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    } else {
        index
    };
    let octets = [&[0x0a, 0xd0][..], &head.to_be_bytes(), &[7; 8]].concat();
    SerialNumber::from_bytes(&octets).unwrap()
}

#[test]
fn a_certificate_takes_less_than_48_octets_in_whatever_order_they_come() {
    const COUNT: u64 = 30_000;
    for mixed in [false, true] {
        let mut pages = Pages::default();
        for index in 0..COUNT {
            pages.keep_newer(Row::new(&nth(index, mixed), &good(index)));
        }
        assert_eq!(pages.len(), usize::try_from(COUNT).unwrap());
        let octets = pages.octets() / pages.len();
        assert!(octets < 48, "{octets} octets, mixed: {mixed}");
        for index in 0..COUNT {
            let row = pages.find(&key(&nth(index, mixed))).unwrap();
            assert_eq!(row.record(), good(index));
        }
    }
}
