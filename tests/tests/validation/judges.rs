//! Every kind of certificate, list and OCSP response before three judges: OpenSSL, GnuTLS and
//! pkilint; under an ECDSA and under an RSA issuer. And what each judge must refuse.

mod allowed;

use std::path::PathBuf;
use std::process::Command;

use blackbox_tests::{Client, Daemon, KeyKind, World, run, run_well};
use testkit::judges::{Chain, Document, GnuTls, OcspAnswer, OpenSsl, Pkilint};
use testkit::wait_until;

use self::allowed::{MANAGEMENT_CA, MANAGEMENT_SERVER, NOTHING, RESPONDER};
use crate::der;
use crate::query::{self, CertStatus, ResponseStatus, request, response_status, with_nonce};
use crate::scene::{Issued, issue, plain_http, read_der};

/// The profiles of both issuing CAs, each with another kind of key.
const PROFILES: [(&str, KeyKind); 7] = [
    ("esign-individual", KeyKind::Ed25519),
    ("esign-organization", KeyKind::P384),
    ("esign-individual", KeyKind::Rsa(3072)),
    ("tls-server", KeyKind::P256),
    ("tls-client", KeyKind::Ed25519),
    ("device", KeyKind::Rsa(3072)),
    ("device", KeyKind::P384),
];

const NEVER_ISSUED: &str = "0ad5ffffffffffffffffffffffffffffff01";

/// The grounds that an RA may name, by issuer: one for each reason on a list.
const GROUNDS: [(&str, &[&str]); 2] = [
    (
        "esign-ca",
        &[
            "sub.request",
            "sub.key_lost_or_leaked",
            "ca.false_or_incomplete_info",
            "ca.info_changed_not_notified",
        ],
    ),
    (
        "internal-ca",
        &[
            "sub.request",
            "sub.key_lost_or_leaked",
            "ca.info_changed_not_notified",
            "ca.published_other",
        ],
    ),
];

/// A world whose issuers have these keys, and its CA certificates.
struct Court {
    world: World,
    root: Vec<u8>,
}

impl Court {
    fn new(esign: &str, internal: &str) -> Self {
        let world = World::builder()
            .variable("ESIGN_CA_ALGORITHM", esign)
            .variable("INTERNAL_CA_ALGORITHM", internal)
            .start();
        let root = read_der(&world.root());
        Self { world, root }
    }

    fn issuer(&self, name: &str) -> Vec<u8> {
        read_der(&self.world.issuer(name))
    }

    fn public(&self) -> Client {
        plain_http(&self.world, &self.world.crl_url())
    }

    fn crl(&self, issuer: &str) -> Vec<u8> {
        let answer = self.public().get(&format!("/crl/{issuer}.crl"));
        assert_eq!(answer.status, 200);
        answer.body
    }

    /// The certificate of an end entity, below root and issuing CA, with everybody's lists.
    #[track_caller]
    fn judge_end(&self, issued: &Issued) {
        Pkilint::judge(Document::Certificate(&issued.der), NOTHING).unwrap();
        let above = self.issuer(&issued.issuer);
        OpenSsl::verify_chain(&Chain {
            root: &self.root,
            intermediates: &[&above],
            end: &issued.der,
            crls: &[&self.crl(&issued.issuer), &self.crl("root")],
            at: None,
        })
        .unwrap();
        GnuTls::verify_chain(&self.root, &[&issued.der, &above]).unwrap();
    }

    /// A list of an issuing CA or of the root.
    #[track_caller]
    fn judge_list(&self, issuer: &str) -> String {
        let crl = self.crl(issuer);
        let (issuer, document) = if issuer == "root" {
            (self.root.clone(), Document::AuthorityCrl(&crl))
        } else {
            (self.issuer(issuer), Document::Crl(&crl))
        };
        GnuTls::verify_crl(&issuer, &crl).unwrap();
        Pkilint::judge(document, NOTHING).unwrap();
        OpenSsl::verify_crl(&issuer, &crl).unwrap()
    }

    /// A signed response of a responder of an issuing CA.
    #[track_caller]
    fn judge_response(&self, issuer: &str, response: &[u8]) {
        GnuTls::verify_ocsp(&self.issuer(issuer), response).unwrap();
        Pkilint::judge(Document::OcspResponse(response), NOTHING).unwrap();
    }
}

/// By itself and next to its issuer's.
#[track_caller]
fn judge_certificate(certificate: &[u8], issuer: &[u8], allowed: &[testkit::judges::Allowed]) {
    Pkilint::judge(Document::Certificate(certificate), allowed).unwrap();
    judge_pair(certificate, issuer);
}

