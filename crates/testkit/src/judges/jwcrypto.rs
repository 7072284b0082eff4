//! jwcrypto: is a JSON Web Signature good under the certificate that its header names?

use std::process::Command;

use super::files::Files;
use super::{Verdict, verdict};
use crate::command::{repository, run};

/// The Python library jwcrypto, from the virtual environment `.venv` in the repository's root.
#[derive(Debug, Clone, Copy)]
pub struct JwCrypto;

impl JwCrypto {
    /// Verifies a JWS, in any serialization, under the first certificate of its `x5c`; gives the
    /// payload. Looks at no chain.
    ///
    /// # Errors
    /// What jwcrypto said.
    ///
    /// # Panics
    /// jwcrypto is not installed.
    pub fn verify(jws: &str) -> Verdict {
        let python = repository().join(".venv/bin/python");
        assert!(
            python.exists(),
            "jwcrypto is not installed: python3 -m venv .venv && .venv/bin/pip install -r tests/requirements.txt"
        );
        let files = Files::new();
        let path = files.write("jws", jws.as_bytes());
        let said = run(Command::new(python).args(["-c", SCRIPT]).arg(path));
        let content = said.code == 0;
        let words = if content { said.stdout } else { said.stderr };
        verdict("jwcrypto", content, words)
    }
}

const SCRIPT: &str = r#"
import base64, json, sys
from cryptography import x509
from jwcrypto import jwk, jws

text = open(sys.argv[1], encoding="utf-8").read().strip()
protected = json.loads(text)["protected"] if text.startswith("{") else text.split(".")[0]
header = json.loads(base64.urlsafe_b64decode(protected + "=" * (-len(protected) % 4)))
certificate = x509.load_der_x509_certificate(base64.b64decode(header["x5c"][0], validate=True))
token = jws.JWS()
token.deserialize(text)
token.verify(jwk.JWK.from_pyca(certificate.public_key()))
sys.stdout.buffer.write(token.payload)
"#;
