//! What is wrong with a policy file: all of it at once.

use std::fmt::{self, Display};

/// One fault of a policy file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Line of the file, counted from 1; 0 where the fault has no place, such as a missing section.
    pub line: usize,
    /// Path of the key, e.g. `"7.1".profiles.tls-server.validity.max`; empty for the file itself.
    pub path: String,
    /// What is wrong.
    pub what: String,
    /// The rule behind it: a section of a standard, or `policy schema`.
    pub rule: String,
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{} ({})", self.what, self.rule)
    }
}

/// Every fault of a policy file, in the order of its lines.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct PolicyFaults(Vec<Fault>);

impl PolicyFaults {
    pub(crate) fn new(mut faults: Vec<Fault>) -> Self {
        faults.sort();
        faults.dedup();
        Self(faults)
    }

    /// The faults.
    pub fn faults(&self) -> &[Fault] {
        &self.0
    }

    /// The stable code of a refusal to load.
    pub const fn code(&self) -> &'static str {
        "policy-faulty"
    }
}

impl Display for PolicyFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the policy has {} fault(s)", self.0.len())?;
        for fault in &self.0 {
            write!(f, "\n{fault}")?;
        }
        Ok(())
    }
}
