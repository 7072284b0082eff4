//! The serial number is positive, at most 20 octets, and long enough for 64 random bits.

use super::{Rule, candidate::Candidate};

pub(super) const RULE: Rule = Rule {
    id: "serial-number",
    citation: "RFC 5280 §4.1.2.2, BR 7.1",
    check,
};

/// 64 random bits with our two octets of day number before them.
const FEWEST_OCTETS: usize = 10;

fn check(candidate: &Candidate<'_>) -> Vec<String> {
    let octets = candidate.tbs().serial_number().as_bytes();
    let mut faults = Vec::new();
    if octets.first().is_none_or(|first| first & 0x80 != 0)
        || octets.iter().all(|octet| *octet == 0)
    {
        faults.push("is not positive".to_owned());
    }
    if octets.len() > 20 {
        faults.push("is longer than 20 octets".to_owned());
    }
    if octets.len() < FEWEST_OCTETS {
        faults.push("is too short for 64 random bits".to_owned());
    }
    faults
}
