//! What relying parties' HTTP clients see.

use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::header::{
    CACHE_CONTROL, ETAG, EXPIRES, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};
use pki::time::{ManualClock, SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use super::*;
use crate::shelf::Item;

const START: i64 = 1_800_000_000;

struct Fixture {
    http: HttpShelf,
    shelf: Arc<Shelf>,
    clock: ManualClock,
}

impl Fixture {
    fn new() -> Self {
        let clock = ManualClock::new(Timestamp::from_second(START).unwrap());
        let shelf = Arc::new(Shelf::default());
        let http = HttpShelf::new(Arc::clone(&shelf), Arc::new(clock.clone()));
        let fixture = Self { http, shelf, clock };
        fixture.put("one");
        fixture
    }

    fn put(&self, body: &'static str) {
        let item = Item {
            body: Bytes::from_static(body.as_bytes()),
            digest: Sha256::digest(body).into(),
            media_type: "application/pkix-crl",
            max_age: Duration::from_mins(15),
            fresh_until: Timestamp::from_second(START + 3_600).ok(),
        };
        self.shelf.put("crl/ca.crl", item, self.http.clock.now());
    }

    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Response<Full<Bytes>> {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.http.serve(&request.body(()).unwrap()).unwrap()
    }

    fn get(&self, headers: &[(&str, &str)]) -> Response<Full<Bytes>> {
        self.ask("GET", "/crl/ca.crl", headers)
    }
}

async fn body(response: Response<Full<Bytes>>) -> Bytes {
    response.into_body().collect().await.unwrap().to_bytes()
}

#[tokio::test]
async fn serves_an_item_with_type_validators_and_lifetime() {
    let response = Fixture::new().get(&[]);
    assert_eq!(response.status(), 200);
    let headers = response.headers();
    assert_eq!(headers[CONTENT_TYPE], "application/pkix-crl");
    assert_eq!(headers[CACHE_CONTROL], "public, max-age=900, no-transform");
    assert_eq!(headers[LAST_MODIFIED], "Fri, 15 Jan 2027 08:00:00 GMT");
    assert_eq!(headers[EXPIRES], "Fri, 15 Jan 2027 08:15:00 GMT");
    assert_eq!(headers[ETAG].len(), 66);
    assert_eq!(body(response).await, "one");
}

#[tokio::test]
async fn head_has_the_headers_and_no_body() {
    let fixture = Fixture::new();
    let response = fixture.ask("HEAD", "/crl/ca.crl", &[]);
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()[ETAG], fixture.get(&[]).headers()[ETAG]);
    assert_eq!(body(response).await, "");
}

#[tokio::test]
async fn a_client_that_has_the_item_is_not_sent_it_again() {
    let fixture = Fixture::new();
    let first = fixture.get(&[]);
    let tag = first.headers()[ETAG].to_str().unwrap();
    let modified = first.headers()[LAST_MODIFIED].to_str().unwrap();
    for validator in [
        (IF_NONE_MATCH.as_str(), tag),
        (IF_MODIFIED_SINCE.as_str(), modified),
    ] {
        let response = fixture.get(&[validator]);
        assert_eq!(response.status(), 304, "{validator:?}");
        assert_eq!(response.headers()[ETAG], tag);
    }
    fixture.put("two");
    for validator in [
        (IF_NONE_MATCH.as_str(), tag),
        (IF_MODIFIED_SINCE.as_str(), modified),
    ] {
        assert_eq!(fixture.get(&[validator]).status(), 200, "{validator:?}");
    }
}

#[test]
fn a_tag_that_differs_outweighs_a_time_that_does_not() {
    let fixture = Fixture::new();
    let modified = fixture.get(&[]).headers()[LAST_MODIFIED].clone();
    let both = [
        (IF_NONE_MATCH.as_str(), "\"other\""),
        (IF_MODIFIED_SINCE.as_str(), modified.to_str().unwrap()),
    ];
    assert_eq!(fixture.get(&both).status(), 200);
}

#[test]
fn caches_never_keep_a_list_past_its_next_update() {
    let fixture = Fixture::new();
    fixture.clock.advance(SignedDuration::from_secs(3_500));
    let max_age = |response: Response<Full<Bytes>>| response.headers()[CACHE_CONTROL].clone();
    assert_eq!(
        max_age(fixture.get(&[])),
        "public, max-age=100, no-transform"
    );
    fixture.clock.advance(SignedDuration::from_secs(3_600));
    assert_eq!(max_age(fixture.get(&[])), "public, max-age=0, no-transform");
}

#[test]
fn other_paths_and_methods_are_refused() {
    let fixture = Fixture::new();
    for path in [
        "/",
        "/crl/other.crl",
        "/crl/../crl/ca.crl",
        "//crl/ca.crl",
        "/crl/ca.crl/",
    ] {
        assert_eq!(fixture.ask("GET", path, &[]).status(), 404, "{path}");
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let response = fixture.ask(method, "/crl/ca.crl", &[]);
        assert_eq!(response.status(), 405);
        assert_eq!(response.headers()[ALLOW], "GET, HEAD");
    }
}
