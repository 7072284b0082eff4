//! The start on a full copy, and what a certificate takes in memory.

use blackbox_tests::Daemon;

use super::{Scale, Setting, footprint};
use crate::{
    figure::{Figure, Target, real},
    scenario::setting::Filled,
};

pub(super) fn measure(
    setting: &Setting,
    filled: &Filled,
    scale: Scale,
) -> anyhow::Result<Vec<Figure>> {
    let name = setting.name();
    let certificates = scale.full.certificates;
    footprint::again(setting, Daemon::Ocsp);
    let took = footprint::again(&filled.setting, Daemon::Ocsp);
    let memory =
        |setting: &Setting| Ok::<_, anyhow::Error>(setting.process(Daemon::Ocsp)?.memory()?.0);
    let (empty, full) = (memory(setting)?, memory(&filled.setting)?);
    Ok(vec![
        Figure::new(
            format!("ocsp-restart-{name}"),
            format!("start of ocsp-responder on a copy with {certificates} certificates"),
            took.as_secs_f64(),
            "s",
        )
        .target(Target::AtMost(10.0)),
        Figure::new(
            format!("ocsp-memory-{name}"),
            format!("memory of ocsp-responder for each of {certificates} certificates"),
            real(full.saturating_sub(empty)) / real(certificates),
            "octets",
        )
        .target(Target::AtMost(64.0)),
    ])
}
