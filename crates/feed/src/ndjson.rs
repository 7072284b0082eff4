//! Entries as lines of JSON.

use crate::Entry;

/// Longest line, in octets: a CRL of two million entries in base64.
const MAX_LINE_BYTES: usize = 256 * 1024 * 1024;

/// Why a body is not a sequence of entries.
#[derive(Debug, thiserror::Error)]
pub enum NdjsonError {
    /// A line is not an entry.
    #[error("line {line} is not an entry")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// A line does not end.
    #[error("line {line} is too long")]
    TooLong {
        /// Counted from 1.
        line: usize,
    },
    /// The body ends within a line.
    #[error("the last line is incomplete")]
    Incomplete,
    /// An entry that cannot be written.
    #[error("an entry cannot be written")]
    Encode(#[source] serde_json::Error),
}

/// Writes entries, each as one line.
///
/// # Errors
/// [`NdjsonError::Encode`].
pub fn encode(entries: &[Entry]) -> Result<Vec<u8>, NdjsonError> {
    let mut body = Vec::new();
    for entry in entries {
        serde_json::to_writer(&mut body, entry).map_err(NdjsonError::Encode)?;
        body.push(b'\n');
    }
    Ok(body)
}

/// Reads entries from a body that arrives in pieces.
#[derive(Debug, Default)]
pub struct Decoder {
    /// The line that has begun.
    partial: Vec<u8>,
    entries: Vec<Entry>,
    lines: usize,
}

impl Decoder {
    /// Takes the next piece.
    ///
    /// # Errors
    /// [`NdjsonError`]; nothing of the body is to be used then.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), NdjsonError> {
        let mut lines = piece.split(|byte| *byte == b'\n');
        // What follows the last newline, or everything if there is none, is a beginning.
        let beginning = lines.next_back().unwrap_or_default();
        for line in lines {
            self.partial.extend_from_slice(line);
            self.end_line()?;
        }
        self.partial.extend_from_slice(beginning);
        if self.partial.len() > MAX_LINE_BYTES {
            return Err(NdjsonError::TooLong {
                line: self.lines + 1,
            });
        }
        Ok(())
    }

    /// How many entries have been read so far.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no entry has been read so far.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Gives the entries at the end of the body.
    ///
    /// # Errors
    /// [`NdjsonError::Incomplete`].
    pub fn finish(self) -> Result<Vec<Entry>, NdjsonError> {
        if self.partial.is_empty() {
            Ok(self.entries)
        } else {
            Err(NdjsonError::Incomplete)
        }
    }

    fn end_line(&mut self) -> Result<(), NdjsonError> {
        self.lines += 1;
        let entry = serde_json::from_slice(&self.partial).map_err(|source| NdjsonError::Line {
            line: self.lines,
            source,
        })?;
        self.entries.push(entry);
        self.partial.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
