//! `policy render`: the CPS as it is published.

use std::path::PathBuf;

use clap::ValueEnum;
use pki::IssuerName;

use super::file::PolicyFile;
use crate::{failure::Failure, files, output::Output};

/// Print the CPS as it is published, in Markdown or HTML
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery policy render policy/esign.toml --issuer esign-ca --format html --out cps.html")]
pub(crate) struct Args {
    /// Policy file
    policy: PathBuf,
    /// Name of the issuing CA, for its URLs
    #[arg(long, default_value = "issuing-ca", value_name = "NAME")]
    issuer: IssuerName,
    /// Form of the text
    #[arg(long, value_enum, default_value = "markdown")]
    format: Format,
    /// Write it to a file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Markdown.
    Markdown,
    /// A page of HTML.
    Html,
}

pub(super) fn run(args: &Args, output: Output) -> Result<(), Failure> {
    let file = PolicyFile::read(&args.policy)?;
    let text = match args.format {
        Format::Markdown => file.policy().render_markdown(&args.issuer),
        Format::Html => file.policy().render_html(&args.issuer),
    };
    match &args.out {
        Some(path) => {
            files::write(path, text.as_bytes())?;
            output.show(&serde_json::json!({ "out": path }), |_| {
                format!("written to {}", path.display())
            })
        }
        None => output.show(&serde_json::json!({ "text": text }), |_| text.clone()),
    }
}
