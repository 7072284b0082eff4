//! The JSON schema of the policy file.

use crate::source::PolicySource;

/// The JSON schema (draft 2020-12) of the policy file, for editors.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(PolicySource).to_value()
}
