//! Values of arguments that several commands share.

use api::Validity;
use clap::ValueEnum;
use jiff::{SignedDuration, Timestamp};
use pki::KeyAlgorithm;

/// Key types that the command line can make.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyType {
    /// ECDSA on P-256.
    #[default]
    #[value(name = "ec-p256")]
    EcP256,
    /// ECDSA on P-384.
    #[value(name = "ec-p384")]
    EcP384,
    /// Ed25519.
    #[value(name = "ed25519")]
    Ed25519,
    /// RSA of 3072 bits.
    #[value(name = "rsa-3072")]
    Rsa3072,
    /// RSA of 4096 bits.
    #[value(name = "rsa-4096")]
    Rsa4096,
}

impl KeyType {
    /// The key type as `pki` names it.
    pub(crate) const fn algorithm(self) -> KeyAlgorithm {
        match self {
            Self::EcP256 => KeyAlgorithm::EcP256,
            Self::EcP384 => KeyAlgorithm::EcP384,
            Self::Ed25519 => KeyAlgorithm::Ed25519,
            Self::Rsa3072 => KeyAlgorithm::Rsa { bits: 3072 },
            Self::Rsa4096 => KeyAlgorithm::Rsa { bits: 4096 },
        }
    }
}

/// Reads a validity: `30d`, `12h`, `45m`, `90s` or the last moment in RFC 3339.
pub(crate) fn validity(text: &str) -> Result<Validity, String> {
    if let Some(days) = text
        .strip_suffix('d')
        .and_then(|days| days.parse().ok())
        .filter(|days| *days > 0)
    {
        return Ok(Validity::Days(days));
    }
    if let Ok(not_after) = text.parse::<Timestamp>() {
        return Ok(Validity::NotAfter(not_after));
    }
    let duration = duration(text)?;
    u32::try_from(duration.as_secs())
        .map(Validity::Seconds)
        .map_err(|_| EXPECTED.to_owned())
}

/// Reads a duration as policies write it: `90d`, `12h`, `5m`, `30s`.
pub(crate) fn duration(text: &str) -> Result<SignedDuration, String> {
    policy::duration::parse(text)
        .ok()
        .filter(SignedDuration::is_positive)
        .ok_or_else(|| EXPECTED.to_owned())
}

/// The moment `text` names: RFC 3339, or a duration from `now`.
pub(crate) fn moment(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    if let Ok(moment) = text.parse() {
        return Ok(moment);
    }
    now.checked_add(duration(text)?)
        .map_err(|_| "it lies beyond the year 9999".to_owned())
}

const EXPECTED: &str = "expected a duration such as 30d, 12h, 45m or 90s, or (where a moment is \
                        meant) a time such as 2027-01-31T12:00:00Z";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn validity_is_days_seconds_or_a_moment() {
        let end: Timestamp = "2027-01-31T12:00:00Z".parse().unwrap();
        for (text, expected) in [
            ("30d", Validity::Days(30)),
            ("12h", Validity::Seconds(43_200)),
            ("90s", Validity::Seconds(90)),
            ("2027-01-31T12:00:00Z", Validity::NotAfter(end)),
        ] {
            assert_eq!(validity(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn nonsense_is_no_duration() {
        for text in [
            "",
            "d",
            "10",
            "-5d",
            "0d",
            "5y",
            "9999999999999999999d",
            "天",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_moment_is_counted_from_now() {
        let now: Timestamp = "2026-12-31T00:00:00Z".parse().unwrap();
        assert_eq!(
            moment("1d", now),
            Ok("2027-01-01T00:00:00Z".parse().unwrap())
        );
    }
}
