//! `ceremony root-crl`: the CRL of the root.

use std::path::PathBuf;

use issuance::{CrlCoverage, CrlEntry, DistributionPoint, Issuer, OnlyContains, PreparedCrl};
use jiff::Timestamp;
use pki::{CrlNumber, IssuerName, RevocationReason, SerialNumber, time::Clock as _};
use serde::Deserialize;

use super::token::{self, KeyArgs};
use crate::{commands::show, failure::Failure, files, output::Output, table, values};

/// Sign the CRL of the root
///
/// Numbers only go up: the CA refuses to import one that does not. Revoked CA certificates stay on
/// the list until they have expired. The list says that it covers CA certificates alone.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery ceremony root-crl --token root.toml --id 01 --certificate root.pem --name root \\
      --number 3 --next-update 180d --revoked revoked.json --out root.crl

The file of revoked CA certificates:
  [ { \"serial\": \"0a1b2c\", \"revoked_at\": \"2026-11-20T08:00:00Z\", \"reason\": \"superseded\" } ]")]
pub(crate) struct Args {
    #[command(flatten)]
    key: KeyArgs,
    /// The root certificate, PEM
    #[arg(long, value_name = "FILE")]
    certificate: PathBuf,
    /// Name of the root in URLs and file names
    #[arg(long, default_value = "root")]
    name: IssuerName,
    /// Number of the CRL: one more than the last
    #[arg(long, value_name = "NUMBER")]
    number: u64,
    /// When it is issued, RFC 3339; now when absent
    #[arg(long, value_name = "TIME")]
    this_update: Option<Timestamp>,
    /// When the next one is due at the latest: a duration or a time in RFC 3339
    #[arg(long, default_value = "180d", value_name = "WHEN")]
    next_update: String,
    /// Revoked CA certificates; JSON, or TOML with `[[revoked]]` in a file named *.toml
    #[arg(long, value_name = "FILE")]
    revoked: Option<PathBuf>,
    /// The CRL, PEM
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum RevokedFile {
    List(Vec<Revoked>),
    Table { revoked: Vec<Revoked> },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Revoked {
    serial: SerialNumber,
    #[serde(rename = "revoked_at")]
    at: Timestamp,
    reason: Option<RevocationReason>,
    invalidity_date: Option<Timestamp>,
}

pub(super) async fn run(args: Args, output: Output) -> Result<(), Failure> {
    files::check_directory(&args.out)?;
    let root = files::read_certificate(&args.certificate)?;
    let this_update = args
        .this_update
        .unwrap_or_else(|| service::SystemClock.now());
    let next_update = values::moment(&args.next_update, this_update)
        .map_err(|fault| Failure::usage(fault).at("--next-update"))?;
    let entries = args
        .revoked
        .as_ref()
        .map_or_else(|| Ok(Vec::new()), |path| entries(path))?;
    let key = args.key.open().await?;
    let issuer =
        Issuer::new(args.name, root, key.public_key(), key.algorithm()).map_err(|error| {
            Failure::refused("the key cannot sign for this certificate")
                .in_file(&args.certificate)
                .rule(error.code())
                .because(&error)
        })?;
    let number = CrlNumber::new(args.number);
    let count = entries.len();
    let prepared = PreparedCrl::new(
        &issuer,
        number,
        this_update,
        next_update,
        entries,
        Some(of_ca_certificates()),
    )
    .map_err(|error| {
        Failure::refused("the CRL cannot be made")
            .rule(error.code())
            .because(&error)
    })?;
    let (message, awaiting) = prepared.release();
    let signature = token::sign(&key, message).await?;
    let crl = awaiting
        .complete(&signature)
        .map_err(|error| Failure::internal("the token's signature is bad").because(&error))?;
    files::write(
        &args.out,
        pki::pem::encode("X509 CRL", crl.der()).as_bytes(),
    )?;
    let answer = serde_json::json!({
        "crl": args.out,
        "issuer": crl.issuer_name(),
        "number": crl.number(),
        "this_update": crl.this_update(),
        "next_update": crl.next_update(),
        "revoked": count,
    });
    output.show(&answer, |_| {
        table::members(&[
            ("CRL", Some(args.out.display().to_string())),
            ("issuer", Some(crl.issuer_name().to_string())),
            ("number", Some(crl.number().to_string())),
            ("this update", Some(show::time(crl.this_update()))),
            ("next update", Some(show::time(crl.next_update()))),
            ("revoked", Some(format!("{count} certificates"))),
        ])
    })
}

/// A root certifies CAs alone, and its list says so (RFC 5280 section 5.2.5). The list is complete
/// for them, so it needs no name; with one, OpenSSL could not check the root itself, which has no
/// distribution point.
fn of_ca_certificates() -> CrlCoverage {
    CrlCoverage {
        distribution_point: Some(DistributionPoint {
            uri: None,
            only_contains: OnlyContains::CaCertificates,
        }),
        ..CrlCoverage::default()
    }
}

fn entries(path: &std::path::Path) -> Result<Vec<CrlEntry>, Failure> {
    let file: RevokedFile = files::read_document(path, "the list of revoked certificates")?;
    let (RevokedFile::List(revoked) | RevokedFile::Table { revoked }) = file;
    let mut entries: Vec<_> = revoked
        .into_iter()
        .map(|revoked| CrlEntry {
            serial: revoked.serial,
            revoked_at: revoked.at,
            reason: revoked.reason,
            invalidity_date: revoked.invalidity_date,
        })
        .collect();
    entries.sort_by_key(|entry| entry.serial);
    Ok(entries)
}
