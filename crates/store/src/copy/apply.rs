//! Taking entries of the feed into the copy.

use feed::{Entry, Event, Status};
use jiff::Timestamp;
use pki::RevocationReason;

use super::StatusCopy;
use crate::{
    StoreError,
    engine::{Connection, Statement, to_word},
};

impl StatusCopy {
    /// Takes entries and the place from which to go on, in one durable transaction: when this
    /// returns, the cursor may be acknowledged. An entry that is older than what is known about the
    /// same thing changes nothing, as in a snapshot that overlaps the feed.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; then nothing has changed.
    pub async fn apply(&self, entries: &[Entry], cursor: u64) -> Result<(), StoreError> {
        let mut connection = self.writer.lock().await;
        connection.begin().await?;
        let applied = apply_all(&mut connection, entries, cursor).await;
        match applied {
            Ok(()) => Ok(connection.commit().await?),
            Err(error) => {
                connection.roll_back().await?;
                Err(error)
            }
        }
    }
}

async fn apply_all(
    connection: &mut Connection,
    entries: &[Entry],
    cursor: u64,
) -> Result<(), StoreError> {
    for entry in entries {
        connection.execute(upsert(entry)?).await?;
    }
    let update = Statement::new("UPDATE cursor SET seq = $1").bind(cursor);
    connection.execute(update).await?;
    Ok(())
}

fn upsert(entry: &Entry) -> Result<Statement, StoreError> {
    Ok(match &entry.event {
        Event::Issuer {
            issuer,
            certificate_der,
            kind,
        } => Statement::new(
            "INSERT INTO issuers (seq, name, certificate_der, kind) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, \
             certificate_der = excluded.certificate_der, kind = excluded.kind \
             WHERE excluded.seq > issuers.seq",
        )
        .bind(entry.seq)
        .bind(issuer)
        .bind(certificate_der.as_bytes())
        .bind(to_word(kind)?),
        Event::Certificate {
            issuer,
            serial,
            not_after,
            status,
        } => {
            let (state, at, reason, invalidity_date) = columns(status);
            Statement::new(
                "INSERT INTO certificates \
                 (seq, issuer, serial, not_after, state, at, reason, invalidity_date) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
                 ON CONFLICT (issuer, serial) DO UPDATE SET seq = excluded.seq, \
                 not_after = excluded.not_after, state = excluded.state, at = excluded.at, \
                 reason = excluded.reason, invalidity_date = excluded.invalidity_date \
                 WHERE excluded.seq > certificates.seq",
            )
            .bind(entry.seq)
            .bind(issuer)
            .bind(*serial)
            .bind(*not_after)
            .bind(state)
            .bind(at)
            .bind(reason)
            .bind(invalidity_date)
        }
        Event::ResponderCertificate {
            issuer,
            follower,
            certificate_der,
        } => Statement::new(
            "INSERT INTO responder_certificates (seq, issuer, follower, certificate_der) \
             VALUES ($1, $2, $3, $4) ON CONFLICT (issuer, follower) DO UPDATE \
             SET seq = excluded.seq, certificate_der = excluded.certificate_der \
             WHERE excluded.seq > responder_certificates.seq",
        )
        .bind(entry.seq)
        .bind(issuer)
        .bind(follower)
        .bind(certificate_der.as_bytes()),
        Event::Crl {
            issuer,
            scope,
            number,
            this_update,
            next_update,
            crl_der,
        } => Statement::new(
            "INSERT INTO crls (seq, issuer, scope, number, this_update, next_update, crl_der) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (issuer, scope) DO UPDATE \
             SET seq = excluded.seq, number = excluded.number, \
             this_update = excluded.this_update, next_update = excluded.next_update, \
             crl_der = excluded.crl_der WHERE excluded.seq > crls.seq",
        )
        .bind(entry.seq)
        .bind(issuer)
        .bind(scope)
        .bind(*number)
        .bind(*this_update)
        .bind(*next_update)
        .bind(crl_der.as_bytes()),
        Event::Document {
            name,
            media_type,
            body,
            issuer,
        } => Statement::new(
            "INSERT INTO documents (seq, name, media_type, body, issuer) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, \
             media_type = excluded.media_type, body = excluded.body, issuer = excluded.issuer \
             WHERE excluded.seq > documents.seq",
        )
        .bind(entry.seq)
        .bind(name)
        .bind(media_type)
        .bind(body.as_bytes())
        .bind(issuer),
    })
}

type StatusColumns = (
    &'static str,
    Option<Timestamp>,
    Option<RevocationReason>,
    Option<Timestamp>,
);

fn columns(status: &Status) -> StatusColumns {
    match status {
        Status::Good => ("good", None, None, None),
        Status::Revoked {
            at,
            reason,
            invalidity_date,
        } => ("revoked", Some(*at), *reason, *invalidity_date),
        Status::Hold { at } => ("hold", Some(*at), None, None),
        Status::Abandoned { at } => ("abandoned", Some(*at), None, None),
    }
}
