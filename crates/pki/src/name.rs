//! Names of subjects: distinguished names and subject alternative names.

mod attribute;
mod display;
mod distinguished;
mod dns;
mod email;
mod error;
mod rules;
mod subject_alt_name;
mod uri;
mod value;

pub use self::{
    attribute::{AttributeType, UnknownAttributeType},
    distinguished::DistinguishedName,
    error::NameError,
    subject_alt_name::SubjectAltName,
};

#[cfg(test)]
mod tests;
