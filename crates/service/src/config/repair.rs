//! Finds all faults of a configuration although serde stops at the first.
//!
//! Each fault is noted, then mended in a copy of the file's values, by taking out what should not be
//! there or by putting in a value of a fitting kind, so that serde gets on to the next. A mended
//! copy is never used for anything else.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use toml::{Table, Value};

/// More faults than this are not worth reading.
const MAX_FAULTS: usize = 100;
/// How deep the tables are that a placeholder may have to consist of.
const MAX_DEPTH: usize = 4;
/// How many keys a table may lack.
const MAX_MISSING: usize = 40;

/// One fault and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) path: KeyPath,
    pub(super) what: String,
}

/// Keys and indices from the root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct KeyPath(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

/// What serde complains about.
enum Complaint {
    Unknown(Fault),
    Missing(Fault),
    Wrong(Fault),
}

/// Gives the configuration, or all faults.
pub(super) fn deserialize<T: DeserializeOwned>(mut value: Value) -> Result<T, Vec<Fault>> {
    let mut faults: Vec<Fault> = Vec::new();
    let mut given_up: Vec<KeyPath> = Vec::new();
    while faults.len() < MAX_FAULTS && given_up.len() < MAX_FAULTS {
        let complaint = match attempt::<T>(&value) {
            Ok(config) if faults.is_empty() => return Ok(config),
            Ok(_) => break,
            Err(complaint) => complaint,
        };
        let fault = complaint.fault();
        let told = |path: &KeyPath| fault.path.starts_with(path);
        if !given_up.iter().any(told) && !faults.iter().any(|earlier| told(&earlier.path)) {
            faults.push(fault.clone());
        }
        let mended = match &complaint {
            Complaint::Unknown(fault) => remove(&mut value, &fault.path),
            Complaint::Missing(fault) | Complaint::Wrong(fault) => {
                fill::<T>(&mut value, &fault.path, MAX_DEPTH)
            }
        };
        if !mended {
            // Nothing fits here: look at the rest of the file without the table around it.
            let Some(around) = fault.path.parent().filter(|path| remove(&mut value, path)) else {
                break;
            };
            given_up.push(around);
        }
    }
    Err(faults)
}

fn attempt<T: DeserializeOwned>(value: &Value) -> Result<T, Complaint> {
    serde_path_to_error::deserialize(value.clone()).map_err(|error| {
        let path = KeyPath::of(error.path());
        Complaint::new(path, error.inner().message())
    })
}

impl Complaint {
    /// Serde's messages are all there is to tell the kinds apart; they have not changed since 1.0.
    fn new(path: KeyPath, message: &str) -> Self {
        let first_line = message.lines().next().unwrap_or_default();
        if let Some(rest) = first_line.strip_prefix("missing field `") {
            let name = rest.split('`').next().unwrap_or_default();
            let what = "is missing".to_owned();
            return Self::Missing(Fault {
                path: path.key(name),
                what,
            });
        }
        if let Some(rest) = first_line.strip_prefix("unknown field `") {
            let (name, known) = rest.split_once('`').unwrap_or((rest, ""));
            let path = if path.ends_with(name) {
                path
            } else {
                path.key(name)
            };
            return Self::Unknown(Fault {
                path,
                what: format!("unknown key{known}"),
            });
        }
        Self::Wrong(Fault {
            path,
            what: first_line.to_owned(),
        })
    }

    fn fault(&self) -> &Fault {
        match self {
            Self::Unknown(fault) | Self::Missing(fault) | Self::Wrong(fault) => fault,
        }
    }
}

/// Puts something at `path` that serde takes there; on failure the value is as it was.
fn fill<T: DeserializeOwned>(value: &mut Value, path: &KeyPath, depth: usize) -> bool {
    let before = value.clone();
    let mut candidates = placeholders();
    while let Some(candidate) = candidates.pop() {
        if !put(value, path, candidate.clone()) {
            break;
        }
        if fits::<T>(value, path, depth, &mut candidates) {
            return true;
        }
    }
    *value = before;
    false
}

