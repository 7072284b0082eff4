//! What a process has used, as /proc tells.

use std::{fs, path::Path, time::Duration};

use anyhow::Context as _;

use crate::figure::{Cost, real};

/// One process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Process {
    id: u32,
}

impl Process {
    /// The process whose number stands in a file.
    ///
    /// # Errors
    /// There is no number in the file.
    pub(crate) fn of_file(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        Ok(Self {
            id: text.trim().parse()?,
        })
    }

    /// CPU time so far, user and system.
    ///
    /// # Errors
    /// The process is gone.
    pub(crate) fn cpu(self) -> anyhow::Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.id))?;
        // The name, in parentheses, may hold anything.
        let (_, fields) = stat.rsplit_once(") ").context("/proc/PID/stat")?;
        let mut fields = fields.split(' ').skip(11);
        let mut ticks = || -> anyhow::Result<u64> { Ok(fields.next().context("stat")?.parse()?) };
        let used = ticks()? + ticks()?;
        Ok(Duration::from_millis(used * 1_000 / TICKS_PER_SECOND))
    }

    /// What each of so many operations has cost since the process had used `before`.
    ///
    /// # Errors
    /// The process is gone.
    pub(crate) fn cost(self, before: Duration, operations: u64) -> anyhow::Result<Cost> {
        let used = self.cpu()?.saturating_sub(before);
        Ok(Cost {
            cpu_us: used.as_secs_f64() * 1e6 / real(operations),
            peak_memory: self.memory()?.1,
        })
    }

    /// Resident memory now and at most, octets.
    ///
    /// # Errors
    /// The process is gone.
    pub(crate) fn memory(self) -> anyhow::Result<(u64, u64)> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id))?;
        let line = |key: &str| -> anyhow::Result<u64> {
            let found = status.lines().find_map(|line| line.strip_prefix(key));
            let kibibytes = found.context("status")?.trim().trim_end_matches(" kB");
            Ok(kibibytes.parse::<u64>()? * 1024)
        };
        Ok((line("VmRSS:")?, line("VmHWM:")?))
    }
}

/// `USER_HZ`, the same on all of Linux.
const TICKS_PER_SECOND: u64 = 100;