/// Names, key identifiers and signature.
#[track_caller]
fn judge_pair(certificate: &[u8], issuer: &[u8]) {
    let together = Document::IssuedBy {
        issuer,
        certificate,
    };
    Pkilint::judge(together, NOTHING).unwrap();
}

#[test]
fn certificates_under_an_ecdsa_and_an_rsa_issuer_are_sound() {
    certificates("ec-p256", "rsa-3072");
}

#[test]
fn certificates_under_an_rsa_and_an_ecdsa_issuer_are_sound() {
    certificates("rsa-3072", "ec-p384");
}

fn certificates(esign: &str, internal: &str) {
    let court = Court::new(esign, internal);
    for (profile, kind) in PROFILES {
        let issued = issue(&court.world, profile, kind);
        court.judge_end(&issued);
        if kind == KeyKind::P384 {
            judge_pair(&issued.der, &court.issuer(&issued.issuer));
        }
    }
    let root = &court.root;
    for issuer in ["esign-ca", "internal-ca"] {
        let issuer = court.issuer(issuer);
        let crl = court.crl("root");
        OpenSsl::verify_chain(&Chain {
            root,
            end: &issuer,
            crls: &[&crl],
            ..Chain::default()
        })
        .unwrap();
        GnuTls::verify_chain(root, &[&issuer]).unwrap();
        judge_certificate(&issuer, root, NOTHING);
    }
    for issuer in ["esign-ca", "internal-ca"] {
        let responder = responder_certificate(&court, issuer);
        let issuer = court.issuer(issuer);
        GnuTls::verify_chain(root, &[&responder, &issuer]).unwrap();
        judge_certificate(&responder, &issuer, NOTHING);
        let by_br = Document::OcspResponderCertificate(&responder);
        Pkilint::judge(by_br, RESPONDER).unwrap();
    }
}

/// The management CA and every kind of certificate that it issues.
#[test]
fn certificates_of_the_management_ca_and_the_root_are_sound() {
    let court = Court::new("ec-p256", "ec-p256");
    Pkilint::judge(Document::Certificate(&court.root), NOTHING).unwrap();
    Pkilint::judge(Document::RootCertificate(&court.root), NOTHING).unwrap();
    OpenSsl::verify_chain(&Chain {
        root: &court.root,
        end: &court.root,
        ..Chain::default()
    })
    .unwrap();

    let management = read_der(&court.world.management());
    Pkilint::judge(Document::Certificate(&management), NOTHING).unwrap();
    Pkilint::judge(Document::RootCertificate(&management), MANAGEMENT_CA).unwrap();
    for (file, allowed) in [
        ("ca/server.pem", MANAGEMENT_SERVER),
        ("officer/officer-1.pem", NOTHING),
        ("ra/ra-1.pem", NOTHING),
        ("ocsp/ocsp-1.pem", NOTHING),
        ("crl/crl-1.pem", NOTHING),
    ] {
        let end = read_der(&court.world.run().join(file));
        OpenSsl::verify_chain(&Chain {
            root: &management,
            end: &end,
            ..Chain::default()
        })
        .unwrap();
        GnuTls::verify_chain(&management, &[&end]).unwrap();
        judge_certificate(&end, &management, allowed);
    }
}

/// The responder's certificate, as OpenSSL takes it out of an answer.
fn responder_certificate(court: &Court, issuer: &str) -> Vec<u8> {
    let ocsp = plain_http(&court.world, &court.world.ocsp_url());
    let asked = request(&court.world.issuer(issuer), "sha1", &[NEVER_ISSUED]);
    let answer = query::post(&ocsp, &asked);
    let path = court.world.scratch().join("response.der");
    std::fs::write(&path, &answer.body).unwrap();
    let mut command = Command::new("openssl");
    command.args(["ocsp", "-noverify", "-resp_text", "-respin"]);
    let text = run_well(command.arg(path));
    der::from_pem(&text[text.find("-----BEGIN CERTIFICATE").unwrap()..])
}

#[test]
fn lists_under_an_ecdsa_and_an_rsa_issuer_are_sound() {
    lists("ec-p256", "rsa-3072");
}

#[test]
fn lists_under_an_rsa_and_an_ecdsa_issuer_are_sound() {
    lists("rsa-3072", "ec-p256");
}

