//! Enumerations as words: the same words that they have in JSON.

use serde::{Serialize, de::DeserializeOwned};

use crate::StoreError;

/// The word of a value of an enumeration.
pub(crate) fn to_word<T: Serialize>(value: &T) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        _ => Err(StoreError::Corrupt { what: "word" }),
    }
}

/// The JSON text that columns of several values hold.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Corrupt { what: "json" })
}

/// The value that a word stands for.
pub(crate) fn from_word<T: DeserializeOwned>(
    word: String,
    what: &'static str,
) -> Result<T, StoreError> {
    serde_json::from_value(serde_json::Value::String(word))
        .map_err(|_| StoreError::Corrupt { what })
}
