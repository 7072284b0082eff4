//! What the daemons need when nothing happens, and how soon they are ready.

use std::{
    fs,
    time::{Duration, Instant},
};

use blackbox_tests::Daemon;

use super::{
    PROGRAMS, Scale,
    setting::{Filled, Setting},
};
use crate::figure::{Figure, Target, real};

/// Memory of each idle daemon, its time from start to ready, and the size of its program.
///
/// # Errors
/// A daemon does not run.
pub(crate) fn measure(setting: &Setting, _: Scale) -> anyhow::Result<Vec<Figure>> {
    let name = setting.name();
    let mut figures = Vec::new();
    for daemon in Daemon::ALL {
        figures.push(idle(setting, daemon, &name)?.target(Target::AtMost(50.0)));
        figures.push(start(daemon, again(setting, daemon), &name).target(Target::AtMost(1.0)));
    }
    if name == SIZED {
        for program in PROGRAMS {
            let size = mebibytes(fs::metadata(setting.binaries().join(program))?.len());
            let what = format!("size of the program {program}");
            figures.push(Figure::new(format!("size-{program}"), what, size, "MiB"));
        }
    }
    Ok(figures)
}

/// The same with a full database: its first start, and those of the followers on their full copies.
///
/// # Errors
/// A daemon does not run.
pub(super) fn full(filled: &Filled, certificates: u64) -> anyhow::Result<Vec<Figure>> {
    let setting = &filled.setting;
    let name = format!("{}-full", setting.name());
    let mut figures = Vec::new();
    for daemon in Daemon::ALL {
        let took = again(setting, daemon);
        figures.push(if daemon == Daemon::Ca {
            // The first start on the database comes with everything that such a start finds to do.
            start(daemon, took.max(filled.start), &name).target(Target::AtMost(5.0))
        } else {
            start(daemon, took, &name)
        });
        figures.push(idle(setting, daemon, &name)?);
    }
    for figure in &mut figures {
        figure.what = format!("{}, {certificates} certificates", figure.what);
    }
    Ok(figures)
}

fn idle(setting: &Setting, daemon: Daemon, name: &str) -> anyhow::Result<Figure> {
    let program = daemon.program();
    Ok(Figure::new(
        format!("idle-memory-{program}-{name}"),
        format!("resident memory of {program}, idle"),
        mebibytes(setting.process(daemon)?.memory()?.0),
        "MiB",
    ))
}

fn start(daemon: Daemon, took: Duration, name: &str) -> Figure {
    let program = daemon.program();
    Figure::new(
        format!("start-{program}-{name}"),
        format!("start of {program} until it is ready"),
        took.as_secs_f64(),
        "s",
    )
}

/// Stops a daemon and starts it; how long the start took.
pub(super) fn again(setting: &Setting, daemon: Daemon) -> Duration {
    setting.world.stop(daemon);
    let begun = Instant::now();
    setting.world.start_again(daemon);
    begun.elapsed()
}

fn mebibytes(octets: u64) -> f64 {
    real(octets) / f64::from(1 << 20)
}

/// The sizes are the same in each setting, and reported with the first.
const SIZED: &str = "sqlite-ec-p256";
