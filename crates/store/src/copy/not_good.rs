//! Reading what the lists of an issuer are compared with.

use jiff::Timestamp;
use pki::{IssuerName, SerialNumber};

use super::{CopiedStatus, StatusCopy};
use crate::{StoreError, engine::Statement};

impl StatusCopy {
    /// A page of the statuses of one issuer that are not good, after `after`, in the order of
    /// their serial numbers as numbers; with `shard` only those of the certificates of that shard.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn not_good(
        &self,
        issuer: &IssuerName,
        shard: Option<u16>,
        after: Option<SerialNumber>,
        limit: u32,
    ) -> Result<Vec<CopiedStatus>, StoreError> {
        let after = after.map_or_else(Vec::new, |serial| serial.as_bytes().to_vec());
        let length = i64::try_from(after.len()).unwrap_or(i64::MAX);
        let query = not_good_query(issuer, shard).bind(length).bind(after);
        self.page(query.bind(limit)).await
    }

    /// The statuses of an issuer that are not good, or were not before, and that entries after a
    /// place in the feed told; not more than `limit`, in the order of the feed. With `shard` only
    /// those of the certificates of that shard.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn changed_since(
        &self,
        issuer: &IssuerName,
        shard: Option<u16>,
        sequence: u64,
        limit: u32,
    ) -> Result<Vec<CopiedStatus>, StoreError> {
        let query = changed_query(issuer, shard).bind(sequence).bind(limit);
        self.page(query).await
    }

    /// Whether the issuer has a certificate that ends at `now` or later; with `shard` one of that
    /// shard.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn has_unexpired(
        &self,
        issuer: &IssuerName,
        shard: Option<u16>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let query = Statement::new(
            "SELECT shard FROM ends WHERE issuer = $1 AND not_after >= $2 \
             AND ($3 IS NULL OR shard = $3) LIMIT 1",
        );
        let query = query.bind(issuer).bind(now).bind(shard);
        Ok(self.reads.first(query).await?.is_some())
    }
}

fn not_good_query(issuer: &IssuerName, shard: Option<u16>) -> Statement {
    match shard {
        None => Statement::new(
            "SELECT * FROM certificates WHERE state <> 'good' AND issuer = $1 \
             AND (serial_length, serial) > ($2, $3) ORDER BY serial_length, serial LIMIT $4",
        )
        .bind(issuer),
        Some(shard) => Statement::new(
            "SELECT * FROM certificates WHERE state <> 'good' AND shard IS NOT NULL \
             AND issuer = $1 AND shard = $2 AND (serial_length, serial) > ($3, $4) \
             ORDER BY serial_length, serial LIMIT $5",
        )
        .bind(issuer)
        .bind(shard),
    }
}

fn changed_query(issuer: &IssuerName, shard: Option<u16>) -> Statement {
    match shard {
        None => Statement::new(
            "SELECT * FROM certificates WHERE at IS NOT NULL AND issuer = $1 AND seq > $2 \
             ORDER BY seq LIMIT $3",
        )
        .bind(issuer),
        Some(shard) => Statement::new(
            "SELECT * FROM certificates WHERE at IS NOT NULL AND shard IS NOT NULL \
             AND issuer = $1 AND shard = $2 AND seq > $3 ORDER BY seq LIMIT $4",
        )
        .bind(issuer)
        .bind(shard),
    }
}

#[cfg(test)]
mod tests {
    use feed::{Entry, Event, Status};

    use super::*;

    fn issuer() -> IssuerName {
        "ca".parse().unwrap()
    }

    fn serial(octets: &[u8]) -> SerialNumber {
        SerialNumber::from_bytes(octets).unwrap()
    }

    fn entry(seq: u64, octets: &[u8], shard: Option<u16>, end: i64, status: Status) -> Entry {
        let event = Event::Certificate {
            issuer: issuer(),
            serial: serial(octets),
            not_after: Timestamp::from_second(end).unwrap(),
            shard,
            status,
        };
        let at = Timestamp::UNIX_EPOCH;
        Entry { seq, at, event }
    }

