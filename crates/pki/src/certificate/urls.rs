//! The URLs in a certificate.

use x509_cert::ext::pkix::{
    AuthorityInfoAccessSyntax, CrlDistributionPoints,
    name::{DistributionPointName, GeneralName},
};

use super::Certificate;

impl Certificate {
    /// Where the lists are that a relying party looks this certificate up in: the URIs of the CRL
    /// distribution points, in their order (RFC 5280 §4.2.1.13).
    pub fn crl_distribution_points(&self) -> Vec<String> {
        let Ok(Some((_, points))) = self
            .x509()
            .tbs_certificate()
            .get_extension::<CrlDistributionPoints>()
        else {
            return Vec::new();
        };
        let names = points
            .0
            .iter()
            .filter_map(|point| match &point.distribution_point {
                Some(DistributionPointName::FullName(names)) => Some(names),
                _ => None,
            });
        names.flatten().filter_map(uri).collect()
    }

    /// Where the issuer's certificate is: the URIs of id-ad-caIssuers (RFC 5280 §4.2.2.1).
    pub fn ca_issuers_urls(&self) -> Vec<String> {
        let Ok(Some((_, access))) = self
            .x509()
            .tbs_certificate()
            .get_extension::<AuthorityInfoAccessSyntax>()
        else {
            return Vec::new();
        };
        let issuers = access
            .0
            .iter()
            .filter(|description| description.access_method == CA_ISSUERS);
        issuers
            .filter_map(|description| uri(&description.access_location))
            .collect()
    }
}

fn uri(name: &GeneralName) -> Option<String> {
    if let GeneralName::UniformResourceIdentifier(uri) = name {
        Some(uri.to_string())
    } else {
        None
    }
}

const CA_ISSUERS: der::asn1::ObjectIdentifier =
    der::asn1::ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.2");
