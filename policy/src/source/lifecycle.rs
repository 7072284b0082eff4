//! Section 4 of the policy file: agreements, grounds of revocation.

use pki::RevocationReason;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Text;

/// 4.1 Certificate application.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateRequests {
    /// Versions of the subscriber agreement.
    #[serde(default)]
    pub agreements: Vec<AgreementSource>,
}

/// A version of the subscriber agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgreementSource {
    /// Version, as statements name it.
    pub version: String,
    /// SHA-256 of the published text, 64 hexadecimal digits.
    pub sha256: String,
    /// When it was published, RFC 3339 in UTC.
    pub published_at: String,
    /// When it came into force, RFC 3339 in UTC.
    pub effective_at: String,
    /// When it ceased to be accepted, RFC 3339 in UTC; absent while it is accepted.
    pub superseded_at: Option<String>,
}

/// 4.9 Certificate revocation and suspension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// 4.9.5 How long a revocation waits for every responder before it is answered as pending.
    pub acknowledgement: String,
    /// 4.9.1 The circumstances in which a certificate is revoked.
    pub grounds: Vec<Ground>,
    /// 4.9.13 to 4.9.16 Suspension; absent where no certificate may be put on hold.
    pub suspension: Option<Suspension>,
}

/// A ground of revocation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ground {
    /// Id used in requests, e.g. `sub.key_lost_or_leaked`.
    pub id: String,
    /// The circumstance.
    pub text: Text,
    /// Reason that CRLs and OCSP give.
    #[schemars(with = "ReasonName")]
    pub reason: RevocationReason,
    /// 4.9.2 Who may request it.
    pub initiators: Vec<Initiator>,
    /// 3.4 How many passed verifications of the requester's identity a request must carry.
    #[serde(default)]
    pub evidence: u32,
    /// How many persons must approve.
    #[serde(default = "one")]
    pub approvals: u8,
    /// 4.9.5 Longest time from the request to the revocation.
    pub deadline: String,
    /// Whether the key counts as compromised: the request may then say since when
    /// (invalidityDate), and the key is never certified again.
    #[serde(default)]
    pub compromise: bool,
}

/// 4.9.13 to 4.9.16 Suspension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Suspension {
    /// 4.9.13 Circumstances for suspension.
    pub text: Text,
    /// 4.9.14 Who may put a certificate on hold.
    pub hold: Vec<Initiator>,
    /// 4.9.14 Who may release a certificate.
    pub release: Vec<Initiator>,
    /// 3.4 How many passed verifications a request must carry.
    #[serde(default)]
    pub evidence: u32,
}

/// Who asks for a revocation.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Initiator {
    /// The RA, for its subscriber or on its own account.
    Ra,
    /// A security officer of the CA.
    Officer,
}

impl Initiator {
    /// The name used in the policy file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ra => "ra",
            Self::Officer => "officer",
        }
    }
}

/// The reasons that a ground may give (RFC 5280 §5.3.1), for the schema.
#[derive(JsonSchema)]
#[schemars(rename = "RevocationReason", rename_all = "camelCase")]
#[expect(
    dead_code,
    reason = "describes pki::RevocationReason, which has no schema of its own"
)]
enum ReasonName {
    Unspecified,
    KeyCompromise,
    AffiliationChanged,
    Superseded,
    CessationOfOperation,
    PrivilegeWithdrawn,
}

const fn one() -> u8 {
    1
}