    async fn copy(directory: &tempfile::TempDir) -> StatusCopy {
        let copy = StatusCopy::open(&directory.path().join("copy.db"))
            .await
            .unwrap();
        let hold = Status::Hold {
            at: Timestamp::UNIX_EPOCH,
        };
        let entries = [
            entry(1, &[2], Some(3), 100, hold),
            entry(2, &[1, 0], Some(4), 300, hold),
            entry(3, &[9], Some(3), 200, Status::Good),
            entry(4, &[3, 0, 0], Some(3), 50, hold),
            entry(5, &[8], None, 60, hold),
        ];
        copy.apply(&entries, 5).await.unwrap();
        copy
    }

    #[tokio::test]
    async fn what_is_not_good_comes_page_by_page_in_the_order_of_numbers() {
        let directory = tempfile::tempdir().unwrap();
        let copy = copy(&directory).await;
        for (shard, expected) in [
            (None, vec![&[2][..], &[8], &[1, 0], &[3, 0, 0]]),
            (Some(3), vec![&[2][..], &[3, 0, 0]]),
            (Some(9), vec![]),
        ] {
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let page = copy.not_good(&issuer(), shard, after, 1).await.unwrap();
                let Some(last) = page.last() else { break };
                after = Some(last.serial);
                found.extend(page);
            }
            let found: Vec<_> = found.iter().map(|status| status.serial).collect();
            let expected: Vec<_> = expected.into_iter().map(serial).collect();
            assert_eq!(found, expected, "{shard:?}");
        }
    }

    #[tokio::test]
    async fn pages_are_read_from_an_index_in_order() {
        let directory = tempfile::tempdir().unwrap();
        let copy = copy(&directory).await;
        for (shard, index) in [
            (None, "certificates_not_good "),
            (Some(3), "certificates_not_good_shard "),
        ] {
            let query = not_good_query(&issuer(), shard)
                .bind(0_i64)
                .bind(Vec::new());
            let rows = copy
                .reads
                .all(query.bind(10_u32).explained())
                .await
                .unwrap();
            let plan: Vec<String> = rows.iter().map(|row| row.get("detail").unwrap()).collect();
            assert_eq!(plan.len(), 1, "{plan:?}");
            assert!(
                plan[0].contains(&format!("USING INDEX {index}")),
                "{plan:?}"
            );
            assert!(plan[0].contains("(serial_length,serial)>"), "{plan:?}");
        }
    }

    #[tokio::test]
    async fn what_changed_since_a_place_is_what_is_not_good_or_was_not() {
        let directory = tempfile::tempdir().unwrap();
        let copy = copy(&directory).await;
        let released = entry(6, &[2], Some(3), 100, Status::Good);
        copy.apply(&[released], 6).await.unwrap();
        for (shard, since, limit, expected) in [
            (None, 0, 9, &[2, 4, 5, 6][..]),
            (None, 4, 9, &[5, 6]),
            (None, 0, 2, &[2, 4]),
            (Some(3), 0, 9, &[4, 6]),
            (None, 6, 9, &[]),
        ] {
            let issuer = issuer();
            let changed = copy.changed_since(&issuer, shard, since, limit).await;
            let changed = changed.unwrap();
            let sequences: Vec<_> = changed.iter().map(|status| status.sequence).collect();
            assert_eq!(sequences, expected, "{shard:?} {since}");
        }
        for (shard, index) in [
            (None, "certificates_changed "),
            (Some(3), "certificates_changed_shard "),
        ] {
            let query = changed_query(&issuer(), shard).bind(0_u64).bind(9_u32);
            let rows = copy.reads.all(query.explained()).await.unwrap();
            let plan: Vec<String> = rows.iter().map(|row| row.get("detail").unwrap()).collect();
            assert_eq!(plan.len(), 1, "{plan:?}");
            assert!(plan[0].contains(index), "{plan:?}");
        }
    }

    #[tokio::test]
    async fn tells_whether_a_certificate_is_left() {
        let directory = tempfile::tempdir().unwrap();
        let copy = copy(&directory).await;
        for (shard, now, left) in [
            (None, 300, true),
            (None, 301, false),
            (Some(3), 200, true),
            (Some(3), 201, false),
            (Some(5), 0, false),
        ] {
            let now = Timestamp::from_second(now).unwrap();
            let found = copy.has_unexpired(&issuer(), shard, now).await.unwrap();
            assert_eq!(found, left, "{shard:?} {now}");
        }
    }
}
