//! The Certification Practice Statement as a policy file: parsed, evaluated, linted, rendered.
//!
//! In scope: the file format and its faults, decisions on requests, revocations and plans of the
//! CA's own certificates, the lint rules that a certificate must keep, the published text, the
//! JSON schema, the difference between two policies.
//!
//! Out of scope: who asks (ca-daemon), encoding and signing (crate `issuance`), keeping records
//! (crate `store`). Everything here is pure: time and facts are arguments.

pub mod duration;
pub mod lint;
pub mod outline;
pub mod source;
pub mod uscc;

mod authority;
mod citation;
mod conform;
mod decision;
mod diff;
mod distribution_point;
mod document;
mod evaluate;
mod fault;
mod model;
mod plan;
mod purpose;
mod render;
mod request;
mod revocation;
mod schema;
mod validate;
mod within;

pub use self::{
    authority::{ANY_POLICY, CaRequest, CaSigner, OCSP_SIGNING, Refusal},
    decision::Decision,
    diff::Change,
    distribution_point::CrlDistributionPoint,
    fault::{Fault, PolicyFaults},
    model::{
        Agreement, CrlRules, DatedLimit, DeltaRules, OcspRules, Policy, Profile, SanKindRule,
        SubjectRule, Urls, Validity,
    },
    plan::{BasicConstraintsPlan, CertificatePlan, KeyUsage, KeyUsages, PolicyIdentifier},
    request::{
        CertificateStatus, Facts, IssuanceRequest, IssuerFacts, KeyFacts, Operation,
        PredecessorFacts, RaFacts,
    },
    revocation::{
        RevocationAction, RevocationDecision, RevocationFacts, RevocationPlan, RevocationRequest,
    },
    schema::schema,
    source::{Ground, Initiator, IssuerKind},
    within::{MalformedWithin, Within},
};
