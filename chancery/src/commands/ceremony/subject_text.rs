//! Subjects on the command line: `C=CN,O=Example,CN=Example Root CA`.

use pki::{AttributeType, DistinguishedName};

/// Reads a subject, in the order of the certificate (not the reversed one of RFC 4514). Types are
/// short names or the X.520 names of the policy; a backslash before a comma keeps it.
pub(super) fn parse(text: &str) -> Result<DistinguishedName, String> {
    let attributes = split(text)
        .iter()
        .map(|part| {
            let (name, value) = part
                .split_once('=')
                .ok_or_else(|| format!("`{part}` should be TYPE=VALUE, such as CN=Example CA"))?;
            Ok((attribute(name.trim())?, value.to_owned()))
        })
        .collect::<Result<Vec<_>, String>>()?;
    DistinguishedName::new(attributes).map_err(|faults| {
        let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
        faults.join("; ")
    })
}

fn attribute(name: &str) -> Result<AttributeType, String> {
    let long = SHORT_NAMES
        .iter()
        .find(|(short, _)| short.eq_ignore_ascii_case(name))
        .map_or(name, |(_, long)| *long);
    long.parse()
        .map_err(|_| format!("`{name}` is no type of subject attribute"))
}

fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let kept = match character {
            ',' => {
                parts.push(String::new());
                continue;
            }
            '\\' => characters.next(),
            other => Some(other),
        };
        if let (Some(part), Some(kept)) = (parts.last_mut(), kept) {
            part.push(kept);
        }
    }
    parts
}

const SHORT_NAMES: [(&str, &str); 6] = [
    ("C", "countryName"),
    ("ST", "stateOrProvinceName"),
    ("L", "localityName"),
    ("O", "organizationName"),
    ("OU", "organizationalUnitName"),
    ("CN", "commonName"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_keep_the_order_in_which_they_are_written() {
        let name = parse("C=CN,O=Example\\, Inc.,commonName=Example Root CA").unwrap();
        let values: Vec<_> = name
            .attributes()
            .iter()
            .map(|(_, value)| value.as_str())
            .collect();
        assert_eq!(values, ["CN", "Example, Inc.", "Example Root CA"]);
    }

    #[test]
    fn an_unknown_type_and_a_bad_value_are_refused() {
        assert!(parse("XX=1").is_err());
        assert!(parse("Example").is_err());
        assert!(parse("C=china").is_err());
    }
}
