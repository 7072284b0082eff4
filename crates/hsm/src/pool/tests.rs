use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::mpsc;

use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use pki::{KeyAlgorithm, SignatureAlgorithm};
use testkit::{TestToken, wait_until};

use super::*;
use crate::module::Module;
use crate::worker::ATTEMPTS;
use crate::{CkaId, KeySpec, SignErrorKind, SigningKey, TokenSelector, key_generation, pin};

/// A pool with one worker, its session open, and a queue of one.
async fn pool(token: &TestToken, deadline: Duration) -> Arc<Pool> {
    let connector = Connector::new(
        Module::load(token.module()).unwrap(),
        TokenSelector::Serial(token.serial().to_owned()),
        pin::read(&token.pin_file()).unwrap(),
    );
    let pool = Pool::start(Arc::new(connector), 1, 1, deadline).unwrap();
    // Opens the session, so that short deadlines measure calls and not this.
    pool.call_within(LONG, Repeat::Never, |_| Ok(()))
        .await
        .unwrap();
    Arc::new(pool)
}

async fn signing_key(pool: &Arc<Pool>) -> SigningKey {
    let spec = KeySpec {
        algorithm: KeyAlgorithm::EcP256,
        id: CkaId::new([1]).unwrap(),
        label: "key".to_owned(),
    };
    let id = spec.id.clone();
    let context = pool.connector().module().context().clone();
    pool.call(move |connection| {
        let session = context.open_rw_session(connection.slot())?;
        key_generation::generate(&session, &spec)
    })
    .await
    .unwrap();
    SigningKey::open(Arc::clone(pool), &id, SignatureAlgorithm::EcdsaSha256)
        .await
        .unwrap()
}

/// Keeps the only worker in a call until the sender is used or dropped. Returns once it is in it.
async fn occupy(pool: &Arc<Pool>, deadline: Duration) -> (mpsc::Sender<()>, Occupation) {
    let (release, gate) = mpsc::channel::<()>();
    let (enter, entered) = oneshot::channel();
    let mut enter = Some(enter);
    let occupied = Arc::clone(pool);
    let task = tokio::spawn(async move {
        let call = move |_: &mut Connection| {
            enter.take().map(|enter| enter.send(()));
            let _ = gate.recv();
            Ok(())
        };
        occupied.call_within(deadline, Repeat::Never, call).await
    });
    entered.await.unwrap();
    (release, task)
}

type Occupation = tokio::task::JoinHandle<Result<(), HsmError>>;

fn failure(code: RvError) -> HsmError {
    Error::Pkcs11(code, cryptoki::context::Function::Sign).into()
}

