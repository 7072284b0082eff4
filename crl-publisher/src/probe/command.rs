//! `crl-publisher probe`: one round, told on standard output.

use std::{path::Path, sync::Arc};

use anyhow::Context as _;
use pki::time::SharedClock;
use service::SystemClock;
use store::copy::StatusCopy;

use super::{ProbeConfig, Prober, Report};

/// Something was found: the command ends with 65.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} findings")]
pub struct Found(pub usize);

/// The copy names nothing that is published: the command ends with 69.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the copy names nothing that is published: the feed has brought nothing yet")]
pub struct NothingPublished;

/// Looks once at what the copy says is published, beside the daemon that owns the copy.
///
/// # Errors
/// The copy cannot be read, or the feed has brought nothing yet.
pub async fn once(copy: &Path, config: &ProbeConfig) -> anyhow::Result<Report> {
    let clock: SharedClock = Arc::new(SystemClock);
    let copy = StatusCopy::beside(copy).await.context("the copy")?;
    let report = Prober::new(copy, clock, config).round().await?;
    if report.visits.is_empty() && report.findings.is_empty() {
        return Err(NothingPublished.into());
    }
    Ok(report)
}

/// The report as text, or as one JSON object.
///
/// # Errors
/// None that can happen: every report has a JSON form.
pub fn tell(report: &Report, json: bool) -> anyhow::Result<String> {
    Ok(if json {
        format!("{}\n", serde_json::to_string(report)?)
    } else {
        report.to_string()
    })
}
