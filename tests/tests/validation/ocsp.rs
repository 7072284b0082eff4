//! OCSP over HTTP: what is asked, how, and what comes back (C-50 … C-62).

use blackbox_tests::{Client, World, run, run_well};
use reqwest::Method;
use testkit::judges::{OcspAnswer, OpenSsl};

use crate::query::{
    self, CertStatus, ResponseStatus, cert_status, request, response_status, with_nonce,
    with_nonce_value,
};
use crate::scene::{Issued, issue_device, plain_http, quick_world, read_der};

const NEVER_ISSUED: &str = "0ad5ffffffffffffffffffffffffffffff01";

/// A world with one certificate, and the public responder, which has heard of it.
struct Scene {
    world: World,
    ocsp: Client,
    issued: Issued,
}

impl Scene {
    fn new() -> Self {
        let world = quick_world();
        let ocsp = plain_http(&world, &world.ocsp_url());
        let issued = issue_device(&world);
        query::wait_until_known(&ocsp, &query::about(&world, &issued), &issued);
        Self {
            world,
            ocsp,
            issued,
        }
    }

    fn request(&self, digest: &str, serials: &[&str]) -> Vec<u8> {
        request(&self.world.issuer("internal-ca"), digest, serials)
    }

    fn about_issued(&self) -> Vec<u8> {
        self.request("sha1", &[&self.issued.serial])
    }

    #[track_caller]
    fn post(&self, request: &[u8]) -> (ResponseStatus, Vec<u8>) {
        let answer = query::post(&self.ocsp, request);
        (response_status(&answer), answer.body)
    }
}

#[test]
fn a_certificate_is_good_from_the_moment_it_is_issued() {
    let Scene { world, ocsp, .. } = Scene::new();
    for _ in 0..10 {
        let issued = issue_device(&world);
        let request = request(&world.issuer("internal-ca"), "sha256", &[&issued.serial]);
        let said = testkit::wait_for("the responder knows the certificate", || {
            let status = query::status(&ocsp, &request, &issued.serial);
            (status != CertStatus::Unknown).then_some(status)
        });
        assert_eq!(said, CertStatus::Good);
    }
}

#[test]
fn get_and_post_and_both_hashes_are_answered_alike() {
    let scene = Scene::new();
    let (root, issuer) = (
        read_der(&scene.world.root()),
        read_der(&scene.world.issuer("internal-ca")),
    );
    for digest in ["sha1", "sha256"] {
        let url = scene.world.ocsp_url();
        let said = OpenSsl::ask_ocsp(&root, &issuer, &scene.issued.der, &url, digest);
        assert_eq!(said.unwrap(), OcspAnswer::Good);

        let request = scene.request(digest, &[&scene.issued.serial]);
        let plain = format!("/{}", query::base64(&request));
        let doubled = format!("/{plain}");
        for path in [query::get_path(&request), plain, doubled] {
            let answer = scene.ocsp.get(&path);
            assert_eq!(
                response_status(&answer),
                ResponseStatus::Successful,
                "{path}"
            );
            assert_eq!(
                cert_status(&answer.body, &scene.issued.serial),
                CertStatus::Good
            );
            if digest == "sha1" {
                let judged = OpenSsl::verify_ocsp(&root, &issuer, &scene.issued.der, &answer.body);
                assert_eq!(judged.unwrap(), OcspAnswer::Good);
            }
        }
    }
}

#[test]
fn a_serial_number_that_was_never_given_out_is_never_good() {
    let scene = Scene::new();
    let mut asked = 0;
    // A budget keeps strangers from having signatures made: beyond it there is `unauthorized`.
    for number in 0..40 {
        let serial = format!("0ad5{number:032x}");
        let (status, body) = scene.post(&scene.request("sha256", &[&serial]));
        if status == ResponseStatus::Successful {
            assert_eq!(cert_status(&body, &serial), CertStatus::Unknown);
            asked += 1;
        } else {
            assert_eq!(status, ResponseStatus::Unauthorized);
        }
    }
    assert!(asked >= 1, "no answer was signed");
    for short in ["01", "7f", "00ff"] {
        let (status, body) = scene.post(&scene.request("sha1", &[short]));
        if status == ResponseStatus::Successful {
            let minimal = short.strip_prefix("00").unwrap_or(short);
            assert_eq!(cert_status(&body, minimal), CertStatus::Unknown);
        }
    }
}

