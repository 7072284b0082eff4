//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Publishes CRLs, CA certificates and the CPS from a copy of the CA's status feed.
#[derive(Debug, Parser)]
#[command(name = "crl-publisher", version)]
pub struct Cli {
    /// The configuration file
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        default_value = "/etc/chancery/crl-publisher.toml"
    )]
    pub config: PathBuf,
    /// What to do; `run` if nothing is said
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Publish and serve until told to stop
    #[default]
    Run,
    /// Check the configuration file and report all its faults
    CheckConfig,
}
