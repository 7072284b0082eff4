//! Arguments that name a subject, and the statement of the RA about it.

use std::{collections::BTreeMap, net::IpAddr, path::PathBuf};

use api::{SanKind, SanStatement, Statement, SubjectKind};
use clap::ValueEnum;
use pki::{AttributeType, DistinguishedName, NameError, SubjectAltName};

use crate::{failure::Failure, files};

/// Kinds of subject alternative name in the order in which they are certified.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Names {
    /// Common name
    #[arg(long, value_name = "NAME")]
    pub(crate) cn: Option<String>,
    /// DNS name; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(crate) dns: Vec<String>,
    /// IP address; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) ip: Vec<IpAddr>,
    /// Mailbox; may be given several times
    #[arg(long, value_name = "MAILBOX")]
    pub(crate) email: Vec<String>,
    /// URI; may be given several times
    #[arg(long, value_name = "URI")]
    pub(crate) uri: Vec<String>,
}

impl Names {
    /// The subject: the common name or nothing.
    pub(crate) fn subject(&self) -> Result<Option<DistinguishedName>, Failure> {
        let Some(name) = &self.cn else {
            return Ok(None);
        };
        DistinguishedName::new(vec![(AttributeType::CommonName, name.clone())])
            .map(Some)
            .map_err(|faults| refused_names(&faults))
    }

    /// The subject alternative names for a CSR.
    pub(crate) fn alt_names(&self) -> Result<Vec<SubjectAltName>, Failure> {
        let dns = self.dns.iter().map(|name| SubjectAltName::new_dns(name));
        let ip = self
            .ip
            .iter()
            .map(|address| Ok(SubjectAltName::Ip(*address)));
        let email = self
            .email
            .iter()
            .map(|mailbox| SubjectAltName::new_email(mailbox));
        let uri = self.uri.iter().map(|uri| SubjectAltName::new_uri(uri));
        dns.chain(ip)
            .chain(email)
            .chain(uri)
            .collect::<Result<_, _>>()
            .map_err(|fault| refused_names(&[fault]))
    }

    fn stated_alt_names(&self) -> Vec<SanStatement> {
        let stated = |kind, value: &String| SanStatement {
            kind,
            value: value.clone(),
        };
        let dns = self.dns.iter().map(|name| stated(SanKind::Dns, name));
        let ip = self
            .ip
            .iter()
            .map(|address| stated(SanKind::Ip, &address.to_string()));
        let email = self
            .email
            .iter()
            .map(|mailbox| stated(SanKind::Email, mailbox));
        let uri = self.uri.iter().map(|uri| stated(SanKind::Uri, uri));
        dns.chain(ip).chain(email).chain(uri).collect()
    }
}

/// The RA's statement: from a file, or from arguments for a plain device or server.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct StatementArgs {
    /// The RA's statement: names, evidence and consent; JSON, or TOML in a file named *.toml
    #[arg(long, value_name = "FILE", conflicts_with_all = ["cn", "dns", "ip", "email", "uri", "subject_kind", "subscriber_ref"])]
    statement: Option<PathBuf>,
    #[command(flatten)]
    names: Names,
    /// Without --statement: what the subscriber is
    #[arg(long, value_enum, default_value = "device")]
    subject_kind: Kind,
    /// Without --statement: the RA's pseudonymous reference for the subscriber
    #[arg(long, value_name = "REFERENCE")]
    subscriber_ref: Option<String>,
}

impl StatementArgs {
    /// Reads or composes the statement.
    pub(crate) fn statement(&self) -> Result<Statement, Failure> {
        if let Some(path) = &self.statement {
            return files::read_document(path, "the statement");
        }
        let cn = self
            .names
            .cn
            .iter()
            .map(|name| (AttributeType::CommonName, name.clone()));
        Ok(Statement {
            subject_kind: self.subject_kind.into(),
            subject: cn.collect::<BTreeMap<_, _>>(),
            subject_alt_names: self.names.stated_alt_names(),
            subscriber_ref: self.subscriber_ref.clone(),
            evidence: Vec::new(),
            consent: None,
            key_custody: None,
            binding: None,
            age_band: None,
            guardian_consent: None,
            submitted_on_behalf: None,
        })
    }
}

impl StatementArgs {
    /// Names for a CSR that is made here: those of the arguments. With --statement there are none,
    /// because the CA takes them from the statement and refuses a CSR that differs.
    pub(crate) fn csr_names(&self) -> Result<CsrNames, Failure> {
        Ok((self.names.subject()?, self.names.alt_names()?))
    }
}

/// The names in a CSR.
pub(crate) type CsrNames = (Option<DistinguishedName>, Vec<SubjectAltName>);

/// What a subscriber is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// A natural person.
    Individual,
    /// A legal person.
    Organization,
    /// A device, server or service.
    Device,
}

impl From<Kind> for SubjectKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Individual => Self::Individual,
            Kind::Organization => Self::Organization,
            Kind::Device => Self::Device,
        }
    }
}

fn refused_names(faults: &[NameError]) -> Failure {
    Failure::refused("these names cannot be certified")
        .faults(faults.iter().map(ToString::to_string))
}
