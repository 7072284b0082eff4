use jiff::Timestamp;
use pki::time::{Clock as _, ManualClock};
use pki::{CrlNumber, IssuerName};
use tokio::task::JoinHandle;

use self::copy::MemoryCopy;
use self::daemon::{Script, TestDaemon, epoch};
use super::*;
use crate::CrlAcknowledgement;

mod copy;
mod daemon;

const SOON: Duration = Duration::from_millis(5);
/// Long enough for a slow machine; a test that gets here has failed.
const PATIENCE: Duration = Duration::from_secs(20);

struct Following {
    progress: watch::Receiver<Progress>,
    cancel: CancellationToken,
    running: JoinHandle<()>,
}

impl Following {
    async fn until(&self, reached: impl Fn(&Progress) -> bool) -> Progress {
        let mut progress = self.progress.clone();
        let waited = tokio::time::timeout(PATIENCE, progress.wait_for(|now| reached(now))).await;
        let Ok(there) = waited else {
            panic!("still at {:?}", *self.progress.borrow());
        };
        there.unwrap().clone()
    }

    async fn end(self) {
        self.cancel.cancel();
        self.running.await.unwrap();
    }
}

fn clock() -> ManualClock {
    ManualClock::new(Timestamp::from_second(1_800_000_000).unwrap())
}

fn config(daemon: &TestDaemon, clock: &ManualClock) -> FollowerConfig {
    let shared: SharedClock = Arc::new(clock.clone());
    FollowerConfig {
        limit: 2,
        wait_seconds: 60,
        first_pause: SOON,
        longest_pause: SOON,
        ..FollowerConfig::new(daemon.url(), daemon.client("follower"), "ocsp-1", shared)
    }
}

fn start(follower: Follower, copy: &Arc<MemoryCopy>) -> (Arc<Follower>, Following) {
    let follower = Arc::new(follower);
    let (progress, cancel) = (follower.progress(), CancellationToken::new());
    let running = tokio::spawn({
        let (follower, copy, cancel) = (Arc::clone(&follower), Arc::clone(copy), cancel.clone());
        async move { follower.run(copy, cancel).await }
    });
    (
        follower,
        Following {
            progress,
            cancel,
            running,
        },
    )
}

fn follow(daemon: &TestDaemon, copy: &Arc<MemoryCopy>) -> Following {
    start(Follower::new(config(daemon, &clock())).unwrap(), copy).1
}

#[tokio::test]
async fn takes_a_snapshot_in_pages_then_goes_on_and_acknowledges() {
    let daemon = TestDaemon::start().await;
    daemon.commit(21);
    let copy = Arc::new(MemoryCopy::default());
    let following = follow(&daemon, &copy);
    following
        .until(|now| now.heard_at.is_some() && now.acknowledged == 21)
        .await;
    assert_eq!(copy.seqs(), (1..=21).collect::<Vec<_>>());
    // Five pages of two entries at a time; only the last one moved the cursor.
    assert_eq!(copy.cursors(), [0, 0, 21]);

    // The follower now waits at the server: what is committed reaches it without being asked for.
    daemon.commit(1);
    following.until(|now| now.acknowledged == 22).await;
    assert_eq!(copy.seqs(), (1..=22).collect::<Vec<_>>());
    assert_eq!(daemon.acknowledged().last().unwrap().sequence, 22);
    following.end().await;
}

#[tokio::test]
async fn goes_on_from_its_cursor_without_a_snapshot() {
    let daemon = TestDaemon::start().await;
    daemon.commit(5);
    let copy = Arc::new(MemoryCopy::at(3));
    let following = follow(&daemon, &copy);
    following
        .until(|now| now.acknowledged == 5 && now.heard_at.is_some())
        .await;
    assert_eq!(copy.seqs(), [4, 5]);
    following.end().await;
}

#[tokio::test]
async fn an_empty_feed_is_waited_at_and_heard() {
    let daemon = TestDaemon::start().await;
    let copy = Arc::new(MemoryCopy::default());
    let following = follow(&daemon, &copy);
    following.until(|now| now.heard_at.is_some()).await;
    daemon.commit(1);
    following.until(|now| now.acknowledged == 1).await;
    assert_eq!(copy.seqs(), [1]);
    following.end().await;
}

#[tokio::test]
async fn a_server_that_fails_is_tried_again_until_it_does_not() {
    let daemon = TestDaemon::start().await;
    daemon.commit(1);
    daemon.script([Script::Refuse(503), Script::Garbage, Script::Refuse(403)]);
    let copy = Arc::new(MemoryCopy::default());
    let following = follow(&daemon, &copy);
    let refused = following
        .until(|now| now.fault.as_deref().is_some_and(is_refusal))
        .await;
    assert_eq!(refused.heard_at, None);
    let well = following
        .until(|now| now.acknowledged == 1 && now.heard_at.is_some())
        .await;
    assert_eq!(well.fault, None);
    following.end().await;
}

fn is_refusal(fault: &str) -> bool {
    fault == "refused with status 403, peer-suspended"
}

#[tokio::test]
async fn a_snapshot_that_breaks_off_is_begun_again() {
    let daemon = TestDaemon::start().await;
    daemon.commit(14);
    daemon.script([Script::Answer; 5].into_iter().chain([Script::Refuse(503)]));
    let copy = Arc::new(MemoryCopy::default());
    let following = follow(&daemon, &copy);
    following.until(|now| now.cursor == 14).await;
    assert_eq!(copy.cursors(), [0, 0, 14]);
    assert_eq!(copy.seqs(), (1..=10).chain(1..=14).collect::<Vec<_>>());
    following.end().await;
}