/// Whether serde gets past `path`; may add candidates, and fills what a table there lacks.
fn fits<T: DeserializeOwned>(
    value: &mut Value,
    path: &KeyPath,
    depth: usize,
    candidates: &mut Vec<Value>,
) -> bool {
    for _ in 0..MAX_MISSING {
        let Err(complaint) = attempt::<T>(value) else {
            return true;
        };
        let fault = complaint.fault();
        if !fault.path.starts_with(path) {
            return true;
        }
        let below = matches!(complaint, Complaint::Missing(_)) && fault.path != *path && depth > 0;
        if !below || !fill::<T>(value, &fault.path.clone(), depth - 1) {
            candidates.extend(variant_in(&fault.what));
            return false;
        }
    }
    false
}

/// The last is tried first.
fn placeholders() -> Vec<Value> {
    let texts = [
        "",
        "a",
        "00",
        "https://a.example/",
        "127.0.0.1:1",
        "1B",
        "1s",
    ];
    let mut candidates: Vec<Value> = texts.map(|text| Value::String(text.to_owned())).to_vec();
    candidates.extend([
        Value::Float(1.0),
        Value::Boolean(true),
        Value::Integer(1),
        Value::Array(Vec::new()),
        Value::Table(Table::new()),
    ]);
    candidates
}

/// The first value that a message such as "unknown variant `1s`, expected `text` or `json`" offers.
fn variant_in(message: &str) -> Option<Value> {
    let offered = message.strip_prefix("unknown variant `1s`, expected ")?;
    offered
        .split('`')
        .nth(1)
        .map(|variant| Value::String(variant.to_owned()))
}

fn lookup<'v>(value: &'v mut Value, path: &KeyPath) -> Option<&'v mut Value> {
    path.0
        .iter()
        .try_fold(value, |value, step| match (step, value) {
            (Step::Key(name), Value::Table(table)) => table.get_mut(name),
            (Step::Index(index), Value::Array(array)) => array.get_mut(*index),
            (Step::Key(_) | Step::Index(_), _) => None,
        })
}

fn put(value: &mut Value, path: &KeyPath, new: Value) -> bool {
    let Some((last, parent)) = path.split_last() else {
        return false;
    };
    match (last, lookup(value, &parent)) {
        (Step::Key(name), Some(Value::Table(table))) => {
            table.insert(name.clone(), new);
            true
        }
        (Step::Index(index), Some(Value::Array(array))) => {
            array.get_mut(*index).map(|slot| *slot = new).is_some()
        }
        _ => false,
    }
}

fn remove(value: &mut Value, path: &KeyPath) -> bool {
    let Some((last, parent)) = path.split_last() else {
        return false;
    };
    match (last, lookup(value, &parent)) {
        (Step::Key(name), Some(Value::Table(table))) => table.remove(name).is_some(),
        (Step::Index(index), Some(Value::Array(array))) if *index < array.len() => {
            array.remove(*index);
            true
        }
        _ => false,
    }
}

impl KeyPath {
    fn of(path: &serde_path_to_error::Path) -> Self {
        let step = |segment: &Segment| match segment {
            Segment::Seq { index } => Some(Step::Index(*index)),
            Segment::Map { key } => Some(Step::Key(key.clone())),
            Segment::Enum { variant } => Some(Step::Key(variant.clone())),
            Segment::Unknown => None,
        };
        Self(path.iter().filter_map(step).collect())
    }

    pub(super) fn steps(&self) -> &[Step] {
        &self.0
    }

    fn key(mut self, name: &str) -> Self {
        self.0.push(Step::Key(name.to_owned()));
        self
    }

    fn ends_with(&self, name: &str) -> bool {
        matches!(self.0.last(), Some(Step::Key(last)) if last == name)
    }

    fn starts_with(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    fn split_last(&self) -> Option<(&Step, Self)> {
        let (last, parent) = self.0.split_last()?;
        Some((last, Self(parent.to_vec())))
    }

    fn parent(&self) -> Option<Self> {
        self.split_last().map(|(_, parent)| parent)
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("the file");
        }
        for (place, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(name) if place == 0 => f.write_str(name)?,
                Step::Key(name) => write!(f, ".{name}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
