//! What a request asks for.

use const_oid::{
    AssociatedOid,
    db::rfc5280::{
        ID_CE_BASIC_CONSTRAINTS, ID_CE_EXT_KEY_USAGE, ID_CE_KEY_USAGE, ID_CE_SUBJECT_ALT_NAME,
    },
};
use der::asn1::ObjectIdentifier;
use x509_cert::{
    attr::{Attribute, Attributes},
    ext::{Extension, pkix},
    request::ExtensionReq,
};

use super::CsrError;
use crate::{KeyUsageBits, NameError, SubjectAltName, extension};

/// What a request asks for in its extensionRequest attribute (RFC 2985 §5.4.2). The profile
/// decides what of it counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestedExtensions {
    /// Subject alternative names, in the order of the request.
    pub subject_alt_names: Vec<SubjectAltName>,
    /// The cA flag, if basicConstraints is asked for.
    pub ca: Option<bool>,
    /// Key usage, if asked for.
    pub key_usage: Option<KeyUsageBits>,
    /// Purposes, if asked for.
    pub extended_key_usage: Vec<ObjectIdentifier>,
    /// Other extensions that are asked for.
    pub other: Vec<ObjectIdentifier>,
}

impl RequestedExtensions {
    /// Reads the attributes of a request. Names that break rules go to `faults`.
    pub(super) fn read(
        attributes: &Attributes,
        faults: &mut Vec<NameError>,
    ) -> Result<Self, CsrError> {
        let mut requested = Self::default();
        let attribute = attributes
            .iter()
            .find(|attribute| attribute.oid == ExtensionReq::OID);
        if let Some(attribute) = attribute {
            let extensions = read_list(attribute)?;
            for extension in &extensions {
                requested
                    .read_one(extension, faults)
                    .ok_or(CsrError::ExtensionInvalid)?;
            }
        }
        Ok(requested)
    }

    fn read_one(&mut self, extension: &Extension, faults: &mut Vec<NameError>) -> Option<()> {
        let value = extension.extn_value.as_bytes();
        match extension.extn_id {
            ID_CE_SUBJECT_ALT_NAME => {
                let names: pkix::SubjectAltName = extension::decode_exactly(value)?;
                self.read_names(&names, faults)?;
            }
            ID_CE_BASIC_CONSTRAINTS => {
                let constraints: pkix::BasicConstraints = extension::decode_exactly(value)?;
                self.ca = Some(constraints.ca);
            }
            ID_CE_KEY_USAGE => {
                let usage: pkix::KeyUsage = extension::decode_exactly(value)?;
                self.key_usage = Some(usage.0);
            }
            ID_CE_EXT_KEY_USAGE => {
                let purposes: pkix::ExtendedKeyUsage = extension::decode_exactly(value)?;
                self.extended_key_usage = purposes.0;
            }
            other => self.other.push(other),
        }
        Some(())
    }

    fn read_names(
        &mut self,
        names: &pkix::SubjectAltName,
        faults: &mut Vec<NameError>,
    ) -> Option<()> {
        for name in &names.0 {
            match SubjectAltName::from_general_name(name) {
                Ok(name) => self.subject_alt_names.push(name),
                Err(fault) => faults.push(fault),
            }
        }
        (!names.0.is_empty()).then_some(())
    }
}

fn read_list(attribute: &Attribute) -> Result<Vec<Extension>, CsrError> {
    let mut values = attribute.values.iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(CsrError::ExtensionInvalid);
    };
    let request: ExtensionReq =
        extension::decode_any_exactly(value).ok_or(CsrError::ExtensionInvalid)?;
    if extension::has_duplicate(&request.0) {
        return Err(CsrError::DuplicateExtension);
    }
    if request.0.is_empty() {
        return Err(CsrError::ExtensionInvalid);
    }
    Ok(request.0)
}
