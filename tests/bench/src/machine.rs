//! Where the run takes place.

use std::fs;

use crate::figure::Machine;

/// The machine, as /proc tells.
pub(crate) fn this() -> Machine {
    let field = |file: &str, key: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(key));
        line.and_then(|line| line.split_once(':'))
            .map(|(_, value)| value.trim().to_owned())
    };
    let memory = field("/proc/meminfo", "MemTotal");
    let kibibytes = memory.and_then(|text| text.trim_end_matches(" kB").parse::<u64>().ok());
    Machine {
        processor: field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned()),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        memory: kibibytes.unwrap_or_default() * 1024,
    }
}
