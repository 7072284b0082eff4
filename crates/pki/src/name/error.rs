//! What is wrong with a name.

/// A rule that a part of a name breaks.
///
/// Neither display nor detail repeats the value, which may be personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{attribute} {detail}")]
pub struct NameError {
    /// The part: an attribute's X.520 name or object identifier, or `dns`, `ip`, `email`, `uri`.
    pub attribute: String,
    /// The stable code of the rule.
    pub code: &'static str,
    /// The rule in words, to be read after the part.
    pub detail: String,
}

impl NameError {
    pub(super) fn new(
        attribute: impl Into<String>,
        code: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            attribute: attribute.into(),
            code,
            detail: detail.into(),
        }
    }
}
