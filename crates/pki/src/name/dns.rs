//! Domain names: A-labels by IDNA2008 (RFC 9549, RFC 5890), lower case.

use idna::{
    AsciiDenyList,
    uts46::{DnsLength, Hyphens, Uts46},
};
use unicode_normalization::char::is_combining_mark;

use super::rules::Fault;

/// Brings a domain name, without wildcard, to its normal form.
pub(super) fn normalise(name: &str) -> Result<String, Fault> {
    if !name.is_ascii() && name.chars().any(char::is_control) {
        return Err(malformed());
    }
    // UTS #46 maps (lower case, wide forms) and checks joiners and directions; IDNA2008 allows
    // fewer characters, which is looked at after it.
    let ascii = Uts46::new()
        .to_ascii(
            name.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::Check,
            DnsLength::Verify,
        )
        .map_err(|_| malformed())?;
    if ascii.rsplit('.').next().is_none_or(is_number) {
        // An address is no domain name (RFC 1123 §2.1).
        return Err(malformed());
    }
    let (unicode, result) =
        Uts46::new().to_unicode(ascii.as_bytes(), AsciiDenyList::STD3, Hyphens::Check);
    if result.is_err() || !unicode.split('.').all(is_idna_2008) {
        return Err(("dns-not-idna", "must keep to IDNA2008".into()));
    }
    Ok(ascii.into_owned())
}

fn malformed() -> Fault {
    ("dns-malformed", "must be a domain name".into())
}

fn is_number(label: &str) -> bool {
    label.bytes().all(|octet| octet.is_ascii_digit())
}

/// Letters, digits, marks and the hyphen (RFC 5892 §2). Of the characters that need a context
/// (RFC 5892 appendix A) the two joiners were checked by UTS #46, the two middle dots are checked
/// here, and the others are refused.
fn is_idna_2008(label: &str) -> bool {
    label.is_ascii() || label.chars().all(|character| is_allowed(character, label))
}

fn is_allowed(character: char, label: &str) -> bool {
    match character {
        '-' | '\u{200C}' | '\u{200D}' => true,
        '\u{00B7}' => is_between_l(label),
        '\u{30FB}' => label.chars().any(is_kana_or_han),
        // Circled, parenthesized and Roman numbers and letters are no letters to RFC 5892.
        '\u{2000}'..='\u{2BFF}' => false,
        _ => character.is_alphanumeric() || is_combining_mark(character),
    }
}

fn is_between_l(label: &str) -> bool {
    let parts: Vec<&str> = label.split('\u{00B7}').collect();
    parts.windows(2).all(|pair| match pair {
        [left, right] => left.ends_with('l') && right.starts_with('l'),
        _ => false,
    })
}

fn is_kana_or_han(character: char) -> bool {
    matches!(
        character,
        '\u{3041}'..='\u{3096}'
            | '\u{30A1}'..='\u{30FA}'
            | '\u{3005}'..='\u{3007}'
            | '\u{3400}'..='\u{4DBF}'
            | '\u{4E00}'..='\u{9FFF}'
            | '\u{F900}'..='\u{FAFF}'
            | '\u{20000}'..='\u{323AF}'
    )
}
