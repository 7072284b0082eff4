//! Worlds with a proxy before the feed, and what is asked of them.

use api::{ActivePolicyBody, CertificateBody, IssuedBody};
use blackbox_tests::enrolment::{enroll, path};
use blackbox_tests::{Answer, Client, KeyKind, Proxy, World, WorldBuilder};
use pki::SerialNumber;
use serde_json::json;

/// A world whose responder reaches the feed through a proxy, with keys that are made fast and a bound
/// for acknowledgements of one's choice.
pub(crate) fn world(builder: WorldBuilder, acknowledgement: &str) -> (World, Proxy) {
    let proxy = Proxy::start(0);
    let of_world = proxy.clone();
    let world = builder
        .variable("INTERNAL_CA_ALGORITHM", "ec-p256")
        .configure(move |run| {
            let config = run.join("ocsp/ocsp-responder.toml");
            let text = std::fs::read_to_string(&config).unwrap();
            let direct = text
                .lines()
                .find(|line| line.starts_with("url = "))
                .unwrap();
            let feed = direct.rsplit_once(':').unwrap().1.trim_matches('"');
            of_world.switch_to(feed.parse().unwrap());
            let proxied = format!("url = \"https://127.0.0.1:{}\"", of_world.port());
            std::fs::write(&config, text.replace(direct, &proxied)).unwrap();
        })
        .start();
    let bound = format!("acknowledgement = \"{acknowledgement}\"");
    change_policy(&world, "acknowledgement = \"10s\"", &bound);
    (world, proxy)
}

/// Changes the policy of the internal CA in the first daemon's file, and puts it in force there;
/// gives its SHA-256.
pub(crate) fn change_policy(world: &World, from: &str, to: &str) -> String {
    let file = world.run().join("ca/policy/internal.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(&file, text.replace(from, to)).unwrap();
    let reload = api::routes::RELOAD_POLICY.replace("{issuer}", "internal-ca");
    let active = world.officer().post(&reload, &json!({})).expect(200);
    active.read::<ActivePolicyBody>().policy_sha256
}

/// Issues a certificate of the kind that is made fastest.
#[track_caller]
pub(crate) fn issue(world: &World, ra: &Client) -> IssuedBody {
    static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(1);
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let name = format!("device-{number}");
    enroll(ra, "device", &world.key(KeyKind::P256), &name)
}

/// The serial number of a certificate.
pub(crate) fn serial(issued: &IssuedBody) -> SerialNumber {
    issued.certificate.summary.serial
}

/// Revokes a certificate.
#[track_caller]
pub(crate) fn revoke(ra: &Client, serial: SerialNumber) -> Answer {
    let ground = json!({ "ground": "sub.key_lost_or_leaked" });
    ra.post(&path(api::routes::REVOKE, serial), &ground)
}

/// The responders that have not confirmed a revocation.
pub(crate) fn pending(answer: &Answer) -> Vec<String> {
    let body: CertificateBody = answer.read();
    body.summary.revocation.unwrap().pending_responders
}

/// A serial number as the text of a CRL has it.
pub(crate) fn bare(serial: SerialNumber) -> String {
    serial.to_string().trim_start_matches('0').to_owned()
}

/// The value of a metric without labels, or summed over them.
pub(crate) fn metric(world: &World, operations: &str, name: &str) -> f64 {
    let text = world.fetch(&format!("{operations}/metrics")).unwrap();
    let text = String::from_utf8(text).unwrap();
    text.lines()
        .filter(|line| {
            let rest = line.strip_prefix(name);
            rest.is_some_and(|rest| rest.starts_with([' ', '{']))
        })
        .filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok())
        .sum()
}
