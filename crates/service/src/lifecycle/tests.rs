use std::io;
use std::pin::Pin;
use std::time::Duration;

use rustix::process::{Signal as OsSignal, getpid, kill_process};

use super::*;

type Run = Pin<Box<dyn Future<Output = Result<(), LifecycleError>>>>;

fn limits(soft_ms: u64, hard_ms: u64) -> LifecycleLimits {
    LifecycleLimits {
        soft_stop: Duration::from_millis(soft_ms).into(),
        hard_stop: Duration::from_millis(hard_ms).into(),
    }
}

fn send(signal: OsSignal) {
    kill_process(getpid(), signal).unwrap();
}

/// Polls once, after which the signals are being listened to.
async fn started(lifecycle: &Lifecycle) -> Run {
    let mut run: Run = Box::pin(lifecycle.clone().run());
    tokio::select! {
        biased;
        outcome = &mut run => panic!("ended at once: {outcome:?}"),
        () = std::future::ready(()) => run,
    }
}

#[tokio::test]
async fn a_signal_lets_the_tasks_finish() {
    let lifecycle = Lifecycle::new(LifecycleLimits::default());
    let run = started(&lifecycle).await;
    let stopping = lifecycle.stopping();
    let (finished, was_finished) = tokio::sync::oneshot::channel();
    lifecycle.spawn("worker", async move {
        stopping.cancelled().await;
        tokio::task::yield_now().await;
        finished.send(()).unwrap();
    });
    send(OsSignal::TERM);
    run.await.unwrap();
    was_finished.await.unwrap();
}

#[tokio::test]
async fn a_hang_up_asks_for_a_reload_and_ends_nothing() {
    let lifecycle = Lifecycle::new(LifecycleLimits::default());
    let mut reloads = lifecycle.reloads();
    let mut run = started(&lifecycle).await;
    send(OsSignal::HUP);
    tokio::select! {
        outcome = &mut run => panic!("ended: {outcome:?}"),
        changed = reloads.changed() => changed.unwrap(),
    }
    lifecycle.stop();
    run.await.unwrap();
}

#[tokio::test]
async fn a_task_that_fails_ends_the_daemon_with_its_error() {
    let lifecycle = Lifecycle::new(LifecycleLimits::default());
    let run = started(&lifecycle).await;
    lifecycle.spawn("writer", async {
        Err::<(), _>(io::Error::other("disk full"))
    });
    match run.await {
        Err(LifecycleError::TaskFailed { task, source }) => {
            assert_eq!(
                (task.as_str(), source.to_string().as_str()),
                ("writer", "disk full")
            );
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_task_that_returns_too_early_ends_the_daemon_with_an_error() {
    let lifecycle = Lifecycle::new(LifecycleLimits::default());
    let run = started(&lifecycle).await;
    lifecycle.spawn("follower", async {});
    let outcome = run.await;
    assert!(
        matches!(&outcome, Err(LifecycleError::TaskEnded { task }) if task == "follower"),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_task_that_panics_ends_the_daemon_with_an_error() {
    let lifecycle = Lifecycle::new(LifecycleLimits::default());
    let run = started(&lifecycle).await;
    lifecycle.spawn("fragile", async {
        assert!(std::hint::black_box(false), "on purpose");
    });
    let outcome = run.await;
    assert!(
        matches!(&outcome, Err(LifecycleError::TaskDied { task }) if task == "fragile"),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_background_task_may_end_and_is_waited_for() {
    let lifecycle = Lifecycle::new(LifecycleLimits::default());
    let mut run = started(&lifecycle).await;
    lifecycle.background("short", async {});
    let (release, released) = tokio::sync::oneshot::channel::<()>();
    lifecycle.background("long", async move { released.await.unwrap() });
    lifecycle.stop();
    for _ in 0..10 {
        tokio::select! {
            biased;
            outcome = &mut run => panic!("did not wait: {outcome:?}"),
            () = tokio::task::yield_now() => {}
        }
    }
    release.send(()).unwrap();
    run.await.unwrap();
}

#[tokio::test]
async fn after_the_soft_deadline_tasks_are_told_to_break_off() {
    let lifecycle = Lifecycle::new(limits(1, 60_000));
    let run = started(&lifecycle).await;
    let aborting = lifecycle.aborting();
    lifecycle.spawn("slow", async move { aborting.cancelled().await });
    lifecycle.stop();
    run.await.unwrap();
}

#[tokio::test]
async fn a_second_signal_breaks_off_at_once() {
    let lifecycle = Lifecycle::new(limits(3_600_000, 3_600_000));
    let mut run = started(&lifecycle).await;
    let aborting = lifecycle.aborting();
    lifecycle.spawn("slow", async move { aborting.cancelled().await });
    send(OsSignal::TERM);
    let stopping = lifecycle.stopping();
    tokio::select! {
        outcome = &mut run => panic!("ended: {outcome:?}"),
        () = stopping.cancelled() => {}
    }
    send(OsSignal::INT);
    run.await.unwrap();
}

#[tokio::test]
async fn the_hard_deadline_names_what_is_left_behind() {
    let lifecycle = Lifecycle::new(limits(1, 1));
    let run = started(&lifecycle).await;
    lifecycle.spawn("stuck", std::future::pending::<()>());
    lifecycle.stop();
    match run.await {
        Err(LifecycleError::Deadline { tasks }) => assert_eq!(tasks, ["stuck"]),
        other => panic!("{other:?}"),
    }
}
