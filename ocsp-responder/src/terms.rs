//! What an issuer's policy promises (7.3), as the feed told.

use std::time::Duration;

use feed::Terms;
use pki::time::SignedDuration;

/// The promises of one issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IssuerTerms {
    /// From thisUpdate to nextUpdate.
    pub validity: Duration,
    /// How long HTTP caches may keep an answer.
    pub max_age: Duration,
    /// How long the feed may be silent before answers are tryLater.
    pub max_staleness: Duration,
    /// How long after its expiry a certificate is answered for (RFC 6960 section 4.4.4).
    pub archive: SignedDuration,
}

impl IssuerTerms {
    /// How long an answer is given again, when up to `wanted` is asked for. The oldest answer that
    /// is ever given was made at the end of the feed's silence, ahead of its time, and is given to
    /// the end: it must not be over then, so that half of what the silence leaves is the bound.
    pub fn reuse(&self, wanted: Duration) -> Duration {
        let left = self.validity.saturating_sub(self.max_staleness) / 2;
        wanted.min(left).max(Duration::from_secs(1))
    }
}

impl From<&Terms> for IssuerTerms {
    fn from(terms: &Terms) -> Self {
        let archive = i64::try_from(terms.archive_cutoff).unwrap_or(i64::MAX);
        Self {
            validity: Duration::from_secs(terms.ocsp_validity),
            max_age: Duration::from_secs(terms.ocsp_max_age),
            max_staleness: Duration::from_secs(terms.ocsp_max_staleness),
            archive: SignedDuration::from_secs(archive),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_answer_is_not_over_when_it_is_given() {
        let hours = |hours| Duration::from_hours(hours);
        let terms = |validity, max_staleness| IssuerTerms {
            validity: hours(validity),
            max_age: hours(0),
            max_staleness: hours(max_staleness),
            archive: SignedDuration::ZERO,
        };
        assert_eq!(terms(24, 12).reuse(hours(1)), hours(1));
        assert_eq!(terms(24, 12).reuse(hours(10)), hours(6));
        assert_eq!(terms(8, 8).reuse(hours(1)), Duration::from_secs(1));
    }
}
