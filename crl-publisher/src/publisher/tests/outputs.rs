//! Several outputs at once, and several publishers of one output.

use super::*;

/// Publishes into `public` and `second`.
async fn two_outputs() -> Fixture {
    let mut fixture = Fixture::published().await;
    restart(&mut fixture).await;
    fixture
}

async fn restart(fixture: &mut Fixture) {
    let root = fixture.root.path();
    let outputs = vec![directory(root, "public"), directory(root, "second")];
    fixture.restart_with(outputs).await;
}

fn second(fixture: &Fixture) -> Vec<u8> {
    std::fs::read(fixture.root.path().join("second").join(LIST)).unwrap()
}

#[tokio::test]
async fn a_new_output_gets_what_stands_in_the_others() {
    let mut fixture = two_outputs().await;
    fixture.publisher.look().await.unwrap();
    fixture.stands(&TestList::new(10, &[3]));
    assert_eq!(second(&fixture), fixture.file(LIST));
}

#[tokio::test]
async fn a_list_is_acknowledged_when_all_outputs_have_it() {
    let mut fixture = two_outputs().await;
    fixture.publisher.look().await.unwrap();
    let blocked = fixture.root.path().join("second").join(LIST);
    std::fs::remove_file(&blocked).unwrap();
    std::fs::create_dir_all(blocked.join("in the way")).unwrap();
    let next = TestList::new(11, &[3]);
    fixture.offer(5, &next).await;
    // It is served already, for the first output has it.
    assert_eq!(fixture.served(LIST).unwrap(), fixture.ca.sign(&next));
    assert_eq!(fixture.file(LIST), fixture.ca.sign(&next));
    assert_eq!(
        (fixture.number(), fixture.blocked()),
        (Some(10), Some("directory-unusable"))
    );
    // Nor after a restart.
    restart(&mut fixture).await;
    assert_eq!(fixture.number(), Some(10));
    std::fs::remove_dir_all(&blocked).unwrap();
    fixture.look_later().await;
    fixture.stands(&next);
    assert_eq!(second(&fixture), fixture.ca.sign(&next));
    assert_eq!(fixture.blocked(), None);
}

#[tokio::test]
async fn a_newer_list_of_another_publisher_stays() {
    let mut fixture = Fixture::published().await;
    let newer = fixture.ca.sign(&TestList::new(12, &[3]));
    std::fs::write(fixture.path(LIST), &newer).unwrap();
    fixture.offer(5, &TestList::new(11, &[3])).await;
    assert_eq!(fixture.file(LIST), newer);
    assert_eq!((fixture.number(), fixture.blocked()), (Some(11), None));
    fixture.offer(6, &TestList::new(12, &[3])).await;
    fixture.stands(&TestList::new(12, &[3]));
}

#[tokio::test]
async fn a_crash_between_ledger_and_output_is_made_good() {
    let mut fixture = Fixture::published().await;
    let next = TestList::new(11, &[3]);
    let entry = fixture.announce(5, &next);
    let list = {
        let der = Bytes::from(fixture.ca.sign(&next));
        crate::gate::List::read(der.into(), fixture.ca.certificate()).unwrap()
    };
    let name = fixture.ca.name().clone();
    let ledger = &mut fixture.publisher.parts.ledger;
    ledger
        .record(&name, CrlScope::Full, &list, false)
        .await
        .unwrap();
    fixture.restart().await;
    assert_eq!(fixture.number(), Some(10));
    fixture.take(vec![entry]).await;
    fixture.stands(&next);
}
