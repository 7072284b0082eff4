//! Findings of pkilint at WARNING or above that are right where they are, with the reasons.

use testkit::judges::Allowed;

/// Most documents draw no finding at all.
pub const NOTHING: &[Allowed] = &[];

/// The management CA under the rules for public TLS roots.
pub const MANAGEMENT_CA: &[Allowed] = &[
    Allowed {
        code: "cabf.serverauth.ca.country_attribute_absent",
        reason: "trusted by the certification system alone; a country would say nothing",
    },
    Allowed {
        code: "cabf.serverauth.root_basic_constraints_pathlenconstraint_present",
        reason: "it certifies no CA, and says so",
    },
];

/// TLS servers of the certification system.
pub const MANAGEMENT_SERVER: &[Allowed] = &[Allowed {
    code: "pkix.invalid_domain_name_syntax",
    reason: "the demonstration's server is called localhost, which has no dot",
}];

/// OCSP responders under the rules for public TLS.
pub const RESPONDER: &[Allowed] = &[];
