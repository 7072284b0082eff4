//! Checks a document against the JSON schema: every fault of form at once.
//!
//! Knows the part of JSON schema that [`crate::schema`] uses, and refuses (in a test) the rest.

use serde_json::{Map, Value};

use crate::document::join;

/// A place in a document and what is wrong there.
pub(crate) type Mismatch = (String, String);

/// Everything in which the document differs from the schema.
pub(crate) fn mismatches(schema: &Value, document: &Value) -> Vec<Mismatch> {
    let mut check = Check {
        root: schema,
        found: Vec::new(),
    };
    check.node(schema, document, "");
    check.found
}

struct Check<'s> {
    root: &'s Value,
    found: Vec<Mismatch>,
}

impl<'s> Check<'s> {
    fn node(&mut self, schema: &'s Value, value: &Value, path: &str) {
        let schema = self.resolve(schema);
        if let Some(choices) = choices(schema) {
            return self.one_of(choices, value, path);
        }
        if !type_fits(schema, value) {
            return self.fault(path, format!("is {}, not {}", kind(value), wanted(schema)));
        }
        if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
            && !allowed.contains(value)
        {
            let allowed: Vec<String> = allowed.iter().map(Value::to_string).collect();
            self.fault(
                path,
                format!("is {value}, not one of {}", allowed.join(", ")),
            );
        }
        self.range(schema, value, path);
        match value {
            Value::Object(object) => self.object(schema, object, path),
            Value::Array(items) => {
                if let Some(schema) = schema.get("items") {
                    for (index, item) in items.iter().enumerate() {
                        self.node(schema, item, &format!("{path}[{index}]"));
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn object(&mut self, schema: &'s Value, object: &Map<String, Value>, path: &str) {
        let properties = schema.get("properties").and_then(Value::as_object);
        let others = schema.get("additionalProperties");
        for (key, value) in object {
            let path = join(path, key);
            let schema = properties.and_then(|all| all.get(key)).or(others);
            match schema {
                Some(Value::Bool(false)) => {
                    let known = properties.map(known_keys).unwrap_or_default();
                    self.fault(
                        &path,
                        format!("is not a key of the policy; known here: {known}"),
                    );
                }
                Some(schema) => self.node(schema, value, &path),
                None => {}
            }
        }
        for key in schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            if let Some(key) = key.as_str()
                && !object.contains_key(key)
            {
                self.fault(&join(path, key), "is missing".to_owned());
            }
        }
    }

    /// A choice of named strings, or a value that may be absent.
    fn one_of(&mut self, choices: &'s [Value], value: &Value, path: &str) {
        let constants: Vec<&Value> = choices.iter().filter_map(|c| c.get("const")).collect();
        if constants.len() == choices.len() {
            if !constants.contains(&value) {
                let names: Vec<String> = constants.iter().map(ToString::to_string).collect();
                self.fault(path, format!("is {value}, not one of {}", names.join(", ")));
            }
            return;
        }
        let present = choices.iter().find(|choice| {
            self.resolve(choice).get("type") != Some(&Value::String("null".to_owned()))
        });
        if let Some(schema) = present {
            self.node(schema, value, path);
        }
    }

    fn range(&mut self, schema: &Value, value: &Value, path: &str) {
        let Some(number) = value.as_i64() else { return };
        for (bound, broken) in [
            (
                "minimum",
                schema
                    .get("minimum")
                    .and_then(Value::as_i64)
                    .is_some_and(|b| number < b),
            ),
            (
                "maximum",
                schema
                    .get("maximum")
                    .and_then(Value::as_i64)
                    .is_some_and(|b| number > b),
            ),
        ] {
            if broken {
                let limit = schema
                    .get(bound)
                    .map(ToString::to_string)
                    .unwrap_or_default();
                self.fault(path, format!("is {number}; its {bound} is {limit}"));
            }
        }
    }

    fn resolve(&self, schema: &'s Value) -> &'s Value {
        schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|reference| reference.strip_prefix('#'))
            .and_then(|pointer| self.root.pointer(pointer))
            .unwrap_or(schema)
    }

    fn fault(&mut self, path: &str, what: String) {
        self.found.push((path.to_owned(), what));
    }
}

fn choices(schema: &Value) -> Option<&[Value]> {
    ["oneOf", "anyOf"]
        .iter()
        .find_map(|key| schema.get(*key))
        .and_then(Value::as_array)
        .map(Vec::as_slice)
}

fn known_keys(properties: &Map<String, Value>) -> String {
    properties
        .keys()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}

fn type_fits(schema: &Value, value: &Value) -> bool {
    match schema.get("type") {
        Some(Value::String(name)) => is_a(name, value),
        Some(Value::Array(names)) => names
            .iter()
            .filter_map(Value::as_str)
            .any(|name| is_a(name, value)),
        _ => true,
    }
}

fn is_a(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        _ => false,
    }
}

fn wanted(schema: &Value) -> String {
    match schema.get("type") {
        Some(Value::String(name)) => name.clone(),
        Some(Value::Array(names)) => {
            let names: Vec<&str> = names
                .iter()
                .filter_map(Value::as_str)
                .filter(|name| *name != "null")
                .collect();
            names.join(" or ")
        }
        _ => String::new(),
    }
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "a number out of range",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "table",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    const UNDERSTOOD: &[&str] = &[
        "$defs",
        "$ref",
        "$schema",
        "additionalProperties",
        "anyOf",
        "const",
        "default",
        "description",
        "enum",
        "format",
        "items",
        "maximum",
        "minimum",
        "oneOf",
        "properties",
        "required",
        "title",
        "type",
    ];

    fn keywords(schema: &Value, found: &mut BTreeSet<String>) {
        let Value::Object(object) = schema else {
            return;
        };
        for (key, value) in object {
            found.insert(key.clone());
            match (key.as_str(), value) {
                ("properties" | "$defs", Value::Object(named)) => {
                    named.values().for_each(|schema| keywords(schema, found));
                }
                ("oneOf" | "anyOf", Value::Array(choices)) => {
                    for schema in choices {
                        keywords(schema, found);
                    }
                }
                ("items" | "additionalProperties", schema) => keywords(schema, found),
                _ => {}
            }
        }
    }

    #[test]
    fn the_schema_uses_nothing_that_is_not_understood_here() {
        let mut found = BTreeSet::new();
        keywords(&crate::schema(), &mut found);
        let foreign: Vec<&String> = found
            .iter()
            .filter(|key| !UNDERSTOOD.contains(&key.as_str()))
            .collect();
        assert!(foreign.is_empty(), "{foreign:?}");
    }

    #[test]
    fn reports_every_mismatch_with_its_path() {
        let schema = json!({
            "type": "object",
            "properties": {
                "a": {"type": "string"},
                "b": {"type": "array", "items": {"$ref": "#/$defs/n"}},
                "c": {"enum": ["x", "y"]},
            },
            "required": ["a", "d"],
            "additionalProperties": false,
            "$defs": {"n": {"type": "integer", "minimum": 0}},
        });
        let document = json!({"a": 1, "b": [1, -1, "z"], "c": "w", "e": true});
        let paths: Vec<String> = mismatches(&schema, &document)
            .into_iter()
            .map(|m| m.0)
            .collect();
        assert_eq!(paths, ["a", "b[1]", "b[2]", "c", "e", "d"]);
    }
}
