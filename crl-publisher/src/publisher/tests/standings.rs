//! Which lists somebody relies on.

use super::*;

/// Ends in a day, as all certificates of these tests.
const DAY: i64 = 86_400;

fn needed(fixture: &Fixture, scope: CrlScope) -> bool {
    fixture.standing(scope).unwrap().needed
}

async fn look_at(fixture: &mut Fixture, seconds: i64) {
    let now = fixture.clock.now();
    let left = at(seconds).duration_since(now);
    fixture.clock.advance(left);
    fixture.publisher.look().await.unwrap();
}

#[tokio::test]
async fn the_list_of_a_retired_issuer_is_needed_until_all_certificates_are_over() {
    let mut fixture = Fixture::published().await;
    look_at(&mut fixture, DAY + 1).await;
    assert!(needed(&fixture, CrlScope::Full));
    let retired = fixture.ca.terms_entry(9, 0, false, false);
    fixture.take(vec![retired]).await;
    assert!(!needed(&fixture, CrlScope::Full));
    let mut fixture = Fixture::published().await;
    let retired = fixture.ca.terms_entry(9, 0, false, false);
    fixture.take(vec![retired]).await;
    assert!(needed(&fixture, CrlScope::Full));
}

#[tokio::test]
async fn a_shard_that_is_no_more_is_needed_until_its_certificates_are_over() {
    let mut fixture = Fixture::published().await;
    let entries = vec![
        fixture.ca.terms_entry(5, 4, true, true),
        fixture.ca.sharded_entry(6, 4, Some(3), Status::Good),
    ];
    fixture.take(entries).await;
    for shard in [2, 3] {
        let list = TestList::new(1, &[]).shard(shard);
        fixture.offer(10 + u64::from(shard), &list).await;
    }
    let (two, three) = (CrlScope::Shard(2), CrlScope::Shard(3));
    assert!(needed(&fixture, two) && needed(&fixture, three));
    let fewer = fixture.ca.terms_entry(20, 2, false, true);
    fixture.take(vec![fewer]).await;
    assert!(!needed(&fixture, two) && needed(&fixture, three));
    look_at(&mut fixture, DAY + 1).await;
    assert!(!needed(&fixture, three));
    assert!(needed(&fixture, CrlScope::Full));
}

#[tokio::test]
async fn a_list_that_is_needed_and_missing_is_told() {
    let mut fixture = Fixture::new().await;
    let entries = vec![
        fixture.ca.issuer_entry(1),
        fixture.ca.terms_entry(2, 2, false, true),
    ];
    fixture.take(entries).await;
    for scope in [CrlScope::Full, CrlScope::Shard(0), CrlScope::Shard(1)] {
        let standing = fixture.standing(scope).unwrap();
        assert!(standing.needed, "{scope}");
        assert_eq!(standing.published, None);
    }
    assert_eq!(fixture.standing(CrlScope::Shard(2)), None);
}