const LONG: Duration = Duration::from_mins(1);
const SHORT: Duration = Duration::from_millis(500);

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_refuses_at_once() {
    let token = TestToken::in_process();
    let pool = pool(&token, LONG).await;
    let key = signing_key(&pool).await;
    let (release, occupation) = occupy(&pool, LONG).await;
    let (waiter, waiting) = (key.clone(), Arc::from(&b"waits"[..]));
    let waiting = tokio::spawn(async move { waiter.sign(waiting).await });
    wait_until("a call waits", || pool.waiting() == 1);

    let refused = key.sign(Arc::from(&b"one too many"[..])).await.unwrap_err();
    assert_eq!(refused.kind(), SignErrorKind::QueueFull);
    assert!(!refused.reached_token());

    drop(release);
    occupation.await.unwrap().unwrap();
    waiting.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_result_is_discarded_and_counted() {
    let token = TestToken::in_process();
    let pool = pool(&token, LONG).await;
    let (release, occupation) = occupy(&pool, SHORT).await;
    let given_up = occupation.await.unwrap();
    assert!(matches!(
        given_up,
        Err(HsmError::Deadline { started: true })
    ));
    assert_eq!(pool.late_results(), 0);
    drop(release);
    wait_until("the late result is counted", || pool.late_results() == 1);
    pool.call(|_| Ok(())).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_given_up_in_the_queue_never_reaches_the_token() {
    let token = TestToken::in_process();
    let pool = pool(&token, SHORT).await;
    let (release, occupation) = occupy(&pool, LONG).await;
    let made = Arc::new(AtomicBool::new(false));
    let call = Arc::clone(&made);
    let given_up = pool
        .call(move |_| {
            call.store(true, Ordering::SeqCst);
            Ok(())
        })
        .await;
    assert!(matches!(
        given_up,
        Err(HsmError::Deadline { started: false })
    ));
    drop(release);
    occupation.await.unwrap().unwrap();
    wait_until("the given-up call has left the queue", || {
        pool.waiting() == 0
    });
    pool.call_within(LONG, Repeat::Never, |_| Ok(()))
        .await
        .unwrap();
    assert!(!made.load(Ordering::SeqCst));
    assert_eq!(pool.late_results(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_caller_leaves_a_late_result() {
    let token = TestToken::in_process();
    let pool = pool(&token, LONG).await;
    let (release, occupation) = occupy(&pool, LONG).await;
    occupation.abort();
    assert!(occupation.await.unwrap_err().is_cancelled());
    drop(release);
    wait_until("the late result is counted", || pool.late_results() == 1);
}

#[tokio::test]
async fn an_operation_left_open_is_mended_by_a_new_session() {
    let token = TestToken::in_process();
    let pool = pool(&token, LONG).await;
    let key = signing_key(&pool).await;
    let id = key.id().clone();
    // Left open on purpose: the next signature meets CKR_OPERATION_ACTIVE.
    pool.call(move |connection| {
        let handle = connection.private_key(&id)?;
        Ok(connection.session().sign_init(&Mechanism::Ecdsa, handle)?)
    })
    .await
    .unwrap();
    assert_eq!(pool.recoveries(), 0);
    key.sign(Arc::from(&b"after it"[..])).await.unwrap();
    assert_eq!(pool.recoveries(), 1);
}

#[tokio::test]
async fn a_call_is_repeated_by_its_errors_class() {
    let token = TestToken::in_process();
    let pool = pool(&token, LONG).await;
    for (code, repeat, attempts) in [
        (RvError::OperationActive, Repeat::Yes, ATTEMPTS),
        (RvError::DeviceError, Repeat::Yes, ATTEMPTS),
        (RvError::UserNotLoggedIn, Repeat::Yes, ATTEMPTS),
        (RvError::MechanismInvalid, Repeat::Yes, 1),
        (RvError::PinIncorrect, Repeat::Yes, 1),
        (RvError::DeviceError, Repeat::Never, 1),
    ] {
        let made = Arc::new(AtomicU64::new(0));
        let call = Arc::clone(&made);
        let result: Result<(), _> = pool
            .call_within(LONG, repeat, move |_| {
                call.fetch_add(1, Ordering::SeqCst);
                Err(failure(code))
            })
            .await;
        assert!(matches!(result, Err(HsmError::Call { .. })));
        assert_eq!(made.load(Ordering::SeqCst), u64::from(attempts), "{code:?}");
    }
    pool.call(|_| Ok(())).await.unwrap();
}

#[tokio::test]
async fn an_error_costs_the_session() {
    let token = TestToken::in_process();
    let pool = pool(&token, LONG).await;
    let handle = |connection: &mut Connection| Ok(connection.session().handle());
    let before = pool.call(handle).await.unwrap();
    assert_eq!(pool.call(handle).await.unwrap(), before);
    let failed: Result<(), _> = pool.call(|_| Err(failure(RvError::DataInvalid))).await;
    assert!(failed.is_err());
    assert_ne!(pool.call(handle).await.unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_nobody_waits_for_is_not_repeated() {
    let token = TestToken::in_process();
    let pool = pool(&token, LONG).await;
    let (release, gate) = mpsc::channel::<()>();
    let made = Arc::new(AtomicU64::new(0));
    let call = Arc::clone(&made);
    let given_up: Result<(), _> = pool
        .call_within(SHORT, Repeat::Yes, move |_| {
            call.fetch_add(1, Ordering::SeqCst);
            let _ = gate.recv();
            Err(failure(RvError::DeviceError))
        })
        .await;
    assert!(matches!(
        given_up,
        Err(HsmError::Deadline { started: true })
    ));
    drop(release);
    wait_until("the late result is counted", || pool.late_results() == 1);
    assert_eq!(made.load(Ordering::SeqCst), 1);
}
