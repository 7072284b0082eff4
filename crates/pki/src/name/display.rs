//! Distinguished names as text (RFC 4514).

use std::fmt::{Formatter, Result, Write as _};

use super::AttributeType;

pub(super) fn rfc_4514(attributes: &[(AttributeType, String)], f: &mut Formatter<'_>) -> Result {
    for (index, (attribute, text)) in attributes.iter().rev().enumerate() {
        if index > 0 {
            f.write_char(',')?;
        }
        f.write_str(attribute.short_name().unwrap_or(attribute.as_str()))?;
        f.write_char('=')?;
        write_escaped(text, f)?;
    }
    Ok(())
}

/// RFC 4514 §2.4. Values have no NUL and no blank at an edge, so those need no escape.
fn write_escaped(text: &str, f: &mut Formatter<'_>) -> Result {
    for (index, character) in text.chars().enumerate() {
        let special = matches!(character, '"' | '+' | ',' | ';' | '<' | '>' | '\\' | '=');
        if special || (index == 0 && character == '#') {
            f.write_char('\\')?;
        }
        f.write_char(character)?;
    }
    Ok(())
}
