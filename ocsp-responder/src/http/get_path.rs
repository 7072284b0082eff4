//! The request inside the path of a GET (RFC 6960 appendix A.1, RFC 9919 section 6).

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use percent_encoding::percent_decode_str;

/// Takes base64 with or without its padding: some clients lose it when they encode the URL.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Whether a path is `base` or below it.
pub(super) fn is_below(path: &str, base: &str) -> bool {
    let rest = path.strip_prefix(base.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Takes the DER of a request out of a URL's path.
///
/// The path is what the client sent, still percent-encoded, and `base` what every path begins
/// with. Clients that do not encode `+`, `/` and `=` are understood, also where the base64 holds
/// `//`, and so are a blank in place of `+` and line breaks.
///
/// `None` if the path is not below `base` or holds no base64.
pub(super) fn request_der(path: &str, base: &str) -> Option<Vec<u8>> {
    let encoded = path.strip_prefix(base.trim_end_matches('/'))?;
    // DER of an OCSPRequest begins with 0x30 and so its base64 with `M`: slashes in front of it
    // are the client's, slashes behind it may be base64.
    let encoded = encoded.strip_prefix('/')?.trim_start_matches('/');
    let text: Vec<u8> = percent_decode_str(encoded)
        .filter(|octet| !matches!(octet, b'\r' | b'\n'))
        .map(|octet| if octet == b' ' { b'+' } else { octet })
        .collect();
    if text.is_empty() {
        return None;
    }
    LENIENT.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    use super::*;

    /// Octets whose base64 holds `+`, `/`, `//` and `=`.
    const AWKWARD: &[u8] = &[0x30, 0xff, 0xff, 0xff, 0xfb, 0xef, 0xbe, 0x00];

    #[test]
    fn the_awkward_octets_are_awkward() {
        assert_eq!(STANDARD.encode(AWKWARD), "MP////vvvgA=");
    }

    #[test]
    fn takes_what_clients_send() {
        let cases = [
            ("/MP%2F%2F%2F%2FvvvgA%3D", "/"),
            ("/MP////vvvgA=", "/"),
            ("/MP////vvvgA", "/"),
            ("//MP////vvvgA%3D", "/"),
            ("/ocsp/MP////vvvgA%3D", "/ocsp"),
            ("/ocsp/MP////vvvgA%3D", "/ocsp/"),
            ("/ocsp//MP////vvvgA%3D%0A", "/ocsp"),
        ];
        for (path, base) in cases {
            assert_eq!(
                request_der(path, base).as_deref(),
                Some(AWKWARD),
                "{path} {base}"
            );
        }
    }

    #[test]
    fn a_blank_stands_for_a_plus() {
        let der = [0x30, 0xfb, 0xef, 0xbe];
        assert_eq!(STANDARD.encode(der), "MPvvvg==");
        let plus = [0x30, 0x0f, 0xbe];
        assert_eq!(STANDARD.encode(plus), "MA++");
        assert_eq!(request_der("/MA%20%20", "/").as_deref(), Some(&plus[..]));
        assert_eq!(request_der("/MA++", "/").as_deref(), Some(&plus[..]));
    }

    #[test]
    fn refuses_what_is_no_request() {
        for (path, base) in [
            ("/", "/"),
            ("", "/"),
            ("/ocsp", "/ocsp"),
            ("/other/MA++", "/ocsp"),
            ("/ocspMA++", "/ocsp"),
            ("/%ff%fe", "/"),
            ("/favicon.ico", "/"),
        ] {
            assert_eq!(request_der(path, base), None, "{path}");
        }
    }

    proptest! {
        #[test]
        fn any_request_comes_back_encoded_or_not(tail in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut der = vec![0x30];
            der.extend(tail);
            let plain = STANDARD.encode(&der);
            let encoded = utf8_percent_encode(&plain, NON_ALPHANUMERIC);
            prop_assert_eq!(request_der(&format!("/{encoded}"), "/"), Some(der.clone()));
            prop_assert_eq!(request_der(&format!("/a/b/{plain}"), "/a/b"), Some(der));
        }
    }
}
