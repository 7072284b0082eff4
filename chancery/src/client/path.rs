//! Paths of the API with their members filled in.

use std::fmt::Write as _;

/// Fills the `{members}` of a route, in order, percent-encoded (RFC 3986 section 2.1).
pub(crate) fn fill(route: &str, members: &[&str]) -> String {
    let mut members = members.iter();
    let mut path = String::new();
    for segment in route.split('/').skip(1) {
        path.push('/');
        if segment.starts_with('{') {
            encode(members.next().copied().unwrap_or_default(), &mut path);
        } else {
            path.push_str(segment);
        }
    }
    path
}

fn encode(member: &str, path: &mut String) {
    for byte in member.bytes() {
        if byte.is_ascii_alphanumeric() || UNRESERVED.contains(&byte) {
            path.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(path, "%{byte:02X}");
        }
    }
}

const UNRESERVED: &[u8] = b"-._~";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_filled_in_order_and_cannot_leave_their_segment() {
        let path = fill(api::routes::PEER_PIN, &["ra/../a", "00ff"]);
        assert_eq!(path, "/v1/officer/peers/ra%2F..%2Fa/pins/00ff");
    }

    #[test]
    fn a_route_without_members_stays_as_it_is() {
        assert_eq!(fill(api::routes::PROFILES, &[]), api::routes::PROFILES);
    }
}
