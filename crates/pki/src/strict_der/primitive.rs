//! What DER asks of elements without parts, by tag.

const BOOLEAN: u8 = 0x01;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const NULL: u8 = 0x05;
const OBJECT_IDENTIFIER: u8 = 0x06;
const ENUMERATED: u8 = 0x0A;
const UTF8_STRING: u8 = 0x0C;
const NUMERIC_STRING: u8 = 0x12;
const PRINTABLE_STRING: u8 = 0x13;
const TELETEX_STRING: u8 = 0x14;
const IA5_STRING: u8 = 0x16;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const VISIBLE_STRING: u8 = 0x1A;
const UNIVERSAL_STRING: u8 = 0x1C;
const BMP_STRING: u8 = 0x1E;

/// Whether the contents are DER for this tag. Types that PKIX never uses are refused; what a
/// context tag holds cannot be told here.
pub(super) fn is_der(tag: u8, contents: &[u8]) -> bool {
    match tag {
        BOOLEAN => matches!(contents, [0x00 | 0xFF]),
        INTEGER | ENUMERATED => is_shortest_integer(contents),
        BIT_STRING => is_bit_string(contents),
        OCTET_STRING | TELETEX_STRING | 0x40.. => true,
        NULL => contents.is_empty(),
        OBJECT_IDENTIFIER => is_object_identifier(contents),
        UTF8_STRING => str::from_utf8(contents).is_ok(),
        NUMERIC_STRING => contents
            .iter()
            .all(|octet| octet.is_ascii_digit() || *octet == b' '),
        PRINTABLE_STRING => contents.iter().all(|octet| is_printable(*octet)),
        IA5_STRING => contents.is_ascii(),
        VISIBLE_STRING => contents.iter().all(|octet| matches!(octet, 0x20..=0x7E)),
        UTC_TIME => is_time(contents, 13),
        GENERALIZED_TIME => is_time(contents, 15),
        UNIVERSAL_STRING => contents.len().is_multiple_of(4),
        BMP_STRING => contents.len().is_multiple_of(2),
        _ => false,
    }
}

fn is_shortest_integer(contents: &[u8]) -> bool {
    match contents {
        [] => false,
        [0x00, second, ..] => *second >= 0x80,
        [0xFF, second, ..] => *second < 0x80,
        _ => true,
    }
}

/// The unused bits must be counted right and be zero (X.690 §11.2.1).
fn is_bit_string(contents: &[u8]) -> bool {
    match contents {
        [0, ..] => true,
        [unused @ 1..=7, .., last] => last.trailing_zeros() >= u32::from(*unused),
        _ => false,
    }
}

/// Each arc must begin without padding and end (X.690 §8.19.2).
fn is_object_identifier(contents: &[u8]) -> bool {
    let ends = contents.last().is_some_and(|octet| *octet < 0x80);
    let starts_of_arcs = contents
        .iter()
        .scan(true, |at_start, octet| {
            let is_start = *at_start;
            *at_start = *octet < 0x80;
            Some((is_start, *octet))
        })
        .all(|(is_start, octet)| !(is_start && octet == 0x80));
    ends && starts_of_arcs
}

fn is_printable(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&octet)
}

/// Whole seconds and `Z`, nothing else (RFC 5280 §4.1.2.5).
fn is_time(contents: &[u8], length: usize) -> bool {
    match contents {
        [digits @ .., b'Z'] => contents.len() == length && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}
