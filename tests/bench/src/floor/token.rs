//! Raw signatures of the token, through cryptoki and nothing else.

use std::{
    path::Path,
    process::{Command, ExitCode},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    mechanism::Mechanism,
    object::{Attribute, AttributeType, KeyType, ObjectClass},
    session::{Session, UserType},
    types::AuthPin,
};

use crate::{cli::TokenArguments, report};

/// The best rate over 1, 2, 4 and 8 sessions, with the sessions that gave it. The key is used in a
/// process of its own, as SoftHSM2 reads where its tokens are from the environment.
///
/// # Errors
/// The token cannot be used.
pub(crate) fn best(ca_directory: &Path, module: &Path, id: &str) -> anyhow::Result<(f64, usize)> {
    let mut best = (0.0, 0);
    for sessions in [1, 2, 4, 8] {
        let rate = rate(ca_directory, module, id, sessions)?;
        if rate > best.0 {
            best = (rate, sessions);
        }
    }
    Ok(best)
}

/// The rate with so many sessions.
///
/// # Errors
/// The token cannot be used.
pub(crate) fn rate(
    ca_directory: &Path,
    module: &Path,
    id: &str,
    sessions: usize,
) -> anyhow::Result<f64> {
    let said = Command::new(std::env::current_exe()?)
        .env("SOFTHSM2_CONF", ca_directory.join("softhsm2.conf"))
        .arg("token-floor")
        .arg("--module")
        .arg(module)
        .args(["--label", "issuing", "--id", id, "--milliseconds", "1500"])
        .arg("--sessions")
        .arg(sessions.to_string())
        .arg("--pin-file")
        .arg(ca_directory.join("issuing.pin"))
        .output()?;
    if !said.status.success() {
        bail!("token floor: {}", String::from_utf8_lossy(&said.stderr));
    }
    Ok(String::from_utf8(said.stdout)?.trim().parse()?)
}

/// Signs, and prints how many signatures a second there were.
///
/// # Errors
/// The token cannot be used.
pub(crate) fn measure(arguments: &TokenArguments) -> anyhow::Result<ExitCode> {
    let module = Pkcs11::new(&arguments.module)?;
    module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))?;
    let pin = std::fs::read_to_string(&arguments.pin_file)?;
    let pin = AuthPin::new(pin.trim().into());
    let slots = module.get_slots_with_initialized_token()?;
    let slot = slots.into_iter().find(|slot| {
        let token = module.get_token_info(*slot);
        token.is_ok_and(|token| token.label() == arguments.label)
    });
    let slot = slot.context("no such token")?;
    let login = module.open_ro_session(slot)?;
    login.login(UserType::User, Some(&pin))?;
    let mut workers = Vec::new();
    let time = Duration::from_millis(arguments.milliseconds);
    for _ in 0..arguments.sessions {
        let session = module.open_ro_session(slot)?;
        let id = arguments.id.clone();
        workers.push(thread::spawn(move || sign(&session, &id, time)));
    }
    let mut rate = 0.0;
    for worker in workers {
        rate += worker.join().ok().context("a worker died")??;
    }
    report::say(&format!("{rate:.1}"));
    Ok(ExitCode::SUCCESS)
}

fn sign(session: &Session, id: &str, time: Duration) -> anyhow::Result<f64> {
    let id = hex::decode(id)?;
    let found = session.find_objects(&[
        Attribute::Class(ObjectClass::PRIVATE_KEY),
        Attribute::Id(id),
    ])?;
    let key = *found.first().context("no such key")?;
    let kinds = session.get_attributes(key, &[AttributeType::KeyType])?;
    let (mechanism, message) = match kinds.first() {
        Some(Attribute::KeyType(KeyType::RSA)) => (Mechanism::RsaPkcs, vec![0x30; 51]),
        Some(Attribute::KeyType(KeyType::EC)) => (Mechanism::Ecdsa, vec![7; 32]),
        other => bail!("no floor for a key of type {other:?}"),
    };
    let begun = Instant::now();
    let mut signatures = 0.0;
    while begun.elapsed() < time {
        session.sign(&mechanism, key, &message)?;
        signatures += 1.0;
    }
    Ok(signatures / begun.elapsed().as_secs_f64())
}
