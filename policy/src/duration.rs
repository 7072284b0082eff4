//! Lengths of time as the policy file writes them: `90d`, `8h`, `5m`, `10s`.

use jiff::SignedDuration;

/// The text is not a length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a length of time is a whole number and a unit: s, m, h or d, such as 90d")]
pub struct MalformedDuration;

/// Reads a length of time. A day is 24 hours; months and years have no fixed length and no unit.
///
/// # Errors
/// [`MalformedDuration`] for anything but digits and one unit, or beyond `i64` seconds.
pub fn parse(text: &str) -> Result<SignedDuration, MalformedDuration> {
    let unit = text.chars().next_back().ok_or(MalformedDuration)?;
    let seconds_per_unit = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(MalformedDuration),
    };
    let digits = text.strip_suffix(unit).ok_or(MalformedDuration)?;
    if digits.is_empty() || digits.len() > 9 || !digits.bytes().all(|octet| octet.is_ascii_digit())
    {
        return Err(MalformedDuration);
    }
    let count: i64 = digits.parse().map_err(|_| MalformedDuration)?;
    count
        .checked_mul(seconds_per_unit)
        .map(SignedDuration::from_secs)
        .ok_or(MalformedDuration)
}

/// Writes a length of time in the largest unit that divides it.
pub fn format(duration: SignedDuration) -> String {
    let seconds = duration.as_secs();
    for (unit, length) in [("d", 86_400), ("h", 3_600), ("m", 60)] {
        if seconds != 0 && seconds % length == 0 {
            return format!("{}{unit}", seconds / length);
        }
    }
    format!("{seconds}s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_unit() {
        for (text, seconds) in [("10s", 10), ("5m", 300), ("8h", 28_800), ("90d", 7_776_000)] {
            assert_eq!(
                parse(text),
                Ok(SignedDuration::from_secs(seconds)),
                "{text}"
            );
        }
    }

    #[test]
    fn refuses_what_is_not_a_count_and_a_unit() {
        for text in [
            "",
            "d",
            "90",
            "-1d",
            "1.5h",
            "1y",
            "1 d",
            "9999999999d",
            "１d",
        ] {
            assert_eq!(parse(text), Err(MalformedDuration), "{text}");
        }
    }

    #[test]
    fn writes_what_it_reads() {
        for text in ["0s", "10s", "61s", "5m", "25h", "90d"] {
            assert_eq!(parse(text).map(format).as_deref(), Ok(text));
        }
    }
}