#[tokio::test]
async fn entries_out_of_order_are_not_applied() {
    let daemon = TestDaemon::start().await;
    daemon.commit(2);
    daemon.script([Script::Backwards]);
    let copy = Arc::new(MemoryCopy::at(1));
    daemon.commit(1);
    let following = follow(&daemon, &copy);
    let fault = following.until(|now| now.fault.is_some()).await.fault;
    assert_eq!(fault.as_deref(), Some("entry 2 is out of order after 3"));
    following
        .until(|now| now.cursor == 3 && now.fault.is_none())
        .await;
    assert_eq!(copy.seqs(), [2, 3]);
    following.end().await;
}

#[tokio::test]
async fn a_server_that_knows_less_is_not_heard() {
    let daemon = TestDaemon::start().await;
    daemon.commit(2);
    let copy = Arc::new(MemoryCopy::at(7));
    let following = follow(&daemon, &copy);
    let behind = following.until(|now| now.fault.is_some()).await;
    assert_eq!(
        behind.fault.as_deref(),
        Some("the server's head 2 is behind the cursor 7")
    );
    assert_eq!((behind.heard_at, copy.heard_at()), (None, Vec::new()));
    following.end().await;
}

#[tokio::test]
async fn another_epoch_is_started_over_with_a_snapshot() {
    let daemon = TestDaemon::start().await;
    daemon.commit(5);
    let copy = Arc::new(MemoryCopy::default());
    let following = follow(&daemon, &copy);
    following.until(|now| now.acknowledged == 5).await;
    assert_eq!(daemon.acknowledged().last().unwrap().epoch, epoch(1));
    assert_eq!(following.progress.borrow().started_over, 0);

    // Numbers go on above the cursor, as if nothing had happened: entries 1 to 5 are others now.
    daemon.put_back();
    daemon.commit(2);
    let now = following.until(|now| now.acknowledged == 7).await;
    assert_eq!(now.started_over, 1);
    assert_eq!(copy.seqs(), [1, 2, 3, 4, 5, 6, 7]);
    let acknowledged = daemon.acknowledged();
    for (before, after) in acknowledged.iter().zip(acknowledged.iter().skip(1)) {
        // No number of the old epoch is acknowledged under the new one.
        assert!(before.epoch == after.epoch || after.sequence == 7);
    }
    assert_eq!(acknowledged.last().unwrap().epoch, epoch(2));
    following.end().await;
}

#[tokio::test]
async fn is_complete_as_of_the_question_and_not_of_the_answer() {
    let daemon = TestDaemon::start().await;
    daemon.commit(1);
    let clock = clock();
    let asked = clock.now();
    let copy = Arc::new(MemoryCopy::default());
    let (_, following) = start(Follower::new(config(&daemon, &clock)).unwrap(), &copy);
    following.until(|now| now.heard_at == Some(asked)).await;
    daemon.until_waiting().await;
    clock.advance(pki::time::SignedDuration::from_mins(5));
    daemon.commit(1);
    following.until(|now| now.cursor == 2).await;
    daemon.until_waiting().await;
    assert_eq!(copy.heard_at(), [asked, asked]);
    following.end().await;
}

#[tokio::test]
async fn a_copy_that_fails_is_tried_again_and_acknowledged_only_then() {
    let daemon = TestDaemon::start().await;
    daemon.commit(1);
    let copy = Arc::new(MemoryCopy::default());
    copy.fail_next();
    let following = follow(&daemon, &copy);
    let failed = following.until(|now| now.fault.is_some()).await;
    assert_eq!(
        failed.fault.as_deref(),
        Some("the copy cannot be used: disk full")
    );
    following.until(|now| now.acknowledged == 1).await;
    assert_eq!(copy.seqs(), [1]);
    following.end().await;
}

#[tokio::test]
async fn published_lists_are_acknowledged_when_the_publisher_says_so() {
    let daemon = TestDaemon::start().await;
    daemon.commit(1);
    let copy = Arc::new(MemoryCopy::default());
    let (follower, following) = start(Follower::new(config(&daemon, &clock())).unwrap(), &copy);
    following.until(|now| now.acknowledged == 1).await;
    daemon.until_waiting().await;

    let issuer: IssuerName = "esign-ca".parse().unwrap();
    let number = CrlNumber::new(7);
    let list = CrlAcknowledgement {
        issuer,
        scope: pki::CrlScope::Full,
        number,
    };
    copy.publish(list.clone());
    follower.acknowledger().acknowledge();
    daemon
        .until_acknowledged(|last| last.crls == [list.clone()])
        .await;

    daemon.commit(1);
    daemon
        .until_acknowledged(|last| last.sequence == 2 && last.crls.is_empty())
        .await;
    following.end().await;
}

#[tokio::test]
async fn a_new_certificate_is_shown_from_the_next_request_on() {
    let daemon = TestDaemon::start().await;
    let copy = Arc::new(MemoryCopy::default());
    let (follower, following) = start(Follower::new(config(&daemon, &clock())).unwrap(), &copy);
    following.until(|now| now.heard_at.is_some()).await;
    daemon.until_waiting().await;
    follower.replace_tls(daemon.client("renewed")).unwrap();
    daemon.commit(1);
    following.until(|now| now.acknowledged == 1).await;
    let shown = daemon.certificates_shown();
    assert_eq!(shown.first(), Some(&daemon.certificate("follower")));
    assert_eq!(shown.last(), Some(&daemon.certificate("renewed")));
    following.end().await;
}

#[tokio::test]
async fn only_https_is_followed() {
    let daemon = TestDaemon::start().await;
    for url in ["http://127.0.0.1:1", "ca.example", ""] {
        let config = FollowerConfig {
            url: url.to_owned(),
            ..config(&daemon, &clock())
        };
        assert!(
            matches!(Follower::new(config), Err(FollowError::Url { .. })),
            "{url}"
        );
    }
}
