//! The responder on a real token and a real socket, with OpenSSL as the relying party.

mod roll;

use std::{net::SocketAddr, sync::Arc};

use feed::{FeedSink as _, IssuerKind, Status};
use hsm::{KeySpec, Token};
use pki::{
    KeyAlgorithm,
    time::{Clock as _, SharedClock, SignedDuration},
};
use service::{Lifecycle, SystemClock, http::HttpLimits, lifecycle::LifecycleLimits};
use store::copy::StatusCopy;
use testkit::{
    TestToken,
    judges::{OcspAnswer, OpenSsl},
};

use crate::{
    answer::{Responder, ResponderParts},
    authority::Authorities,
    config::Config,
    follow::ResponderSink,
    freshness::Freshness,
    http::HttpResponder,
    index::StatusIndex,
    key,
    keys::Keys,
    test_ca::TestCa,
};

fn config(token: &TestToken) -> Config {
    let text = format!(
        r#"
        listen = {{ public = "127.0.0.1:0", operations = "127.0.0.1:0" }}
        http = {{ base_path = "/ocsp" }}
        feed.name = "responder"
        feed.url = "https://localhost"
        feed.tls = {{ certificate = "/none", key = "/none", roots = "/none" }}
        copy.path = {:?}
        token = {{ module = {:?}, token_label = {:?}, pin_file = {:?} }}
        keys = [{{ id = "0c" }}]
        "#,
        token.directory().join("copy.db"),
        token.module(),
        token.label(),
        token.pin_file(),
    );
    let config: Config = toml::from_str(&text).unwrap();
    assert_eq!(config.faults(), Vec::<String>::new());
    config
}

async fn generate_key(config: &Config, algorithm: KeyAlgorithm) {
    let token = Token::open(&config.token).await.unwrap();
    let spec = KeySpec {
        algorithm,
        id: config.keys[0].id.clone(),
        label: "ocsp".to_owned(),
    };
    token.generate_key_pair(&spec).await.unwrap();
    token.close().await;
}

/// A responder that listens, and the feed's end of it.
struct Served {
    ca: TestCa,
    sink: ResponderSink,
    token: Token,
    keys: Arc<Keys>,
    authorities: Arc<Authorities>,
    responder: Arc<Responder>,
    address: SocketAddr,
}

async fn serve(config: &Config) -> Served {
    let (token, signers) = key::open(config).await.unwrap();
    let keys = Arc::new(Keys::new(signers.clone()));
    let clock: SharedClock = Arc::new(SystemClock);
    let now = clock.now();
    let ca = TestCa::starting(1, now);
    let day = SignedDuration::from_hours(24);
    let delegation = ca.delegate(
        signers[0].public_key(),
        now.checked_sub(SignedDuration::from_mins(5)).unwrap(),
        now.checked_add(day).unwrap(),
    );
    let authorities = Arc::new(Authorities::new(keys.hashes()));
    let index = Arc::new(StatusIndex::default());
    let freshness = Arc::new(Freshness::new(Arc::clone(&clock), None));
    let sink = ResponderSink::load(
        StatusCopy::open(&config.copy.path).await.unwrap(),
        &config.feed.name,
        Arc::clone(&index),
        Arc::clone(&authorities),
        Arc::clone(&freshness),
    );
    let sink = sink.await.unwrap();
    let entries = vec![
        ca.issuer_entry(1, IssuerKind::Issuing),
        ca.delegation_entry(2, delegation),
        ca.terms_entry(3),
        ca.certificate_entry(3, 99, Status::Good),
    ];
    sink.apply(entries, 3).await.unwrap();
    sink.heard(now);
    let parts = ResponderParts {
        clock: Arc::clone(&clock),
        authorities: Arc::clone(&authorities),
        index,
        freshness,
        keys: Arc::clone(&keys),
    };
    let responder = Arc::new(Responder::new(parts, config.answers.settings()));
    let http = HttpResponder::new(Arc::clone(&responder), clock, config.http_terms());
    Served {
        ca,
        sink,
        token,
        keys,
        authorities,
        responder,
        address: listen(http).await,
    }
}

