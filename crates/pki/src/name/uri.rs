//! URIs (RFC 3986, RFC 5280 §4.2.1.6).

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{dns, rules::Fault};

/// Longer than any name needs to be.
const MAX_OCTETS: usize = 2048;

/// Checks a URI: absolute, ASCII, with a host that is a domain name or an address if there is an
/// authority. Scheme and host come back in lower case, the rest as it is.
pub(super) fn normalise(uri: &str) -> Result<String, Fault> {
    let (scheme, rest) = uri.split_once(':').ok_or_else(malformed)?;
    if uri.len() > MAX_OCTETS || !is_scheme(scheme) || rest.is_empty() || !is_escaped(rest) {
        return Err(malformed());
    }
    let scheme = scheme.to_ascii_lowercase();
    let Some(after_slashes) = rest.strip_prefix("//") else {
        return Ok(format!("{scheme}:{rest}"));
    };
    let end = after_slashes
        .find(['/', '?', '#'])
        .unwrap_or(after_slashes.len());
    let (authority, path) = after_slashes.split_at_checked(end).ok_or_else(malformed)?;
    Ok(format!(
        "{scheme}://{}{path}",
        normalise_authority(authority)?
    ))
}

fn normalise_authority(authority: &str) -> Result<String, Fault> {
    let (user, host_and_port) = match authority.rsplit_once('@') {
        Some((user, rest)) => (format!("{user}@"), rest),
        None => (String::new(), authority),
    };
    let (host, port) = split_port(host_and_port).ok_or_else(malformed)?;
    Ok(format!("{user}{}{port}", normalise_host(host)?))
}

/// Splits off `:port`, which keeps its colon.
fn split_port(text: &str) -> Option<(&str, &str)> {
    let start = match text.rfind(']') {
        Some(bracket) => bracket + 1,
        None => text.find(':').unwrap_or(text.len()),
    };
    let (host, port) = text.split_at_checked(start)?;
    let digits = port.strip_prefix(':').unwrap_or(port);
    let valid = (port.is_empty() || port.starts_with(':'))
        && digits.bytes().all(|octet| octet.is_ascii_digit());
    valid.then_some((host, port))
}

fn normalise_host(host: &str) -> Result<String, Fault> {
    if let Some(address) = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        let address: Ipv6Addr = address.parse().map_err(|_| malformed())?;
        return Ok(format!("[{address}]"));
    }
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return Ok(address.to_string());
    }
    dns::normalise(host).map_err(|_| malformed())
}

fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || b"+-.".contains(&octet))
}

/// Only characters of RFC 3986 §2, each `%` before two hexadecimal digits.
fn is_escaped(text: &str) -> bool {
    let mut octets = text.bytes();
    while let Some(octet) = octets.next() {
        let fine = match octet {
            b'%' => {
                let mut digit = || octets.next().is_some_and(|octet| octet.is_ascii_hexdigit());
                digit() && digit()
            }
            _ => octet.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=".contains(&octet),
        };
        if !fine {
            return false;
        }
    }
    true
}

fn malformed() -> Fault {
    ("uri-malformed", "must be an absolute URI".into())
}
