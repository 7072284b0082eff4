//! Entries as lines of JSON.

use std::io::Write as _;

use jiff::Timestamp;

use crate::Entry;

mod certificate;

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

/// Entries, each as one line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines {
    octets: Vec<u8>,
    count: usize,
    last: Option<u64>,
}

impl Lines {
    /// Writes entries.
    ///
    /// # Errors
    /// [`NdjsonError::Encode`].
    pub fn of(entries: &[Entry]) -> Result<Self, NdjsonError> {
        let mut lines = Self::default();
        for entry in entries {
            let event = serde_json::to_string(&entry.event).map_err(NdjsonError::Encode)?;
            lines.push(entry.seq, entry.at, &event);
        }
        Ok(lines)
    }

    /// Appends an entry whose event is JSON already, as it was recorded: one line.
    pub fn push(&mut self, seq: u64, at: Timestamp, event: &str) {
        // Writing to memory does not fail.
        let _ = writeln!(
            self.octets,
            r#"{{"seq":{seq},"at":"{at}","event":{event}}}"#
        );
        self.count += 1;
        self.last = Some(seq);
    }

    /// Reads the entries.
    ///
    /// # Errors
    /// An event was not JSON.
    pub fn entries(&self) -> Result<Vec<Entry>, NdjsonError> {
        let mut decoder = Decoder::default();
        decoder.push(&self.octets)?;
        decoder.finish()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The number of the last one.
    pub fn last(&self) -> Option<u64> {
        self.last
    }

    /// How many octets there are.
    pub fn size(&self) -> usize {
        self.octets.len()
    }

    /// The body of an answer.
    pub fn into_octets(self) -> Vec<u8> {
        self.octets
    }
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
            if self.partial.is_empty() {
                self.line(line)?;
            } else {
                let mut begun = std::mem::take(&mut self.partial);
                begun.extend_from_slice(line);
                self.line(&begun)?;
            }
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

    fn line(&mut self, line: &[u8]) -> Result<(), NdjsonError> {
        self.lines += 1;
        // Nearly all entries are about certificates.
        let entry = certificate::read(line).map_or_else(|| serde_json::from_slice(line), Ok);
        let entry = entry.map_err(|source| NdjsonError::Line {
            line: self.lines,
            source,
        })?;
        self.entries.push(entry);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
