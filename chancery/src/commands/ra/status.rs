//! `ra status`: one certificate or one request.

use std::path::PathBuf;

use api::{CertificateBody, CertificateSummary, ListQuery, Page, RequestBody, routes};
use pki::SerialNumber;
use uuid::Uuid;

use crate::{
    client::{Call, Client, fill},
    commands::show,
    failure::Failure,
    files,
};

/// Look up a certificate or a request
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chancery --config ra.toml ra status --serial 0a1b2c --out alice.pem
  chancery --config ra.toml ra status --request-id 0197a0b1-7c2d-7000-8000-000000000000
  chancery --config ra.toml ra status --order-id 2026-0042")]
pub(crate) struct Args {
    #[command(flatten)]
    key: LookupKey,
    /// Write the certificate, PEM
    #[arg(long, value_name = "FILE", conflicts_with = "order_id")]
    out: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct LookupKey {
    /// Serial number, hexadecimal
    #[arg(long, value_name = "HEX")]
    serial: Option<SerialNumber>,
    /// The CA's id of the request
    #[arg(long, value_name = "UUID")]
    request_id: Option<Uuid>,
    /// Our own search key: all certificates that have it
    #[arg(long, value_name = "ID")]
    order_id: Option<String>,
}

pub(super) async fn run(args: Args, client: &Client) -> Result<(), Failure> {
    let out = args.out.as_deref();
    let write = |certificate: Option<&CertificateBody>| match (
        out,
        certificate.and_then(|certificate| certificate.certificate.as_ref()),
    ) {
        (None, _) => Ok(()),
        (Some(path), Some(pem)) => files::write(path, format!("{}\n", pem.trim_end()).as_bytes()),
        (Some(path), None) => Err(Failure::pending("there is no certificate yet").in_file(path)),
    };
    if let Some(serial) = args.key.serial {
        let path = fill(routes::CERTIFICATE, &[&serial.to_string()]);
        let body: CertificateBody = client.ask(Call::read(path)).await?;
        write(Some(&body))?;
        return client.output().show(&body, show::certificate);
    }
    if let Some(request_id) = args.key.request_id {
        let path = fill(routes::REQUEST, &[&request_id.to_string()]);
        let body: RequestBody = client.ask(Call::read(path)).await?;
        write(body.certificate.as_ref())?;
        return client.output().show(&body, show::request);
    }
    let query = ListQuery {
        order_id: args.key.order_id,
        ..ListQuery::default()
    };
    let call = Call::read(routes::CERTIFICATES).with_query(&query)?;
    let page: Page<CertificateSummary> = client.ask(call).await?;
    client.output().show(&page, show::summaries)
}
