//! A clock for daemons that the test sets, by Debian's package `faketime`.

use std::ffi::OsString;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};

use crate::statement::now;
use crate::world::World;

/// A clock that runs as the machine's does, some time ahead of it. Each moment that is measured
/// rather than told, such as a time-out, stays the machine's.
#[derive(Debug)]
pub struct FakeClock {
    file: PathBuf,
    ahead: SignedDuration,
}

impl FakeClock {
    /// The machine's time, for now.
    pub fn new(world: &World) -> Self {
        let mut clock = Self {
            file: world.scratch().join("clock"),
            ahead: SignedDuration::ZERO,
        };
        clock.set(SignedDuration::ZERO);
        clock
    }

    /// Puts the clock so far ahead of the machine's; processes that run on it see it at once.
    pub fn set(&mut self, ahead: SignedDuration) {
        let next = self.file.with_extension("next");
        std::fs::write(&next, format!("+{}\n", ahead.as_secs())).expect("a file can be written");
        std::fs::rename(next, &self.file).expect("a file can be renamed");
        self.ahead = ahead;
    }

    /// The time by this clock.
    pub fn now(&self) -> Timestamp {
        now() + self.ahead
    }

    /// What a process needs to run on this clock.
    pub fn environment(&self) -> [(&'static str, OsString); 4] {
        [
            ("LD_PRELOAD", "/usr/$LIB/faketime/libfaketimeMT.so.1".into()),
            ("FAKETIME_TIMESTAMP_FILE", self.file.clone().into()),
            ("FAKETIME_NO_CACHE", "1".into()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()),
        ]
    }
}

/// Removes what the clock of a process that was killed leaves in shared memory. It is named after
/// the process's id, which another process has some day.
pub fn tidy_clock_after(process: u32) {
    for name in ["faketime_shm_", "sem.faketime_sem_"] {
        std::fs::remove_file(format!("/dev/shm/{name}{process}")).ok();
    }
}