#[test]
fn an_issuer_that_is_not_served_gets_unauthorized() {
    let scene = Scene::new();
    for foreign in [scene.world.management(), scene.world.root()] {
        for digest in ["sha1", "sha256"] {
            let asked = request(&foreign, digest, &[&scene.issued.serial]);
            assert_eq!(
                scene.post(&asked).0,
                ResponseStatus::Unauthorized,
                "{foreign:?}"
            );
        }
    }
    // The right name with another key: the octet before the serial number ends the key's hash.
    let mut mixed = scene.about_issued();
    let serial = hex::decode(&scene.issued.serial).unwrap();
    let at = crate::der::find(&mixed, &serial).unwrap() - 3;
    mixed[at] ^= 1;
    assert_eq!(scene.post(&mixed).0, ResponseStatus::Unauthorized);
    // The other issuing CA is served by the same responder.
    let esign = crate::scene::issue(
        &scene.world,
        "esign-individual",
        blackbox_tests::KeyKind::P256,
    );
    let other = request(&scene.world.issuer("esign-ca"), "sha1", &[&esign.serial]);
    assert_eq!(scene.post(&other).0, ResponseStatus::Successful);
}

#[test]
fn several_certificates_are_answered_in_the_order_of_the_question() {
    let scene = Scene::new();
    let revoked = issue_device(&scene.world);
    revoked.revoke(&scene.world, "sub.key_lost_or_leaked");
    let serials = [
        scene.issued.serial.as_str(),
        NEVER_ISSUED,
        revoked.serial.as_str(),
    ];
    let asked = with_nonce(&scene.request("sha256", &serials), 16);
    let (status, body) = scene.post(&asked);
    assert_eq!(status, ResponseStatus::Successful);
    let said = serials.map(|serial| cert_status(&body, serial));
    assert_eq!(
        said,
        [CertStatus::Good, CertStatus::Unknown, CertStatus::Revoked]
    );
    let places = serials.map(|serial| {
        let octets = hex::decode(serial).unwrap();
        crate::der::find(&body, &octets).unwrap()
    });
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn a_nonce_of_1_to_128_octets_comes_back_and_any_other_is_malformed() {
    let scene = Scene::new();
    let asked = scene.about_issued();
    for octets in [1, 15, 16, 32, 33, 128] {
        let (status, body) = scene.post(&with_nonce(&asked, octets));
        assert_eq!(status, ResponseStatus::Successful, "{octets}");
        let nonce: Vec<u8> = (0..octets)
            .map(|n| u8::try_from(n % 251).unwrap())
            .collect();
        let value = crate::der::element(0x04, &[&nonce]);
        assert!(crate::der::find(&body, &value).is_some(), "{octets}");
    }
    for octets in [0, 129, 200] {
        let (status, _) = scene.post(&with_nonce(&asked, octets));
        assert_eq!(status, ResponseStatus::Malformed, "{octets}");
    }
    for broken in [&[][..], b"no octet string", &[0x04, 0x05, 1, 2]] {
        let (status, _) = scene.post(&with_nonce_value(&asked, broken));
        assert_eq!(status, ResponseStatus::Malformed, "{broken:?}");
    }
}

#[test]
fn what_is_no_request_is_malformed_and_too_much_is_not_read() {
    let scene = Scene::new();
    let asked = scene.about_issued();
    let mut trailing = asked.clone();
    trailing.push(0);
    let junk = [
        Vec::new(),
        b"junk".to_vec(),
        asked[..asked.len() - 1].to_vec(),
        trailing,
        vec![0x30, 0x80, 0, 0],
        vec![0x30; 4096],
    ];
    for octets in junk {
        assert_eq!(
            scene.post(&octets).0,
            ResponseStatus::Malformed,
            "{octets:02x?}"
        );
    }
    for path in ["/", "/favicon.ico", "/%30%82", "/MEUwQzBB"] {
        let answer = scene.ocsp.get(path);
        assert_eq!(
            response_status(&answer),
            ResponseStatus::Malformed,
            "{path}"
        );
    }
    assert_eq!(query::post(&scene.ocsp, &vec![0x30; 4097]).status, 413);
    // The connection may be closed on a client that goes on sending.
    let flood = scene
        .ocsp
        .try_send(Method::POST, "/", &[], vec![0x30; 1 << 20]);
    assert!(flood.is_err() || flood.is_ok_and(|answer| answer.status == 413));
    // It answers the next one as if nothing had been.
    assert_eq!(scene.post(&asked).0, ResponseStatus::Successful);
}

#[test]
fn only_get_head_and_post_are_served() {
    let scene = Scene::new();
    for method in [Method::PUT, Method::DELETE, Method::OPTIONS, Method::PATCH] {
        let answer = scene.ocsp.send(method.clone(), "/", &[], Vec::new());
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), Some("GET, HEAD, POST"));
    }
    let path = query::get_path(&scene.about_issued());
    let head = scene.ocsp.send(Method::HEAD, &path, &[], Vec::new());
    assert_eq!(head.status, 200);
    assert!(head.body.is_empty());
    assert_eq!(head.header("etag"), scene.ocsp.get(&path).header("etag"));
}

