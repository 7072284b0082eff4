//! What the daemons need when nothing happens, and how soon they are ready.

use std::{fs, time::Instant};

use blackbox_tests::Daemon;

use super::{Scale, setting::Setting};
use crate::figure::{Figure, Target, real};

/// Memory of each idle daemon, its time from start to ready, and the size of its program.
///
/// # Errors
/// A daemon does not run.
pub(crate) fn measure(setting: &Setting, _: Scale) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for daemon in Daemon::ALL {
        let program = daemon.program();
        let idle = mebibytes(setting.process(daemon)?.memory()?.0);
        let name = format!("idle-memory-{program}-{}", setting.name());
        let what = format!("resident memory of {program}, idle");
        figures.push(Figure::new(name, what, idle, "MiB").target(Target::AtMost(50.0)));

        setting.world.stop(daemon);
        let begun = Instant::now();
        setting.world.start_again(daemon);
        let took = begun.elapsed().as_secs_f64();
        let name = format!("start-{program}-{}", setting.name());
        let what = format!("start of {program} until it is ready");
        figures.push(Figure::new(name, what, took, "s").target(Target::AtMost(1.0)));

        let size = mebibytes(fs::metadata(setting.binaries().join(program))?.len());
        let name = format!("size-{program}-{}", setting.name());
        figures.push(Figure::new(name, format!("size of {program}"), size, "MiB"));
    }
    Ok(figures)
}

fn mebibytes(octets: u64) -> f64 {
    real(octets) / f64::from(1 << 20)
}
