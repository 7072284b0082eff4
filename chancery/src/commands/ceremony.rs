//! `ceremony`: tokens, CA keys and the root; offline, no daemon needed.

mod check;
mod csr;
mod generate_key;
mod init_token;
mod keys;
mod root;
mod root_crl;
mod sign_ca;
mod subject_text;
mod token;

use crate::{failure::Failure, output::Output};

/// Tokens, CA keys and the root; offline, no daemon needed.
#[derive(Debug, clap::Subcommand)]
#[command(after_long_help = EXAMPLE)]
pub(crate) enum Command {
    /// Initialise a token and set both PINs
    InitToken(init_token::Args),
    /// List the tokens of a PKCS#11 module
    Tokens(init_token::TokensArgs),
    /// Make a key in a token; it can never leave it
    GenerateKey(generate_key::Args),
    /// List the keys in a token
    Keys(keys::Args),
    /// Make a self-signed root certificate for a key in a token
    Root(root::Args),
    /// Make a CSR for a CA key in a token, for our own root or an existing corporate one
    Csr(csr::Args),
    /// Sign the certificate of an issuing or management CA with the root key
    SignCa(sign_ca::Args),
    /// Check that a CA certificate, ours or from a corporate root, belongs to a key in a token
    Check(check::Args),
    /// Sign the CRL of the root
    RootCrl(root_crl::Args),
}

pub(super) async fn run(command: Command, output: Output) -> Result<(), Failure> {
    match command {
        Command::InitToken(args) => init_token::run(&args, output),
        Command::Tokens(args) => init_token::tokens(&args, output),
        Command::GenerateKey(args) => generate_key::run(args, output).await,
        Command::Keys(args) => keys::run(args, output).await,
        Command::Root(args) => root::run(args, output).await,
        Command::Csr(args) => csr::run(args, output).await,
        Command::SignCa(args) => sign_ca::run(args, output).await,
        Command::Check(args) => check::run(args, output).await,
        Command::RootCrl(args) => root_crl::run(args, output).await,
    }
}

const EXAMPLE: &str = "\
A root, an issuing CA and the root's first CRL, from nothing:
  chancery ceremony init-token --module /usr/lib/softhsm/libsofthsm2.so --label root \\
      --so-pin-file root.so-pin --pin-file root.pin
  chancery ceremony generate-key --token root.toml --id 01 --label root --algorithm ec-p384
  chancery ceremony root --token root.toml --id 01 --policy esign.toml \\
      --subject 'C=CN,O=Example,CN=Example Root CA' --validity 7300d --out root.pem
  chancery ceremony generate-key --token esign.toml --id 01 --label esign-ca
  chancery ceremony csr --token esign.toml --id 01 \\
      --subject 'C=CN,O=Example,CN=Example E-Sign CA' --out esign-ca.csr
  chancery ceremony sign-ca --token root.toml --id 01 --certificate root.pem --name root \\
      --policy esign-policy.toml --csr esign-ca.csr --validity 3650d --out esign-ca.pem
  chancery ceremony root-crl --token root.toml --id 01 --certificate root.pem --name root \\
      --number 1 --next-update 180d --out root.crl

A token file such as root.toml says where the token is; the PIN stays in a file of its own:
  module = \"/usr/lib/softhsm/libsofthsm2.so\"
  token_label = \"root\"
  pin_file = \"/root/ceremony/root.pin\"";
