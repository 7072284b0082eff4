//! A random walk over everything that happens to certificates, with all of the real parts in one
//! process: ca-daemon's own steps for issuing and for lists, the database, a token, the publisher's
//! gate and directory, the responder. After each publication every list and a sample of OCSP
//! answers are compared with a plain model.
#![expect(unreachable_pub, reason = "one program in several files")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "what a test stands on either works or ends the test"
)]

mod authority;
mod deltas;
mod lists;
mod model;
mod operation;
mod publisher;
mod responder;
mod serials;
mod walk;

use rand::Rng as _;
use testkit::TestToken;

use crate::walk::Walk;

/// As many as fit into the time of all other tests.
const SHORT: usize = 20_000;
const LONG: usize = 100_000;

#[test]
fn lists_and_answers_agree_with_a_plain_model_over_a_walk() {
    go(SHORT, 20_260_301);
}

#[test]
#[ignore = "takes many minutes: make test-long"]
fn lists_and_answers_agree_with_a_plain_model_over_a_hundred_thousand_steps() {
    go(LONG, rand::rng().next_u64());
}

fn go(steps: usize, seed: u64) {
    let token = TestToken::in_process();
    eprintln!("a walk of {steps} steps with seed {seed}");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut walk = Walk::begin(&token, seed).await;
        walk.go(steps).await;
        eprintln!("{}", walk.summary());
    });
}
