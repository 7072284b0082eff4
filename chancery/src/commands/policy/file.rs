//! A policy file, read and checked.

use std::path::Path;

use jiff::Timestamp;
use policy::{CaRequest, CertificatePlan, Policy, PolicyFaults};

use crate::{failure::Failure, files};

/// A policy that has no faults.
pub(crate) struct PolicyFile {
    policy: Policy,
}

impl PolicyFile {
    /// Reads a policy file; refuses one with faults, and prints them all.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        match parse(path)? {
            Ok(policy) => Ok(Self { policy }),
            Err(faults) => Err(Failure::refused("the policy is faulty")
                .in_file(path)
                .rule(faults.code())
                .faults(faults.faults().iter().map(ToString::to_string))
                .remedy("mend the file; `chancery policy schema` gives editors its form")),
        }
    }

    /// The policy.
    pub(crate) const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Plans a CA certificate.
    pub(crate) fn ca_plan(
        &self,
        request: &CaRequest<'_>,
        now: Timestamp,
    ) -> Result<CertificatePlan, Failure> {
        self.policy.ca_plan(request, now).map_err(|refusal| {
            Failure::refused("the policy does not allow this CA certificate")
                .rule(refusal.code())
                .because(&refusal)
        })
    }
}

/// Reads a policy file; faults are an answer.
pub(crate) fn parse(path: &Path) -> Result<Result<Policy, PolicyFaults>, Failure> {
    Ok(Policy::parse(&files::read_text(path, "the policy")?))
}
