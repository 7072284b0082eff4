//! Identifiers of organisations and persons in China, checked by their own check characters.

/// Characters of a unified social credit code, by value: no I, O, S, V, Z (GB 32100-2015 §4.2).
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Weights of the first seventeen characters: powers of 3 modulo 31 (GB 32100-2015 appendix A).
const WEIGHTS: [u32; 17] = [
    1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
];

/// Weights of the first seventeen digits of a resident identity number (GB 11643-1999 §4.2.2).
const RESIDENT_WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// Check characters of a resident identity number, by remainder modulo 11.
const RESIDENT_CHECK: &[u8; 11] = b"10X98765432";

/// Whether the text is a unified social credit code with a right check character (GB 32100-2015).
pub fn is_uscc(text: &str) -> bool {
    let values: Option<Vec<u32>> = text.bytes().map(value).collect();
    let Some((check, head)) = values.as_deref().and_then(<[u32]>::split_last) else {
        return false;
    };
    if head.len() != WEIGHTS.len() {
        return false;
    }
    let sum: u32 = head
        .iter()
        .zip(WEIGHTS)
        .map(|(value, weight)| value * weight)
        .sum();
    (31 - sum % 31) % 31 == *check
}

/// Whether the text is a resident identity number with a right check character (GB 11643-1999).
pub fn is_resident_number(text: &str) -> bool {
    let Some((check, head)) = text.as_bytes().split_last() else {
        return false;
    };
    if head.len() != RESIDENT_WEIGHTS.len() || !head.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let sum: u32 = head
        .iter()
        .zip(RESIDENT_WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    usize::try_from(sum % 11)
        .ok()
        .and_then(|remainder| RESIDENT_CHECK.get(remainder))
        .is_some_and(|expected| check.eq_ignore_ascii_case(expected))
}

/// Whether the text is a mobile telephone number of mainland China.
pub fn is_mobile_number(text: &str) -> bool {
    let digits = text.strip_prefix("+86").unwrap_or(text);
    digits.len() == 11
        && digits.starts_with('1')
        && digits.bytes().all(|octet| octet.is_ascii_digit())
}

fn value(octet: u8) -> Option<u32> {
    let position = ALPHABET.iter().position(|character| *character == octet)?;
    u32::try_from(position).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn accepts_a_code_with_its_check_character() {
        assert!(is_uscc("91350100M000100Y43"));
    }

    #[test]
    fn refuses_wrong_check_characters_lengths_and_letters() {
        for text in [
            "",
            "91350100M000100Y44",
            "91350100M000100Y4",
            "91350100M000100Y431",
            "91350100m000100Y43",
            "9135O100M000100Y43",
        ] {
            assert!(!is_uscc(text), "{text}");
        }
    }

    #[test]
    fn knows_resident_and_mobile_numbers() {
        assert!(is_resident_number("11010519491231002X"));
        assert!(is_resident_number("11010519491231002x"));
        assert!(!is_resident_number("110105194912310021"));
        assert!(!is_resident_number("U-2026-000123"));
        assert!(is_mobile_number("13800138000"));
        assert!(is_mobile_number("+8613800138000"));
        assert!(!is_mobile_number("23800138000"));
    }

    proptest! {
        #[test]
        fn one_changed_character_is_noticed(position in 0usize..18, replacement in 0usize..31) {
            let good = b"91350100M000100Y43";
            let mut text = good.to_vec();
            text[position] = ALPHABET[replacement];
            let text = String::from_utf8(text).expect("ASCII");
            prop_assert_eq!(is_uscc(&text), text.as_bytes() == good);
        }
    }
}
