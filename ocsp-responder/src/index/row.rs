//! One certificate in as few octets as it takes.

use pki::{RevocationReason, SerialNumber, time::Timestamp};

use super::{Record, Standing};

/// A serial number, right-aligned: the order of the octets is the order of the numbers.
pub(super) type SerialKey = [u8; 20];

/// A serial number with its record. Octets throughout, so that nothing is lost to alignment; times
/// are whole seconds, as certificates and answers have them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) serial: SerialKey,
    seq: [u8; 8],
    not_after: [u8; 5],
    at: [u8; 5],
    standing: u8,
}

/// `standing` of a good certificate.
const GOOD: u8 = u8::MAX;
/// `standing` of a revoked one without a reason; otherwise it is the `CRLReason`.
const NO_REASON: u8 = u8::MAX - 1;

impl Row {
    pub(super) fn new(serial: &SerialNumber, record: &Record) -> Self {
        let (at, standing) = match record.standing {
            Standing::Good => (Timestamp::UNIX_EPOCH, GOOD),
            Standing::Revoked { at, reason } => {
                (at, reason.map_or(NO_REASON, RevocationReason::code))
            }
        };
        Self {
            serial: key(serial),
            seq: record.seq.to_be_bytes(),
            not_after: packed(record.not_after),
            at: packed(at),
            standing,
        }
    }

    pub(super) fn seq(&self) -> u64 {
        u64::from_be_bytes(self.seq)
    }

    pub(super) fn record(&self) -> Record {
        let standing = match self.standing {
            GOOD => Standing::Good,
            code => Standing::Revoked {
                at: unpacked(self.at),
                reason: RevocationReason::from_code(code),
            },
        };
        Record {
            seq: self.seq(),
            not_after: unpacked(self.not_after),
            standing,
        }
    }
}

pub(super) fn key(serial: &SerialNumber) -> SerialKey {
    let mut key = SerialKey::default();
    key.iter_mut()
        .rev()
        .zip(serial.as_bytes().iter().rev())
        .for_each(|(to, from)| *to = *from);
    key
}

/// Seconds since 1970 in 40 bits, which reach beyond the year 9999; what lies before 1970 becomes
/// its beginning.
fn packed(at: Timestamp) -> [u8; 5] {
    let seconds = u64::try_from(at.as_second()).unwrap_or(0);
    let [_, _, _, packed @ ..] = seconds.to_be_bytes();
    packed
}

fn unpacked(packed: [u8; 5]) -> Timestamp {
    let seconds = packed
        .iter()
        .fold(0, |seconds, octet| (seconds << 8) | u64::from(*octet));
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_39_octets() {
        assert_eq!(size_of::<Row>(), 39);
    }

    #[test]
    fn times_keep_their_seconds_from_1970_to_the_end() {
        for seconds in [0, 1, 1_800_000_000, Timestamp::MAX.as_second()] {
            let at = Timestamp::from_second(seconds).unwrap();
            assert_eq!(unpacked(packed(at)), at);
        }
        let before = Timestamp::from_second(-1).unwrap();
        assert_eq!(unpacked(packed(before)), Timestamp::UNIX_EPOCH);
    }

    #[test]
    fn the_order_of_keys_is_the_order_of_numbers() {
        let key = |magnitude: &[u8]| key(&SerialNumber::from_bytes(magnitude).unwrap());
        assert!(key(&[0xff]) < key(&[1, 0]));
        assert!(key(&[1; 18]) < key(&[1; 20]));
        assert_ne!(key(&[1]), key(&[1, 0]));
    }
}
