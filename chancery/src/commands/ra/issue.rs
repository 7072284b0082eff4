//! What enrolment, renewal and replacement share: the key, the request, the files that come out.

use std::path::{Path, PathBuf};

use api::{IssuedBody, Validity};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    client::{Call, Client},
    commands::{delivery, show, subject::CsrNames},
    failure::Failure,
    files, pkcs12,
    software_key::SoftwareKey,
    values::{self, KeyType},
};

/// How a request is told from others and made safe to repeat.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct RequestArgs {
    /// Our own search key for the request, such as an order number
    #[arg(long, value_name = "ID")]
    pub(super) order_id: Option<String>,
    /// Makes a repetition safe: the same key and the same content give the same certificate.
    /// Made up when absent
    #[arg(long, value_name = "KEY")]
    pub(super) idempotency_key: Option<String>,
    /// A shorter validity than the profile's: 30d, 12h, or the last moment in RFC 3339
    #[arg(long, value_name = "VALIDITY", value_parser = values::validity)]
    pub(super) validity: Option<Validity>,
}

/// Where the certificate goes.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct OutputArgs {
    /// The certificate, PEM
    #[arg(long, value_name = "FILE")]
    pub(super) out: PathBuf,
    /// The CA certificates above it, issuer first, root last, PEM
    #[arg(long, value_name = "FILE")]
    chain: Option<PathBuf>,
    /// The certificate and the CA certificates above it without the root, as TLS servers send it
    #[arg(long, value_name = "FILE")]
    full_chain: Option<PathBuf>,
    /// Private key, certificate and CA certificates as PKCS#12
    #[arg(long, value_name = "FILE", requires = "p12_password_file")]
    p12: Option<PathBuf>,
    /// File with the password of the PKCS#12 file
    #[arg(long, value_name = "FILE", requires = "p12")]
    p12_password_file: Option<PathBuf>,
}

impl OutputArgs {
    /// Finds out what would fail before the CA is asked.
    pub(super) fn check(&self, key: Option<&SoftwareKey>) -> Result<(), Failure> {
        if self.p12.is_some() && key.is_none() {
            return Err(Failure::usage("--p12 needs the private key")
                .remedy("name it with --key FILE, or let this command make it"));
        }
        if let Some(path) = &self.p12_password_file {
            files::read_password(path)?;
        }
        [
            Some(&self.out),
            self.chain.as_ref(),
            self.full_chain.as_ref(),
            self.p12.as_ref(),
        ]
        .into_iter()
        .flatten()
        .try_for_each(|path| files::check_directory(path))
    }

    fn write(&self, issued: &IssuedBody, key: Option<&SoftwareKey>) -> Result<(), Failure> {
        let full_chain = self.full_chain.as_deref();
        delivery::write(issued, &self.out, self.chain.as_deref(), full_chain)?;
        if let (Some(path), Some(password), Some(key)) = (&self.p12, &self.p12_password_file, key) {
            let password = files::read_password(password)?;
            let leaf = delivery::certificate(issued)?;
            let p12 = pkcs12::encode(key, leaf, &issued.chain, &password)?;
            files::write_secret(path, &p12)?;
        }
        Ok(())
    }
}

/// Which key is certified.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct KeyArgs {
    /// Certification request of the subscriber, PEM or DER
    #[arg(long, value_name = "FILE")]
    csr: Option<PathBuf>,
    /// Private key in a file, for the CSR (when --csr is absent) and for --p12
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Without --csr and --key: type of the key to make
    #[arg(long, value_enum, default_value = "ec-p256", value_name = "TYPE")]
    key_algorithm: KeyType,
    /// Without --csr and --key: the new private key, PKCS#8 PEM, mode 0600. When absent, the name of --out with .key
    #[arg(long, value_name = "FILE", conflicts_with_all = ["csr", "key"])]
    key_out: Option<PathBuf>,
    /// Without --csr: the CSR that was made. When absent, the name of --out with .csr
    #[arg(long, value_name = "FILE", conflicts_with = "csr")]
    csr_out: Option<PathBuf>,
}

