//! Broken files, a ca-daemon that is away, disks that are full.

use super::*;

#[tokio::test]
async fn a_broken_file_is_replaced() {
    let mut fixture = Fixture::published().await;
    std::fs::write(fixture.path(LIST), b"half a li").unwrap();
    fixture.restart().await;
    assert_eq!(fixture.served(LIST), None);
    fixture.publisher.look().await.unwrap();
    fixture.stands(&TestList::new(10, &[3]));
}

#[tokio::test]
async fn a_broken_file_does_not_let_numbers_go_down() {
    let mut fixture = Fixture::published().await;
    std::fs::remove_file(fixture.path(LIST)).unwrap();
    fixture.restart().await;
    fixture.offer(5, &TestList::new(9, &[3])).await;
    assert_eq!(fixture.blocked(), Some("crl-number-not-higher"));
    assert_eq!(fixture.served(LIST), None);
    let mut other = TestList::new(10, &[3]);
    other.next_update = at(4_000);
    fixture.offer(6, &other).await;
    assert_eq!(fixture.served(LIST), None);
    fixture.offer(7, &TestList::new(10, &[3])).await;
    fixture.stands(&TestList::new(10, &[3]));
}

#[tokio::test]
async fn a_broken_ledger_keeps_the_publisher_from_starting() {
    let fixture = Fixture::published().await;
    let path = fixture.root.path().join("published.json");
    assert_eq!(
        Ledger::open(&path).unwrap().scopes(fixture.ca.name()),
        [CrlScope::Full]
    );
    let json = std::fs::read(&path).unwrap();
    std::fs::write(&path, &json[..json.len() / 2]).unwrap();
    assert!(Ledger::open(&path).is_err());
}

#[tokio::test]
async fn a_list_that_cannot_be_fetched_is_tried_again_after_a_pause() {
    let mut fixture = Fixture::published().await;
    let next = TestList::new(11, &[3]);
    let entry = fixture.announce(5, &next);
    let lists = std::mem::take(&mut *fixture.source.lists.lock().unwrap());
    fixture.take(vec![entry]).await;
    assert_eq!(fixture.blocked(), Some("feed-other-list"));
    fixture.stands(&TestList::new(10, &[3]));
    *fixture.source.lists.lock().unwrap() = lists;
    fixture.publisher.look().await.unwrap();
    assert_eq!(fixture.number(), Some(10));
    fixture.look_later().await;
    fixture.stands(&next);
    assert_eq!(fixture.blocked(), None);
}

#[tokio::test]
async fn a_list_that_was_overtaken_is_not_fetched() {
    let mut fixture = Fixture::published().await;
    let skipped = fixture.announce(5, &TestList::new(11, &[3]));
    let newest = fixture.announce(6, &TestList::new(12, &[3]));
    fixture.take(vec![skipped, newest]).await;
    fixture.stands(&TestList::new(12, &[3]));
    assert_eq!(*fixture.source.fetched.lock().unwrap(), 2);
}

#[tokio::test]
async fn a_list_too_large_is_not_even_fetched() {
    let mut fixture = Fixture::published().await;
    let mut entry = fixture.announce(5, &TestList::new(11, &[3]));
    if let Event::Crl { size, .. } = &mut entry.event {
        *size = (1 << 20) + 1;
    }
    fixture.take(vec![entry]).await;
    assert_eq!(fixture.blocked(), Some("crl-too-large"));
    assert_eq!(*fixture.source.fetched.lock().unwrap(), 1);
}

#[tokio::test]
async fn a_refused_list_is_tried_again_without_being_fetched_again() {
    let mut fixture = Fixture::published().await;
    let mut early = TestList::new(11, &[3]);
    early.this_update = at(600);
    fixture.offer(5, &early).await;
    assert_eq!(fixture.blocked(), Some("crl-not-yet-valid"));
    fixture.clock.advance(SignedDuration::from_secs(600));
    fixture.publisher.look().await.unwrap();
    fixture.stands(&early);
    assert_eq!(*fixture.source.fetched.lock().unwrap(), 2);
}

#[tokio::test]
async fn a_list_that_cannot_be_written_is_tried_again() {
    let mut fixture = Fixture::published().await;
    let file = fixture.path(LIST);
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir_all(file.join("in the way")).unwrap();
    let next = TestList::new(11, &[3]);
    fixture.offer(5, &next).await;
    assert_eq!(
        (fixture.number(), fixture.blocked()),
        (Some(10), Some("directory-unusable"))
    );
    let standing = fixture.ca.sign(&TestList::new(10, &[3]));
    assert_eq!(fixture.served(LIST).unwrap(), standing);
    std::fs::remove_dir_all(&file).unwrap();
    fixture.look_later().await;
    assert_eq!(fixture.blocked(), None);
    fixture.stands(&next);
}
