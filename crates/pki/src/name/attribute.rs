//! Types of attributes in distinguished names.

use std::{
    fmt::{self, Display},
    str::FromStr,
};

use der::asn1::ObjectIdentifier;

use crate::text::serde_as_text;

/// The text does not name an attribute type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown attribute type {name:?}")]
pub struct UnknownAttributeType {
    /// The text.
    pub name: String,
}

/// The string types that we write (RFC 5280 §4.1.2.4 and appendix A.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StringType {
    Printable,
    Ia5,
    Utf8,
}

macro_rules! attribute_types {
    ($($variant:ident, $name:literal, $short:expr, $oid:literal, $string:ident, $bound:literal, $doc:literal;)+) => {
        /// A type of attribute in a distinguished name. Text and serde form: the long name of
        /// X.520, such as `commonName`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum AttributeType {
            $(#[doc = $doc] $variant,)+
        }

        impl AttributeType {
            /// All types.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The long name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The short name of RFC 4514 §3, if it has one.
            pub const fn short_name(self) -> Option<&'static str> {
                match self { $(Self::$variant => $short,)+ }
            }

            /// The object identifier.
            pub const fn oid(self) -> ObjectIdentifier {
                match self { $(Self::$variant => ObjectIdentifier::new_unwrap($oid),)+ }
            }

            /// The string type that values are written in.
            pub(super) const fn string_type(self) -> StringType {
                match self { $(Self::$variant => StringType::$string,)+ }
            }

            /// The most characters, not octets, that a value may have (RFC 5280 appendix A.1; for
            /// the names of persons, which it leaves almost unbounded, BR 7.1.4.2).
            pub const fn upper_bound(self) -> usize {
                match self { $(Self::$variant => $bound,)+ }
            }
        }
    };
}

attribute_types! {
    CountryName, "countryName", Some("C"), "2.5.4.6", Printable, 2, "ISO 3166 code, two capital letters.";
    StateOrProvinceName, "stateOrProvinceName", Some("ST"), "2.5.4.8", Utf8, 128, "State or province.";
    LocalityName, "localityName", Some("L"), "2.5.4.7", Utf8, 128, "City or other locality.";
    StreetAddress, "streetAddress", Some("STREET"), "2.5.4.9", Utf8, 128, "Street and house.";
    PostalCode, "postalCode", None, "2.5.4.17", Utf8, 40, "Postal code.";
    OrganizationName, "organizationName", Some("O"), "2.5.4.10", Utf8, 64, "Organization.";
    OrganizationalUnitName, "organizationalUnitName", Some("OU"), "2.5.4.11", Utf8, 64, "Part of an organization.";
    CommonName, "commonName", Some("CN"), "2.5.4.3", Utf8, 64, "The name by which the subject is known.";
    SerialNumber, "serialNumber", None, "2.5.4.5", Printable, 64, "A number that tells subjects apart; not the certificate's.";
    GivenName, "givenName", None, "2.5.4.42", Utf8, 64, "Given name of a person.";
    Surname, "surname", None, "2.5.4.4", Utf8, 64, "Family name of a person.";
    Initials, "initials", None, "2.5.4.43", Utf8, 64, "Initials of a person.";
    GenerationQualifier, "generationQualifier", None, "2.5.4.44", Utf8, 64, "Such as `Jr.`.";
    Pseudonym, "pseudonym", None, "2.5.4.65", Utf8, 128, "A name chosen in place of a person's own.";
    Title, "title", None, "2.5.4.12", Utf8, 64, "Position in an organization.";
    OrganizationIdentifier, "organizationIdentifier", None, "2.5.4.97", Utf8, 64, "Registration number of an organization (ETSI EN 319 412-1).";
    DnQualifier, "dnQualifier", None, "2.5.4.46", Printable, 64, "Tells apart entries from several sources.";
    UserId, "userId", Some("UID"), "0.9.2342.19200300.100.1.1", Utf8, 256, "An account's name (RFC 4519).";
    DomainComponent, "domainComponent", Some("DC"), "0.9.2342.19200300.100.1.25", Ia5, 63, "One label of a domain name (RFC 4519).";
    EmailAddress, "emailAddress", None, "1.2.840.113549.1.9.1", Ia5, 255, "A mailbox; belongs in the subject alternative name (RFC 5280 §4.1.2.6).";
}

impl AttributeType {
    /// The type with this object identifier.
    pub fn from_oid(oid: &ObjectIdentifier) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|attribute| attribute.oid() == *oid)
    }
}

impl Display for AttributeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for AttributeType {
    type Err = UnknownAttributeType;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|attribute| attribute.as_str() == text)
            .ok_or_else(|| UnknownAttributeType {
                name: text.to_owned(),
            })
    }
}

serde_as_text!(AttributeType);
