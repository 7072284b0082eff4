//! Many statuses at once.

use feed::Status;
use jiff::Timestamp;
use pki::{IssuerName, RevocationReason, SerialNumber};
use serde::Deserialize;

use super::{CopiedStatus, StatusCopy};
use crate::{StoreError, engine::Statement};

impl StatusCopy {
    /// A page of all statuses, by issuer and serial number, after the last one of the page before.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn statuses(
        &self,
        after: Option<&CopiedStatus>,
        limit: u32,
    ) -> Result<Vec<CopiedStatus>, StoreError> {
        let query = Statement::new(
            "SELECT * FROM certificates WHERE (issuer, serial) > ($1, $2) \
             ORDER BY issuer, serial LIMIT $3",
        );
        let query = match after {
            None => query.bind("").bind(Vec::new()),
            Some(after) => query.bind(&after.issuer).bind(after.serial),
        };
        self.page(query.bind(limit)).await
    }

    /// The statuses that a query finds, which selects certificates with all their columns.
    ///
    /// As one text: millions of rows with their cells, each on the heap, take longer to hand over than
    /// to read.
    pub(super) async fn page(&self, query: Statement) -> Result<Vec<CopiedStatus>, StoreError> {
        let query = query.within(|certificates| {
            format!(
                "SELECT json_group_array(json_array(issuer, hex(serial), not_after, shard, \
                 state, at, reason, invalidity_date, seq)) AS statuses FROM ({certificates})"
            )
        });
        let Some(row) = self.reads.first(query).await? else {
            return Ok(Vec::new());
        };
        let page: String = row.get("statuses")?;
        let page: Vec<StatusRow<'_>> =
            serde_json::from_str(&page).map_err(|_| StoreError::Corrupt { what: "statuses" })?;
        page.into_iter().map(StatusRow::status).collect()
    }
}

/// Issuer, serial number, notAfter, shard, state, since when, reason, invalidity date, sequence
/// number; times in microseconds since 1970.
#[derive(Deserialize)]
struct StatusRow<'a>(
    IssuerName,
    SerialNumber,
    i64,
    Option<u16>,
    &'a str,
    Option<i64>,
    Option<u8>,
    Option<i64>,
    u64,
);

impl StatusRow<'_> {
    fn status(self) -> Result<CopiedStatus, StoreError> {
        let Self(issuer, serial, not_after, shard, state, at, reason, invalidity_date, sequence) =
            self;
        let corrupt = |what| StoreError::Corrupt { what };
        let time = |at| Timestamp::from_microsecond(at).map_err(|_| corrupt("time"));
        let reason = reason
            .map(|code| RevocationReason::from_code(code).ok_or(corrupt("reason")))
            .transpose()?;
        let (at, date) = (at.map(time), invalidity_date.map(time));
        Ok(CopiedStatus {
            issuer,
            serial,
            not_after: time(not_after)?,
            shard,
            status: status(state, at.transpose()?, reason, date.transpose()?)?,
            sequence,
        })
    }
}

fn status(
    state: &str,
    at: Option<Timestamp>,
    reason: Option<RevocationReason>,
    invalidity_date: Option<Timestamp>,
) -> Result<Status, StoreError> {
    let since = || at.ok_or(StoreError::Corrupt { what: "at" });
    Ok(match state {
        "good" => Status::Good,
        "revoked" => Status::Revoked {
            at: since()?,
            reason,
            invalidity_date,
        },
        "hold" => Status::Hold { at: since()? },
        "abandoned" => Status::Abandoned { at: since()? },
        _ => return Err(StoreError::Corrupt { what: "status" }),
    })
}
