//! Many threads ask, sign ahead and revoke at once.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use feed::Status;

use super::*;
use crate::test_ca::serial;

const CERTIFICATES: u8 = 24;
const CLIENTS: usize = 6;

/// What a client must know: which certificates are revoked for everybody to see.
#[derive(Default)]
struct Acknowledged([AtomicBool; 24]);

impl Acknowledged {
    fn set(&self, last: u8) {
        self.0[usize::from(last)].store(true, Ordering::SeqCst);
    }

    fn get(&self, last: u8) -> bool {
        self.0[usize::from(last)].load(Ordering::SeqCst)
    }
}

/// The octets of `good` ([0] IMPLICIT NULL) behind the serial number.
fn says_good(der: &[u8], last: u8) -> bool {
    let good = [serial(last).as_bytes(), &[0x80, 0x00]].concat();
    der.windows(good.len()).any(|window| window == good)
}

/// C-60 under load: with the token slow and busy, no answer to a question begun after a revocation
/// was acknowledged says good, with nonces or without, from the cache or signed ahead.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn nothing_signed_before_a_revocation_is_served_after_its_acknowledgement() {
    let plenty = NonZeroU32::new(1_000_000).unwrap();
    let fixture = Arc::new(Fixture::with(AnswerSettings {
        hot: NonZeroU32::MIN,
        known_per_second: plenty,
        fresh_per_second: plenty,
        ..settings()
    }));
    fixture.signer.dawdle();
    for last in 0..CERTIFICATES {
        let seq = 100 + u64::from(last);
        fixture.apply(&[fixture.ca.certificate_entry(seq, last, Status::Good)]);
    }
    let acknowledged = Arc::new(Acknowledged::default());
    let done = Arc::new(AtomicBool::new(false));
    let (seen_good, seen_revoked) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut tasks = Vec::new();
    for client in 0..CLIENTS {
        let (fixture, acknowledged) = (Arc::clone(&fixture), Arc::clone(&acknowledged));
        let (done, good) = (Arc::clone(&done), Arc::clone(&seen_good));
        let revoked = Arc::clone(&seen_revoked);
        tasks.push(tokio::spawn(async move {
            let nonce = (client % 2 == 0).then_some(&b"0123456789abcdef"[..]);
            while !done.load(Ordering::SeqCst) {
                for last in 0..CERTIFICATES {
                    let about = request(&[fixture.ca.cert_id(TestHash::Sha1, last)], nonce);
                    let must_be_revoked = acknowledged.get(last);
                    let answer = fixture.responder.answer(&about).await;
                    let is_good = says_good(&answer.der, last);
                    assert!(
                        !(is_good && must_be_revoked),
                        "good after the acknowledgement"
                    );
                    let seen = if is_good { &good } else { &revoked };
                    seen.fetch_add(1, Ordering::Relaxed);
                }
            }
        }));
    }
    // Time passes, so that answers are signed ahead and periods change.
    tasks.push(tokio::spawn({
        let (fixture, done) = (Arc::clone(&fixture), Arc::clone(&done));
        async move {
            for step in 0_i64.. {
                if done.load(Ordering::SeqCst) {
                    break;
                }
                let now = at(step % 600 * 60);
                fixture.clock.set(now);
                fixture.freshness.heard(now);
                fixture.responder.refresh_ahead().await;
                tokio::task::yield_now().await;
            }
        }
    }));
    for last in 0..CERTIFICATES {
        let before = seen_good.load(Ordering::Relaxed) + seen_revoked.load(Ordering::Relaxed);
        while seen_good.load(Ordering::Relaxed) + seen_revoked.load(Ordering::Relaxed) < before + 40
        {
            tokio::task::yield_now().await;
        }
        let seq = 1_000 + u64::from(last);
        fixture.apply(&[fixture.ca.certificate_entry(seq, last, revoked(0))]);
        acknowledged.set(last);
    }
    done.store(true, Ordering::SeqCst);
    for task in tasks {
        task.await.unwrap();
    }
    assert!(seen_good.load(Ordering::Relaxed) > 0);
    assert!(seen_revoked.load(Ordering::Relaxed) > 0);
}
