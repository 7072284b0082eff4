//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Answers OCSP requests from a copy of the CA's status feed.
#[derive(Debug, Parser)]
#[command(name = "ocsp-responder", version)]
pub struct Cli {
    /// The configuration file
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        default_value = "/etc/chancery/ocsp-responder.toml"
    )]
    pub config: PathBuf,
    /// What to do; `run` if nothing is said
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Answer requests until told to stop
    #[default]
    Run,
    /// Check the configuration file and report all its faults
    CheckConfig,
    /// Print the public key of the OCSP key, for an officer to register
    Key,
}
