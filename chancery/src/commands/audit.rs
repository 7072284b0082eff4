//! `audit`: reading the audit events.

use api::{AuditEntryBody, Page, routes};
use pki::SerialNumber;

use crate::{
    client::Client,
    commands::{
        listing::{self, PageArgs},
        show,
    },
    failure::Failure,
    table,
};

/// Read the audit events
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List audit events in the order in which they were committed
    List(ListArgs),
}

/// List audit events in the order in which they were committed
///
/// Refusals are events too. Events carry no personal data.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chancery --config officer.toml audit list --limit 50
  chancery --config officer.toml --json audit list --after 1200 --all")]
pub(crate) struct ListArgs {
    /// Of this kind, such as `issued`
    #[arg(long, value_name = "KIND")]
    event: Option<String>,
    /// About this certificate, hexadecimal
    #[arg(long, value_name = "HEX")]
    serial: Option<SerialNumber>,
    /// By this actor, such as `ra:bank`
    #[arg(long)]
    actor: Option<String>,
    #[command(flatten)]
    page: PageArgs,
}

pub(super) async fn run(command: Command, client: &Client) -> Result<(), Failure> {
    let Command::List(args) = command;
    let filters = serde_json::json!({
        "event": args.event,
        "serial": args.serial,
        "actor": args.actor,
    });
    let page: Page<AuditEntryBody> =
        listing::pages(client, routes::AUDIT, &filters, &args.page).await?;
    client.output().show(&page, |page| {
        let rows: Vec<_> = page.items.iter().map(row).collect();
        let table = table::columns(
            [
                "SEQUENCE", "AT", "EVENT", "ACTOR", "OUTCOME", "CODES", "ISSUER", "SERIAL",
            ],
            &rows,
        );
        show::with_next(table, page.next.as_deref())
    })
}

fn row(entry: &AuditEntryBody) -> [String; 8] {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    [
        entry.sequence.to_string(),
        show::time(entry.at),
        entry.event.clone(),
        entry.actor.clone(),
        entry.outcome.clone(),
        or_dash(show::some_list(&entry.codes)),
        or_dash(entry.issuer.as_ref().map(ToString::to_string)),
        or_dash(entry.serial.map(|serial| serial.to_string())),
    ]
}