#[test]
fn caches_may_keep_an_answer_to_get_for_minutes_and_ask_whether_it_still_holds() {
    let scene = Scene::new();
    let asked = scene.about_issued();
    let first = query::get(&scene.ocsp, &asked, &[]);
    let directives = first.header("cache-control").unwrap();
    for directive in ["public", "no-transform", "must-revalidate"] {
        assert!(directives.contains(directive), "{directives}");
    }
    let max_age: i64 = directives
        .split(", ")
        .find_map(|directive| directive.strip_prefix("max-age="))
        .and_then(|seconds| seconds.parse().ok())
        .unwrap();
    assert!((1..=3600).contains(&max_age), "{max_age}");
    let time = |name: &str| {
        let text = first.header(name).unwrap();
        jiff::fmt::rfc2822::DateTimeParser::new()
            .parse_timestamp(text)
            .unwrap()
            .as_second()
    };
    assert!(time("last-modified") <= time("date"));
    let kept = time("expires") - time("date");
    assert!((max_age - 1..=max_age + 1).contains(&kept), "{kept}");

    let etag = first.header("etag").unwrap();
    let again = query::get(&scene.ocsp, &asked, &[("if-none-match", etag)]);
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(again.header("etag"), Some(etag));
    let other = query::get(&scene.ocsp, &asked, &[("if-none-match", "\"other\"")]);
    assert_eq!(other.status, 200);

    // What is for one client alone is for no cache.
    let nonce = query::get(&scene.ocsp, &with_nonce(&asked, 16), &[]);
    assert_eq!(nonce.header("cache-control"), Some("no-store"));
    let posted = query::post(&scene.ocsp, &asked);
    assert_eq!(posted.header("cache-control"), Some("no-store"));

    scene.issued.revoke(&scene.world, "sub.key_lost_or_leaked");
    let after = query::get(&scene.ocsp, &asked, &[("if-none-match", etag)]);
    assert_eq!(response_status(&after), ResponseStatus::Successful);
    assert_eq!(
        cert_status(&after.body, &scene.issued.serial),
        CertStatus::Revoked
    );
}

#[test]
fn a_hold_is_revoked_until_it_is_released() {
    let scene = Scene::new();
    let asked = scene.about_issued();
    let status = || query::status(&scene.ocsp, &asked, &scene.issued.serial);
    scene.issued.hold(&scene.world);
    assert_eq!(status(), CertStatus::Revoked);
    scene.issued.release(&scene.world);
    assert_eq!(status(), CertStatus::Good);
}

/// What a person types, with OpenSSL and curl alone.
#[test]
fn openssl_and_curl_see_good_and_then_revoked() {
    let scene = Scene::new();
    let end = scene.world.scratch().join("end.der");
    let request_file = scene.world.scratch().join("request.der");
    let response = scene.world.scratch().join("response.der");
    std::fs::write(&end, &scene.issued.der).unwrap();
    std::fs::write(&request_file, scene.about_issued()).unwrap();
    let ask = || {
        let mut command = std::process::Command::new("openssl");
        command.args(["ocsp", "-issuer"]);
        command.arg(scene.world.issuer("internal-ca"));
        command.arg("-cert").arg(&end);
        command.args(["-url", &scene.world.ocsp_url(), "-CAfile"]);
        command.arg(scene.world.root()).arg("-verify_other");
        run(command.arg(scene.world.issuer("internal-ca")))
            .well()
            .all()
    };
    let fetch = || {
        let mut command = std::process::Command::new("curl");
        command.args(["--silent", "--fail", "--header"]);
        command.args(["Content-Type: application/ocsp-request", "--data-binary"]);
        command.arg(format!("@{}", request_file.display()));
        command.arg("--output").arg(&response);
        run_well(command.arg(scene.world.ocsp_url()));
        cert_status(&std::fs::read(&response).unwrap(), &scene.issued.serial)
    };
    let said = ask();
    assert!(
        said.contains("Response verify OK") && said.contains("end.der: good"),
        "{said}"
    );
    assert_eq!(fetch(), CertStatus::Good);
    scene.issued.revoke(&scene.world, "sub.key_lost_or_leaked");
    let said = ask();
    assert!(
        said.contains("Response verify OK") && said.contains("end.der: revoked"),
        "{said}"
    );
    assert_eq!(fetch(), CertStatus::Revoked);
}
