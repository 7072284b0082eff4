//! The management CA: certificates for the TLS keys of peers and servers.
//!
//! The same steps, the same policy engine and the same records as for RAs, but not reachable from
//! their routes.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::{PeerRole, Statement, SubjectKind};
use audit::Actor;
use issuance::IssuedCertificate;
use pki::{CertificationRequest, key_check};
use policy::{Decision, Facts, IssuanceRequest, IssuerFacts, KeyFacts, Operation, RaFacts};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::authority::{Authority, Ca};
use crate::http::problem::NotDone;
use crate::issue::{Order, by_the_ca, certify};
use crate::refusal::{Refusal, RefusalKind};
use crate::subject::Names;

/// For whom a management certificate is.
#[derive(Clone, Debug)]
pub enum Holder {
    /// A registered peer.
    Peer {
        /// Its name in the registry.
        name: String,
        /// Its role: selects the profile.
        role: PeerRole,
    },
    /// A TLS server of this CA; its names are those of the CSR.
    Server,
    /// The key of this CA that signs receipts.
    Receipts,
}

impl Holder {
    /// The profile of the management policy.
    pub fn profile(&self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Receipts => "receipts",
            Self::Peer {
                role: PeerRole::Ra, ..
            } => "client-ra",
            Self::Peer {
                role: PeerRole::Officer | PeerRole::Auditor,
                ..
            } => "client-officer",
            Self::Peer {
                role: PeerRole::Responder | PeerRole::Publisher,
                ..
            } => "client-follower",
        }
    }

    /// A peer may have several keys, but a key only one peer.
    fn subject_hash(&self, csr: &CertificationRequest) -> [u8; 32] {
        match self {
            Self::Peer { name, .. } => Sha256::digest(format!("peer:{name}")).into(),
            Self::Receipts => Sha256::digest("receipts").into(),
            Self::Server => {
                Names::of_certified(csr.subject(), &csr.requested().subject_alt_names).hash()
            }
        }
    }
}

/// Certifies a TLS key.
///
/// # Errors
/// A CSR that cannot be read, what the management policy denies, or a failure of ours.
pub async fn certify_key(
    authority: &Arc<Authority>,
    request_id: Uuid,
    actor: Actor,
    holder: &Holder,
    csr: &str,
) -> Result<IssuedCertificate, NotDone> {
    let ca = authority
        .management_ca()
        .ok_or_else(|| anyhow::anyhow!("no management CA"))?;
    let csr = CertificationRequest::parse_pem_or_der(csr.as_bytes()).map_err(|error| {
        NotDone::Refused(
            Refusal::new(RefusalKind::Denied, error.code()).with_detail(format!("csr: {error}")),
        )
    })?;
    let statement = no_statement();
    let now = authority.clock.now();
    let policy = ca.policy.load_full();
    let request = IssuanceRequest {
        operation: Operation::Issue,
        profile: holder.profile(),
        issuer: ca.name(),
        csr: Some(&csr),
        public_key: csr.public_key(),
        statement: &statement,
        validity: None,
    };
    let plan = match policy.evaluate(&request, &facts(authority, ca, holder, &csr), now) {
        Decision::Permit(plan) => *plan,
        Decision::Deny(violations) => return Err(NotDone::Refused(violations.into())),
    };
    let order = Order {
        request: by_the_ca(request_id, "manage", now),
        plan,
        public_key: csr.public_key().clone(),
        subject_hash: holder.subject_hash(&csr),
        subscriber_ref: None,
        binding: None,
        predecessor: None,
        policy_digest: policy.digest(),
        statement: None,
        quota: None,
        actor,
    };
    let work = certify(Arc::clone(authority), Arc::clone(ca), order);
    let certified = authority.tracked("management certificate", work).await?;
    Ok(certified.issued)
}

/// The management profiles take the names from the CSR; a role comes from the registry alone.
fn no_statement() -> Statement {
    Statement {
        subject_kind: SubjectKind::Device,
        subject: BTreeMap::new(),
        subject_alt_names: Vec::new(),
        subscriber_ref: None,
        evidence: Vec::new(),
        consent: None,
        key_custody: None,
        binding: None,
        age_band: None,
        guardian_consent: None,
        submitted_on_behalf: None,
    }
}

fn facts(authority: &Authority, ca: &Ca, holder: &Holder, csr: &CertificationRequest) -> Facts {
    let issuer = ca.issuer.certificate();
    Facts {
        ra: RaFacts {
            name: "management".to_owned(),
            profiles: [holder.profile().to_owned()].into(),
            subject_kinds: [].into(),
            max_validity: None,
            quota_left: None,
        },
        issuer: IssuerFacts {
            not_before: issuer.not_before(),
            not_after: issuer.not_after(),
        },
        key: KeyFacts {
            weaknesses: key_check::weaknesses(csr.public_key(), &authority.weak_keys),
            // Blocked keys and keys of other subjects are refused when the intent is recorded.
            blocked: false,
            is_ca_key: authority.is_ca_key(&csr.public_key().hash()),
            certified_for_other_subject: false,
        },
        predecessor: None,
        binding_taken: false,
    }
}
