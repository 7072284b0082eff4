//! PEM (RFC 7468): strict when writing, tolerant of line width and blanks when reading.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Base64 characters in a line (RFC 7468 §2).
const LINE: usize = 64;

/// The text holds no such PEM block.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PemError {
    /// A block is broken: its base64 or its END line.
    #[error("the PEM text is malformed")]
    Malformed,
    /// There is no block with the label that is asked for.
    #[error("there is no PEM block labelled {label}")]
    Missing {
        /// The label.
        label: String,
    },
}

/// Writes one block, lines of 64 characters, ending with a line feed.
pub fn encode(label: &str, der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let boundaries = "-----BEGIN -----\n-----END -----\n".len() + 2 * label.len();
    let lines = base64.len().div_ceil(LINE);
    let mut text = String::with_capacity(boundaries + base64.len() + lines);
    text.push_str("-----BEGIN ");
    text.push_str(label);
    text.push_str("-----\n");
    let mut rest = base64.as_str();
    while let Some((line, tail)) = rest.split_at_checked(LINE.min(rest.len())) {
        if line.is_empty() {
            break;
        }
        text.push_str(line);
        text.push('\n');
        rest = tail;
    }
    text.push_str("-----END ");
    text.push_str(label);
    text.push_str("-----\n");
    text
}

/// Reads the first block with this label. Blocks with other labels and text between blocks are
/// passed over; lines may have any width and end with blanks.
///
/// # Errors
/// [`PemError`] if there is none, or it is broken.
pub fn decode(label: &str, text: &str) -> Result<Vec<u8>, PemError> {
    let blocks = decode_all(label, text)?;
    blocks.into_iter().next().ok_or_else(|| PemError::Missing {
        label: label.to_owned(),
    })
}

/// Reads all blocks with this label, in their order; none is no error.
///
/// # Errors
/// [`PemError::Malformed`] if a block, with whatever label, is broken.
pub fn decode_all(label: &str, text: &str) -> Result<Vec<Vec<u8>>, PemError> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        let Some(found) = boundary(line, "BEGIN") else {
            continue;
        };
        let base64 = block_body(&mut lines, found)?;
        if found == label {
            blocks.push(STANDARD.decode(base64).map_err(|_| PemError::Malformed)?);
        }
    }
    Ok(blocks)
}

fn block_body<'a>(
    lines: &mut impl Iterator<Item = &'a str>,
    label: &str,
) -> Result<String, PemError> {
    let mut base64 = String::new();
    for line in lines {
        match boundary(line, "END") {
            Some(end) if end == label => return Ok(base64),
            Some(_) => break,
            None => base64.extend(line.split_ascii_whitespace()),
        }
    }
    Err(PemError::Malformed)
}

fn boundary<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    line.strip_prefix("-----")?
        .strip_prefix(word)?
        .strip_prefix(' ')?
        .strip_suffix("-----")
}

#[cfg(test)]
mod tests;
