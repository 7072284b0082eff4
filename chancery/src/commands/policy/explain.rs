//! `policy explain`: the decision on a request, before it is sent.

use std::{collections::BTreeSet, path::PathBuf};

use api::{EnrollRequest, Validity};
use jiff::{SignedDuration, Timestamp};
use pki::{
    CertificationRequest, IssuerName,
    key_check::{self, WeakKeyList},
    time::Clock as _,
};
use policy::{Decision, Facts, IssuanceRequest, IssuerFacts, KeyFacts, Operation, RaFacts};

use super::file::PolicyFile;
use crate::{commands::subject::StatementArgs, failure::Failure, files, output::Output, values};

/// Say whether a request would be granted, and by which sections of the CPS
///
/// The decision is that of the code which the CA runs. What only the CA knows is assumed to be in
/// order: that the RA is registered for the profile, that the key is not blocked and not certified
/// for somebody else. Exits with 1 if the request would be refused.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chancery policy explain policy/esign.toml --profile esign-individual \\
      --csr alice.csr --statement alice.json
  chancery policy explain policy/internal.toml --request enroll.json --at 2027-03-16T00:00:00Z")]
pub(crate) struct Args {
    /// Policy file
    policy: PathBuf,
    /// The request as it is sent to the API, JSON
    #[arg(long, value_name = "FILE", conflicts_with_all = ["profile", "csr", "validity"])]
    request: Option<PathBuf>,
    /// Profile of the policy
    #[arg(long, required_unless_present = "request")]
    profile: Option<String>,
    /// Certification request, PEM or DER
    #[arg(long, value_name = "FILE", required_unless_present = "request")]
    csr: Option<PathBuf>,
    #[command(flatten)]
    statement: StatementArgs,
    /// A shorter validity than the profile's: 30d, 12h, or the last moment in RFC 3339
    #[arg(long, value_parser = values::validity)]
    validity: Option<Validity>,
    /// Name of the issuing CA, for its URLs
    #[arg(long, default_value = "issuing-ca", value_name = "NAME")]
    issuer: IssuerName,
    /// Certificate of the issuing CA, PEM: no certificate outlives it. 10 years are left when absent
    #[arg(long, value_name = "FILE")]
    issuer_certificate: Option<PathBuf>,
    /// Decide as of this time, RFC 3339; now when absent
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
}

pub(super) fn run(args: &Args, output: Output) -> Result<(), Failure> {
    let file = PolicyFile::read(&args.policy)?;
    let policy = file.policy();
    let now = args.at.unwrap_or_else(|| service::SystemClock.now());
    let (body, csr) = args.body()?;
    let request = IssuanceRequest {
        operation: Operation::Issue,
        profile: &body.profile,
        issuer: &args.issuer,
        csr: Some(&csr),
        public_key: csr.public_key(),
        statement: &body.statement,
        validity: body.validity,
    };
    let facts = Facts {
        ra: RaFacts {
            name: "explain".to_owned(),
            profiles: BTreeSet::from([body.profile.clone()]),
            subject_kinds: BTreeSet::new(),
            max_validity: None,
            quota_left: None,
        },
        issuer: args.issuer_facts(now)?,
        key: KeyFacts {
            weaknesses: key_check::weaknesses(csr.public_key(), &WeakKeyList::default()),
            ..KeyFacts::default()
        },
        predecessor: None,
        binding_taken: false,
    };
    let decision = policy.evaluate(&request, &facts, now);
    let answer = answer(&decision, policy);
    output.show(&answer, |_| policy.explain(&request, &facts, now))?;
    if decision.is_permit() {
        return Ok(());
    }
    Err(Failure::refused("the CA would refuse this request"))
}

impl Args {
    fn body(&self) -> Result<(EnrollRequest, CertificationRequest), Failure> {
        if let Some(path) = &self.request {
            let body: EnrollRequest = files::read_document(path, "the request")?;
            let csr =
                CertificationRequest::parse_pem_or_der(body.csr.as_bytes()).map_err(|error| {
                    Failure::refused("the CSR is not acceptable")
                        .in_file(path)
                        .rule(error.code())
                        .because(&error)
                })?;
            return Ok((body, csr));
        }
        let (Some(profile), Some(path)) = (&self.profile, &self.csr) else {
            return Err(Failure::usage("name --request, or --profile and --csr"));
        };
        let body = EnrollRequest {
            profile: profile.clone(),
            csr: files::read_csr_pem(path)?,
            statement: self.statement.statement()?,
            order_id: None,
            validity: self.validity,
        };
        Ok((body, files::read_csr(path)?))
    }

    fn issuer_facts(&self, now: Timestamp) -> Result<IssuerFacts, Failure> {
        if let Some(path) = &self.issuer_certificate {
            let certificate = files::read_certificate(path)?;
            return Ok(IssuerFacts {
                not_before: certificate.not_before(),
                not_after: certificate.not_after(),
            });
        }
        let not_after = now.checked_add(ASSUMED_ISSUER_VALIDITY).map_err(|error| {
            Failure::usage("this is too far in the future")
                .at("--at")
                .because(&error)
        })?;
        let not_before = now
            .checked_sub(ASSUMED_ISSUER_VALIDITY)
            .unwrap_or(Timestamp::MIN);
        Ok(IssuerFacts {
            not_before,
            not_after,
        })
    }
}

fn answer(decision: &Decision, policy: &policy::Policy) -> serde_json::Value {
    let (word, violations, plan) = match decision {
        Decision::Permit(plan) => ("permit", &[][..], Some(plan.describe())),
        Decision::Deny(violations) => ("deny", violations.as_slice(), None),
    };
    serde_json::json!({
        "decision": word,
        "policy_sha256": hex::encode(policy.digest()),
        "violations": violations,
        "plan": plan,
    })
}

const ASSUMED_ISSUER_VALIDITY: SignedDuration = SignedDuration::from_hours(10 * 365 * 24);
