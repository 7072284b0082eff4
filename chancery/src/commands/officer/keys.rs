//! `officer register-responder`, `retire-responder-key`, `responders`, `block-key`: public keys that the CA must know.

use std::path::PathBuf;

use api::{BlockKeyRequest, RegisterResponderKeyRequest, ResponderKeyBody, routes};
use pki::{IssuerName, SpkiHash};

use crate::{
    client::{Call, Client, fill},
    commands::show::some_list,
    failure::Failure,
    files, table,
};

/// Register a public key of an OCSP responder
///
/// ca-daemon certifies this key, beside those that the responder has, renews the certificate daily
/// and delivers it through the feed. The key is made in the responder's own token. A key that is
/// registered already answers for the issuers that are given now.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery ceremony generate-key --token ocsp-token.toml --id 01 --label ocsp --out ocsp.pub
  chancery --config officer.toml officer register-responder --name ocsp-1 \\
      --public-key ocsp.pub --issuer esign-ca --issuer internal-ca")]
pub(crate) struct ResponderArgs {
    /// Name of the responder in the registry
    #[arg(long)]
    name: String,
    /// Its public key, PEM (SubjectPublicKeyInfo)
    #[arg(long, value_name = "FILE")]
    public_key: PathBuf,
    /// Issuing CA whose certificates it answers for; may be given several times
    #[arg(long = "issuer", value_name = "NAME", required = true)]
    issuers: Vec<IssuerName>,
}

/// Retire a public key of an OCSP responder
///
/// It is certified no longer, and the responder stops to answer with it. Let a new key answer first.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery --config officer.toml officer retire-responder-key --name ocsp-1 \\
      --public-key ocsp-old.pub")]
pub(crate) struct RetireArgs {
    /// Name of the responder in the registry
    #[arg(long)]
    name: String,
    #[command(flatten)]
    key: NamedKey,
}

/// Never certify a public key again
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chancery --config officer.toml officer block-key --certificate leaked.pem \\
      --reason 'private key found in a public repository'
  chancery --config officer.toml officer block-key --spki-sha256 9f86… --reason 'reported key'")]
pub(crate) struct BlockArgs {
    #[command(flatten)]
    key: NamedKey,
    /// Why, without personal data
    #[arg(long)]
    reason: String,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct NamedKey {
    /// SHA-256 of the SubjectPublicKeyInfo, hexadecimal
    #[arg(long, value_name = "HEX")]
    spki_sha256: Option<SpkiHash>,
    /// A certificate with the key, PEM
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// A CSR with the key, PEM or DER
    #[arg(long, value_name = "FILE")]
    csr: Option<PathBuf>,
    /// The key itself, PEM (SubjectPublicKeyInfo)
    #[arg(long, value_name = "FILE")]
    public_key: Option<PathBuf>,
}

impl NamedKey {
    fn hash(&self) -> Result<SpkiHash, Failure> {
        if let Some(path) = &self.certificate {
            return Ok(files::read_certificate(path)?.public_key().hash());
        }
        if let Some(path) = &self.csr {
            return Ok(files::read_csr(path)?.public_key().hash());
        }
        if let Some(path) = &self.public_key {
            return Ok(files::read_public_key(path)?.hash());
        }
        self.spki_sha256
            .ok_or_else(|| Failure::usage("name the key"))
    }
}

pub(super) async fn register_responder(
    args: ResponderArgs,
    client: &Client,
) -> Result<(), Failure> {
    let public_key = files::read_public_key(&args.public_key)?;
    let body = RegisterResponderKeyRequest {
        responder: args.name,
        public_key: pki::pem::encode("PUBLIC KEY", public_key.spki_der()),
        issuers: args.issuers,
    };
    let key: ResponderKeyBody = client
        .ask(Call::post(routes::RESPONDER_KEYS, &body)?)
        .await?;
    client
        .output()
        .show(&key, |key| responder_table(std::slice::from_ref(key)))
}

pub(super) async fn responders(client: &Client) -> Result<(), Failure> {
    let keys: Vec<ResponderKeyBody> = client.ask(Call::read(routes::RESPONDER_KEYS)).await?;
    client.output().show(&keys, |keys| responder_table(keys))
}

pub(super) async fn retire_responder_key(args: RetireArgs, client: &Client) -> Result<(), Failure> {
    let hash = args.key.hash()?.to_string();
    let path = fill(routes::RESPONDER_KEY, &[&args.name, &hash]);
    let _: Option<serde_json::Value> = client.ask(Call::delete(path)).await?;
    client
        .output()
        .show(&hash, |hash| format!("retired: {hash}"))
}

pub(super) async fn block(args: BlockArgs, client: &Client) -> Result<(), Failure> {
    let hash = args.key.hash()?;
    let body = BlockKeyRequest {
        spki_sha256: hash.to_string(),
        reason: args.reason,
    };
    // Whatever the CA says about it, a 2xx means that it is blocked.
    let _: serde_json::Value = client.ask(Call::post(routes::BLOCKED_KEYS, &body)?).await?;
    client
        .output()
        .show(&body, |body| format!("blocked: {}", body.spki_sha256))
}

fn responder_table(keys: &[ResponderKeyBody]) -> String {
    let rows: Vec<_> = keys
        .iter()
        .map(|key| {
            let issuers = some_list(&key.issuers).unwrap_or_default();
            [key.responder.clone(), key.spki_sha256.clone(), issuers]
        })
        .collect();
    table::columns(["RESPONDER", "SPKI SHA-256", "ISSUERS"], &rows)
}
