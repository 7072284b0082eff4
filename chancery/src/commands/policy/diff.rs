//! `policy diff`: two policies, rule by rule.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use serde::Serialize;
use toml::Value;

use super::file::PolicyFile;
use crate::{failure::Failure, output::Output};

/// Compare two policy files, rule by rule
///
/// Comments and the order of keys do not count. Exits with 0 whether they differ or not.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery policy diff policy/esign.toml policy/esign-2027.toml")]
pub(crate) struct Args {
    /// The policy that is in force
    old: PathBuf,
    /// The policy that shall replace it
    new: PathBuf,
}

/// One rule that differs.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Change {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    heading: Option<&'static str>,
    old: Option<String>,
    new: Option<String>,
}

pub(super) fn run(args: &Args, output: Output) -> Result<(), Failure> {
    let changes = changes(&rules(&args.old)?, &rules(&args.new)?);
    output.show(&changes, |changes| {
        if changes.is_empty() {
            return "the policies say the same".to_owned();
        }
        let blocks: Vec<_> = changes.iter().map(text).collect();
        blocks.join("\n")
    })
}

/// Every leaf of the file by its path.
fn rules(path: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let file = PolicyFile::read(path)?;
    let value: toml::Table = file.policy().to_source().parse().map_err(|error| {
        Failure::internal("a policy without faults is not TOML")
            .in_file(path)
            .because(&error)
    })?;
    let mut rules = BTreeMap::new();
    flatten("", &Value::Table(value), &mut rules);
    Ok(rules)
}

fn flatten(path: &str, value: &Value, rules: &mut BTreeMap<String, String>) {
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                let key = if key.contains('.') {
                    format!("\"{key}\"")
                } else {
                    key.clone()
                };
                let path = if path.is_empty() {
                    key
                } else {
                    format!("{path}.{key}")
                };
                flatten(&path, value, rules);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_table) => {
            for (index, item) in items.iter().enumerate() {
                // Named items are told by their names, so that a new one in the middle is one change.
                let name = ["id", "version", "name"]
                    .iter()
                    .find_map(|key| item.get(*key).and_then(Value::as_str))
                    .map_or_else(|| index.to_string(), str::to_owned);
                flatten(&format!("{path}[{name}]"), item, rules);
            }
        }
        leaf @ (Value::String(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime(_)
        | Value::Array(_)) => {
            rules.insert(path.to_owned(), leaf.to_string());
        }
    }
}

fn changes(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Vec<Change> {
    let paths: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    paths
        .into_iter()
        .filter(|path| old.get(*path) != new.get(*path))
        .map(|path| Change {
            path: path.clone(),
            heading: heading(path),
            old: old.get(path).cloned(),
            new: new.get(path).cloned(),
        })
        .collect()
}

/// The heading of RFC 3647 that the path stands under.
fn heading(path: &str) -> Option<&'static str> {
    let number = path.strip_prefix('"')?.split('"').next()?;
    policy::outline::heading(number).map(|heading| heading.en)
}

fn text(change: &Change) -> String {
    let mut lines = vec![match change.heading {
        Some(heading) => format!("{} ({heading})", change.path),
        None => change.path.clone(),
    }];
    lines.extend(change.old.iter().map(|old| format!("  - {old}")));
    lines.extend(change.new.iter().map(|new| format!("  + {new}")));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(text: &str) -> BTreeMap<String, String> {
        let mut rules = BTreeMap::new();
        flatten("", &Value::Table(text.parse().unwrap()), &mut rules);
        rules
    }

    #[test]
    fn a_rule_that_is_added_removed_or_changed_is_named_by_its_path() {
        let old = flat("[\"6.1\"]\nbits = 3072\nold = true\n");
        let new = flat("# a comment\n[\"6.1\"]\nnew = true\nbits = 4096\n");
        let found: Vec<_> = changes(&old, &new)
            .into_iter()
            .map(|change| (change.path, change.old.is_some(), change.new.is_some()))
            .collect();
        assert_eq!(
            found,
            [
                ("\"6.1\".bits".to_owned(), true, true),
                ("\"6.1\".new".to_owned(), false, true),
                ("\"6.1\".old".to_owned(), true, false),
            ]
        );
    }

    #[test]
    fn an_item_that_is_put_in_the_middle_is_one_change() {
        let old = flat("[[a]]\nid = \"x\"\n[[a]]\nid = \"z\"\n");
        let new = flat("[[a]]\nid = \"x\"\n[[a]]\nid = \"y\"\n[[a]]\nid = \"z\"\n");
        let changes = changes(&old, &new);
        assert_eq!(changes.len(), 1, "{changes:?}");
    }
}
