//! Cases for PEM.

use proptest::prelude::*;

use super::{PemError, decode, decode_all, encode};

const LABEL: &str = "CERTIFICATE";

#[test]
fn writes_lines_of_64() {
    let text = encode(LABEL, &[0; 49]);
    let widths: Vec<usize> = text.lines().map(str::len).collect();
    assert_eq!(widths, [27, 64, 4, 25]);
    assert!(text.ends_with("-----END CERTIFICATE-----\n"));
}

#[test]
fn reads_any_width_and_blanks() {
    let cases = [
        (
            "one line",
            "-----BEGIN CERTIFICATE-----\nAQIDBAUG\n-----END CERTIFICATE-----",
        ),
        (
            "short lines",
            "-----BEGIN CERTIFICATE-----\nAQI\nDBA\nUG\n-----END CERTIFICATE-----\n",
        ),
        (
            "blanks",
            "  -----BEGIN CERTIFICATE-----  \r\n AQID BAUG\t\r\n\n-----END CERTIFICATE-----\n\n",
        ),
        (
            "text around",
            "hello\n-----BEGIN CERTIFICATE-----\nAQIDBAUG\n-----END CERTIFICATE-----\nx",
        ),
    ];
    for (name, text) in cases {
        assert_eq!(decode(LABEL, text), Ok(vec![1, 2, 3, 4, 5, 6]), "{name}");
    }
}

#[test]
fn refuses_broken_blocks() {
    let cases = [
        ("no end", "-----BEGIN CERTIFICATE-----\nAQIDBAUG\n"),
        (
            "another end",
            "-----BEGIN CERTIFICATE-----\nAQID\n-----END X509 CRL-----\n",
        ),
        (
            "no base64",
            "-----BEGIN CERTIFICATE-----\nA*ID\n-----END CERTIFICATE-----\n",
        ),
        (
            "no padding",
            "-----BEGIN CERTIFICATE-----\nAQI\n-----END CERTIFICATE-----\n",
        ),
        (
            "bits after the end",
            "-----BEGIN CERTIFICATE-----\nAR==\n-----END CERTIFICATE-----\n",
        ),
    ];
    for (name, text) in cases {
        assert_eq!(decode(LABEL, text), Err(PemError::Malformed), "{name}");
    }
}

#[test]
fn passes_over_other_labels() {
    let text = format!(
        "{}{}{}",
        encode("X509 CRL", &[9]),
        encode(LABEL, &[1]),
        encode(LABEL, &[2])
    );
    assert_eq!(decode_all(LABEL, &text), Ok(vec![vec![1], vec![2]]));
    assert_eq!(decode_all("PUBLIC KEY", &text), Ok(vec![]));
    let missing = Err(PemError::Missing {
        label: "PUBLIC KEY".into(),
    });
    assert_eq!(decode("PUBLIC KEY", &text), missing);
}

proptest! {
    #[test]
    fn survives_a_round_trip(octets in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert_eq!(decode(LABEL, &encode(LABEL, &octets)), Ok(octets));
    }
}
