//! What a run measured, as it is written to JSON.

use std::time::Duration;

use hdrhistogram::Histogram;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// All that one run measured.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Run {
    /// When it was begun.
    pub(crate) begun: Timestamp,
    /// `git describe` of the sources, or what the caller said.
    pub(crate) revision: String,
    /// The machine.
    pub(crate) machine: Machine,
    /// The figures, in the order of measuring.
    pub(crate) figures: Vec<Figure>,
}

/// Where it was measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Machine {
    /// Model of the processor.
    pub(crate) processor: String,
    /// How many of them the run could use.
    pub(crate) cores: usize,
    /// Main memory, octets.
    pub(crate) memory: u64,
}

/// One figure.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Figure {
    /// Kebab-case, stable: what a comparison matches by.
    pub(crate) name: String,
    /// What was done, in words.
    pub(crate) what: String,
    /// The value.
    pub(crate) value: f64,
    /// Its unit, such as `1/s`.
    pub(crate) unit: String,
    /// What it is measured against, taken in the same run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) floor: Option<Floor>,
    /// What it is to reach.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) targets: Vec<Target>,
    /// How long single operations took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) latency: Option<Latency>,
    /// What it cost the daemon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cost: Option<Cost>,
}

/// The best that the machine could do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Floor {
    /// What it is.
    pub(crate) what: String,
    /// Its value, in the figure's unit.
    pub(crate) value: f64,
}

/// What is asked of a figure.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Target {
    /// The ratio to the floor is at least this.
    RatioAtLeast(f64),
    /// The ratio to the floor is at most this.
    RatioAtMost(f64),
    /// The value is at most this.
    AtMost(f64),
    /// The 99th percentile is at most this many milliseconds.
    P99AtMost(f64),
}

/// Percentiles of the time from request to answer, in milliseconds.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Latency {
    /// Half of the operations took at most this.
    pub p50: f64,
    /// 99 of 100.
    pub p99: f64,
    /// 999 of 1000.
    pub p999: f64,
    /// All.
    pub(crate) max: f64,
}

/// What an operation costs a daemon.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Cost {
    /// CPU time of one operation, microseconds.
    pub(crate) cpu_us: f64,
    /// Most resident memory so far, octets.
    pub(crate) peak_memory: u64,
}

impl Figure {
    /// A figure by itself.
    pub(crate) fn new(
        name: impl Into<String>,
        what: impl Into<String>,
        value: f64,
        unit: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            what: what.into(),
            value,
            unit: unit.into(),
            floor: None,
            targets: Vec::new(),
            latency: None,
            cost: None,
        }
    }

    /// The same with its floor.
    #[must_use]
    pub(crate) fn against(mut self, what: impl Into<String>, value: f64) -> Self {
        self.floor = Some(Floor {
            what: what.into(),
            value,
        });
        self
    }

    /// The same with what it is to reach, beside what was said before.
    #[must_use]
    pub(crate) fn target(mut self, target: Target) -> Self {
        self.targets.push(target);
        self
    }

    /// The share of the floor that was reached.
    pub(crate) fn ratio(&self) -> Option<f64> {
        let floor = self.floor.as_ref()?;
        (floor.value > 0.0).then(|| self.value / floor.value)
    }

    /// Whether it is all that was asked for; `None` if nothing was.
    pub(crate) fn reached(&self) -> Option<bool> {
        let all = self.targets.iter().all(|target| self.reaches(*target));
        (!self.targets.is_empty()).then_some(all)
    }

    /// Whether it is what one target asks for.
    pub(crate) fn reaches(&self, target: Target) -> bool {
        match target {
            Target::RatioAtLeast(least) => self.ratio().is_some_and(|ratio| ratio >= least),
            Target::RatioAtMost(most) => self.ratio().is_some_and(|ratio| ratio <= most),
            Target::AtMost(most) => self.value <= most,
            Target::P99AtMost(most) => self.latency.is_some_and(|latency| latency.p99 <= most),
        }
    }
}

impl Target {
    /// In words.
    pub(crate) fn words(self) -> String {
        match self {
            Self::RatioAtLeast(least) => format!("ratio ≥ {least}"),
            Self::RatioAtMost(most) => format!("ratio ≤ {most}"),
            Self::AtMost(most) => format!("≤ {most}"),
            Self::P99AtMost(most) => format!("p99 ≤ {most} ms"),
        }
    }
}

/// A count as a figure. Exact up to 2^53.
pub(crate) fn real(count: u64) -> f64 {
    #[expect(
        clippy::as_conversions,
        clippy::cast_precision_loss,
        reason = "std has no other conversion"
    )]
    let real = count as f64;
    real
}

impl Latency {
    /// The percentiles of a histogram of microseconds.
    pub(crate) fn of(histogram: &Histogram<u64>) -> Self {
        let at = |quantile| Duration::from_micros(histogram.value_at_quantile(quantile));
        let milliseconds = |time: Duration| time.as_secs_f64() * 1_000.0;
        Self {
            p50: milliseconds(at(0.5)),
            p99: milliseconds(at(0.99)),
            p999: milliseconds(at(0.999)),
            max: milliseconds(at(1.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_judged_by_value_ratio_or_percentile() {
        let figure = Figure::new("x", "x", 30.0, "1/s").against("floor", 100.0);
        let judged = |target| figure.clone().target(target).reached();
        assert_eq!(judged(Target::RatioAtLeast(0.3)), Some(true));
        assert_eq!(judged(Target::RatioAtLeast(0.31)), Some(false));
        assert_eq!(judged(Target::RatioAtMost(0.29)), Some(false));
        assert_eq!(judged(Target::AtMost(30.0)), Some(true));
        assert_eq!(judged(Target::P99AtMost(1.0)), Some(false));
        assert_eq!(figure.reached(), None);
    }

    #[test]
    fn percentiles_are_milliseconds() {
        let mut histogram = Histogram::new(3).unwrap();
        for microseconds in 1..=1_000 {
            histogram.record(microseconds * 1_000).unwrap();
        }
        let latency = Latency::of(&histogram);
        assert!((latency.p50 - 500.0).abs() < 1.0, "{latency:?}");
        assert!((latency.p99 - 990.0).abs() < 1.5, "{latency:?}");
    }
}
