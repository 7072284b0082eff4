//! Durations and sizes as people write them in configuration files.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A duration written as `90d`, `5m`, `1h30m` or `250ms`.
///
/// Units are `w`, `d` (24 hours), `h`, `m`, `s` and `ms`; each at most once, the largest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HumanDuration(Duration);

/// A number of octets written as `512B`, `64KiB`, `1MiB` or `2GiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(u64);

/// Why a text is neither duration nor size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// Not a number followed by a unit.
    #[error("`{text}` is not a number with a unit out of {units}")]
    Shape {
        /// The text as written.
        text: String,
        /// The units that may stand there.
        units: &'static str,
    },
    /// A unit came twice or after a smaller one.
    #[error("`{text}` must give each unit once, the largest first")]
    Order {
        /// The text as written.
        text: String,
    },
    /// More than 64 bits of the smallest unit.
    #[error("`{text}` is too large")]
    TooLarge {
        /// The text as written.
        text: String,
    },
}

const DURATION_UNITS: &[(&str, u64)] = &[
    ("w", 604_800_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];
const SIZE_UNITS: &[(&str, u64)] = &[
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

impl HumanDuration {
    /// Wraps a duration.
    pub const fn new(duration: Duration) -> Self {
        Self(duration)
    }

    /// Wraps a number of seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// The duration itself.
    pub const fn get(self) -> Duration {
        self.0
    }
}

impl From<HumanDuration> for Duration {
    fn from(duration: HumanDuration) -> Self {
        duration.0
    }
}

impl From<Duration> for HumanDuration {
    fn from(duration: Duration) -> Self {
        Self(duration)
    }
}

impl ByteSize {
    /// Wraps a number of octets.
    pub const fn new(octets: u64) -> Self {
        Self(octets)
    }

    /// The number of octets.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The number of octets as a length in memory; the largest there is if it does not fit.
    pub fn as_usize(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl FromStr for HumanDuration {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let milliseconds = parse_sum(text, DURATION_UNITS, "w, d, h, m, s, ms")?;
        Ok(Self(Duration::from_millis(milliseconds)))
    }
}

impl FromStr for ByteSize {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        parse_sum(text, SIZE_UNITS, "GiB, MiB, KiB, B").map(Self)
    }
}

impl fmt::Display for HumanDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        write_sum(f, milliseconds, DURATION_UNITS, "0s")
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_sum(f, self.0, SIZE_UNITS, "0B")
    }
}

fn parse_sum(text: &str, units: &[(&str, u64)], known: &'static str) -> Result<u64, UnitError> {
    let shape = || UnitError::Shape {
        text: text.to_owned(),
        units: known,
    };
    let too_large = || UnitError::TooLarge {
        text: text.to_owned(),
    };
    let mut rest = text;
    let mut allowed = units;
    let mut sum: u64 = 0;
    if text.is_empty() {
        return Err(shape());
    }
    while !rest.is_empty() {
        let (number, after) = rest.split_at(run_length(rest, |c| c.is_ascii_digit()));
        let (unit, after) = after.split_at(run_length(after, |c| c.is_ascii_alphabetic()));
        if number.is_empty() || !units.iter().any(|(name, _)| *name == unit) {
            return Err(shape());
        }
        let place = allowed.iter().position(|(name, _)| *name == unit);
        let (factor, smaller) = place
            .and_then(|place| allowed.get(place..)?.split_first())
            .ok_or_else(|| UnitError::Order {
                text: text.to_owned(),
            })?;
        let number: u64 = number.parse().map_err(|_| too_large())?;
        let part = number.checked_mul(factor.1).ok_or_else(too_large)?;
        sum = sum.checked_add(part).ok_or_else(too_large)?;
        allowed = smaller;
        rest = after;
    }
    Ok(sum)
}

fn run_length(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

fn write_sum(
    f: &mut fmt::Formatter<'_>,
    mut rest: u64,
    units: &[(&str, u64)],
    zero: &str,
) -> fmt::Result {
    if rest == 0 {
        return f.write_str(zero);
    }
    for (name, factor) in units {
        let count = rest / factor;
        rest %= factor;
        if count > 0 {
            write!(f, "{count}{name}")?;
        }
    }
    Ok(())
}

macro_rules! serde_as_text {
    ($type:ty) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    };
}

serde_as_text!(HumanDuration);
serde_as_text!(ByteSize);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_durations_and_refuses_everything_else() {
        for (text, milliseconds) in [
            ("90d", 7_776_000_000),
            ("5m", 300_000),
            ("250ms", 250),
            ("1h30m", 5_400_000),
            ("2w", 1_209_600_000),
            ("0s", 0),
        ] {
            assert_eq!(
                text.parse(),
                Ok(HumanDuration(Duration::from_millis(milliseconds))),
                "{text}"
            );
        }
        for text in ["", "5", "m", "-5m", "5 m", "5M", "1.5h", "5y", "1h ", "1hh"] {
            let parsed = text.parse::<HumanDuration>();
            assert!(
                matches!(parsed, Err(UnitError::Shape { .. })),
                "{text}: {parsed:?}"
            );
        }
        for text in ["30m1h", "1h1h"] {
            let parsed = text.parse::<HumanDuration>();
            assert!(
                matches!(parsed, Err(UnitError::Order { .. })),
                "{text}: {parsed:?}"
            );
        }
        for text in ["99999999999999999999s", "999999999999999999w"] {
            let parsed = text.parse::<HumanDuration>();
            assert!(
                matches!(parsed, Err(UnitError::TooLarge { .. })),
                "{text}: {parsed:?}"
            );
        }
    }

    #[test]
    fn reads_sizes() {
        assert_eq!("64KiB".parse(), Ok(ByteSize(65_536)));
        assert_eq!("1GiB512MiB".parse(), Ok(ByteSize(1_610_612_736)));
        assert!("64kB".parse::<ByteSize>().is_err());
        assert!("64".parse::<ByteSize>().is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(milliseconds: u64, octets: u64) {
            let duration = HumanDuration(Duration::from_millis(milliseconds));
            prop_assert_eq!(duration.to_string().parse(), Ok(duration));
            prop_assert_eq!(ByteSize(octets).to_string().parse(), Ok(ByteSize(octets)));
        }
    }
}
