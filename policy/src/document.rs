//! A TOML document as JSON, with the line of every key.

use std::{collections::BTreeMap, ops::Range};

use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

use crate::Fault;

/// A document that was read: its values and where they stand.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) value: Value,
    lines: BTreeMap<String, usize>,
}

impl Document {
    /// Reads a document; syntax faults are all reported, and nothing else then.
    pub(crate) fn parse(text: &str) -> Result<Self, Vec<Fault>> {
        let (table, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            return Err(errors
                .iter()
                .map(|error| syntax_fault(text, error))
                .collect());
        }
        let mut reader = Reader {
            text,
            lines: BTreeMap::new(),
        };
        let value = reader.table(table.get_ref(), "");
        Ok(Self {
            value,
            lines: reader.lines,
        })
    }

    /// The line of a path, or of the nearest table around it.
    pub(crate) fn line(&self, path: &str) -> usize {
        let mut path = path;
        loop {
            if let Some(line) = self.lines.get(path) {
                return *line;
            }
            match split_last(path) {
                Some(around) => path = around,
                None => return 0,
            }
        }
    }
}

/// Appends a key to a path, quoted where TOML would need it.
pub(crate) fn join(path: &str, key: &str) -> String {
    let bare = !key.is_empty()
        && key
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_'));
    let key = if bare {
        key.to_owned()
    } else {
        format!("\"{}\"", key.escape_debug())
    };
    if path.is_empty() {
        key
    } else {
        format!("{path}.{key}")
    }
}

fn split_last(path: &str) -> Option<&str> {
    let mut quoted = false;
    let cut = path
        .char_indices()
        .filter(|(_, character)| {
            quoted ^= *character == '"';
            !quoted && matches!(character, '.' | '[')
        })
        .last()?
        .0;
    path.get(..cut)
}

struct Reader<'t> {
    text: &'t str,
    lines: BTreeMap<String, usize>,
}

impl Reader<'_> {
    fn table(&mut self, table: &DeTable<'_>, path: &str) -> Value {
        let mut object = Map::new();
        for (key, value) in table {
            let path = join(path, key.get_ref());
            self.note(&path, key.span());
            object.insert(
                key.get_ref().to_string(),
                self.value(value.get_ref(), &path),
            );
        }
        Value::Object(object)
    }

    fn value(&mut self, value: &DeValue<'_>, path: &str) -> Value {
        match value {
            DeValue::String(text) => Value::String(text.to_string()),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map_or(Value::Null, Value::from),
            DeValue::Float(number) => number
                .as_str()
                .parse::<f64>()
                .map_or(Value::Null, Value::from),
            DeValue::Boolean(flag) => Value::Bool(*flag),
            DeValue::Datetime(time) => Value::String(time.to_string()),
            DeValue::Array(values) => {
                let mut items = Vec::new();
                for (index, value) in values.iter().enumerate() {
                    let path = format!("{path}[{index}]");
                    self.note(&path, value.span());
                    items.push(self.value(value.get_ref(), &path));
                }
                Value::Array(items)
            }
            DeValue::Table(table) => self.table(table, path),
        }
    }

    fn note(&mut self, path: &str, span: Range<usize>) {
        self.lines
            .entry(path.to_owned())
            .or_insert_with(|| line_of(self.text, span.start));
    }
}

fn syntax_fault(text: &str, error: &toml::de::Error) -> Fault {
    Fault {
        line: error.span().map_or(0, |span| line_of(text, span.start)),
        path: String::new(),
        what: error.message().to_owned(),
        rule: "TOML 1.0".to_owned(),
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or_default();
    before.split(|octet| *octet == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_line_of_a_key_or_of_what_is_around_it() {
        let document = Document::parse("a = 1\n[\"7.1\".x]\ny = [\n 1,\n 2]\n").expect("document");
        assert_eq!(document.line("a"), 1);
        assert_eq!(document.line("\"7.1\".x.y"), 3);
        assert_eq!(document.line("\"7.1\".x.y[1]"), 5);
        assert_eq!(document.line("\"7.1\".x.z"), 2);
        assert_eq!(document.line("nothing"), 0);
    }

    #[test]
    fn reports_every_syntax_fault() {
        let faults = Document::parse("a = \nb = 2\nc = @\n").expect_err("faults");
        let lines: Vec<usize> = faults.iter().map(|fault| fault.line).collect();
        assert!(lines.contains(&1) && lines.contains(&3), "{faults:?}");
    }
}
