//! What relying parties see of a certificate's status.

use std::collections::BTreeMap;

use api::IssuedBody;
use testkit::judges::{OcspAnswer, OpenSsl};
use testkit::{wait_for, wait_until};

use crate::enrolment::{crl_text, der};
use crate::world::World;

/// What the OCSP responder answers now.
#[track_caller]
pub fn ocsp(world: &World, issued: &IssuedBody) -> OcspAnswer {
    let pem = issued.certificate.certificate.as_deref();
    let end = der(pem.expect("a certificate"));
    let ca = der(issued.chain.first().expect("an issuer"));
    let root = der(issued.chain.last().expect("a root"));
    OpenSsl::ask_ocsp(&root, &ca, &end, &world.ocsp_url(), "sha1")
        .unwrap_or_else(|refusal| panic!("{refusal}"))
}

/// Waits until the OCSP responder has heard of a certificate and answers this.
#[track_caller]
pub fn wait_for_ocsp(world: &World, issued: &IssuedBody, wanted: OcspAnswer) {
    wait_until("the responder has heard of it", || {
        ocsp(world, issued) == wanted
    });
}

/// The published list of an issuer: serial numbers (lower-case hexadecimal, without leading zeros)
/// with the text of their reasons, empty where none is given.
pub fn crl(world: &World, issuer: &str) -> BTreeMap<String, String> {
    let url = format!("{}/crl/{issuer}.crl", world.crl_url());
    let list = world.fetch(&url).expect("the list is published");
    let path = world.scratch().join(format!("{issuer}.crl"));
    std::fs::write(&path, list).expect("a file can be written");
    entries(&crl_text(&path))
}

/// Waits until the published list of an issuer satisfies a condition.
pub fn wait_for_crl(
    world: &World,
    issuer: &str,
    what: &str,
    condition: impl Fn(&BTreeMap<String, String>) -> bool,
) -> BTreeMap<String, String> {
    wait_for(what, || Some(crl(world, issuer)).filter(&condition))
}

fn entries(text: &str) -> BTreeMap<String, String> {
    let mut entries = BTreeMap::new();
    let mut current: Option<String> = None;
    let mut reason_follows = false;
    for line in text.lines().map(str::trim) {
        if let Some(serial) = line.strip_prefix("Serial Number: ") {
            let serial = serial.to_lowercase();
            let serial = serial.trim_start_matches('0').to_owned();
            entries.insert(serial.clone(), String::new());
            current = Some(serial);
        } else if reason_follows && let Some(serial) = &current {
            entries.insert(serial.clone(), line.to_owned());
        }
        reason_follows = line.starts_with("X509v3 CRL Reason Code");
    }
    entries
}
