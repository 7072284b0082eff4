//! The command line as a tree.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::{commands, failure};

/// The command line of Chancery: for registration authorities, officers and auditors.
///
/// `ra`, `officer` and `audit` speak to a running ca-daemon and need --config. `ceremony` works
/// offline with a PKCS#11 token, `policy`, `key` and `receipt` with files alone.
#[derive(Debug, Parser)]
#[command(
    name = "chancery",
    version,
    after_help = failure::EXIT_CODES,
    after_long_help = concat_examples(),
    propagate_version = true,
    arg_required_else_help = true
)]
pub(crate) struct Cli {
    /// Configuration of this client: the CA's URL, our TLS certificate, its key, the CA to trust
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Answer in JSON on standard output; failures are JSON on standard error
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// No progress and no notes
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Enrol, renew, replace, revoke and look up certificates
    #[command(subcommand)]
    Ra(commands::ra::Command),
    /// Register peers, import CRLs, reload policies, revoke
    #[command(subcommand)]
    Officer(commands::officer::Command),
    /// Read the audit events
    #[command(subcommand)]
    Audit(commands::audit::Command),
    /// Tokens, CA keys, root certificates and root CRLs; offline
    #[command(subcommand)]
    Ceremony(commands::ceremony::Command),
    /// Check, explain, render and compare policy files (the CPS)
    #[command(subcommand)]
    Policy(commands::policy::Command),
    /// Make private keys in files, with their CSRs
    #[command(subcommand)]
    Key(commands::key::Command),
    /// Verify signed receipts of revocations, offline
    #[command(subcommand)]
    Receipt(commands::receipt::Command),
    /// Read the configuration and say what is wrong with it
    CheckConfig,
    /// Print a completion script for a shell
    Completions(commands::completions::Args),
    /// Write the manual pages into a directory
    Man(commands::man::Args),
}

fn concat_examples() -> String {
    format!("{EXAMPLES}\n\n{}", failure::EXIT_CODES)
}

const EXAMPLES: &str = "\
Examples:
  A first certificate; key, CSR, certificate and chain are written:
    chancery --config ra.toml ra enroll --profile tls-server --cn www.example.com \\
        --dns www.example.com --key-out www.key --out www.pem --full-chain www-chain.pem

  The same for a CSR that the subscriber made, with the RA's statement about the person:
    chancery --config ra.toml ra enroll --profile esign-individual \\
        --csr alice.csr --statement alice.json --out alice.pem

  What may this RA ask for, and what has it been given:
    chancery --config ra.toml ra profiles
    chancery --config ra.toml ra list --state issued --expires-within 30d

  The key has leaked:
    chancery --config ra.toml ra revoke --serial 0a1b… --ground sub.key_lost_or_leaked

  What the CA says of it, signed, to be kept and verified without the CA:
    chancery --config ra.toml ra receipt --serial 0a1b… --out receipt.json
    chancery receipt verify receipt.json --roots management-ca.pem

  Would this request be granted, and if not, by which rules:
    chancery policy explain policy/esign.toml --profile esign-individual \\
        --csr alice.csr --statement alice.json

Secrets never stand on the command line or in the environment: PINs and passwords are read from
files that only their owner may read (mode 0600).";
