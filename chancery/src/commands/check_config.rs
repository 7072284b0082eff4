//! `check-config`: reads the configuration of `ra`, `officer` and `audit`.

use std::path::Path;

use crate::{client::Client, client_config::ClientConfig, failure::Failure, output::Output};

pub(super) fn run(path: Option<&Path>, output: Output) -> Result<(), Failure> {
    let config = ClientConfig::load(path)?;
    let url = config.url.to_string();
    Client::open(config, output)?;
    output.show(&serde_json::json!({ "url": url, "ok": true }), |_| {
        format!("the configuration is good; the CA is {url}")
    })
}
