//! Outside judges: other people's programs that say whether our output is right.
//!
//! Their exit codes lie in places (`openssl crl` says 0 after `verify failure`), so each wrapper
//! looks at what the program says as well. Every wrapper has a test in which it refuses.

mod curl;
mod files;
mod gnutls;
mod jwcrypto;
mod openssl;
mod pkilint;
mod pyhanko;

use std::fmt;

pub use curl::{Curl, Fetched};
pub use gnutls::GnuTls;
pub use jwcrypto::JwCrypto;
pub use openssl::{Chain, OcspAnswer, OpenSsl};
pub use pkilint::{Allowed, Document, Finding, Pkilint};
pub use pyhanko::{Evidence, PyHanko, Standing};

/// What a judge says: its output when content, else a [`Refusal`].
pub type Verdict<T = String> = Result<T, Refusal>;

/// A judge was not content.
#[derive(Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Who judged.
    pub judge: &'static str,
    /// All that it said.
    pub said: String,
}

impl Refusal {
    /// Whether the judge's words contain these.
    pub fn mentions(&self, words: &str) -> bool {
        self.said.contains(words)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} refuses: {}", self.judge, self.said.trim())
    }
}

impl fmt::Debug for Refusal {
    /// As for people: this is what a failed `unwrap` shows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Refusal {}

/// A verdict from a program's words and a condition.
fn verdict(judge: &'static str, content: bool, said: String) -> Verdict {
    if content {
        Ok(said)
    } else {
        Err(Refusal { judge, said })
    }
}

#[cfg(test)]
mod tests;
