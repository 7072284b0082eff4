//! Subject alternative names.

use std::{
    borrow::Cow,
    fmt::{self, Display},
    net::IpAddr,
};

use der::{
    Tag, Tagged,
    asn1::{Any, Ia5String, ObjectIdentifier, OctetString},
};
use x509_cert::ext::pkix::name::{GeneralName, OtherName};

use super::{NameError, dns, email, rules::Fault, uri};

/// id-on-`SmtpUTF8Mailbox` (RFC 9598 §3).
const SMTP_UTF8_MAILBOX: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.8.9");

/// A subject alternative name in its one normal form. Build it with the `new_…` functions: the
/// variants are open for matching, and a value that skips the functions skips the rules.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectAltName {
    /// A domain name: A-labels in lower case; the leftmost label may be `*`.
    Dns(String),
    /// An address.
    Ip(IpAddr),
    /// A mailbox: the domain in A-labels, lower case; the local part may be of any script.
    Email(String),
    /// An absolute URI, ASCII.
    Uri(String),
}

impl SubjectAltName {
    /// A domain name, in Unicode or ASCII, perhaps with `*` as its leftmost label.
    ///
    /// # Errors
    /// `dns-malformed`, `dns-not-idna`.
    pub fn new_dns(name: &str) -> Result<Self, NameError> {
        let (wildcard, rest) = match name.strip_prefix("*.") {
            Some(rest) => ("*.", rest),
            None => ("", name),
        };
        let rest = dns::normalise(rest).map_err(|fault| error("dns", fault))?;
        Ok(Self::Dns(format!("{wildcard}{rest}")))
    }

    /// An address in text form.
    ///
    /// # Errors
    /// `ip-malformed`.
    pub fn new_ip(address: &str) -> Result<Self, NameError> {
        address.parse().map(Self::Ip).map_err(|_| ip_malformed())
    }

    /// A mailbox, `local-part@domain`.
    ///
    /// # Errors
    /// `email-malformed`, the codes of [`Self::new_dns`] and those of names (`name-nul` …).
    pub fn new_email(mailbox: &str) -> Result<Self, NameError> {
        email::normalise(mailbox)
            .map(Self::Email)
            .map_err(|fault| error("email", fault))
    }

    /// An absolute URI.
    ///
    /// # Errors
    /// `uri-malformed`.
    pub fn new_uri(uri: &str) -> Result<Self, NameError> {
        uri::normalise(uri)
            .map(Self::Uri)
            .map_err(|fault| error("uri", fault))
    }

    /// Builds a name from its kind (`dns`, `ip`, `email`, `uri`) and value.
    ///
    /// # Errors
    /// As the function of that kind; `san-kind-unsupported` for another.
    pub fn parse(kind: &str, value: &str) -> Result<Self, NameError> {
        match kind {
            "dns" => Self::new_dns(value),
            "ip" => Self::new_ip(value),
            "email" => Self::new_email(value),
            "uri" => Self::new_uri(value),
            _ => Err(kind_unsupported()),
        }
    }

