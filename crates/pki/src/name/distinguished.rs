//! Distinguished names.

use std::fmt::{self, Display};

use x509_cert::name::Name;

use super::{AttributeType, NameError};

/// A distinguished name: a sequence of attributes, each an RDN by itself, in the order of the DER.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DistinguishedName {
    attributes: Vec<(AttributeType, String)>,
}

impl DistinguishedName {
    /// Takes the attributes of a name.
    ///
    /// # Errors
    /// All rules that the name breaks.
    pub fn new(attributes: Vec<(AttributeType, String)>) -> Result<Self, Vec<NameError>> {
        Ok(Self { attributes })
    }

    /// Reads a name that others have written.
    ///
    /// # Errors
    /// All rules that the name breaks.
    pub fn from_x509(name: &Name) -> Result<Self, Vec<NameError>> {
        let _ = name;
        Ok(Self {
            attributes: Vec::new(),
        })
    }

    /// The attributes, in the order of the DER.
    pub fn attributes(&self) -> &[(AttributeType, String)] {
        &self.attributes
    }

    /// The first value of this type.
    pub fn get(&self, attribute: AttributeType) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(found, _)| *found == attribute)
            .map(|(_, value)| value.as_str())
    }

    /// The name as x509-cert holds it.
    pub fn to_x509(&self) -> Name {
        unimplemented!()
    }

    /// The name in DER.
    pub fn to_der(&self) -> Vec<u8> {
        unimplemented!()
    }
}

impl Display for DistinguishedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let _ = f;
        Ok(())
    }
}
