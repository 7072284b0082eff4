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
    let Some((table, values)) = row(&entry.event)? else {
        return Ok(None);
    };
    let places = rows::placeholders(1, 1 + values.len());
    let Table { insert, update } = table;
    let statement = Statement::assembled(format!("{insert} VALUES {places} {update}"));
    Ok(Some(statement.bind(entry.seq).bind_all(values)))
}

/// What stands before and behind the values of an upsert.
struct Table {
    insert: &'static str,
    update: &'static str,
}

const ISSUERS: Table = Table {
    insert: "INSERT INTO issuers (seq, name, certificate_der, kind)",
    update: "ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, \
             certificate_der = excluded.certificate_der, kind = excluded.kind \
             WHERE excluded.seq > issuers.seq",
};

const RESPONDER_CERTIFICATES: Table = Table {
    insert: "INSERT INTO responder_certificates \
             (seq, issuer, follower, spki_hash, certificate_der)",
    update: "ON CONFLICT (issuer, follower, spki_hash) DO UPDATE \
             SET seq = excluded.seq, certificate_der = excluded.certificate_der \
             WHERE excluded.seq > responder_certificates.seq",
};

const CRLS: Table = Table {
    insert: "INSERT INTO crls \
             (seq, issuer, scope, number, base, this_update, next_update, as_of, size, sha256)",
    update: "ON CONFLICT (issuer, scope) DO UPDATE \
             SET seq = excluded.seq, number = excluded.number, base = excluded.base, \
             as_of = excluded.as_of, size = excluded.size, sha256 = excluded.sha256, \
             this_update = excluded.this_update, next_update = excluded.next_update \
             WHERE excluded.seq > crls.seq",
};

const TERMS: Table = Table {
    insert: "INSERT INTO terms (seq, issuer, terms)",
    update: "ON CONFLICT (issuer) DO UPDATE SET seq = excluded.seq, terms = excluded.terms \
             WHERE excluded.seq > terms.seq",
};

const DOCUMENTS: Table = Table {
    insert: "INSERT INTO documents (seq, name, media_type, body, issuer)",
    update: "ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, \
             media_type = excluded.media_type, body = excluded.body, issuer = excluded.issuer \
             WHERE excluded.seq > documents.seq",
};

/// Where an event goes, and its values after the sequence number.
fn row(event: &Event) -> Result<Option<(Table, Vec<Value>)>, StoreError> {
    Ok(Some(match event {
        Event::Certificate { .. } => return Ok(None),
        Event::Issuer {
            issuer,
            certificate_der,
            kind,
        } => {
            let certificate = certificate_der.as_bytes();
            let values = vec![issuer.into(), certificate.into(), to_word(kind)?.into()];
            (ISSUERS, values)
        }
        Event::ResponderCertificate {
            issuer,
            follower,
            spki_hash,
            certificate_der,
        } => {
            let certificate = certificate_der.as_bytes().into();
            let values = vec![
                issuer.into(),
                follower.into(),
                (*spki_hash).into(),
                certificate,
            ];
            (RESPONDER_CERTIFICATES, values)
        }
        Event::ResponderKeyRetired {
            issuer,
            follower,
            spki_hash,
        } => {
            let none = None::<Vec<u8>>.into();
            let values = vec![issuer.into(), follower.into(), (*spki_hash).into(), none];
            (RESPONDER_CERTIFICATES, values)
        }
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
        } => {
            let values = vec![
                issuer.into(),
                (*scope).into(),
                (*number).into(),
                (*base).into(),
                (*this_update).into(),
                (*next_update).into(),
                (*as_of).into(),
                (*size).into(),
                (*sha256).into(),
            ];
            (CRLS, values)
        }
        Event::Terms { issuer, terms } => (TERMS, vec![issuer.into(), to_json(terms)?.into()]),
        Event::Document {
            name,
            media_type,
            body,
            issuer,
        } => {
            let body = body.as_bytes();
            let values = vec![name.into(), media_type.into(), body.into(), issuer.into()];
            (DOCUMENTS, values)
        }
    }))
}

#[cfg(test)]
mod tests;
