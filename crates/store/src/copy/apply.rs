//! Taking entries of the feed into the copy.

mod certificates;

use std::path::Path;

use feed::{Entry, Epoch, Event};

use self::certificates::Certificates;
use super::StatusCopy;
use crate::{
    StoreError,
    engine::{Connection, Statement, Value, to_json, to_word},
    rows,
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
        end(&mut connection, applied).await
    }

    /// Forgets everything, in one durable transaction, to begin the copy of another feed. What was
    /// known is kept beside it, in a file with the beginning of the old epoch in its name: it may be
    /// all that is left of what a database that was put back has forgotten.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; then nothing has changed.
    pub async fn start_over(&self, epoch: &Epoch) -> Result<(), StoreError> {
        let before = self.position().await?;
        let mut connection = self.writer.lock().await;
        if before.cursor > 0 {
            keep(&mut connection, &self.path, before.epoch.as_ref()).await?;
        }
        connection.begin().await?;
        let emptied = empty(&mut connection, epoch).await;
        end(&mut connection, emptied).await
    }
}

async fn end(
    connection: &mut Connection,
    outcome: Result<(), StoreError>,
) -> Result<(), StoreError> {
    match outcome {
        Ok(()) => Ok(connection.commit().await?),
        Err(error) => {
            connection.roll_back().await?;
            Err(error)
        }
    }
}

/// Keeps the copy as it is in a file beside it, unless that file is there from an attempt before.
async fn keep(
    connection: &mut Connection,
    path: &Path,
    epoch: Option<&Epoch>,
) -> Result<(), StoreError> {
    let name = epoch
        .and_then(|epoch| epoch.as_str().get(..8))
        .unwrap_or("none");
    let mut kept = path.as_os_str().to_owned();
    kept.push(format!(".epoch-{name}"));
    let kept = Path::new(&kept);
    let (false, Some(target)) = (kept.exists(), kept.to_str()) else {
        return Ok(());
    };
    connection
        .execute(Statement::new("VACUUM INTO $1").bind(target))
        .await?;
    tracing::warn!(file = %kept.display(), "what was known before is kept in a file");
    Ok(())
}

async fn empty(connection: &mut Connection, epoch: &Epoch) -> Result<(), StoreError> {
    let tables =
        Statement::new("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'cursor'");
    for table in connection.all(tables).await? {
        let table: String = table.get("name")?;
        let delete = Statement::assembled(format!("DELETE FROM {table}"));
        connection.execute(delete).await?;
    }
    let update = Statement::new("UPDATE cursor SET seq = 0, epoch = $1").bind(epoch);
    connection.execute(update).await?;
    Ok(())
}

async fn apply_all(
    connection: &mut Connection,
    entries: &[Entry],
    cursor: u64,
) -> Result<(), StoreError> {
    for entry in entries {
        if let Some(upsert) = upsert(entry)? {
            connection.execute(upsert).await?;
        }
    }
    // No thing is told of by entries of both kinds.
    let certificates = Certificates::of(entries);
    for statement in certificates.rows().chain(certificates.ends()) {
        connection.execute(statement).await?;
    }
    let update = Statement::new("UPDATE cursor SET seq = $1").bind(cursor);
    connection.execute(update).await?;
    Ok(())
}

/// Takes in an entry; what a later one told is left alone. Certificates come many at a time.
fn upsert(entry: &Entry) -> Result<Option<Statement>, StoreError> {
    let Some((insert, columns, update)) = clauses(&entry.event) else {
        return Ok(None);
    };
    let row = rows::placeholders(1, columns);
    let statement = Statement::assembled(format!("{insert} VALUES {row} {update}"));
    let values = values(&entry.event)?;
    Ok(Some(statement.bind(entry.seq).bind_all(values)))
}

/// What stands before and behind the values, and how many of these there are.
fn clauses(event: &Event) -> Option<(&'static str, usize, &'static str)> {
    Some(match event {
        Event::Certificate { .. } => return None,
        Event::Issuer { .. } => (
            "INSERT INTO issuers (seq, name, certificate_der, kind)",
            4,
            "ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, \
             certificate_der = excluded.certificate_der, kind = excluded.kind \
             WHERE excluded.seq > issuers.seq",
        ),
        Event::ResponderCertificate { .. } | Event::ResponderKeyRetired { .. } => (
            "INSERT INTO responder_certificates \
             (seq, issuer, follower, spki_hash, certificate_der)",
            5,
            "ON CONFLICT (issuer, follower, spki_hash) DO UPDATE \
             SET seq = excluded.seq, certificate_der = excluded.certificate_der \
             WHERE excluded.seq > responder_certificates.seq",
        ),
        Event::Crl { .. } => (
            "INSERT INTO crls \
             (seq, issuer, scope, number, base, this_update, next_update, as_of, size, sha256)",
            10,
            "ON CONFLICT (issuer, scope) DO UPDATE \
             SET seq = excluded.seq, number = excluded.number, base = excluded.base, \
             as_of = excluded.as_of, size = excluded.size, sha256 = excluded.sha256, \
             this_update = excluded.this_update, next_update = excluded.next_update \
             WHERE excluded.seq > crls.seq",
        ),
        Event::Terms { .. } => (
            "INSERT INTO terms (seq, issuer, terms)",
            3,
            "ON CONFLICT (issuer) DO UPDATE SET seq = excluded.seq, terms = excluded.terms \
             WHERE excluded.seq > terms.seq",
        ),
        Event::Document { .. } => (
            "INSERT INTO documents (seq, name, media_type, body, issuer)",
            5,
            "ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, \
             media_type = excluded.media_type, body = excluded.body, issuer = excluded.issuer \
             WHERE excluded.seq > documents.seq",
        ),
    })
}

/// The values of an upsert after its sequence number.
fn values(event: &Event) -> Result<Vec<Value>, StoreError> {
    Ok(match event {
        Event::Certificate { .. } => Vec::new(),
        Event::Issuer {
            issuer,
            certificate_der,
            kind,
        } => {
            vec![
                issuer.into(),
                certificate_der.as_bytes().into(),
                to_word(kind)?.into(),
            ]
        }
        Event::ResponderCertificate {
            issuer,
            follower,
            spki_hash,
            certificate_der,
        } => {
            vec![
                issuer.into(),
                follower.into(),
                (*spki_hash).into(),
                certificate_der.as_bytes().into(),
            ]
        }
        Event::ResponderKeyRetired {
            issuer,
            follower,
            spki_hash,
        } => vec![
            issuer.into(),
            follower.into(),
            (*spki_hash).into(),
            None::<Vec<u8>>.into(),
        ],
        Event::Crl {
            issuer,
            scope,
            number,
            base,
            this_update,
            next_update,
            as_of,
            size,
            sha256,
        } => vec![
            issuer.into(),
            (*scope).into(),
            (*number).into(),
            (*base).into(),
            (*this_update).into(),
            (*next_update).into(),
            (*as_of).into(),
            (*size).into(),
            (*sha256).into(),
        ],
        Event::Terms { issuer, terms } => vec![issuer.into(), to_json(terms)?.into()],
        Event::Document {
            name,
            media_type,
            body,
            issuer,
        } => {
            vec![
                name.into(),
                media_type.into(),
                body.as_bytes().into(),
                issuer.into(),
            ]
        }
    })
}

#[cfg(test)]
mod tests;
