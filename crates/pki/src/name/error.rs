//! What is wrong with a name.

/// A rule that a part of a name breaks.
///
/// The display never repeats the value, which may be personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{attribute}: {detail}")]
pub struct NameError {
    /// The part: an attribute's X.520 name, or `dns`, `ip`, `email`, `uri`.
    pub attribute: String,
    /// The stable code of the rule.
    pub code: &'static str,
    /// The rule in words.
    pub detail: String,
}
