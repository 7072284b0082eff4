//! Names of subjects: distinguished names and subject alternative names.

mod attribute;
mod distinguished;
mod error;
mod subject_alt_name;

pub use self::{
    attribute::{AttributeType, UnknownAttributeType},
    distinguished::DistinguishedName,
    error::NameError,
    subject_alt_name::SubjectAltName,
};
