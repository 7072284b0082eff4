//! `officer import-crl` and `crls`: revocation lists.

use std::path::PathBuf;

use api::{CrlBody, ImportCrlRequest, routes};
use pki::IssuerName;

use crate::{
    client::{Call, Client},
    commands::show::{some_list, time},
    failure::Failure,
    files, table,
};

/// Import the CRL of an offline CA, such as the root
///
/// The CA checks its signature, and that its number goes up, before any publisher gets it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery ceremony root-crl --token root.toml --id 01 --certificate root.pem --number 2 \\
      --next-update 90d --out root.crl
  chancery --config officer.toml officer import-crl --issuer root --crl root.crl")]
pub(crate) struct ImportArgs {
    /// Name of the CA
    #[arg(long, value_name = "NAME")]
    issuer: IssuerName,
    /// CRL, PEM or DER
    #[arg(long, value_name = "FILE")]
    crl: PathBuf,
}

pub(super) async fn import(args: ImportArgs, client: &Client) -> Result<(), Failure> {
    let der = files::read_der(&args.crl, "X509 CRL", "the CRL")?;
    let body = ImportCrlRequest {
        issuer: args.issuer,
        crl: pki::pem::encode("X509 CRL", &der),
    };
    let crl: CrlBody = client.ask(Call::post(routes::CRLS, &body)?).await?;
    client
        .output()
        .show(&crl, |crl| table_of(std::slice::from_ref(crl)))
}

pub(super) async fn list(client: &Client) -> Result<(), Failure> {
    let crls: Vec<CrlBody> = client.ask(Call::read(routes::CRLS)).await?;
    client.output().show(&crls, |crls| table_of(crls))
}

fn table_of(crls: &[CrlBody]) -> String {
    let rows: Vec<_> = crls
        .iter()
        .map(|crl| {
            [
                crl.issuer.to_string(),
                crl.scope.to_string(),
                crl.number.to_string(),
                time(crl.this_update),
                time(crl.next_update),
                some_list(&crl.published_by).unwrap_or_else(|| "nobody yet".to_owned()),
            ]
        })
        .collect();
    table::columns(
        [
            "ISSUER",
            "SCOPE",
            "NUMBER",
            "THIS UPDATE",
            "NEXT UPDATE",
            "PUBLISHED BY",
        ],
        &rows,
    )
}
