//! Serial numbers of certificates.

use std::{
    fmt::{self, Debug, Display},
    str::FromStr,
};

use jiff::Timestamp;
use rand::CryptoRng;

use crate::text::serde_as_text;

/// The most octets a serial number may take, sign bit included (RFC 5280 §4.1.2.2).
const MAX_OCTETS: usize = 20;
/// Random octets in a generated serial number: 128 bits, where 64 are asked for (BR 7.1).
const RANDOM_OCTETS: usize = 16;
/// 2020-01-01T00:00:00Z.
const EPOCH_SECOND: i64 = 1_577_836_800;
const SECONDS_A_DAY: i64 = 86_400;
/// Keeps the first octet from being zero.
const FIRST_DAY: i64 = 0x0100;
/// Keeps the top bit clear, so that the number is positive without a leading zero octet.
const LAST_DAY: i64 = 0x7FFF;

/// A certificate's serial number: positive, at most 20 octets as a DER INTEGER (RFC 5280 §4.1.2.2).
///
/// Text and serde form: lower-case hexadecimal of the magnitude.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SerialNumber {
    // The order of the fields makes the derived order numeric.
    length: usize,
    // Big endian, left aligned, the rest zero.
    octets: [u8; MAX_OCTETS],
}

/// What is wrong with a serial number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SerialError {
    /// It is zero, or there are no octets.
    #[error("a serial number must be positive")]
    NotPositive,
    /// The first octet is zero.
    #[error("a serial number must not begin with a zero octet")]
    LeadingZero,
    /// Its DER INTEGER would take more than 20 octets.
    #[error("a serial number must fit 20 octets")]
    TooLong,
    /// The text is not hexadecimal.
    #[error("a serial number must be hexadecimal")]
    NotHex,
}

impl SerialNumber {
    /// Makes a new serial number: two octets count the days since 2020-01-01 from 0x0100, so that
    /// numbers of one day stand together in an index, and sixteen come from `rng`.
    pub fn generate(now: Timestamp, rng: &mut impl CryptoRng) -> Self {
        let day = (now.as_second() - EPOCH_SECOND).div_euclid(SECONDS_A_DAY) + FIRST_DAY;
        let day = u16::try_from(day.clamp(FIRST_DAY, LAST_DAY)).unwrap_or(u16::MAX >> 1);
        let mut random = [0; RANDOM_OCTETS];
        rng.fill_bytes(&mut random);
        let mut octets = [0; MAX_OCTETS];
        let source = day.to_be_bytes().into_iter().chain(random);
        octets
            .iter_mut()
            .zip(source)
            .for_each(|(to, from)| *to = from);
        Self {
            length: 2 + RANDOM_OCTETS,
            octets,
        }
    }

    /// Takes a big-endian magnitude without leading zeros.
    ///
    /// # Errors
    /// [`SerialError`] if the number is zero, begins with a zero octet or is over 2^159 - 1.
    pub fn from_bytes(magnitude: &[u8]) -> Result<Self, SerialError> {
        match magnitude {
            [] | [0] => return Err(SerialError::NotPositive),
            [0, ..] => return Err(SerialError::LeadingZero),
            [first, ..] if magnitude.len() == MAX_OCTETS && *first >= 0x80 => {
                return Err(SerialError::TooLong);
            }
            _ if magnitude.len() > MAX_OCTETS => return Err(SerialError::TooLong),
            _ => {}
        }
        let mut octets = [0; MAX_OCTETS];
        octets
            .iter_mut()
            .zip(magnitude)
            .for_each(|(to, from)| *to = *from);
        Ok(Self {
            length: magnitude.len(),
            octets,
        })
    }

    /// The magnitude, big endian, without leading zeros: the form of database keys.
    pub fn as_bytes(&self) -> &[u8] {
        self.octets.get(..self.length).unwrap_or_default()
    }

    /// The number as x509-cert holds it.
    ///
    /// # Errors
    /// Only if x509-cert's limits change: every [`SerialNumber`] fits today's.
    pub fn to_x509(&self) -> der::Result<x509_cert::serial_number::SerialNumber> {
        x509_cert::serial_number::SerialNumber::new(self.as_bytes())
    }

    /// Reads x509-cert's form, which may carry a sign octet and may be zero or negative.
    ///
    /// # Errors
    /// [`SerialError`] for a number that RFC 5280 §4.1.2.2 does not allow.
    pub fn from_x509(serial: &x509_cert::serial_number::SerialNumber) -> Result<Self, SerialError> {
        match serial.as_bytes() {
            [first, ..] if *first >= 0x80 => Err(SerialError::NotPositive),
            [0, magnitude @ ..] | magnitude => Self::from_bytes(magnitude),
        }
    }
}

impl Display for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.as_bytes()))
    }
}

impl Debug for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SerialNumber({self})")
    }
}

impl FromStr for SerialNumber {
    type Err = SerialError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let magnitude = hex::decode(text).map_err(|_| SerialError::NotHex)?;
        Self::from_bytes(&magnitude)
    }
}

impl TryFrom<&[u8]> for SerialNumber {
    type Error = SerialError;

    fn try_from(magnitude: &[u8]) -> Result<Self, Self::Error> {
        Self::from_bytes(magnitude)
    }
}

serde_as_text!(SerialNumber);

#[cfg(test)]
mod tests;
