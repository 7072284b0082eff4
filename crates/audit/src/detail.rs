//! The values an audit event may carry beside its fixed fields.

use jiff::Timestamp;
use pki::{CrlNumber, Fingerprint, IssuerName, KeyId, RevocationReason, SerialNumber, SpkiHash};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One value of an audit event.
///
/// There is no way to put free text here: a detail is a number, a flag, a fixed text of this
/// program, an identifier of ours, or a *word* of a narrow alphabet. Names of persons, their
/// numbers and what strangers send us therefore stay out of the audit log by construction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Detail {
    /// Yes or no.
    Flag(bool),
    /// A count, a size or a sequence number.
    Number(i64),
    /// A word: see [`Detail::word`].
    Word(Word),
    /// Several values.
    List(Vec<Self>),
}

/// A text of the alphabet of [`Detail::word`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Word(String);

impl Word {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What stands in the log for a text that is no word.
const NOT_A_WORD: &str = "not-a-word";

/// The longest word, in characters: a SHA-512 digest in hex.
const MAX_WORD: usize = 128;

impl Detail {
    /// A name that an operator or the policy chose: a profile, a ground, a version, a peer.
    ///
    /// Only ASCII letters, digits and `. _ - : / +` up to 128 characters; any other text is
    /// replaced as a whole by `not-a-word`, so that nothing foreign is ever recorded by mistake.
    pub fn word(text: impl AsRef<str>) -> Self {
        let text = text.as_ref();
        let fits = !text.is_empty() && text.len() <= MAX_WORD && text.chars().all(belongs_to_word);
        Self::Word(Word(if fits { text } else { NOT_A_WORD }.to_owned()))
    }

    /// Several words.
    pub fn words<I>(texts: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        Self::List(texts.into_iter().map(Self::word).collect())
    }

    /// A number; one that does not fit is recorded as the largest that does.
    pub fn number(number: impl TryInto<i64>) -> Self {
        Self::Number(number.try_into().unwrap_or(i64::MAX))
    }
}

fn belongs_to_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-' | ':' | '/' | '+')
}

impl From<bool> for Detail {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<u32> for Detail {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<u64> for Detail {
    fn from(number: u64) -> Self {
        Self::number(number)
    }
}

impl From<usize> for Detail {
    fn from(number: usize) -> Self {
        Self::number(number)
    }
}

impl From<&'static str> for Detail {
    fn from(text: &'static str) -> Self {
        Self::word(text)
    }
}

macro_rules! from_displayed {
    ($($type:ty),+ $(,)?) => {$(
        impl From<$type> for Detail {
            fn from(value: $type) -> Self {
                Self::word(value.to_string())
            }
        }
        impl From<&$type> for Detail {
            fn from(value: &$type) -> Self {
                Self::word(value.to_string())
            }
        }
    )+};
}

from_displayed!(
    CrlNumber,
    Fingerprint,
    IssuerName,
    KeyId,
    SerialNumber,
    SpkiHash,
    Timestamp,
    Uuid
);

impl From<RevocationReason> for Detail {
    fn from(reason: RevocationReason) -> Self {
        Self::word(reason.as_str())
    }
}

impl<T: Into<Self>> From<Vec<T>> for Detail {
    fn from(values: Vec<T>) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_keeps_names_that_operators_choose() {
        for text in [
            "esign-individual",
            "sub.key_lost_or_leaked",
            "0.1.0+b2",
            "2026-01-01T00:00:00Z",
        ] {
            assert_eq!(
                serde_json::to_string(&Detail::word(text)).unwrap(),
                format!("{text:?}")
            );
        }
    }

    #[test]
    fn a_text_that_is_no_word_is_replaced_as_a_whole() {
        let long = "x".repeat(129);
        for text in [
            "",
            "Li Lei",
            "李雷",
            "a\nb",
            "x=1",
            "<script>",
            long.as_str(),
        ] {
            assert_eq!(Detail::word(text), Detail::word("not-a-word"), "{text}");
        }
    }

    #[test]
    fn details_survive_json() {
        let details = Detail::List(vec![
            Detail::from(true),
            Detail::from(7_u64),
            Detail::word("ground"),
            Detail::words(["a", "b"]),
        ]);
        let json = serde_json::to_string(&details).unwrap();
        assert_eq!(json, r#"[true,7,"ground",["a","b"]]"#);
        assert_eq!(serde_json::from_str::<Detail>(&json).unwrap(), details);
    }
}
