//! `ceremony keys`: what a token holds.

use hsm::KeyDescription;

use super::token::{self, TokenArgs};
use crate::{failure::Failure, output::Output, table};

/// List the keys in a token
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery ceremony keys --token esign.toml")]
pub(crate) struct Args {
    #[command(flatten)]
    token: TokenArgs,
}

pub(super) async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let token = args.token.open().await?;
    let keys = token.keys().await.map_err(|error| token::failed(&error))?;
    let described: Vec<_> = keys.iter().map(json).collect();
    output.show(&described, |_| {
        let rows: Vec<_> = keys.iter().map(row).collect();
        table::columns(["ID", "LABEL", "ALGORITHM", "PROTECTION", "ORIGIN"], &rows)
    })
}

fn row(key: &KeyDescription) -> [String; 5] {
    let protection = match (key.sensitive, key.extractable) {
        (true, false) => "cannot leave",
        (_, true) => "EXTRACTABLE",
        (false, false) => "NOT SENSITIVE",
    };
    let origin = match (key.local, key.never_extractable && key.always_sensitive) {
        (true, true) => "made here",
        (true, false) => "made here, was extractable",
        (false, _) => "brought in",
    };
    [
        hex::encode(&key.id),
        key.label.clone(),
        key.algorithm
            .map_or_else(|| "unknown".to_owned(), |algorithm| algorithm.to_string()),
        protection.to_owned(),
        origin.to_owned(),
    ]
}

fn json(key: &KeyDescription) -> serde_json::Value {
    serde_json::json!({
        "id": hex::encode(&key.id),
        "label": key.label,
        "algorithm": key.algorithm.map(|algorithm| algorithm.to_string()),
        "sensitive": key.sensitive,
        "always_sensitive": key.always_sensitive,
        "extractable": key.extractable,
        "never_extractable": key.never_extractable,
        "local": key.local,
    })
}
