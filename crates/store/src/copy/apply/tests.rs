use pki::{IssuerName, SerialNumber};

use super::*;

fn issuer() -> IssuerName {
    "ca".parse().unwrap()
}

fn entry(seq: u64, serial: u64, status: Status) -> Entry {
    let octets = [&[1], &serial.to_be_bytes()[..]].concat();
    let event = Event::Certificate {
        issuer: issuer(),
        serial: SerialNumber::from_bytes(&octets).unwrap(),
        not_after: Timestamp::UNIX_EPOCH,
        shard: Some(3),
        status,
    };
    let at = Timestamp::UNIX_EPOCH;
    Entry { seq, at, event }
}

#[tokio::test]
async fn a_page_of_any_length_and_kind_is_taken_in_and_read_back() {
    let directory = tempfile::tempdir().unwrap();
    let copy = StatusCopy::open(&directory.path().join("copy.db"))
        .await
        .unwrap();
    let at = Timestamp::from_second(1_800_000_000).unwrap();
    let revoked = Status::Revoked {
        at,
        reason: Some(RevocationReason::Superseded),
        invalidity_date: Some(Timestamp::UNIX_EPOCH),
    };
    let count = 507;
    let mut entries: Vec<Entry> = (1..=count)
        .map(|seq| entry(seq, seq, Status::Good))
        .collect();
    let document = Event::Document {
        name: "cps/ca.md".to_owned(),
        media_type: "text/markdown".to_owned(),
        body: b"text".to_vec().into(),
        issuer: issuer(),
    };
    let (seq, event) = (count + 1, document);
    entries.insert(300, Entry { seq, at, event });
    entries.push(entry(count + 2, 1, revoked));
    // In the same page, and older than what stands before it.
    entries.push(entry(count, 1, Status::Hold { at }));
    copy.apply(&entries, count + 2).await.unwrap();

    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = copy.statuses(after.as_ref(), 100).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.clone());
        found.extend(page);
    }
    assert_eq!(u64::try_from(found.len()).unwrap(), count);
    let first = found.first().unwrap();
    assert_eq!((first.status, first.sequence), (revoked, count + 2));
    assert_eq!((&first.issuer, first.shard), (&issuer(), Some(3)));
    let others = found.iter().skip(1);
    assert!(others.into_iter().all(|found| found.status == Status::Good));
    assert_eq!(copy.documents().await.unwrap().len(), 1);
}