/// What a repetition of the request needs: the CSR that was sent, and the private key if it is in
/// our hands.
pub(super) struct Kept {
    key: Option<SoftwareKey>,
    csr_path: Option<PathBuf>,
    key_path: Option<PathBuf>,
}

/// Reads the CSR, where there is one, and the key for PKCS#12, where one is named.
pub(super) fn for_same_key(
    csr: Option<&Path>,
    key: Option<&Path>,
    out: &OutputArgs,
) -> Result<(Option<String>, Kept), Failure> {
    let key = key.map(SoftwareKey::read).transpose()?;
    out.check(key.as_ref())?;
    let pem = csr.map(files::read_csr_pem).transpose()?;
    Ok((
        pem,
        Kept {
            key,
            csr_path: csr.map(Path::to_owned),
            key_path: None,
        },
    ))
}

impl KeyArgs {
    /// Reads the CSR, or makes key and CSR and writes them before the CA is asked, so that nothing
    /// is lost if the connection is.
    pub(super) fn request(
        &self,
        (subject, alt_names): &CsrNames,
        out: &OutputArgs,
    ) -> Result<(String, Kept), Failure> {
        if let Some(path) = &self.csr {
            let key = self.key.as_deref().map(SoftwareKey::read).transpose()?;
            out.check(key.as_ref())?;
            let kept = Kept {
                key,
                csr_path: Some(path.clone()),
                key_path: None,
            };
            return Ok((files::read_csr_pem(path)?, kept));
        }
        let csr_path = self
            .csr_out
            .clone()
            .unwrap_or_else(|| out.out.with_extension("csr"));
        files::check_directory(&csr_path)?;
        let (key, key_path) = if let Some(path) = &self.key {
            (SoftwareKey::read(path)?, None)
        } else {
            let path = self
                .key_out
                .clone()
                .unwrap_or_else(|| out.out.with_extension("key"));
            files::check_new(&path)?;
            (SoftwareKey::generate(self.key_algorithm)?, Some(path))
        };
        out.check(Some(&key))?;
        let csr = key.certification_request(subject.as_ref(), alt_names)?;
        if let Some(path) = &key_path {
            key.write(path)?;
        }
        files::write(&csr_path, csr.as_bytes())?;
        Ok((
            csr,
            Kept {
                key: Some(key),
                csr_path: Some(csr_path),
                key_path,
            },
        ))
    }
}

/// Sends a request for a certificate, waits for it and writes it.
pub(super) async fn issue<B: Serialize>(
    client: &Client,
    path: &str,
    body: &B,
    request_args: &RequestArgs,
    kept: &Kept,
    out: &OutputArgs,
) -> Result<(), Failure> {
    let idempotency_key = &request_args
        .idempotency_key
        .clone()
        .unwrap_or_else(new_idempotency_key);
    let call = Call::post(path, body)?.with_idempotency_key(idempotency_key);
    let issued: IssuedBody = client
        .ask_until_done(call, "the CA is issuing")
        .await
        .map_err(|failure| with_retry(failure, kept, idempotency_key))?;
    out.write(&issued, kept.key.as_ref())?;
    client
        .output()
        .show(&issued, |issued| show::issued(issued, &out.out))?;
    if let Some(path) = &kept.key_path {
        client
            .output()
            .note(&format!("the private key is in {}", path.display()));
    }
    Ok(())
}

/// Whoever asks again must send the same CSR and the same key.
fn with_retry(failure: Failure, kept: &Kept, idempotency_key: &str) -> Failure {
    let file = |option: &str, path: &Option<PathBuf>| match path {
        Some(path) => format!(" {option} {}", path.display()),
        None => String::new(),
    };
    let csr = file("--csr", &kept.csr_path);
    let key = file("--key", &kept.key_path);
    failure.remedy_if_none(format!(
        "to ask again with the same content, give the same arguments with{csr}{key} \
         --idempotency-key {idempotency_key}"
    ))
}

fn new_idempotency_key() -> String {
    Uuid::from_bytes(rand::random()).hyphenated().to_string()
}
