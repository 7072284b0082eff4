//! Hashes that stand for a subject and for a binding, so that records can compare without names.

use api::Statement;
use sha2::{Digest, Sha256};

/// SHA-256 that names the subject of a statement: kind, attributes in their order by name, and
/// alternative names. A key is certified for one subject only (C-18).
pub fn subject_hash(statement: &Statement) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut part = |text: &str| {
        hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(text);
    };
    part(statement.subject_kind.as_str());
    for (attribute, value) in &statement.subject {
        part(&attribute.to_string());
        part(value);
    }
    for name in &statement.subject_alt_names {
        part(name.kind.as_str());
        part(&name.value);
    }
    hash.finalize().into()
}

/// The binding as it is recorded: its type and digest.
pub fn binding_text(statement: &Statement) -> Option<String> {
    let binding = statement.binding.as_ref()?;
    Some(format!("{}:{}", binding.kind, binding.reference_sha256))
}
