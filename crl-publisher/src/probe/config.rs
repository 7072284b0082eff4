//! The table `[probe]` of the configuration.

use std::{collections::BTreeMap, net::SocketAddr};

use pki::time::SignedDuration;
use serde::Deserialize;
use service::HumanDuration;

use super::ProbeTerms;

/// How the prober looks. The daemon probes when the table is there; `crl-publisher probe` does
/// without.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProbeConfig {
    /// From the end of one round to the beginning of the next; default 5 minutes.
    pub interval: HumanDuration,
    /// How long one request may take, until the answer is complete; default 10 seconds.
    pub timeout: HumanDuration,
    /// How many serial numbers of each status (good, revoked, on hold) are looked up for each
    /// issuer, 1 to 100; default 4.
    pub samples: u32,
    /// How long a change may take to reach every responder and every list; default 2 minutes.
    /// Beyond it, a difference is a finding.
    pub tolerance: HumanDuration,
    /// Socket addresses by host, for networks in which the public names lead elsewhere, such as
    /// `"pki.example.com" = "192.0.2.7:8081"`; default empty. A host may carry a port.
    pub resolve: BTreeMap<String, SocketAddr>,
}

impl Default for ProbeConfig {
    fn default() -> Self {
        Self {
            interval: HumanDuration::from_secs(5 * 60),
            timeout: HumanDuration::from_secs(10),
            samples: 4,
            tolerance: HumanDuration::from_secs(2 * 60),
            resolve: BTreeMap::new(),
        }
    }
}

impl ProbeConfig {
    /// All that is wrong with the values, each with its key path below `prefix`.
    pub fn faults(&self, prefix: &str) -> Vec<String> {
        let mut faults = Vec::new();
        for (key, value) in [("interval", self.interval), ("timeout", self.timeout)] {
            if value.get().is_zero() {
                faults.push(format!("{prefix}.{key}: must be more than 0s"));
            }
        }
        if !(1..=100).contains(&self.samples) {
            faults.push(format!("{prefix}.samples: must be 1 to 100"));
        }
        faults
    }

    pub(super) fn terms(&self) -> ProbeTerms {
        ProbeTerms {
            samples: self.samples,
            tolerance: SignedDuration::try_from(self.tolerance.get())
                .unwrap_or(SignedDuration::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_name_their_keys() {
        let config: ProbeConfig =
            toml::from_str("interval = '0s'\nsamples = 101\nresolve = { a = '127.0.0.1:1' }")
                .unwrap();
        assert_eq!(
            config.faults("probe"),
            [
                "probe.interval: must be more than 0s",
                "probe.samples: must be 1 to 100"
            ]
        );
        assert_eq!(ProbeConfig::default().faults("probe"), Vec::<String>::new());
    }
}
