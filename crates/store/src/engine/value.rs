//! Our types as values and cells.

use feed::Epoch;
use jiff::Timestamp;
use pki::{CrlNumber, CrlScope, Fingerprint, IssuerName, RevocationReason, SerialNumber, SpkiHash};
use uuid::Uuid;

/// A value for a placeholder. `None` is NULL of that type: PostgreSQL wants to know which.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// A 64-bit integer: numbers, and times in microseconds since 1970.
    Integer(Option<i64>),
    /// Text.
    Text(Option<String>),
    /// Octets.
    Octets(Option<Vec<u8>>),
    /// Yes or no.
    Flag(Option<bool>),
    /// Values of one type, a column of many rows: an array of PostgreSQL.
    Column(Vec<Value>),
}

/// A column type of both engines.
pub(crate) trait Raw: Sized {
    /// As a value for a placeholder.
    fn into_value(raw: Option<Self>) -> Value;

    /// What [`Self::into_value`] was given, or the value itself if it is of another type.
    fn from_value(value: Value) -> Result<Option<Self>, Value>;
}

/// Declares which values are of a column type.
macro_rules! raw {
    ($type:ty, $variant:ident, $write:expr) => {
        impl Raw for $type {
            fn into_value(raw: Option<Self>) -> Value {
                Value::$variant(raw.map($write))
            }

            fn from_value(value: Value) -> Result<Option<Self>, Value> {
                match value {
                    Value::$variant(raw) => Ok(raw),
                    other => Err(other),
                }
            }
        }
    };
}

raw!(i64, Integer, |number| number);
raw!(String, Text, without_nul);
raw!(Vec<u8>, Octets, |octets| octets);
raw!(bool, Flag, |flag| flag);

/// PostgreSQL has no text with U+0000: a replacement takes its place, in what is recorded as in
/// what is looked for.
fn without_nul(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', "\u{fffd}")
    } else {
        text
    }
}

/// What can be read from a cell.
pub(crate) trait FromCell: Sized {
    /// The column type.
    type Raw: Raw;

    /// Reads a cell; `None` if it does not hold what we write.
    fn from_cell(raw: Self::Raw) -> Option<Self>;
}

/// What can be written to a cell.
pub(crate) trait IntoCell {
    /// The column type.
    type Raw: Raw;

    /// The cell's content.
    fn into_cell(self) -> Self::Raw;
}

impl<T: IntoCell> From<T> for Value {
    fn from(value: T) -> Self {
        T::Raw::into_value(Some(value.into_cell()))
    }
}

impl<T: IntoCell> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        T::Raw::into_value(value.map(IntoCell::into_cell))
    }
}

/// Declares how a type is written and read.
macro_rules! cell {
    ($type:ty as $raw:ty, $write:expr, $read:expr) => {
        impl IntoCell for $type {
            type Raw = $raw;
            fn into_cell(self) -> $raw {
                let write: fn(Self) -> $raw = $write;
                write(self)
            }
        }
        impl FromCell for $type {
            type Raw = $raw;
            fn from_cell(raw: $raw) -> Option<Self> {
                let read: fn($raw) -> Option<Self> = $read;
                read(raw)
            }
        }
    };
}

cell!(i64 as i64, |number| number, Some);
cell!(bool as bool, |flag| flag, Some);
cell!(String as String, |text| text, Some);
cell!(Vec<u8> as Vec<u8>, |octets| octets, Some);
cell!(u16 as i64, i64::from, |raw| raw.try_into().ok());
cell!(u32 as i64, i64::from, |raw| raw.try_into().ok());
// Sequence numbers, counts and CRL numbers never come near 2^63.
cell!(
    u64 as i64,
    |number| number.try_into().unwrap_or(i64::MAX),
    |raw| raw.try_into().ok()
);
cell!(CrlNumber as i64, |number| number.get().into_cell(), |raw| {
    u64::from_cell(raw).map(Self::new)
});
cell!(Timestamp as i64, |at| at.as_microsecond(), |raw| {
    Self::from_microsecond(raw).ok()
});
cell!(
    SerialNumber as Vec<u8>,
    |serial| serial.as_bytes().to_vec(),
    |raw| Self::from_bytes(&raw).ok()
);
cell!([u8; 32] as Vec<u8>, |digest| digest.to_vec(), |raw| raw
    .try_into()
    .ok());
cell!(
    SpkiHash as Vec<u8>,
    |hash| hash.as_bytes().to_vec(),
    |raw| Self::from_bytes(&raw).ok()
);
cell!(
    Fingerprint as Vec<u8>,
    |print| print.as_bytes().to_vec(),
    |raw| Self::from_bytes(&raw).ok()
);
cell!(IssuerName as String, |name| name.to_string(), |raw| raw
    .parse()
    .ok());
cell!(CrlScope as String, |scope| scope.to_string(), |raw| raw
    .parse()
    .ok());
cell!(Epoch as String, Into::into, |raw| raw.try_into().ok());
cell!(Uuid as Vec<u8>, |id| id.as_bytes().to_vec(), |raw| {
    Self::from_slice(&raw).ok()
});
cell!(
    RevocationReason as i64,
    |reason| reason.code().into(),
    |raw| u8::try_from(raw).ok().and_then(Self::from_code)
);

impl IntoCell for &str {
    type Raw = String;

    fn into_cell(self) -> String {
        self.to_owned()
    }
}

impl IntoCell for &[u8] {
    type Raw = Vec<u8>;

    fn into_cell(self) -> Vec<u8> {
        self.to_vec()
    }
}

impl IntoCell for &String {
    type Raw = String;

    fn into_cell(self) -> String {
        self.clone()
    }
}

impl IntoCell for &Epoch {
    type Raw = String;

    fn into_cell(self) -> String {
        self.to_string()
    }
}

impl IntoCell for &IssuerName {
    type Raw = String;

    fn into_cell(self) -> String {
        self.to_string()
    }
}

/// The time as the database keeps it: whole microseconds. What is handed out before it is read
/// back must not differ from what is read back.
pub(crate) fn nanos_free(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip<T: IntoCell + FromCell<Raw = <T as IntoCell>::Raw>>(value: T) -> Option<T> {
        T::from_cell(value.into_cell())
    }

    #[test]
    fn values_come_back_as_they_were_written() {
        let at: Timestamp = "2026-03-01T08:00:00.123456Z".parse().unwrap();
        assert_eq!(round_trip(at), Some(at));
        assert_eq!(round_trip(u64::from(u32::MAX)), Some(u64::from(u32::MAX)));
        assert_eq!(round_trip(CrlNumber::new(9)), Some(CrlNumber::new(9)));
        let serial = SerialNumber::from_bytes(&[0x80, 1]).unwrap();
        assert_eq!(round_trip(serial), Some(serial));
        assert_eq!(round_trip(Uuid::from_u128(7)), Some(Uuid::from_u128(7)));
        let reason = RevocationReason::PrivilegeWithdrawn;
        assert_eq!(round_trip(reason), Some(reason));
    }

    #[test]
    fn cells_that_hold_something_else_are_not_read() {
        assert_eq!(u64::from_cell(-1), None);
        assert_eq!(SerialNumber::from_cell(vec![0]), None);
        assert_eq!(RevocationReason::from_cell(7), None);
        assert_eq!(<[u8; 32]>::from_cell(vec![0; 31]), None);
        assert_eq!(IssuerName::from_cell("Not A Name".to_owned()), None);
    }
}
