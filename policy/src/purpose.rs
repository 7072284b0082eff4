//! Extended key usages by name (RFC 5280 §4.2.1.12).

use const_oid::ObjectIdentifier;

/// id-kp-serverAuth.
pub(crate) const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");

/// anyExtendedKeyUsage.
pub(crate) const ANY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");

const PURPOSES: &[(&str, ObjectIdentifier)] = &[
    ("serverAuth", SERVER_AUTH),
    (
        "clientAuth",
        ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2"),
    ),
    (
        "codeSigning",
        ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3"),
    ),
    (
        "emailProtection",
        ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.4"),
    ),
    (
        "timeStamping",
        ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8"),
    ),
    ("OCSPSigning", crate::OCSP_SIGNING),
    (
        "documentSigning",
        ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.36"),
    ),
    ("anyExtendedKeyUsage", ANY),
];

/// The purpose that a name or a dotted object identifier stands for.
pub(crate) fn parse(text: &str) -> Option<ObjectIdentifier> {
    PURPOSES
        .iter()
        .find(|(name, _)| *name == text)
        .map(|(_, oid)| *oid)
        .or_else(|| ObjectIdentifier::new(text).ok())
}

/// The name of a purpose, or its dotted object identifier.
pub(crate) fn name(oid: &ObjectIdentifier) -> String {
    PURPOSES
        .iter()
        .find(|(_, known)| known == oid)
        .map_or_else(|| oid.to_string(), |(name, _)| (*name).to_owned())
}
