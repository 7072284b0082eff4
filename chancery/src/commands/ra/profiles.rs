//! `ra profiles`: what this RA may ask for.

use api::{ProfileBody, routes};

use crate::{
    client::{Call, Client},
    failure::Failure,
    table,
};

pub(super) async fn run(client: &Client) -> Result<(), Failure> {
    let profiles: Vec<ProfileBody> = client.ask(Call::read(routes::PROFILES)).await?;
    client.output().show(&profiles, |profiles| {
        let rows: Vec<_> = profiles.iter().map(row).collect();
        table::columns(
            [
                "PROFILE", "ISSUER", "LONGEST", "KEYS", "EVIDENCE", "HOLD", "FOR",
            ],
            &rows,
        )
    })
}

fn row(profile: &ProfileBody) -> [String; 7] {
    let list = |items: &[String]| match items {
        [] => "-".to_owned(),
        items => items.join(","),
    };
    [
        profile.profile.clone(),
        profile.issuer.to_string(),
        longest(profile.max_validity_seconds),
        list(&profile.key_algorithms),
        list(&profile.required_evidence),
        if profile.hold { "yes" } else { "no" }.to_owned(),
        profile.description.clone(),
    ]
}

fn longest(seconds: i64) -> String {
    match (seconds / DAY, seconds % DAY) {
        (days, 0) => format!("{days}d"),
        (0, seconds) => format!("{seconds}s"),
        (days, seconds) => format!("{days}d{seconds}s"),
    }
}

const DAY: i64 = 86_400;
