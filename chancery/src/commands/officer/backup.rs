//! `officer backup`: a copy of the database while ca-daemon works.

use api::{BackupBody, routes};

use crate::{
    client::{Call, Client},
    failure::Failure,
    table,
};

pub(super) async fn make(client: &Client) -> Result<(), Failure> {
    let backup: BackupBody = client
        .ask(Call::post(routes::BACKUPS, &serde_json::json!({}))?)
        .await?;
    client.output().show(&backup, |backup| {
        table::members(&[
            ("written to", Some(backup.path.clone())),
            ("last audit event", Some(backup.audit_sequence.to_string())),
        ])
    })
}
