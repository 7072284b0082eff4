//! Rules that every text in a name keeps, whatever its kind.

use unicode_normalization::is_nfc;

/// The code and the words of a rule that is broken.
pub(super) type Fault = (&'static str, String);

/// All rules that the text breaks; `bound` is counted in characters, as RFC 5280 appendix A.1
/// counts its upper bounds.
pub(super) fn faults(text: &str, bound: usize) -> Vec<Fault> {
    if text.is_empty() {
        return vec![("name-empty", "must not be empty".into())];
    }
    let mut faults = Vec::new();
    let mut rule = |broken: bool, code: &'static str, detail: String| {
        if broken {
            faults.push((code, detail));
        }
    };
    rule(
        text.contains('\0'),
        "name-nul",
        "must not contain U+0000".into(),
    );
    rule(
        text.chars().any(is_control),
        "name-control",
        "must not contain control characters".into(),
    );
    rule(
        text.chars().any(is_bidi_control),
        "name-bidi-control",
        "must not contain characters that change the direction of writing".into(),
    );
    rule(
        text.chars().any(is_invisible),
        "name-invisible",
        "must not contain invisible characters or noncharacters".into(),
    );
    rule(
        has_blank_edge(text),
        "name-blank-edge",
        "must not begin or end with a blank".into(),
    );
    rule(
        !is_nfc(text),
        "name-not-nfc",
        "must be in Unicode normalization form C".into(),
    );
    let characters = text.chars().count();
    rule(
        characters > bound,
        "name-too-long",
        format!("has {characters} characters, more than {bound}"),
    );
    faults
}

fn is_control(character: char) -> bool {
    character != '\0' && (character.is_control() || matches!(character, '\u{2028}' | '\u{2029}'))
}

/// Marks, embeddings, overrides and isolates of UAX #9.
fn is_bidi_control(character: char) -> bool {
    matches!(
        character,
        '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
    )
}

/// Characters that leave no trace on paper. The two joiners stay: Persian and several scripts of
/// India are not written without them.
fn is_invisible(character: char) -> bool {
    let code = u32::from(character);
    let noncharacter = code & 0xFFFE == 0xFFFE || matches!(code, 0xFDD0..=0xFDEF);
    noncharacter
        || matches!(
            character,
            '\u{00AD}'
                | '\u{034F}'
                | '\u{115F}'..='\u{1160}'
                | '\u{180E}'
                | '\u{200B}'
                | '\u{2060}'..='\u{2065}'
                | '\u{206A}'..='\u{206F}'
                | '\u{3164}'
                | '\u{FEFF}'
                | '\u{FFA0}'
                | '\u{FFF9}'..='\u{FFFD}'
                | '\u{E0000}'..='\u{E007F}'
        )
}

fn has_blank_edge(text: &str) -> bool {
    text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace)
}

/// The characters of a PrintableString (X.680 §41.4).
pub(super) fn is_printable(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&octet)
}
