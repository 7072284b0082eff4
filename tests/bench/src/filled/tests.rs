//! What is filled in, in the eyes of the daemons.

use api::{CertificateBody, CertificateSummary, Page};
use blackbox_tests::{
    enrolment::{der, path},
    revocation::wait_for_crl,
};
use testkit::{
    judges::{OcspAnswer, OpenSsl},
    wait_until,
};

use super::*;

#[test]
fn chunks_add_up_and_follow_one_another_on_the_feed() {
    let amount = Amount {
        certificates: 250_001,
        revoked: 77_777,
    };
    let chunks: Vec<Chunk> = chunks(amount, 40).collect();
    let sum = |of: fn(&Chunk) -> u64| chunks.iter().map(of).sum::<u64>();
    assert_eq!(sum(|chunk| chunk.certificates), 250_001);
    assert_eq!(sum(|chunk| chunk.revoked), 77_777);
    let mut head = 40;
    for chunk in &chunks {
        assert_eq!(chunk.feed_head, head);
        head += chunk.certificates + chunk.revoked;
    }
}

#[test]
fn daemons_take_what_is_filled_in_for_their_own_on_sqlite() {
    taken_for_their_own(&World::start());
}

#[test]
fn daemons_take_what_is_filled_in_for_their_own_on_postgresql() {
    taken_for_their_own(&World::builder().postgres().start());
}

fn taken_for_their_own(world: &World) {
    let amount = Amount {
        certificates: 300,
        revoked: 40,
    };
    fill(world, amount).unwrap();
    world.start_again(Daemon::Ca);
    // With the one that was copied.
    for (state, expected, answer) in [
        ("issued", 261, OcspAnswer::Good),
        ("revoked", 41, OcspAnswer::Revoked),
    ] {
        let list = format!("/v1/certificates?profile=esign-individual&limit=1000&state={state}");
        let page: Page<CertificateSummary> = world.ra().get(&list).expect(200).read();
        assert_eq!(page.items.len(), expected, "{state}");
        let serial = page.items.first().unwrap().serial;
        let body = world.ra().get(&path(api::routes::CERTIFICATE, serial));
        let body: CertificateBody = body.expect(200).read();
        let certificate = der(&body.certificate.unwrap());
        wait_until("the responder has heard of it", || {
            asked(world, &certificate) == Some(answer)
        });
    }
    wait_for_crl(world, "esign-ca", "the revoked are on the list", |list| {
        list.len() == 41
    });
}

fn asked(world: &World, certificate: &[u8]) -> Option<OcspAnswer> {
    let [root, issuer] = [world.root(), world.issuer("esign-ca")]
        .map(|path| der(&std::fs::read_to_string(path).unwrap()));
    OpenSsl::ask_ocsp(&root, &issuer, certificate, &world.ocsp_url(), "sha256").ok()
}
