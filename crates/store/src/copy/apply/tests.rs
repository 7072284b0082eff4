use feed::Status;
use jiff::Timestamp;
use pki::{IssuerName, RevocationReason, SerialNumber};

use super::*;

fn issuer() -> IssuerName {
    "ca".parse().unwrap()
}

fn serial(number: u64) -> SerialNumber {
    SerialNumber::from_bytes(&[&[1], &number.to_be_bytes()[..]].concat()).unwrap()
}

fn entry(seq: u64, number: u64, status: Status) -> Entry {
    let event = Event::Certificate {
        issuer: issuer(),
        serial: serial(number),
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

#[tokio::test]
async fn one_that_is_good_again_keeps_since_when_it_was_not() {
    let at = Timestamp::from_second(1_800_000_000).unwrap();
    let (held, released) = (entry(2, 7, Status::Hold { at }), entry(3, 7, Status::Good));
    for entries in [[held.clone(), released.clone()], [released, held]] {
        let directory = tempfile::tempdir().unwrap();
        let copy = StatusCopy::open(&directory.path().join("copy.db"))
            .await
            .unwrap();
        copy.apply(&entries, 3).await.unwrap();
        let changed = copy.changed_since(&issuer(), None, 0, 9).await.unwrap();
        let states: Vec<_> = changed.iter().map(|it| (it.sequence, it.status)).collect();
        assert_eq!(states, [(3, Status::Good)]);
    }
}

#[tokio::test]
async fn a_good_one_is_not_taken_for_newer_than_what_is_known() {
    let directory = tempfile::tempdir().unwrap();
    let copy = StatusCopy::open(&directory.path().join("copy.db"))
        .await
        .unwrap();
    let revoked = Status::Revoked {
        at: Timestamp::UNIX_EPOCH,
        reason: Some(RevocationReason::KeyCompromise),
        invalidity_date: Some(Timestamp::UNIX_EPOCH),
    };
    let count = 3_000;
    let all: Vec<_> = (1..=count)
        .map(|seq| entry(seq, seq, Status::Good))
        .collect();
    copy.apply(&[entry(count + 1, 9, revoked)], 0)
        .await
        .unwrap();
    // More than one statement has, and what is known stays.
    copy.apply(&all, count + 1).await.unwrap();
    let issuer = issuer();
    let known = |number| copy.status(&issuer, serial(number));
    let found = known(9).await.unwrap().unwrap();
    assert_eq!((found.status, found.sequence), (revoked, count + 1));
    let last = known(count).await.unwrap().unwrap();
    assert_eq!((last.status, last.sequence), (Status::Good, count));
    // What comes later is taken, and of a good one no reason is left.
    copy.apply(&[entry(count + 2, 9, Status::Good)], count + 2)
        .await
        .unwrap();
    let found = known(9).await.unwrap().unwrap();
    assert_eq!((found.status, found.sequence), (Status::Good, count + 2));
    let reasons = Statement::new("SELECT seq FROM certificates WHERE reason IS NOT NULL");
    assert!(copy.reads.all(reasons).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_last_end_is_kept_of_each_shard() {
    let directory = tempfile::tempdir().unwrap();
    let copy = StatusCopy::open(&directory.path().join("copy.db"))
        .await
        .unwrap();
    let ending = |seq, shard_of, end| {
        let mut entry = entry(seq, seq, Status::Good);
        if let Event::Certificate {
            shard, not_after, ..
        } = &mut entry.event
        {
            (*shard, *not_after) = (shard_of, Timestamp::from_second(end).unwrap());
        }
        entry
    };
    let first = [ending(1, None, 20), ending(2, Some(3), 10)];
    copy.apply(&first, 2).await.unwrap();
    copy.apply(&[ending(3, None, 15)], 3).await.unwrap();
    for (shard, now, left) in [
        (None, 20, true),
        (None, 21, false),
        (Some(3), 10, true),
        (Some(3), 11, false),
        (Some(4), 0, false),
    ] {
        let now = Timestamp::from_second(now).unwrap();
        let found = copy.has_unexpired(&issuer(), shard, now).await.unwrap();
        assert_eq!(found, left, "{shard:?} {now}");
    }
}
