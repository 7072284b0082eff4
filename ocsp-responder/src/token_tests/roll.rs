//! A new key takes over while clients ask, and clients pick among keys.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use pki::SignatureAlgorithm as By;

use super::*;
use crate::{
    config::KeyConfig,
    test_ca::{Reading, TestHash, request_preferring},
};

impl Served {
    /// Puts a certificate for a key on the feed.
    async fn certify(&self, seq: u64, key: &pki::PublicKey) {
        let now = SystemClock.now();
        let begin = now.checked_sub(SignedDuration::from_mins(5)).unwrap();
        let end = now.checked_add(SignedDuration::from_hours(24)).unwrap();
        let entry = self
            .ca
            .delegation_entry(seq, self.ca.delegate(key, begin, end));
        self.sink.apply(vec![entry], seq).await.unwrap();
    }

    fn hold(&self, signers: Vec<Arc<dyn crate::answer::AnswerSigner>>) {
        self.keys.replace(signers);
        self.authorities.hold(self.keys.hashes());
    }
}

fn two_keys(config: &Config) -> Vec<KeyConfig> {
    let mut keys = config.keys.clone();
    let mut second = keys[0].clone();
    second.id = "0d".parse().unwrap();
    keys.insert(0, second);
    keys
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_new_key_takes_over_without_a_moment_that_openssl_would_notice() {
    let token = TestToken::in_process();
    let mut config = config(&token);
    generate_key(&config, KeyAlgorithm::EcP256).await;
    let served = Arc::new(serve(&config).await);
    let (done, asked) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
    );
    let clients: Vec<_> = ["sha1", "sha256"]
        .map(|digest| {
            let (served, done, asked) =
                (Arc::clone(&served), Arc::clone(&done), Arc::clone(&asked));
            tokio::spawn(async move {
                while !done.load(Ordering::SeqCst) {
                    assert_eq!(served.ask(digest).await, OcspAnswer::Good);
                    asked.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .into();
    let some_more = async || {
        let until = asked.load(Ordering::SeqCst) + 4;
        while asked.load(Ordering::SeqCst) < until {
            assert!(clients.iter().all(|client| !client.is_finished()));
            tokio::task::yield_now().await;
        }
    };
    some_more().await;
    // Made, taken up, certified, and only then is the old one gone.
    config.keys = two_keys(&config);
    generate_key(&config, KeyAlgorithm::Rsa { bits: 3072 }).await;
    let signers = key::signers(&served.token, &config.keys).await.unwrap();
    let (new, old) = (signers[0].public_key(), signers[1].public_key());
    served.hold(signers.clone());
    some_more().await;
    served.certify(4, new).await;
    some_more().await;
    let retired = served.ca.retired_entry(5, old);
    served.sink.apply(vec![retired], 5).await.unwrap();
    some_more().await;
    served.hold(vec![Arc::clone(&signers[0])]);
    some_more().await;
    done.store(true, Ordering::SeqCst);
    for client in clients {
        client.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_answered_with_the_first_algorithm_that_it_prefers_and_we_have() {
    let token = TestToken::in_process();
    let mut config = config(&token);
    generate_key(&config, KeyAlgorithm::EcP256).await;
    let served = serve(&config).await;
    config.keys = two_keys(&config);
    generate_key(&config, KeyAlgorithm::Rsa { bits: 3072 }).await;
    config.keys.reverse();
    let signers = key::signers(&served.token, &config.keys).await.unwrap();
    served.hold(signers.clone());
    served.certify(4, signers[1].public_key()).await;
    let ca = served.ca.der();
    let certificate = served
        .ca
        .certify_client(served.ca.issuer.certificate().public_key());
    for (preferred, expected) in [
        (&[][..], "ecdsa-with-SHA256"),
        (&[By::RsaPkcs1Sha256], "sha256WithRSAEncryption"),
        (
            &[By::Ed25519, By::RsaPkcs1Sha256, By::EcdsaSha256],
            "sha256WithRSAEncryption",
        ),
        (&[By::EcdsaSha256, By::RsaPkcs1Sha256], "ecdsa-with-SHA256"),
        (&[By::RsaPssSha512], "ecdsa-with-SHA256"),
    ] {
        let about = request_preferring(&[served.ca.cert_id(TestHash::Sha1, 99)], preferred);
        for _ in 0..2 {
            let answer = served.responder.answer(&about).await;
            let signed_by = format!("Signature Algorithm: {expected}");
            let text = Reading::of(&answer.der).text;
            assert!(text.contains(&signed_by), "{preferred:?} {text}");
            let verdict = OpenSsl::verify_ocsp(ca, ca, &certificate, &answer.der);
            assert_eq!(verdict.ok(), Some(OcspAnswer::Good));
            assert!(testkit::judges::GnuTls::verify_ocsp(ca, &answer.der).is_ok());
        }
    }
}
