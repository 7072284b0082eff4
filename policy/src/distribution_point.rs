//! Which list covers a certificate: decided by the policy, picked by the serial number.

use std::fmt::{self, Display};

use pki::{CrlScope, IssuerName, SerialNumber};

/// The lists of an issuer's certificates; a certificate names the one that its serial number picks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrlDistributionPoint {
    repository: String,
    issuer: IssuerName,
    shards: u16,
}

impl CrlDistributionPoint {
    /// The lists of `issuer` below the public base `repository`, divided into `shards`; 0 for the
    /// complete list alone.
    pub fn new(repository: &str, issuer: &IssuerName, shards: u16) -> Self {
        Self {
            repository: repository.to_owned(),
            issuer: issuer.clone(),
            shards,
        }
    }

    /// The list that covers a certificate: its shard is the number in the last two octets of the
    /// serial number, which are random, modulo the count of shards.
    pub fn scope(&self, serial: SerialNumber) -> CrlScope {
        let last = match serial.as_bytes() {
            [.., high, low] => u16::from_be_bytes([*high, *low]),
            [low] => u16::from(*low),
            [] => 0,
        };
        last.checked_rem(self.shards)
            .map_or(CrlScope::Full, CrlScope::Shard)
    }

    /// The URL of that list, byte for byte as the certificate and the list itself name it.
    pub fn url(&self, serial: SerialNumber) -> String {
        self.url_of(self.scope(serial))
    }

    fn url_of(&self, scope: CrlScope) -> String {
        format!("{}/{}", self.repository, scope.path(&self.issuer))
    }
}

impl Display for CrlDistributionPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.shards.checked_sub(1) {
            None => f.write_str(&self.url_of(CrlScope::Full)),
            Some(last) => write!(
                f,
                "{} to {}, by the serial number",
                self.url_of(CrlScope::Shard(0)),
                CrlScope::Shard(last)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(shards: u16) -> CrlDistributionPoint {
        CrlDistributionPoint::new(
            "http://pki.example.com",
            &"esign-ca".parse().unwrap(),
            shards,
        )
    }

    fn serial(text: &str) -> SerialNumber {
        text.parse().unwrap()
    }

    #[test]
    fn without_shards_every_certificate_names_the_complete_list() {
        let serial = serial("0a000000000000000000000000000000ffff");
        assert_eq!(point(0).scope(serial), CrlScope::Full);
        assert_eq!(
            point(0).url(serial),
            "http://pki.example.com/crl/esign-ca.crl"
        );
    }

    #[test]
    fn the_last_two_octets_pick_the_shard() {
        for (text, shards, shard) in [
            ("0a0000000000000000000000000000000007", 16, 7),
            ("0a0000000000000000000000000000000010", 16, 0),
            ("0a0000000000000000000000000000000104", 300, 260),
            ("0aff00000000000000000000000000000001", 4096, 1),
            ("0a000000000000000000000000000000ffff", 1, 0),
            ("05", 16, 5),
        ] {
            let found = point(shards).scope(serial(text));
            assert_eq!(found, CrlScope::Shard(shard), "{text} of {shards}");
        }
        assert_eq!(
            point(16).url(serial("0a0000000000000000000000000000000007")),
            "http://pki.example.com/crl/esign-ca/shard-7.crl"
        );
    }

    #[test]
    fn a_plan_says_among_which_lists_it_will_be() {
        assert_eq!(
            point(0).to_string(),
            "http://pki.example.com/crl/esign-ca.crl"
        );
        assert_eq!(
            point(16).to_string(),
            "http://pki.example.com/crl/esign-ca/shard-0.crl to shard-15, by the serial number"
        );
    }
}
