//! Where in the file a fault is.

use toml::de::{DeTable, DeValue};

use super::repair::{Fault, KeyPath, Step};

/// Faults of the TOML itself.
pub(super) fn syntax_faults(text: &str, errors: &[toml::de::Error]) -> Vec<String> {
    let mut errors: Vec<_> = errors.iter().collect();
    errors.sort_by_key(|error| error.span().map(|span| span.start));
    let fault = |error: &toml::de::Error| match error.span() {
        Some(span) => format!("{} (line {})", error.message(), line(text, span.start)),
        None => error.message().to_owned(),
    };
    errors.into_iter().map(fault).collect()
}

/// Faults of keys and values, in the order of the file.
pub(super) fn in_order(text: &str, document: &DeTable<'_>, faults: Vec<Fault>) -> Vec<String> {
    let mut placed: Vec<_> = faults
        .into_iter()
        .map(|fault| (offset(document, &fault.path), fault))
        .collect();
    placed.sort_by_key(|(offset, _)| *offset);
    let told = placed.iter().map(|(offset, fault)| match offset {
        Some(offset) => format!(
            "{}: {} (line {})",
            fault.path,
            fault.what,
            line(text, *offset)
        ),
        None => format!("{}: {}", fault.path, fault.what),
    });
    told.collect()
}

fn line(text: &str, offset: usize) -> usize {
    text.bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}

/// Where the key stands; for one that is missing, where the table begins that lacks it.
fn offset(document: &DeTable<'_>, path: &KeyPath) -> Option<usize> {
    let mut found = None;
    let mut inner: Option<&DeValue<'_>> = None;
    for (depth, step) in path.steps().iter().enumerate() {
        let table = if depth == 0 {
            Some(document)
        } else {
            inner.and_then(DeValue::as_table)
        };
        let next = match step {
            Step::Key(name) => table?
                .iter()
                .find(|(key, _)| key.get_ref() == name)
                .map(|(key, value)| (key.span().start, value.get_ref())),
            Step::Index(index) => inner
                .and_then(DeValue::as_array)
                .and_then(|array| array.get(*index))
                .map(|value| (value.span().start, value.get_ref())),
        };
        let Some((start, value)) = next else { break };
        found = Some(start);
        inner = Some(value);
    }
    found
}
