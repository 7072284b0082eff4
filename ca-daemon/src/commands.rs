//! Commands beside `run`: each creates or changes state because a person said so.

pub mod backup;
pub mod bootstrap;
pub mod check_config;
pub mod migrate;
pub mod openapi;
pub mod register;
pub mod reset_officers;
pub mod restored;
pub mod server_certificate;

use std::sync::Arc;

use anyhow::anyhow;
use api::Violation;
use feed::server::Acknowledged;
use jiff::Timestamp;
use pki::time::{Clock, SharedClock};
use service::{Lifecycle, SystemClock};
use store::Store;

use crate::authority::Authority;
use crate::config::CaConfig;
use crate::http::problem::NotDone;
use crate::leadership::Leadership;
use crate::open;

/// The authority without listeners: for commands that run while the daemon does not.
///
/// # Errors
/// Database, tokens or certificates cannot be opened.
pub async fn offline_authority(config: &CaConfig) -> anyhow::Result<Arc<Authority>> {
    let clock: SharedClock = Arc::new(SystemClock);
    let store = Store::connect(&config.database, Arc::clone(&clock)).await?;
    let tokens = open::tokens(config).await?;
    let issuers = open::issuers(config, &tokens).await?;
    Ok(Arc::new(Authority {
        management: open::management(&issuers)?,
        receipts: open::receipts(config, &tokens, &issuers).await?,
        issuers,
        weak_keys: open::weak_keys(config)?,
        acknowledgements: Acknowledged::new([]),
        policies_turn: tokio::sync::Mutex::default(),
        leadership: Leadership::new(&store),
        store,
        clock,
        lifecycle: Lifecycle::new(config.shutdown),
    }))
}

/// A refusal or failure in the words of a command line.
pub fn explain(not_done: NotDone) -> anyhow::Error {
    match not_done {
        NotDone::Failed(error) => error,
        NotDone::Refused(refusal) => {
            let violation = |violation: &Violation| {
                format!(
                    "{}: {} ({})",
                    violation.field, violation.detail, violation.citation
                )
            };
            let said = refusal.detail.into_iter();
            let said = said
                .chain(refusal.violations.iter().map(violation))
                .collect::<Vec<_>>();
            anyhow!("refused, {}: {}", refusal.code, said.join("\n  "))
        }
    }
}

/// The time, for commands that need no more than that.
pub fn now() -> Timestamp {
    SystemClock.now()
}

/// Prints a line for a person or a script.
#[expect(clippy::print_stdout, reason = "the command line speaks to a person")]
pub fn print(line: &str) {
    println!("{line}");
}
