//! What is measured, one file a subject.

mod crls;
mod footprint;
mod growing;
mod issuing;
mod ocsp;
mod prerequisites;
mod revoking;
mod setting;
mod settled;

use std::{process::ExitCode, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};
use pki::time::Clock as _;
use service::SystemClock;

pub(crate) use self::setting::Setting;
use crate::{
    cli::RunArguments,
    figure::{Figure, Run},
    filled::Amount,
    machine, report,
};

/// How long and how wide.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    /// How long each load lasts.
    pub(crate) load: Duration,
    /// Connections of the closed loops.
    pub(crate) connections: &'static [usize],
    /// Whether PostgreSQL and RSA issuers are measured too.
    pub(crate) wide: bool,
    /// How full a full database is.
    pub(crate) full: Amount,
}

const SHORT: Scale = Scale {
    load: Duration::from_secs(5),
    connections: &[1, 32, 128],
    wide: false,
    full: Amount {
        certificates: 200_000,
        revoked: 40_000,
    },
};
const LONG: Scale = Scale {
    load: Duration::from_secs(20),
    connections: &[1, 8, 32, 64, 128, 256],
    wide: true,
    full: Amount {
        certificates: 5_000_000,
        revoked: 1_000_000,
    },
};

type Scenario = fn(&Setting, Scale) -> anyhow::Result<Vec<Figure>>;

/// In this order: what fills the database comes last.
const SCENARIOS: [(&str, Scenario); 7] = [
    ("footprint", footprint::measure),
    ("ocsp", ocsp::measure),
    ("issuing", issuing::measure),
    ("revoking", revoking::measure),
    ("growing", growing::measure),
    ("full-ocsp", ocsp::full),
    ("crls", crls::measure),
];

/// Measures and reports.
///
/// # Errors
/// Something failed; there is no report then.
pub(crate) fn run(arguments: &RunArguments) -> anyhow::Result<ExitCode> {
    let measured = measure(arguments)?;
    report::write(&measured, &arguments.out)?;
    report::say(&report::table(&measured));
    Ok(ExitCode::SUCCESS)
}

/// Measures.
///
/// # Errors
/// Something failed.
pub(crate) fn measure(arguments: &RunArguments) -> anyhow::Result<Run> {
    let scale = if arguments.long { LONG } else { SHORT };
    let scale = Scale {
        load: arguments.load.unwrap_or(scale.load),
        connections: match arguments.connections.as_slice() {
            [] => scale.connections,
            // Once in a run.
            chosen => chosen.to_vec().leak(),
        },
        ..scale
    };
    let settings = Setting::chosen(arguments, scale);
    prerequisites::check(&arguments.binaries, &settings)?;
    let wanted = |name: &str| {
        arguments.only.is_empty() || arguments.only.iter().any(|only| name.starts_with(only))
    };
    let chosen: Vec<_> = SCENARIOS.iter().filter(|(name, _)| wanted(name)).collect();
    let progress = ProgressBar::new(u64::try_from(chosen.len() * settings.len())?);
    progress.set_style(ProgressStyle::with_template(
        "{bar:30} {pos}/{len} {msg} {elapsed}",
    )?);
    let begun = SystemClock.now();
    let mut figures = Vec::new();
    for make in settings {
        let setting = make.start()?;
        for (name, scenario) in &chosen {
            progress.set_message(format!("{name} on {}", setting.name()));
            figures.extend(scenario(&setting, scale)?);
            progress.inc(1);
        }
    }
    progress.finish_and_clear();
    Ok(Run {
        begun,
        revision: arguments.revision.clone(),
        machine: machine::this(),
        figures,
    })
}

/// What is shipped.
const PROGRAMS: [&str; 4] = ["ca-daemon", "ocsp-responder", "crl-publisher", "chancery"];