fn lists(esign: &str, internal: &str) {
    let court = Court::new(esign, internal);
    for issuer in ["esign-ca", "internal-ca", "root"] {
        let text = court.judge_list(issuer);
        assert!(text.contains("No Revoked Certificates"), "{text}");
    }
    for (issuer, grounds) in GROUNDS {
        let profile = match issuer {
            "esign-ca" => "esign-organization",
            _ => "device",
        };
        let held = issue(&court.world, profile, KeyKind::P256);
        held.hold(&court.world);
        for ground in grounds {
            issue(&court.world, profile, KeyKind::P256).revoke(&court.world, ground);
        }
        let entries = |text: &str| text.matches("Serial Number:").count();
        wait_until("all are listed", || {
            let crl = court.crl(issuer);
            let text = OpenSsl::verify_crl(&court.issuer(issuer), &crl).unwrap();
            entries(&text) == grounds.len() + 1
        });
        let text = court.judge_list(issuer);
        for reason in ["Key Compromise", "Affiliation Changed", "Certificate Hold"] {
            assert!(text.contains(reason), "{text}");
        }
        // RFC 5280 section 5.3.1.
        assert!(!text.contains("Unspecified"), "{text}");
    }
}

#[test]
fn responses_under_an_ecdsa_and_an_rsa_issuer_are_sound() {
    responses("ec-p256", "rsa-3072");
}

#[test]
fn responses_under_an_rsa_and_an_ecdsa_issuer_are_sound() {
    responses("rsa-3072", "ec-p256");
}

fn responses(esign: &str, internal: &str) {
    let court = Court::new(esign, internal);
    let world = &court.world;
    let ocsp = plain_http(world, &world.ocsp_url());
    for (issuer, profile) in [
        ("esign-ca", "esign-organization"),
        ("internal-ca", "device"),
    ] {
        let [good, revoked, held] = [(); 3].map(|()| issue(world, profile, KeyKind::P256));
        revoked.revoke(world, "sub.key_lost_or_leaked");
        held.hold(world);
        for (issued, status, said) in [
            (&good, CertStatus::Good, OcspAnswer::Good),
            (&revoked, CertStatus::Revoked, OcspAnswer::Revoked),
            (&held, CertStatus::Revoked, OcspAnswer::Revoked),
        ] {
            for digest in ["sha1", "sha256"] {
                let der = court.issuer(issuer);
                let url = world.ocsp_url();
                let asked = OpenSsl::ask_ocsp(&court.root, &der, &issued.der, &url, digest);
                assert_eq!(asked.unwrap(), said);
                let asked = request(&world.issuer(issuer), digest, &[&issued.serial]);
                let answer = query::get(&ocsp, &asked, &[]);
                assert_eq!(query::cert_status(&answer.body, &issued.serial), status);
                GnuTls::verify_ocsp(&der, &answer.body).unwrap();
                if digest == "sha1" {
                    court.judge_response(issuer, &answer.body);
                    let judged = OpenSsl::verify_ocsp(&court.root, &der, &issued.der, &answer.body);
                    assert_eq!(judged.unwrap(), said);
                }
            }
        }
        let serials = [&good.serial, NEVER_ISSUED, &revoked.serial, &held.serial];
        for asked in [
            request(&world.issuer(issuer), "sha1", &[NEVER_ISSUED]),
            request(&world.issuer(issuer), "sha256", &serials),
            with_nonce(&request(&world.issuer(issuer), "sha256", &serials), 32),
            with_nonce(&request(&world.issuer(issuer), "sha1", &[&good.serial]), 1),
            with_nonce(
                &request(&world.issuer(issuer), "sha1", &[&good.serial]),
                128,
            ),
        ] {
            let answer = query::post(&ocsp, &asked);
            assert_eq!(response_status(&answer), ResponseStatus::Successful);
            court.judge_response(issuer, &answer.body);
        }
    }
}

/// What is not signed: OpenSSL names the status, pkilint finds the form right.
#[test]
fn unsigned_responses_are_sound() {
    let court = Court::new("ec-p256", "ec-p256");
    let world = &court.world;
    let ocsp = plain_http(world, &world.ocsp_url());
    let foreign = request(&world.management(), "sha1", &[NEVER_ISSUED]);
    judge_unsigned(
        world,
        &query::post(&ocsp, &foreign).body,
        "unauthorized (6)",
    );
    judge_unsigned(
        world,
        &query::post(&ocsp, b"junk").body,
        "malformedrequest (1)",
    );

    // A responder that was never fed: neither copy nor CA.
    world.stop(Daemon::Ocsp);
    world.stop(Daemon::Ca);
    for file in ["copy.db", "copy.db-wal", "copy.db-shm", "copy.db.heard"] {
        std::fs::remove_file(world.run().join("ocsp").join(file)).ok();
    }
    let process = crate::process::Process::start(
        world
            .program("ocsp-responder")
            .env("SOFTHSM2_CONF", world.run().join("ocsp/softhsm2.conf"))
            .arg("--config")
            .arg(world.run().join("ocsp/ocsp-responder.toml"))
            .arg("run"),
        &world.run().join("ocsp/log"),
    );
    let asked = request(&world.issuer("internal-ca"), "sha1", &[NEVER_ISSUED]);
    let response = testkit::wait_for("it listens", || {
        let headers = [("content-type", "application/ocsp-request")];
        let answer = ocsp.try_send(reqwest::Method::POST, "/", &headers, asked.clone());
        answer.ok()
    });
    judge_unsigned(world, &response.body, "trylater (3)");
    drop(process);
}

