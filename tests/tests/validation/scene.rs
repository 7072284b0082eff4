//! Certificates to ask about, and the public services to ask.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use api::{IssuedBody, routes};
use blackbox_tests::{Answer, Client, KeyKind, World, statement};
use serde_json::{Value, json};

use crate::der;

/// A certificate that was issued.
#[derive(Debug, Clone)]
pub struct Issued {
    /// Serial number, hexadecimal.
    pub serial: String,
    /// Name of the issuing CA.
    pub issuer: String,
    pub der: Vec<u8>,
}

impl Issued {
    /// The answer to an enrolment, renewal or replacement.
    #[track_caller]
    pub fn read(answer: Answer) -> Self {
        let body: IssuedBody = answer.expect(201).read();
        Self {
            serial: body.certificate.summary.serial.to_string(),
            issuer: body.certificate.summary.issuer.to_string(),
            der: der::from_pem(&body.certificate.certificate.unwrap()),
        }
    }

    /// Revokes it; every responder has it when this returns.
    #[track_caller]
    pub fn revoke(&self, world: &World, ground: &str) {
        assert_eq!(self.try_revoke(world, ground).status, 200);
    }

    /// Revokes it; gives the RA's answer.
    #[track_caller]
    pub fn try_revoke(&self, world: &World, ground: &str) -> Answer {
        let mut body = json!({ "ground": ground });
        if self.issuer == "esign-ca" {
            body["evidence"] = json!([statement::evidence("name")]);
        }
        self.change(world, routes::REVOKE, &body)
    }

    /// Puts it on hold.
    #[track_caller]
    pub fn hold(&self, world: &World) {
        let answer = self.change(world, routes::HOLD, &json!({}));
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// Ends the hold.
    #[track_caller]
    pub fn release(&self, world: &World) {
        let answer = self.change(world, routes::RELEASE, &json!({}));
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    #[track_caller]
    fn change(&self, world: &World, route: &str, body: &Value) -> Answer {
        let path = route.replace("{serial}", &self.serial);
        world.ra().submit(&path, &new_name("change"), body)
    }
}

/// Issues a certificate of a shipped profile.
#[track_caller]
pub fn issue(world: &World, profile: &str, kind: KeyKind) -> Issued {
    let name = new_name("subject");
    let key = world.key(kind);
    let (csr, statement) = match profile {
        "esign-individual" => (key.csr("/", &[]), statement::individual(&name)),
        "esign-organization" => (key.csr("/", &[]), statement::organization(&name)),
        "tls-server" => {
            let host = format!("{name}.example.com");
            let san = format!("subjectAltName=DNS:{host},IP:10.1.2.3");
            (
                key.csr(&format!("/CN={host}"), &[&san]),
                statement::device(),
            )
        }
        _ => (key.csr(&format!("/CN={name}"), &[]), statement::device()),
    };
    let body = json!({ "profile": profile, "csr": csr, "statement": statement });
    Issued::read(world.ra().submit(routes::CERTIFICATES, &name, &body))
}

/// Issues a certificate of the kind that is made fastest.
#[track_caller]
pub fn issue_device(world: &World) -> Issued {
    issue(world, "device", KeyKind::P256)
}

/// Ends loops of other threads with the test's own part, also when that fails.
#[derive(Debug)]
pub struct Ended<'a>(pub &'a AtomicBool);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A name that no other has.
pub fn new_name(stem: &str) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    format!("{stem}-{}", NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// A world whose keys are made fast; what it shows does not depend on their kind.
pub fn quick_world() -> World {
    World::builder()
        .variable("INTERNAL_CA_ALGORITHM", "ec-p256")
        .start()
}

/// A plain HTTP client of a public service.
pub fn plain_http(world: &World, url: &str) -> Client {
    Client::anonymous(url, &world.management())
}

/// The DER of a PEM file.
pub fn read_der(path: &Path) -> Vec<u8> {
    der::from_pem(&std::fs::read_to_string(path).unwrap())
}
