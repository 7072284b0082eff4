//! Entries about certificates that are good, as we write them.
//!
//! A first copy is millions of lines that differ in a few places. What stands between these is compared,
//! and what is as in the line before is not read again. Whatever is written in another way is left to
//! those that read JSON.

use jiff::{SignedDuration, Timestamp};
use pki::{IssuerName, SerialNumber};

use crate::{Entry, Event, Status};

/// Reads line after line.
#[derive(Debug, Default)]
pub(super) struct Reader {
    issuer: Option<IssuerName>,
    at: Second,
    not_after: Second,
}

impl Reader {
    /// The entry in a line, if it is a canonical one.
    pub(super) fn read(&mut self, line: &[u8]) -> Option<Entry> {
        let mut rest = Rest(str::from_utf8(line).ok()?);
        let seq = rest.number(r#"{"seq":"#)?;
        let at = self.at.read(rest.text(r#","at":""#)?)?;
        let issuer = rest.text(r#","event":{"type":"certificate","issuer":""#)?;
        let serial = serial(rest.text(r#","serial":""#)?)?;
        let not_after = self.not_after.read(rest.text(r#","not_after":""#)?)?;
        let shard = match rest.number(r#","shard":"#) {
            Some(shard) => Some(u16::try_from(shard).ok()?),
            None => None,
        };
        if rest.0 != r#","status":{"state":"good"}}}"# {
            return None;
        }
        let event = Event::Certificate {
            issuer: self.issuer(issuer)?,
            serial,
            not_after,
            shard,
            status: Status::Good,
        };
        Some(Entry { seq, at, event })
    }

    fn issuer(&mut self, text: &str) -> Option<IssuerName> {
        if self
            .issuer
            .as_ref()
            .is_none_or(|known| known.as_str() != text)
        {
            self.issuer = Some(text.parse().ok()?);
        }
        self.issuer.clone()
    }
}

/// What is left of a line.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    /// What stands between `before` and the next quotation mark. An escape is no part of what is read
    /// here.
    fn text(&mut self, before: &str) -> Option<&'a str> {
        let (text, rest) = self.0.strip_prefix(before)?.split_once('"')?;
        self.0 = rest;
        Some(text)
    }

    /// The number behind `before`, without a sign or leading zeros.
    fn number(&mut self, before: &str) -> Option<u64> {
        let rest = self.0.strip_prefix(before)?;
        let end = rest.bytes().position(|octet| !octet.is_ascii_digit())?;
        let (digits, rest) = rest.split_at_checked(end)?;
        if digits.starts_with('0') && digits.len() > 1 {
            return None;
        }
        let number = digits.parse().ok()?;
        self.0 = rest;
        Some(number)
    }
}

fn serial(text: &str) -> Option<SerialNumber> {
    let mut octets = [0; 20];
    let octets = octets.get_mut(..text.len() / 2)?;
    hex::decode_to_slice(text, octets).ok()?;
    SerialNumber::from_bytes(octets).ok()
}

/// The second that was read last: its text, and what it is.
#[derive(Debug, Default)]
struct Second {
    text: String,
    at: Timestamp,
}

/// Octets of `2026-03-01T08:00:00`.
const SECOND: usize = 19;

impl Second {
    fn read(&mut self, text: &str) -> Option<Timestamp> {
        let (second, fraction) = text.split_at_checked(SECOND)?;
        let fraction = fraction.strip_suffix('Z')?;
        if self.text != second {
            let at = is_second(second).then(|| format!("{second}Z").parse().ok())??;
            *self = Self {
                text: second.to_owned(),
                at,
            };
        }
        if fraction.is_empty() {
            return Some(self.at);
        }
        let nanos = nanoseconds(fraction.strip_prefix('.')?)?;
        self.at.checked_add(SignedDuration::from_nanos(nanos)).ok()
    }
}

/// Whether a text has the form of a second to which a fraction may be added: a leap second is none.
fn is_second(text: &str) -> bool {
    let form = text.bytes().zip("____-__-__T__:__:__".bytes());
    let mut octets =
        form.map(|(octet, form)| octet == form || (form == b'_' && octet.is_ascii_digit()));
    octets.all(|fits| fits) && !text.ends_with("60")
}

/// What the digits behind the point of a second are.
fn nanoseconds(digits: &str) -> Option<i64> {
    let all_digits = digits.bytes().all(|octet| octet.is_ascii_digit());
    let zeros = 9_usize.checked_sub(digits.len())?;
    let scale = 10_i64.checked_pow(u32::try_from(zeros).ok()?)?;
    let number: i64 = all_digits.then(|| digits.parse().ok())??;
    number.checked_mul(scale)
}
