//! `receipt verify`: is a receipt one of the CA that somebody trusts?

use std::path::{Path, PathBuf};

use api::RevocationReceipt;
use der::Decode as _;
use der::asn1::ObjectIdentifier;
use jiff::Timestamp;
use jws::SignedJson;
use pki::Certificate;
use x509_cert::ext::pkix::{ExtendedKeyUsage, KeyUsages};

use super::{open, words};
use crate::{commands::show, failure::Failure, files, output::Output, table};

/// Verify a receipt, offline, and explain what it says
///
/// Needs the certificate of the CA's management CA, and nothing from the CA itself.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery receipt verify receipt.json --roots management-ca.pem --certificate alice.pem

Exit codes:
   0  the receipt is good, whether or not it is complete
   1  it is not: do not believe what it says
  65  a file is missing or is something else")]
pub(crate) struct Args {
    /// The receipt, as `chancery ra receipt --out` wrote it
    file: PathBuf,
    /// Certificates that we trust to name the signer of receipts, PEM: the management CA's, or its root's
    #[arg(long, value_name = "FILE")]
    roots: PathBuf,
    /// The certificate that the receipt is to be about, PEM
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
}

pub(super) fn run(args: &Args, output: Output) -> Result<(), Failure> {
    let given = read(&args.file)?;
    let roots = files::read_text(&args.roots, "the file of --roots")?;
    let roots = Certificate::parse_pem_chain(&roots).map_err(|error| {
        Failure::input("these are no certificates in PEM")
            .in_file(&args.roots)
            .because(&error)
    })?;
    let (verified, receipt) = open(&given)?;
    let root = trusted(&verified.chain, &roots, receipt.signed_at)?;
    let Some(signer) = verified.chain.first() else {
        return Err(refused("it names no signer"));
    };
    may_sign(signer)?;
    if let Some(path) = &args.certificate {
        is_about(&receipt, &files::read_certificate(path)?)?;
    }
    let answer = serde_json::json!({
        "good": true,
        "algorithm": verified.algorithm,
        "signer": signer.subject_display(),
        "signer_serial": signer.serial(),
        "trusted_by": root.subject_display(),
        "receipt": receipt,
    });
    let about = args
        .certificate
        .as_ref()
        .map(|path| format!("is the one in {}", path.display()));
    output.show(&answer, |_| {
        let signer = format!(
            "{}, certificate {} valid {}",
            signer.subject_display(),
            signer.serial(),
            show::period(signer.not_before(), signer.not_after())
        );
        let checked = table::members(&[
            ("signature", Some(format!("good, {}", verified.algorithm))),
            ("signer", Some(signer)),
            ("trusted by", Some(root.subject_display())),
            ("the certificate", about),
        ]);
        format!("{}\n{}", checked.trim_end(), words::receipt(&receipt))
    })
}

fn read(path: &Path) -> Result<SignedJson, Failure> {
    let text = files::read_text(path, "the receipt")?;
    serde_json::from_str(&text).map_err(|error| {
        Failure::input("this is no receipt")
            .in_file(path)
            .rule("a JSON Web Signature in flattened JSON (RFC 7515 section 7.2.2)")
            .because(&error)
    })
}

fn refused(what: &str) -> Failure {
    Failure::refused(format!("do not believe this receipt: {what}"))
}

/// The root that vouches for the signer at the time of the signature. The time is what the receipt
/// itself says: nobody else has confirmed it.
fn trusted<'a>(
    chain: &[Certificate],
    roots: &'a [Certificate],
    at: Timestamp,
) -> Result<&'a Certificate, Failure> {
    let mut above = chain.iter();
    let mut current = above.next().ok_or_else(|| refused("it names no signer"))?;
    let mut cas_below = 0_u8;
    loop {
        in_force(current, at)?;
        let issuer_of = |ca: &&Certificate| is_issuer(ca, current, cas_below);
        if let Some(root) = roots.iter().find(issuer_of) {
            in_force(root, at)?;
            return Ok(root);
        }
        current = above.next().filter(issuer_of).ok_or_else(|| {
            refused("its signer's certificate does not lead to one of --roots")
                .at(current.subject_display())
                .remedy("give the certificate of this CA's management CA")
        })?;
        cas_below = cas_below.saturating_add(1);
    }
}

fn is_issuer(ca: &Certificate, of: &Certificate, cas_below: u8) -> bool {
    let long_enough = ca.path_len().is_none_or(|length| length >= cas_below);
    long_enough && of.verify_issued_by(ca).is_ok()
}

fn in_force(certificate: &Certificate, at: Timestamp) -> Result<(), Failure> {
    if certificate.not_before() <= at && at <= certificate.not_after() {
        return Ok(());
    }
    let (from, to) = (certificate.not_before(), certificate.not_after());
    Err(
        refused("a certificate was not in force when the receipt says that it was signed")
            .at(certificate.subject_display())
            .rule(format!(
                "signed {}, valid {}",
                show::time(at),
                show::period(from, to)
            )),
    )
}

/// The management CA certifies TLS keys as well: only a certificate for documents makes a receipt.
fn may_sign(signer: &Certificate) -> Result<(), Failure> {
    let signs = signer
        .key_usage()
        .is_some_and(|bits| bits.contains(KeyUsages::DigitalSignature));
    if signs && !signer.is_ca() && purposes(signer).contains(&DOCUMENT_SIGNING) {
        return Ok(());
    }
    Err(
        refused("its signer's certificate is not for signing documents")
            .at(signer.subject_display())
            .rule("digitalSignature and id-kp-documentSigning (RFC 9336)"),
    )
}

fn purposes(certificate: &Certificate) -> Vec<ObjectIdentifier> {
    let oid = <ExtendedKeyUsage as der::oid::AssociatedOid>::OID;
    let extensions = certificate.x509().tbs_certificate().extensions();
    extensions
        .and_then(|all| all.iter().find(|extension| extension.extn_id == oid))
        .and_then(|found| ExtendedKeyUsage::from_der(found.extn_value.as_bytes()).ok())
        .map(|purposes| purposes.0)
        .unwrap_or_default()
}

fn is_about(receipt: &RevocationReceipt, certificate: &Certificate) -> Result<(), Failure> {
    let digest = certificate.fingerprint().to_string();
    let is_it = receipt.certificate_sha256.as_ref() == Some(&digest);
    if is_it && receipt.serial == certificate.serial() {
        return Ok(());
    }
    Err(refused("it is about another certificate").rule(format!(
        "the receipt is about {}, the certificate is {}",
        receipt.serial,
        certificate.serial()
    )))
}

/// `id-kp-documentSigning` (RFC 9336 section 3).
const DOCUMENT_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.36");
