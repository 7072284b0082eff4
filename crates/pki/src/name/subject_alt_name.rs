//! Subject alternative names.

use std::{borrow::Cow, net::IpAddr};

use x509_cert::ext::pkix::name::GeneralName;

use super::NameError;

/// A subject alternative name in its one normal form. Build it with the `new_…` functions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectAltName {
    /// A domain name: A-labels in lower case; the leftmost label may be `*`.
    Dns(String),
    /// An address.
    Ip(IpAddr),
    /// A mailbox: the domain in A-labels, lower case; the local part may be any script.
    Email(String),
    /// A URI, ASCII.
    Uri(String),
}

impl SubjectAltName {
    /// A domain name.
    ///
    /// # Errors
    /// [`NameError`] names the rule that it breaks.
    pub fn new_dns(name: &str) -> Result<Self, NameError> {
        Ok(Self::Dns(name.to_owned()))
    }

    /// An address in text form.
    ///
    /// # Errors
    /// [`NameError`] names the rule that it breaks.
    pub fn new_ip(address: &str) -> Result<Self, NameError> {
        let _ = address;
        unimplemented!()
    }

    /// A mailbox.
    ///
    /// # Errors
    /// [`NameError`] names the rule that it breaks.
    pub fn new_email(mailbox: &str) -> Result<Self, NameError> {
        Ok(Self::Email(mailbox.to_owned()))
    }

    /// A URI.
    ///
    /// # Errors
    /// [`NameError`] names the rule that it breaks.
    pub fn new_uri(uri: &str) -> Result<Self, NameError> {
        Ok(Self::Uri(uri.to_owned()))
    }

    /// Builds a name from its kind (`dns`, `ip`, `email`, `uri`) and value.
    ///
    /// # Errors
    /// [`NameError`] names the rule that it breaks.
    pub fn parse(kind: &str, value: &str) -> Result<Self, NameError> {
        let _ = (kind, value);
        unimplemented!()
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

    /// The GeneralName.
    ///
    /// # Errors
    /// [`NameError`] for a name that was not built with the `new_…` functions.
    pub fn to_general_name(&self) -> Result<GeneralName, NameError> {
        unimplemented!()
    }

    /// Reads a GeneralName that others have written.
    ///
    /// # Errors
    /// [`NameError`] for a kind that is not supported, or a rule that the name breaks.
    pub fn from_general_name(name: &GeneralName) -> Result<Self, NameError> {
        let _ = name;
        unimplemented!()
    }
}