    /// `dns`, `ip`, `email` or `uri`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Dns(_) => "dns",
            Self::Ip(_) => "ip",
            Self::Email(_) => "email",
            Self::Uri(_) => "uri",
        }
    }

    /// The value in text form.
    pub fn value(&self) -> Cow<'_, str> {
        match self {
            Self::Dns(text) | Self::Email(text) | Self::Uri(text) => Cow::Borrowed(text),
            Self::Ip(address) => Cow::Owned(address.to_string()),
        }
    }

    /// Whether this is a domain name whose leftmost label is `*`.
    pub fn is_wildcard(&self) -> bool {
        matches!(self, Self::Dns(name) if name.starts_with("*."))
    }

    /// The `GeneralName`: a mailbox with an ASCII local part is an rfc822Name, any other an otherName
    /// with a `SmtpUTF8Mailbox` (RFC 9598 §3).
    ///
    /// # Errors
    /// [`NameError`] for a name that was not built with the `new_…` functions.
    pub fn to_general_name(&self) -> Result<GeneralName, NameError> {
        let name = match self {
            Self::Dns(name) => Ia5String::new(name).map(GeneralName::DnsName),
            Self::Ip(IpAddr::V4(address)) => ip_general_name(&address.octets()),
            Self::Ip(IpAddr::V6(address)) => ip_general_name(&address.octets()),
            Self::Email(mailbox) if email::is_internationalized(mailbox) => smtp_utf8(mailbox),
            Self::Email(mailbox) => Ia5String::new(mailbox).map(GeneralName::Rfc822Name),
            Self::Uri(uri) => Ia5String::new(uri).map(GeneralName::UniformResourceIdentifier),
        };
        name.map_err(|_| {
            NameError::new(self.kind(), "name-unencodable", "cannot be written as DER")
        })
    }

    /// Reads a `GeneralName` that others have written.
    ///
    /// # Errors
    /// `san-kind-unsupported` for another kind than these four, `email-form` for a mailbox in the
    /// wrong one of its two forms, or a rule that the name breaks.
    pub fn from_general_name(name: &GeneralName) -> Result<Self, NameError> {
        match name {
            GeneralName::DnsName(name) => Self::new_dns(name.as_ref()),
            GeneralName::IpAddress(octets) => read_ip(octets.as_bytes()),
            GeneralName::Rfc822Name(mailbox) => Self::new_email(mailbox.as_ref()),
            GeneralName::UniformResourceIdentifier(uri) => Self::new_uri(uri.as_ref()),
            GeneralName::OtherName(name) if name.type_id == SMTP_UTF8_MAILBOX => {
                read_smtp_utf8(&name.value)
            }
            GeneralName::OtherName(_)
            | GeneralName::DirectoryName(_)
            | GeneralName::EdiPartyName(_)
            | GeneralName::RegisteredId(_) => Err(kind_unsupported()),
        }
    }
}

fn ip_general_name(octets: &[u8]) -> der::Result<GeneralName> {
    OctetString::new(octets).map(GeneralName::IpAddress)
}

fn smtp_utf8(mailbox: &str) -> der::Result<GeneralName> {
    let value = Any::new(Tag::Utf8String, mailbox.as_bytes())?;
    Ok(GeneralName::OtherName(OtherName {
        type_id: SMTP_UTF8_MAILBOX,
        value,
    }))
}

fn read_ip(octets: &[u8]) -> Result<SubjectAltName, NameError> {
    let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    let v6 = <[u8; 16]>::try_from(octets).map(IpAddr::from);
    v4.or(v6)
        .map(SubjectAltName::Ip)
        .map_err(|_| ip_malformed())
}

fn read_smtp_utf8(value: &Any) -> Result<SubjectAltName, NameError> {
    let wrong_form = || {
        NameError::new(
            "email",
            "email-form",
            "must be a SmtpUTF8Mailbox exactly if not ASCII",
        )
    };
    let text = str::from_utf8(value.value()).map_err(|_| wrong_form())?;
    let local_is_ascii = text
        .rsplit_once('@')
        .is_none_or(|(local, _)| local.is_ascii());
    if value.tag() != Tag::Utf8String || local_is_ascii {
        return Err(wrong_form());
    }
    SubjectAltName::new_email(text)
}

fn error(kind: &str, (code, detail): Fault) -> NameError {
    NameError::new(kind, code, detail)
}

fn ip_malformed() -> NameError {
    NameError::new("ip", "ip-malformed", "must be an IPv4 or IPv6 address")
}

fn kind_unsupported() -> NameError {
    NameError::new(
        "subjectAltName",
        "san-kind-unsupported",
        "must be dns, ip, email or uri",
    )
}

/// `kind:value`.
impl Display for SubjectAltName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind(), self.value())
    }
}
