//! What changed between two policies.

use std::collections::BTreeMap;
use std::fmt::{self, Display};

use serde_json::Value;

use crate::{Policy, document::join};

/// A value that differs between two policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Path of the key, e.g. `"7.1".profiles.tls-server.validity.max`.
    pub path: String,
    /// The value before; `None` where the key is new.
    pub before: Option<String>,
    /// The value after; `None` where the key is gone.
    pub after: Option<String>,
}

impl Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => write!(f, "~ {}: {before} -> {after}", self.path),
            (Some(before), None) => write!(f, "- {}: {before}", self.path),
            (None, Some(after)) => write!(f, "+ {}: {after}", self.path),
            (None, None) => f.write_str(&self.path),
        }
    }
}

impl Policy {
    /// Every value that differs in a later policy, in the order of the paths. Lists of things with
    /// an id or a version (grounds, kinds of evidence, agreements) are compared by it, so that an
    /// insertion does not shift what follows. Defaults that a file leaves out count as written.
    pub fn diff(&self, later: &Self) -> Vec<Change> {
        let (before, after) = (leaves(self), leaves(later));
        let paths: std::collections::BTreeSet<&String> =
            before.keys().chain(after.keys()).collect();
        paths
            .into_iter()
            .filter(|path| before.get(*path) != after.get(*path))
            .map(|path| Change {
                path: path.clone(),
                before: before.get(path).cloned(),
                after: after.get(path).cloned(),
            })
            .collect()
    }
}

fn leaves(policy: &Policy) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    // The source came from the same types a moment ago and always goes back into them.
    let value = serde_json::to_value(&policy.source).unwrap_or_default();
    collect(&value, "", &mut found);
    found
}

fn collect(value: &Value, path: &str, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                collect(value, &join(path, key), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let key = name(item).unwrap_or_else(|| index.to_string());
                collect(item, &format!("{path}[{key}]"), found);
            }
        }
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            found.insert(path.to_owned(), value.to_string());
        }
    }
}

/// What tells an item of a list from its neighbours.
fn name(item: &Value) -> Option<String> {
    match item {
        Value::String(text) => Some(text.clone()),
        Value::Object(object) => ["id", "version", "attribute", "from"]
            .iter()
            .find_map(|key| object.get(*key)?.as_str())
            .map(str::to_owned),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}
