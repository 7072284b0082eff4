//! The two forms of an ECDSA signature: DER in X.509, `r ‖ s` in PKCS#11 and JOSE.

use der::{Decode, Encode, asn1::UintRef};

/// `Ecdsa-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER }` (RFC 3279 section 2.2.3).
#[derive(der::Sequence)]
struct EcdsaSigValue<'a> {
    r: UintRef<'a>,
    s: UintRef<'a>,
}

/// The DER of a signature that is given as `r ‖ s`, halves of equal length; `None` if there are no
/// such halves.
pub fn ecdsa_to_der(raw: &[u8]) -> Option<Vec<u8>> {
    if raw.is_empty() || !raw.len().is_multiple_of(2) {
        return None;
    }
    let (r, s) = raw.split_at(raw.len() / 2);
    let encode = |r, s| {
        EcdsaSigValue {
            r: UintRef::new(r)?,
            s: UintRef::new(s)?,
        }
        .to_der()
    };
    encode(r, s).ok()
}

/// `r ‖ s` of a signature in DER, each filled up to `half` octets; `None` if it is none, or longer.
pub fn ecdsa_from_der(der: &[u8], half: usize) -> Option<Vec<u8>> {
    let value = EcdsaSigValue::from_der(der).ok()?;
    let mut raw = Vec::with_capacity(2 * half);
    for number in [value.r.as_bytes(), value.s.as_bytes()] {
        let zeros = half.checked_sub(number.len())?;
        raw.extend(std::iter::repeat_n(0, zeros));
        raw.extend(number);
    }
    Some(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_become_minimal_integers_and_back() {
        let cases: [(&[u8], &[u8]); 3] = [
            (&[0, 1, 0, 2], &[0x30, 6, 2, 1, 1, 2, 1, 2]),
            (&[0x80, 1, 0, 2], &[0x30, 8, 2, 3, 0, 0x80, 1, 2, 1, 2]),
            (&[0x7f, 1], &[0x30, 6, 2, 1, 0x7f, 2, 1, 1]),
        ];
        for (raw, der) in cases {
            assert_eq!(ecdsa_to_der(raw).unwrap(), der);
            assert_eq!(ecdsa_from_der(der, raw.len() / 2).unwrap(), raw);
        }
    }

    #[test]
    fn an_odd_or_empty_text_is_no_signature() {
        for raw in [&[][..], &[1], &[1, 2, 3]] {
            assert_eq!(ecdsa_to_der(raw), None);
        }
        assert_eq!(ecdsa_from_der(&[0x30, 6, 2, 2, 1, 1, 2, 0], 1), None);
    }
}
