//! How rules are cited, and times as certificates hold them.

use jiff::{Timestamp, tz::TimeZone};

/// A section of the CPS, as violations cite it.
pub(crate) fn cps(section: &str) -> String {
    format!("CPS {section}")
}

/// The time without its fraction of a second: certificates hold whole seconds (RFC 5280 §4.1.2.5).
pub(crate) fn whole_second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(
        time.as_nanosecond()
            .div_euclid(1_000_000_000)
            .try_into()
            .unwrap_or(0),
    )
    .unwrap_or(time)
}

/// Midnight in UTC at the beginning of a date, or the moment that an RFC 3339 text names.
pub(crate) fn parse_time(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| {
        let date: jiff::civil::Date = text.parse().ok()?;
        date.to_zoned(TimeZone::UTC)
            .ok()
            .map(|zoned| zoned.timestamp())
    })
}
