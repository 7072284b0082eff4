//! Raw signatures of the token, through cryptoki and nothing else.

use std::{
    path::PathBuf,
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

/// The issuer's key.
pub(crate) struct Token {
    /// Of ca-daemon in a world.
    pub(crate) directory: PathBuf,
    /// The PKCS#11 module.
    pub(crate) module: PathBuf,
    /// How long to sign at a time.
    pub(crate) time: Duration,
}

impl Token {
    /// The best rate over 1, 2, 4 and 8 sessions, with the sessions that gave it.
    ///
    /// # Errors
    /// The token cannot be used.
    pub(crate) fn best(&self) -> anyhow::Result<(f64, usize)> {
        let mut best = (0.0, 0);
        for sessions in [1, 2, 4, 8] {
            let rate = self.rate(sessions)?;
            if rate > best.0 {
                best = (rate, sessions);
            }
        }
        Ok(best)
    }

    /// The rate with so many sessions, in a process of its own: SoftHSM2 reads where its tokens are from
    /// the environment.
    ///
    /// # Errors
    /// The token cannot be used.
    pub(crate) fn rate(&self, sessions: usize) -> anyhow::Result<f64> {
        let said = Command::new(std::env::current_exe()?)
            .env("SOFTHSM2_CONF", self.directory.join("softhsm2.conf"))
            .arg("token-floor")
            .arg("--module")
            .arg(&self.module)
            .args(["--label", "issuing", "--id", "01"])
            .arg("--milliseconds")
            .arg(self.time.as_millis().to_string())
            .arg("--sessions")
            .arg(sessions.to_string())
            .arg("--pin-file")
            .arg(self.directory.join("issuing.pin"))
            .output()?;
        if !said.status.success() {
            bail!("token floor: {}", String::from_utf8_lossy(&said.stderr));
        }
        Ok(String::from_utf8(said.stdout)?.trim().parse()?)
    }
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
