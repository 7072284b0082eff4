//! Lists in pages.

use api::{CertificateState, CertificateSummary, ListQuery, Page};
use clap::ValueEnum;
use jiff::{SignedDuration, Timestamp};
use pki::time::Clock as _;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    client::{Call, Client},
    commands::show,
    failure::Failure,
    values,
};

/// Which page.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct PageArgs {
    /// Rows a page, 1 to 1000
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) limit: Option<u16>,
    /// Go on after the page before: the cursor that it named
    #[arg(long, value_name = "CURSOR")]
    pub(crate) after: Option<String>,
    /// Fetch every page
    #[arg(long)]
    pub(crate) all: bool,
}

/// Which certificates.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ListArgs {
    /// With this order id
    #[arg(long, value_name = "ID")]
    order_id: Option<String>,
    /// Of this subscriber, by the RA's reference
    #[arg(long, value_name = "REFERENCE")]
    subscriber_ref: Option<String>,
    /// Of this profile
    #[arg(long)]
    profile: Option<String>,
    /// Of this issuing CA
    #[arg(long, value_name = "NAME")]
    issuer: Option<String>,
    /// In this state
    #[arg(long, value_enum)]
    state: Option<State>,
    /// That expire before this time, RFC 3339, and have not expired yet
    #[arg(long, value_name = "TIME", conflicts_with = "expires_within")]
    expires_before: Option<Timestamp>,
    /// That expire within this time from now, such as 30d, and have not expired yet
    #[arg(long, value_name = "DURATION", value_parser = values::duration)]
    expires_within: Option<SignedDuration>,
    #[command(flatten)]
    page: PageArgs,
}

impl ListArgs {
    /// Those that expire within `duration`.
    pub(crate) const fn expiring(within: SignedDuration, page: PageArgs) -> Self {
        Self {
            order_id: None,
            subscriber_ref: None,
            profile: None,
            issuer: None,
            state: Some(State::Issued),
            expires_before: None,
            expires_within: Some(within),
            page,
        }
    }

    fn query(&self) -> Result<ListQuery, Failure> {
        let until = |within: SignedDuration| {
            service::SystemClock
                .now()
                .checked_add(within)
                .map_err(|error| {
                    Failure::usage("this is too far in the future")
                        .at("--expires-within")
                        .because(&error)
                })
        };
        Ok(ListQuery {
            order_id: self.order_id.clone(),
            subscriber_ref: self.subscriber_ref.clone(),
            profile: self.profile.clone(),
            issuer: self.issuer.clone(),
            state: self.state.map(Into::into),
            expires_before: self
                .expires_within
                .map(until)
                .transpose()?
                .or(self.expires_before),
            after: None,
            limit: None,
        })
    }
}

/// State of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum State {
    /// Being signed.
    Signing,
    /// Issued and in force, or expired.
    Issued,
    /// On hold.
    OnHold,
    /// Revoked for good.
    Revoked,
    /// Signing was begun and not completed.
    Abandoned,
}

impl From<State> for CertificateState {
    fn from(state: State) -> Self {
        match state {
            State::Signing => Self::Signing,
            State::Issued => Self::Issued,
            State::OnHold => Self::OnHold,
            State::Revoked => Self::Revoked,
            State::Abandoned => Self::Abandoned,
        }
    }
}

/// Shows certificates of `route`.
pub(crate) async fn certificates(
    client: &Client,
    route: &str,
    args: &ListArgs,
) -> Result<(), Failure> {
    let page: Page<CertificateSummary> = pages(client, route, &args.query()?, &args.page).await?;
    client.output().show(&page, show::summaries)
}

/// Fetches one page, or all of them as one.
pub(crate) async fn pages<Q: Serialize, T: DeserializeOwned>(
    client: &Client,
    route: &str,
    query: &Q,
    args: &PageArgs,
) -> Result<Page<T>, Failure> {
    let progress = client.output().progress("reading");
    let mut items = Vec::new();
    let mut after = args.after.clone();
    loop {
        let position = Position {
            after: after.as_deref(),
            limit: args.limit,
        };
        let call = Call::read(route).with_query(query)?.with_query(&position)?;
        let page: Page<T> = client.ask(call).await?;
        items.extend(page.items);
        progress.say(&format!("{} rows read", items.len()));
        if !args.all || page.next.is_none() {
            return Ok(Page {
                items,
                next: page.next,
            });
        }
        if page.next == after {
            return Err(Failure::internal("the CA sends the same page again").at(route));
        }
        after = page.next;
    }
}

#[derive(Serialize)]
struct Position<'a> {
    after: Option<&'a str>,
    limit: Option<u16>,
}
