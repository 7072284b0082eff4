//! Collects faults while values are read.

use std::collections::BTreeSet;

use const_oid::ObjectIdentifier;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::FORMAT;
use crate::{
    Fault, PolicyFaults, citation,
    document::{Document, join},
    duration,
};

/// Faults so far, and where the document's keys stand.
pub(super) struct Checker<'d> {
    document: &'d Document,
    faults: Vec<Fault>,
}

impl<'d> Checker<'d> {
    pub(super) const fn new(document: &'d Document) -> Self {
        Self {
            document,
            faults: Vec::new(),
        }
    }

    pub(super) const fn is_clean(&self) -> bool {
        self.faults.is_empty()
    }

    pub(super) fn into_faults(self) -> PolicyFaults {
        PolicyFaults::new(self.faults)
    }

    pub(super) fn fault(&mut self, path: &str, what: impl Into<String>, rule: &str) {
        let line = self.document.line(path);
        self.faults.push(Fault::new(line, path, what.into(), rule));
    }

    /// Notes a fault unless the rule is kept.
    pub(super) fn require(&mut self, kept: bool, path: &str, what: impl Into<String>, rule: &str) {
        if !kept {
            self.fault(path, what, rule);
        }
    }

    /// A length of time that is more than zero.
    pub(super) fn duration(&mut self, path: &str, text: &str) -> Option<SignedDuration> {
        match duration::parse(text) {
            Ok(length) if length.is_positive() => Some(length),
            Ok(_) => {
                self.fault(path, "must be longer than zero", FORMAT);
                None
            }
            Err(error) => {
                self.fault(path, format!("{text:?}: {error}"), FORMAT);
                None
            }
        }
    }

    pub(super) fn at_most(
        &mut self,
        path: &str,
        length: Option<SignedDuration>,
        limit: SignedDuration,
        rule: &str,
    ) {
        if let Some(length) = length
            && length > limit
        {
            let (length, limit) = (duration::format(length), duration::format(limit));
            self.fault(path, format!("is {length}, more than {limit}"), rule);
        }
    }

    pub(super) fn at_least(
        &mut self,
        path: &str,
        length: Option<SignedDuration>,
        limit: SignedDuration,
        rule: &str,
    ) {
        if let Some(length) = length
            && length < limit
        {
            let (length, limit) = (duration::format(length), duration::format(limit));
            self.fault(path, format!("is {length}, less than {limit}"), rule);
        }
    }

    pub(super) fn time(&mut self, path: &str, text: &str) -> Option<Timestamp> {
        let time = citation::parse_time(text);
        if time.is_none() {
            self.fault(
                path,
                format!("{text:?} is neither a date nor an RFC 3339 time"),
                FORMAT,
            );
        }
        time
    }

    pub(super) fn oid(&mut self, path: &str, text: &str) -> Option<ObjectIdentifier> {
        let oid = ObjectIdentifier::new(text).ok();
        if oid.is_none() {
            self.fault(
                path,
                format!("{text:?} is not a dotted object identifier"),
                FORMAT,
            );
        }
        oid
    }

    /// An id: lower-case letters, digits and the marks given.
    pub(super) fn id(&mut self, path: &str, text: &str, marks: &str) {
        let fits = |character: char| {
            character.is_ascii_lowercase()
                || character.is_ascii_digit()
                || marks.contains(character)
        };
        let kept = !text.is_empty() && text.len() <= 64 && text.chars().all(fits);
        self.require(
            kept,
            path,
            format!("{text:?} is not 1 to 64 of a-z, 0-9 and {marks}"),
            FORMAT,
        );
    }

    /// Notes a fault for every value that stands twice.
    pub(super) fn unique<T: Ord + std::fmt::Display>(
        &mut self,
        path: &str,
        values: impl IntoIterator<Item = T>,
    ) {
        let mut seen = BTreeSet::new();
        for (index, value) in values.into_iter().enumerate() {
            let text = value.to_string();
            if !seen.insert(value) {
                self.fault(
                    &format!("{path}[{index}]"),
                    format!("{text} stands twice"),
                    FORMAT,
                );
            }
        }
    }

    /// No text of the file may be blank.
    pub(super) fn no_blank_text(&mut self, value: &Value, path: &str) {
        match value {
            Value::String(text) => {
                self.require(!text.trim().is_empty(), path, "is blank", FORMAT);
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.no_blank_text(item, &format!("{path}[{index}]"));
                }
            }
            Value::Object(object) => {
                for (key, value) in object {
                    self.no_blank_text(value, &join(path, key));
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}