#[track_caller]
fn judge_unsigned(world: &World, response: &[u8], status: &str) {
    Pkilint::judge(Document::OcspResponse(response), NOTHING).unwrap();
    let path = world.scratch().join("unsigned.der");
    std::fs::write(&path, response).unwrap();
    let mut command = Command::new("openssl");
    command.args(["ocsp", "-noverify", "-respin"]);
    let said = run(command.arg(path)).all();
    assert!(said.contains(status), "{said}");
}

/// The last octet belongs to a signature, or to the certificate in an OCSP response.
fn spoilt(der: &[u8]) -> Vec<u8> {
    let mut der = der.to_vec();
    *der.last_mut().unwrap() ^= 1;
    der
}

/// Our own documents, spoilt: each judge that approved of one refuses the other.
#[test]
fn each_judge_refuses_what_is_not_sound() {
    let court = Court::new("ec-p256", "ec-p256");
    let world = &court.world;
    let issuer = court.issuer("internal-ca");
    let end = issue(world, "device", KeyKind::P256);
    let crl = court.crl("internal-ca");
    let chain = Chain {
        root: &court.root,
        intermediates: &[&issuer],
        end: &end.der,
        ..Chain::default()
    };
    OpenSsl::verify_chain(&chain).unwrap();
    let forged = spoilt(&end.der);
    OpenSsl::verify_chain(&Chain {
        end: &forged,
        ..chain
    })
    .unwrap_err();
    GnuTls::verify_chain(&court.root, &[&forged, &issuer]).unwrap_err();
    let (issuer_of, certificate) = (&issuer[..], &forged[..]);
    let together = Document::IssuedBy {
        issuer: issuer_of,
        certificate,
    };
    Pkilint::judge(together, NOTHING).unwrap_err();

    OpenSsl::verify_crl(&issuer, &spoilt(&crl)).unwrap_err();
    GnuTls::verify_crl(&issuer, &spoilt(&crl)).unwrap_err();
    Pkilint::judge(Document::Crl(&crl[..crl.len() - 1]), NOTHING).unwrap_err();

    let ocsp = plain_http(world, &world.ocsp_url());
    let asked = request(&world.issuer("internal-ca"), "sha1", &[&end.serial]);
    let response = query::post(&ocsp, &asked).body;
    let judge = |response: &[u8]| OpenSsl::verify_ocsp(&court.root, &issuer, &end.der, response);
    assert_eq!(judge(&response).unwrap(), OcspAnswer::Good);
    let forged = one_octet_changed(&response, &end.serial);
    judge(&forged).unwrap_err();
    GnuTls::verify_ocsp(&issuer, &forged).unwrap_err();
    let cut = &response[..response.len() - 1];
    Pkilint::judge(Document::OcspResponse(cut), NOTHING).unwrap_err();
    let other = issue(world, "device", KeyKind::P256);
    OpenSsl::verify_ocsp(&court.root, &issuer, &other.der, &response).unwrap_err();

    // Unsound without being forged: made by OpenSSL with its careless defaults.
    let careless = careless_certificate(world);
    Pkilint::judge(
        Document::Certificate(&std::fs::read(&careless).unwrap()),
        NOTHING,
    )
    .unwrap_err();
    let root = std::fs::read(&careless).unwrap();
    Pkilint::judge(Document::RootCertificate(&root), NOTHING).unwrap_err();
    Pkilint::judge(Document::OcspResponderCertificate(&end.der), NOTHING).unwrap_err();
}

/// `good` made `unknown`, under the old signature.
fn one_octet_changed(response: &[u8], serial: &str) -> Vec<u8> {
    let serial = hex::decode(serial).unwrap();
    let at = der::find(response, &serial).unwrap() + serial.len();
    let mut forged = response.to_vec();
    assert_eq!(forged[at], 0x80);
    forged[at] = 0x82;
    forged
}

fn careless_certificate(world: &World) -> PathBuf {
    let path = world.scratch().join("careless.der");
    let mut command = Command::new("openssl");
    command.args([
        "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-subj", "/CN=x",
    ]);
    command.args(["-addext", "subjectAltName=URI:no uri,DNS:a_b..c"]);
    command.args([
        "-days",
        "9000",
        "-outform",
        "DER",
        "-keyout",
        "/dev/null",
        "-out",
    ]);
    run_well(command.arg(&path));
    path
}
