//! Which serial numbers are looked up, and what must be found.

use feed::Status;
use pki::{SerialNumber, time::Timestamp};
use store::{
    StoreError,
    copy::{CopiedStatus, SampleOf, StatusCopy},
};

use super::Look;

/// A serial number, and what everybody should say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) serial: SerialNumber,
    pub(super) expected: Expected,
    /// The shard that its certificate names.
    pub(super) shard: Option<u16>,
    /// The entry of the feed that told; `None` for a number that was never issued.
    pub(super) sequence: Option<u64>,
    /// Since when it is so, if the feed says.
    pub(super) since: Option<Timestamp>,
}

/// The standing that the feed told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    Good,
    /// For ever, or possibly issued.
    Revoked,
    OnHold,
    NeverIssued,
}

impl Expected {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Revoked => "revoked",
            Self::OnHold => "on hold",
            Self::NeverIssued => "never issued",
        }
    }
}

impl From<&CopiedStatus> for Sample {
    fn from(status: &CopiedStatus) -> Self {
        let expected = match status.status {
            Status::Good => Expected::Good,
            Status::Revoked { .. } | Status::Abandoned { .. } => Expected::Revoked,
            Status::Hold { .. } => Expected::OnHold,
        };
        Self {
            serial: status.serial,
            expected,
            shard: status.shard,
            sequence: Some(status.sequence),
            since: status.status.bad_since(),
        }
    }
}

/// Draws `count` serial numbers of each status, others in each round, and one that was never
/// issued. Certificates that end soon are left out: they leave the lists.
pub(super) async fn draw(
    copy: &StatusCopy,
    look: &Look<'_>,
    count: u32,
) -> Result<Vec<Sample>, StoreError> {
    let issuer = &look.subject.issuer;
    let lives = look.now.checked_add(look.tolerance).unwrap_or(look.now);
    let mut samples = Vec::new();
    for of in [SampleOf::Good, SampleOf::Revoked, SampleOf::OnHold] {
        let after = SerialNumber::generate(look.now, &mut rand::rng());
        let drawn = copy.sample(issuer, of, after, lives, count).await?;
        samples.extend(drawn.iter().map(Sample::from));
    }
    samples.push(Sample {
        serial: SerialNumber::generate(look.now, &mut rand::rng()),
        expected: Expected::NeverIssued,
        shard: None,
        sequence: None,
        since: None,
    });
    Ok(samples)
}
