//! What HTTP clients and caches see.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use feed::{IssuerKind, Status};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use hyper::header::{ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use pki::time::ManualClock;

use super::*;
use crate::{
    answer::{AnswerSigner, ResponderParts},
    authority::Authorities,
    config::AnswersConfig,
    freshness::Freshness,
    index::StatusIndex,
    keys::Keys,
    test_ca::{Reading, TestCa, TestHash, TestSigner, at, request, revoked},
};

struct Fixture {
    ca: TestCa,
    index: Arc<StatusIndex>,
    http: HttpResponder,
}

impl Fixture {
    fn new() -> Self {
        let ca = TestCa::new(1);
        let clock: SharedClock = Arc::new(ManualClock::new(at(0)));
        let signer = TestSigner::new();
        let key = signer.public_key().clone();
        let authorities = Arc::new(Authorities::new([key.hash()]));
        let delegation = ca.delegate(&key, at(0), at(86_400 * 14));
        authorities.apply(&[
            ca.issuer_entry(1, IssuerKind::Issuing),
            ca.delegation_entry(2, delegation),
            ca.terms_entry(4),
        ]);
        let index = Arc::new(StatusIndex::default());
        index.apply(&[ca.certificate_entry(3, 1, Status::Good)]);
        let parts = ResponderParts {
            freshness: Arc::new(Freshness::new(Arc::clone(&clock), Some(at(0)))),
            clock: Arc::clone(&clock),
            index: Arc::clone(&index),
            authorities,
            keys: Arc::new(Keys::new(vec![signer])),
        };
        let settings = AnswersConfig::default().settings();
        let responder = Arc::new(Responder::new(parts, settings));
        let terms = HttpTerms {
            base_path: "/ocsp".to_owned(),
            body_timeout: Duration::from_millis(100),
        };
        let http = HttpResponder::new(responder, clock, terms);
        Self { ca, index, http }
    }

    fn about(&self, nonce: Option<&[u8]>) -> Vec<u8> {
        request(&[self.ca.cert_id(TestHash::Sha256, 1)], nonce)
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Response<Full<Bytes>> {
        self.http.clone().serve(request).await.unwrap()
    }

    async fn post(&self, body: Vec<u8>) -> Response<Full<Bytes>> {
        let request = Request::post("/ocsp").body(Full::new(body.into())).unwrap();
        self.send(request).await
    }

    async fn ask(
        &self,
        method: &str,
        der: &[u8],
        headers: &[(&str, &str)],
    ) -> Response<Full<Bytes>> {
        let base64 = STANDARD.encode(der);
        let path = format!("/ocsp/{}", utf8_percent_encode(&base64, NON_ALPHANUMERIC));
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Full::default()).unwrap()).await
    }

    async fn get(&self, headers: &[(&str, &str)]) -> Response<Full<Bytes>> {
        self.ask("GET", &self.about(None), headers).await
    }
}

async fn body(response: Response<Full<Bytes>>) -> Bytes {
    response.into_body().collect().await.unwrap().to_bytes()
}

#[tokio::test]
async fn get_and_post_answer_alike() {
    let fixture = Fixture::new();
    let posted = fixture.post(fixture.about(None)).await;
    assert_eq!(posted.status(), 200);
    assert_eq!(posted.headers()[CONTENT_TYPE], "application/ocsp-response");
    let got = fixture.get(&[]).await;
    assert_eq!(got.status(), 200);
    assert_eq!(got.headers()[CONTENT_TYPE], "application/ocsp-response");
    let der = body(got).await;
    assert_eq!(Reading::of(&der).only(), "good");
    assert_eq!(der, body(posted).await);
}

#[tokio::test]
async fn only_what_many_may_share_may_be_kept() {
    let fixture = Fixture::new();
    let kept = |response: &Response<Full<Bytes>>| response.headers()[CACHE_CONTROL].clone();
    assert_eq!(
        kept(&fixture.get(&[]).await),
        "max-age=300, public, no-transform, must-revalidate"
    );
    let with_nonce = fixture.about(Some(b"0123456789abcdef"));
    assert_eq!(
        kept(&fixture.ask("GET", &with_nonce, &[]).await),
        "no-store"
    );
    let unknown = request(&[fixture.ca.cert_id(TestHash::Sha1, 77)], None);
    assert_eq!(kept(&fixture.ask("GET", &unknown, &[]).await), "no-store");
    assert_eq!(kept(&fixture.ask("GET", b"0junk", &[]).await), "no-store");
    assert_eq!(kept(&fixture.post(fixture.about(None)).await), "no-store");
}

#[tokio::test]
async fn a_client_that_has_the_answer_is_told_so_until_it_changes() {
    let fixture = Fixture::new();
    let first = fixture.get(&[]).await;
    let tag = first.headers()[ETAG].to_str().unwrap().to_owned();
    let modified = first.headers()[LAST_MODIFIED].to_str().unwrap().to_owned();
    let if_none_match = [(IF_NONE_MATCH.as_str(), tag.as_str())];
    let unchanged = fixture.get(&if_none_match).await;
    assert_eq!(unchanged.status(), 304);
    assert_eq!(unchanged.headers()[ETAG], tag);
    assert_eq!(body(unchanged).await, "");
    fixture
        .index
        .apply(&[fixture.ca.certificate_entry(9, 1, revoked(0))]);
    assert_eq!(fixture.get(&if_none_match).await.status(), 200);
    // Revoked within the second of the answer that the client has.
    let same_second = fixture
        .get(&[(IF_MODIFIED_SINCE.as_str(), &modified)])
        .await;
    assert_eq!(Reading::of(&body(same_second).await).only(), "revoked");
}

#[tokio::test]
async fn head_has_no_body() {
    let fixture = Fixture::new();
    let response = fixture.ask("HEAD", &fixture.about(None), &[]).await;
    assert_eq!(response.status(), 200);
    assert!(response.headers().contains_key(ETAG));
    assert_eq!(body(response).await, "");
}

#[tokio::test]
async fn what_ocsp_can_say_has_status_200() {
    let fixture = Fixture::new();
    let post_junk = fixture.post(b"junk".to_vec()).await;
    let get_junk = fixture.ask("GET", b"junk", &[]).await;
    let no_base64 = Request::get("/ocsp/favicon.ico")
        .body(Full::default())
        .unwrap();
    for response in [post_junk, get_junk, fixture.send(no_base64).await] {
        assert_eq!(response.status(), 200);
        assert_eq!(
            Reading::of(&body(response).await).status,
            "malformedrequest"
        );
    }
}

#[tokio::test]
async fn http_speaks_for_itself_where_there_is_no_request() {
    let fixture = Fixture::new();
    let large = fixture.post(vec![0x30; 5_000]).await;
    assert_eq!(large.status(), 413);
    assert_eq!(large.headers()[CONNECTION], "close");
    let long = fixture.ask("GET", &vec![0x30; 20_000], &[]).await;
    assert_eq!(long.status(), 413);
    assert_eq!(fixture.ask("PUT", b"", &[]).await.status(), 405);
    let elsewhere = Request::get("/elsewhere").body(Full::default()).unwrap();
    assert_eq!(fixture.send(elsewhere).await.status(), 404);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let fixture = Fixture::new();
    let never = futures_util::stream::pending::<Result<Frame<Bytes>, Infallible>>();
    let body = StreamBody::new(never);
    let request = Request::post("/ocsp").body(body).unwrap();
    let response = fixture.http.clone().serve(request).await.unwrap();
    assert_eq!(response.status(), 408);
}
