//! `ceremony sign-ca`: the certificate of an issuing or management CA.

use std::path::PathBuf;

use issuance::{Issuer, PreparedCertificate};
use jiff::SignedDuration;
use pki::{Certificate, DistinguishedName, IssuerName, SerialNumber, time::Clock as _};
use policy::{CaRequest, CaSigner};

use super::{
    subject_text,
    token::{self, KeyArgs},
};
use crate::{
    commands::{policy::file::PolicyFile, show},
    failure::Failure,
    files,
    output::Output,
    values,
};

/// Sign the certificate of an issuing or management CA with the root key
///
/// The URLs of the root's CRL and certificate come from the policy file, section 2.1, and the
/// root's --name: BASE/crl/NAME.crl and BASE/ca/NAME.cer.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery ceremony sign-ca --token root.toml --id 01 --certificate root.pem --name root \\
      --policy policy/esign.toml --csr esign-ca.csr --validity 3650d --path-len 0 \\
      --out esign-ca.pem")]
pub(crate) struct Args {
    #[command(flatten)]
    key: KeyArgs,
    /// The root certificate, PEM
    #[arg(long, value_name = "FILE")]
    certificate: PathBuf,
    /// Name of the root in URLs and file names
    #[arg(long, default_value = "root")]
    name: IssuerName,
    /// Policy file of the CA that is certified
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// CSR of the CA that is certified, PEM or DER
    #[arg(long, value_name = "FILE")]
    csr: PathBuf,
    /// Another subject than the CSR's
    #[arg(long, value_parser = subject_text::parse)]
    subject: Option<DistinguishedName>,
    /// How long it lasts
    #[arg(long, default_value = "3650d", value_name = "DURATION", value_parser = values::duration)]
    validity: SignedDuration,
    /// How many CA certificates may follow below it
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    path_len: u8,
    /// The certificate, PEM
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The certificate and the root, PEM
    #[arg(long, value_name = "FILE")]
    chain: Option<PathBuf>,
}

pub(super) async fn run(args: Args, output: Output) -> Result<(), Failure> {
    files::check_directory(&args.out)?;
    let policy = PolicyFile::read(&args.policy)?;
    let root = files::read_certificate(&args.certificate)?;
    let csr = files::read_csr(&args.csr)?;
    let subject = args
        .subject
        .or_else(|| csr.subject().cloned())
        .ok_or_else(|| {
            Failure::refused("the CSR has no subject")
                .in_file(&args.csr)
                .remedy("add --subject")
        })?;
    let now = service::SystemClock.now();
    let request = CaRequest {
        subject,
        validity: args.validity,
        path_len: Some(args.path_len),
        signer: CaSigner::Parent {
            name: &args.name,
            not_after: root.not_after(),
        },
    };
    let plan = policy.ca_plan(&request, now)?;
    let key = args.key.open().await?;
    let issuer = Issuer::new(
        args.name.clone(),
        root.clone(),
        key.public_key(),
        key.algorithm(),
    )
    .map_err(|error| {
        Failure::refused("the key cannot sign for this certificate")
            .in_file(&args.certificate)
            .rule(error.code())
            .because(&error)
    })?;
    let serial = SerialNumber::generate(now, &mut rand::rng());
    let prepared =
        PreparedCertificate::new(&issuer, serial, csr.public_key(), &plan).map_err(|error| {
            Failure::refused("the CA certificate cannot be made")
                .rule(error.code())
                .because(&error)
        })?;
    let (message, awaiting) = prepared.release();
    let signature = token::sign(&key, message).await?;
    let signed = awaiting
        .complete(&signature)
        .map_err(|error| Failure::internal("the token's signature is bad").because(&error))?;
    let certificate = signed.certificate();
    write(certificate, &root, &args.out, args.chain.as_ref())?;
    output.show(&show::ca_json(certificate), |_| {
        show::ca(certificate, &args.out)
    })
}

fn write(
    certificate: &Certificate,
    root: &Certificate,
    out: &std::path::Path,
    chain: Option<&PathBuf>,
) -> Result<(), Failure> {
    let pem = certificate.to_pem();
    files::write(out, pem.as_bytes())?;
    match chain {
        Some(path) => files::write(path, format!("{pem}{}", root.to_pem()).as_bytes()),
        None => Ok(()),
    }
}
