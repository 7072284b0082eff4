//! Where a subject alternative name must lie.

use std::net::IpAddr;

use pki::SubjectAltName;

/// A region of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Within {
    /// A domain: itself and all below it. Holds DNS names and the domains of mailboxes.
    Domain(String),
    /// A network of addresses.
    Network {
        /// First address.
        address: IpAddr,
        /// Length of the prefix in bits.
        prefix: u8,
    },
    /// The beginning of a URI.
    Prefix(String),
}

/// The text does not describe a region of names of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedWithin {
    /// Not a domain.
    #[error("is not a domain name in lower-case A-labels")]
    Domain,
    /// Not a network.
    #[error("is not a network such as 10.0.0.0/8 with all host bits zero")]
    Network,
    /// Not the beginning of a URI.
    #[error("is not the beginning of a URI with its scheme and authority, ended by a slash")]
    Prefix,
}

impl Within {
    /// Reads a region for names of this kind.
    ///
    /// # Errors
    /// [`MalformedWithin`] says what the text should have been.
    pub fn parse(kind: &str, text: &str) -> Result<Self, MalformedWithin> {
        match kind {
            "ip" => Self::network(text).ok_or(MalformedWithin::Network),
            "uri" => Self::prefix(text).ok_or(MalformedWithin::Prefix),
            _ => Self::domain(text).ok_or(MalformedWithin::Domain),
        }
    }

    fn domain(text: &str) -> Option<Self> {
        match SubjectAltName::new_dns(text).ok()? {
            SubjectAltName::Dns(name) if name == text && !name.starts_with("*.") => {
                Some(Self::Domain(name))
            }
            SubjectAltName::Dns(_)
            | SubjectAltName::Ip(_)
            | SubjectAltName::Email(_)
            | SubjectAltName::Uri(_) => None,
        }
    }

    fn network(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let address: IpAddr = address.parse().ok()?;
        let prefix: u8 = prefix.parse().ok()?;
        let (bits, width) = bits_of(address);
        let host = u32::from(width).checked_sub(u32::from(prefix))?;
        let network = bits
            .checked_shr(host)
            .unwrap_or(0)
            .checked_shl(host)
            .unwrap_or(0);
        (network == bits).then_some(Self::Network { address, prefix })
    }

    fn prefix(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let (authority, _) = rest.split_once('/')?;
        (!scheme.is_empty() && !authority.is_empty() && text.ends_with('/'))
            .then(|| Self::Prefix(text.to_owned()))
    }

    /// Whether the name lies in the region.
    pub fn holds(&self, name: &SubjectAltName) -> bool {
        match (self, name) {
            (Self::Domain(domain), SubjectAltName::Dns(name)) => {
                is_below(name.strip_prefix("*.").unwrap_or(name), domain)
            }
            (Self::Domain(domain), SubjectAltName::Email(mailbox)) => mailbox
                .rsplit_once('@')
                .is_some_and(|(_, host)| is_below(host, domain)),
            (Self::Network { address, prefix }, SubjectAltName::Ip(ip)) => {
                let ((network, width), (bits, ip_width)) = (bits_of(*address), bits_of(*ip));
                let host = u32::from(width).saturating_sub(u32::from(*prefix));
                width == ip_width && network.checked_shr(host) == bits.checked_shr(host)
            }
            (Self::Prefix(prefix), SubjectAltName::Uri(uri)) => uri.starts_with(prefix),
            _ => false,
        }
    }
}

fn is_below(name: &str, domain: &str) -> bool {
    name == domain
        || name
            .strip_suffix(domain)
            .is_some_and(|head| head.ends_with('.'))
}

fn bits_of(address: IpAddr) -> (u128, u8) {
    match address {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()), 32),
        IpAddr::V6(v6) => (v6.to_bits(), 128),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(kind: &str, region: &str, name: &str) -> bool {
        let region = Within::parse(kind, region).expect("region");
        region.holds(&SubjectAltName::parse(kind, name).expect("name"))
    }

    #[test]
    fn a_domain_holds_itself_and_what_is_below_it() {
        assert!(holds("dns", "corp.example.com", "corp.example.com"));
        assert!(holds("dns", "corp.example.com", "a.b.corp.example.com"));
        assert!(holds("dns", "corp.example.com", "*.corp.example.com"));
        assert!(!holds("dns", "corp.example.com", "evilcorp.example.com"));
        assert!(!holds("dns", "corp.example.com", "example.com"));
        assert!(!holds("dns", "corp.example.com", "*.example.com"));
        assert!(holds("email", "example.com", "ops@mail.example.com"));
        assert!(!holds(
            "email",
            "example.com",
            "ops@example.com.evil.example"
        ));
    }

    #[test]
    fn a_network_holds_its_addresses_of_the_same_family() {
        assert!(holds("ip", "10.0.0.0/8", "10.255.0.1"));
        assert!(!holds("ip", "10.0.0.0/8", "11.0.0.1"));
        assert!(holds("ip", "0.0.0.0/0", "192.0.2.1"));
        assert!(!holds("ip", "0.0.0.0/0", "2001:db8::1"));
        assert!(holds("ip", "::/0", "2001:db8::1"));
        assert!(holds("ip", "127.0.0.1/32", "127.0.0.1"));
    }

    #[test]
    fn a_prefix_holds_what_begins_with_it() {
        assert!(holds("uri", "urn-x://corp/", "urn-x://corp/device/7"));
        assert!(!holds("uri", "urn-x://corp/", "urn-x://corporate/device/7"));
    }

    #[test]
    fn refuses_what_is_not_a_region() {
        for (kind, text) in [
            ("dns", "*.example.com"),
            ("dns", "Example.com"),
            ("dns", ""),
            ("ip", "10.0.0.1/8"),
            ("ip", "10.0.0.0/33"),
            ("ip", "10.0.0.0"),
            ("uri", "https://example.com"),
            ("uri", "example.com/"),
        ] {
            assert!(Within::parse(kind, text).is_err(), "{kind} {text}");
        }
    }
}
