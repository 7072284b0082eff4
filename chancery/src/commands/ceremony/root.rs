//! `ceremony root`: a self-signed root certificate.

use std::path::PathBuf;

use issuance::PreparedCertificate;
use jiff::SignedDuration;
use pki::{DistinguishedName, IssuerName, SerialNumber, time::Clock as _};
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

/// Make a self-signed root certificate for a key in a token
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery ceremony root --token root.toml --id 01 --policy policy/esign.toml \\
      --subject 'C=CN,O=Example,CN=Example Root CA' --validity 7300d --out root.pem")]
pub(crate) struct Args {
    #[command(flatten)]
    key: KeyArgs,
    /// Policy file, whose section 6.3.2 says how long a root may last
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// Name of the root in URLs and file names
    #[arg(long, default_value = "root")]
    name: IssuerName,
    /// Subject in the order of the certificate, such as 'C=CN,O=Example,CN=Example Root CA'
    #[arg(long, value_parser = subject_text::parse)]
    subject: DistinguishedName,
    /// How long it lasts
    #[arg(long, default_value = "7300d", value_name = "DURATION", value_parser = values::duration)]
    validity: SignedDuration,
    /// How many CA certificates may follow below it; no limit when absent
    #[arg(long, value_name = "NUMBER")]
    path_len: Option<u8>,
    /// The certificate, PEM
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(super) async fn run(args: Args, output: Output) -> Result<(), Failure> {
    files::check_directory(&args.out)?;
    let policy = PolicyFile::read(&args.policy)?;
    let now = service::SystemClock.now();
    let request = CaRequest {
        subject: args.subject,
        validity: args.validity,
        path_len: args.path_len,
        signer: CaSigner::Itself,
    };
    let plan = policy.ca_plan(&request, now)?;
    let key = args.key.open().await?;
    let serial = SerialNumber::generate(now, &mut rand::rng());
    let prepared = PreparedCertificate::self_signed(
        args.name,
        serial,
        key.public_key(),
        key.algorithm(),
        &plan,
    )
    .map_err(|error| {
        Failure::refused("the root certificate cannot be made")
            .rule(error.code())
            .because(&error)
    })?;
    let (message, awaiting) = prepared.release();
    let signature = token::sign(&key, message).await?;
    let issued = awaiting
        .complete(&signature)
        .map_err(|error| Failure::internal("the token's signature is bad").because(&error))?;
    files::write(&args.out, issued.certificate().to_pem().as_bytes())?;
    let certificate = issued.certificate();
    output.show(&show::ca_json(certificate), |_| {
        show::ca(certificate, &args.out)
    })
}
