//! Validity (6.3.2).

use jiff::{SignedDuration, Timestamp};

use super::evaluation::{Evaluation, Period};
use crate::{citation, duration};

const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// A limit of validity.
struct Limit {
    code: &'static str,
    /// Last second that it allows.
    end: Timestamp,
    /// What it is, for the denial.
    what: String,
}

impl Evaluation<'_> {
    /// Checks the validity that is asked for, or takes the longest that all limits allow, at most
    /// the profile's default.
    pub(super) fn check_validity(&mut self) -> Option<Period> {
        let now = citation::whole_second(self.now);
        let issuer = self.facts.issuer;
        if now < issuer.not_before || now > issuer.not_after {
            let detail = "the issuer's certificate is not valid now";
            self.deny("issuer-not-valid", "", "6.3.2", detail);
            return None;
        }
        let rules = &self.profile.validity;
        let backdated = now.saturating_sub(rules.backdate).unwrap_or(now);
        // A certificate that began before its issuer would not validate (C-05).
        let not_before = backdated.max(issuer.not_before);
        let limits = self.limits(not_before);
        let not_after = if let Some(asked) = self.request.validity {
            self.asked(asked, not_before, &limits)?
        } else {
            let default = last_second(not_before, rules.default);
            limits
                .iter()
                .map(|limit| limit.end)
                .fold(default, Timestamp::min)
        };
        let shortest = last_second(not_before, rules.min);
        if not_after < shortest {
            let detail = format!("would be less than {}", duration::format(rules.min));
            self.deny("validity-too-short", "validity", "6.3.2", detail);
            return None;
        }
        Some((not_before, not_after))
    }

    fn asked(
        &mut self,
        asked: api::Validity,
        not_before: Timestamp,
        limits: &[Limit],
    ) -> Option<Timestamp> {
        // Counted from notBefore, as limits are: who asks for the profile's maximum gets it.
        let not_after = match asked {
            api::Validity::Days(days) => {
                last_second(not_before, SignedDuration::from_hours(24 * i64::from(days)))
            }
            api::Validity::Seconds(seconds) => {
                last_second(not_before, SignedDuration::from_secs(i64::from(seconds)))
            }
            api::Validity::NotAfter(time) => citation::whole_second(time),
        };
        let mut kept = true;
        for limit in limits.iter().filter(|limit| not_after > limit.end) {
            kept = false;
            let detail = format!("{}: ends at {} at the latest", limit.what, limit.end);
            self.deny(limit.code, "validity", "6.3.2", detail);
        }
        kept.then_some(not_after)
    }

    fn limits(&self, not_before: Timestamp) -> Vec<Limit> {
        let rules = &self.profile.validity;
        let mut limits = vec![
            Limit {
                code: "validity-exceeds-profile",
                end: last_second(not_before, rules.max),
                what: format!("the profile allows {}", duration::format(rules.max)),
            },
            Limit {
                code: "validity-exceeds-issuer",
                end: self.facts.issuer.not_after,
                what: "no certificate outlives its issuer".to_owned(),
            },
        ];
        limits.extend(rules.limit_at(self.now).map(|limit| Limit {
            code: "validity-exceeds-limit",
            end: last_second(not_before, limit.max),
            what: format!("{} allows {}", limit.citation, duration::format(limit.max)),
        }));
        limits.extend(self.facts.ra.max_validity.map(|max| Limit {
            code: "validity-exceeds-ra",
            end: last_second(not_before, max),
            what: format!("the RA is registered for {}", duration::format(max)),
        }));
        let evidence = self.request.statement.evidence.iter();
        limits.extend(
            evidence
                .filter_map(|piece| piece.expires_at)
                .min()
                .map(|end| Limit {
                    code: "validity-exceeds-evidence",
                    end: citation::whole_second(end),
                    what: "no certificate outlives its evidence".to_owned(),
                }),
        );
        limits
    }
}

/// The last second of a period, itself included (RFC 5280 §4.1.2.5).
fn last_second(not_before: Timestamp, length: SignedDuration) -> Timestamp {
    not_before
        .saturating_add(length.saturating_sub(SECOND))
        .unwrap_or(Timestamp::MAX)
}