async fn listen(http: HttpResponder) -> SocketAddr {
    let listener = service::http::bind("127.0.0.1:0".parse().unwrap())
        .await
        .unwrap();
    let address = listener.local_addr().unwrap();
    let lifecycle = Lifecycle::new(LifecycleLimits::default());
    let service = tower::service_fn(move |request| http.clone().serve(request));
    let daemon = lifecycle.clone();
    lifecycle.spawn("listener", async move {
        service::http::serve_plain(listener, service, HttpLimits::default(), &daemon).await
    });
    address
}

impl Served {
    /// Asks OpenSSL to ask, as a relying party that trusts the CA.
    async fn ask(&self, digest: &'static str) -> OcspAnswer {
        let ca = self.ca.der().to_vec();
        let subject = self.ca.issuer.certificate().public_key();
        let certificate = self.ca.certify_client(subject);
        let url = format!("http://{}/ocsp", self.address);
        let asked = tokio::task::spawn_blocking(move || {
            OpenSsl::ask_ocsp(&ca, &ca, &certificate, &url, digest).unwrap()
        });
        asked.await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn openssl_believes_answers_of_every_kind_of_key() {
    let token = TestToken::in_process();
    for (number, algorithm) in [
        KeyAlgorithm::EcP256,
        KeyAlgorithm::EcP384,
        KeyAlgorithm::Rsa { bits: 3072 },
        KeyAlgorithm::Ed25519,
    ]
    .into_iter()
    .enumerate()
    {
        let mut config = config(&token);
        config.copy.path = token.directory().join(format!("{number}.db"));
        config.keys[0].id = format!("0{number}").parse().unwrap();
        generate_key(&config, algorithm).await;
        let served = serve(&config).await;
        assert_eq!(served.ask("sha1").await, OcspAnswer::Good, "{algorithm}");
        assert_eq!(served.ask("sha256").await, OcspAnswer::Good, "{algorithm}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn openssl_sees_a_revocation_as_soon_as_it_is_acknowledged() {
    let token = TestToken::in_process();
    let config = config(&token);
    generate_key(&config, KeyAlgorithm::EcP256).await;
    let served = serve(&config).await;
    assert_eq!(served.ask("sha256").await, OcspAnswer::Good);
    let revoked = Status::Revoked {
        at: SystemClock.now(),
        reason: Some(pki::RevocationReason::KeyCompromise),
        invalidity_date: None,
    };
    let entry = served.ca.certificate_entry(4, 99, revoked);
    served.sink.apply(vec![entry], 4).await.unwrap();
    assert_eq!(served.sink.position().await.unwrap().cursor, 4);
    assert_eq!(served.ask("sha256").await, OcspAnswer::Revoked);
    assert_eq!(served.ask("sha1").await, OcspAnswer::Revoked);
}

#[tokio::test]
async fn the_printed_key_is_the_one_that_signs() {
    let token = TestToken::in_process();
    let config = config(&token);
    generate_key(&config, KeyAlgorithm::EcP256).await;
    let pem = key::public_keys_pem(&config, None).await.unwrap();
    let only = key::public_keys_pem(&config, Some(&config.keys[0].id)).await;
    assert_eq!(only.unwrap(), pem);
    let spki = pki::pem::decode("PUBLIC KEY", &pem).unwrap();
    let (_token, signers) = key::open(&config).await.unwrap();
    let signer = &signers[0];
    assert_eq!(spki, signer.public_key().spki_der());
    let message: Arc<[u8]> = Arc::from(&b"message"[..]);
    let signature = signer.sign(Arc::clone(&message)).await.unwrap();
    let public_key = pki::PublicKey::parse(&spki).unwrap();
    public_key
        .verify(signer.algorithm(), &message, &signature)
        .unwrap();
}
