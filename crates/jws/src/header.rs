//! The protected header.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use pki::Certificate;
use serde::{Deserialize, Serialize};

use crate::JwsError;

/// All members of a header that we make and take. Another member, `crit` among them, is refused:
/// who does not understand a header must not believe it (RFC 7515 section 4.1.11).
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    pub(crate) alg: String,
    pub(crate) typ: String,
    /// DER in padded standard base64, the signer's first (RFC 7515 section 4.1.6).
    pub(crate) x5c: Vec<String>,
}

impl Header {
    pub(crate) fn new(algorithm: &str, media_type: &str, chain: &[Certificate]) -> Self {
        Self {
            alg: algorithm.to_owned(),
            typ: media_type.to_owned(),
            x5c: chain
                .iter()
                .map(|certificate| STANDARD.encode(certificate.der()))
                .collect(),
        }
    }

    pub(crate) fn read(protected: &str) -> Result<Self, JwsError> {
        let octets = decode(protected, "protected")?;
        serde_json::from_slice(&octets).map_err(|error| JwsError::Header {
            reason: error.to_string(),
        })
    }

    pub(crate) fn encode(&self) -> Result<String, JwsError> {
        let octets = serde_json::to_vec(self).map_err(|error| JwsError::Header {
            reason: error.to_string(),
        })?;
        Ok(encode(&octets))
    }

    pub(crate) fn chain(&self) -> Result<Vec<Certificate>, JwsError> {
        let read = |text: &String| {
            let der = STANDARD.decode(text).map_err(|_| JwsError::Certificate)?;
            Certificate::parse(&der).map_err(|_| JwsError::Certificate)
        };
        self.x5c.iter().map(read).collect()
    }
}

pub(crate) fn encode(octets: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(octets)
}

pub(crate) fn decode(text: &str, part: &'static str) -> Result<Vec<u8>, JwsError> {
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| JwsError::Encoding { part })
}
