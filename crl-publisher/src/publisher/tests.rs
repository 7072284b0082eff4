//! From entries of the feed to files and served items, over restarts.

use std::path::PathBuf;

use bytes::Bytes;
use feed::Status;
use pki::time::ManualClock;

use super::*;
use crate::test_ca::{TestCa, TestList, at, document, revoked};

struct Fixture {
    root: tempfile::TempDir,
    clock: ManualClock,
    ca: TestCa,
    shelf: Arc<Shelf>,
    publisher: Publisher,
}

const LIST: &str = "crl/esign-ca.crl";

impl Fixture {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let clock = ManualClock::new(at(30));
        let (publisher, shelf) = publisher(root.path().to_owned(), &clock);
        Self {
            root,
            clock,
            ca: TestCa::new(1),
            shelf,
            publisher,
        }
    }

    /// With the issuer, a revoked certificate 3 and list 10.
    fn published() -> Self {
        let mut fixture = Self::new();
        let entries = fixture.first_entries();
        fixture.publisher.take(&entries, 3);
        assert_eq!(fixture.number(), Some(10));
        fixture
    }

    fn first_entries(&self) -> Vec<Entry> {
        vec![
            self.ca.issuer_entry(1),
            self.ca.certificate_entry(2, 3, revoked()),
            self.ca.list_entry(3, &TestList::new(10, &[3])),
        ]
    }

    fn restart(&mut self) {
        (self.publisher, self.shelf) = publisher(self.root.path().to_owned(), &self.clock);
    }

    fn number(&self) -> Option<u64> {
        self.publisher
            .published()
            .first()
            .map(|list| list.number.get())
    }

    fn blocked(&self) -> Option<&'static str> {
        let standings = self.publisher.standings();
        standings.first().and_then(|(_, standing)| standing.blocked)
    }

    fn file(&self, path: &str) -> Vec<u8> {
        std::fs::read(self.root.path().join(path)).unwrap()
    }

    fn served(&self, path: &str) -> Option<Bytes> {
        self.shelf
            .get(path)
            .map(|shelved| shelved.item.body.clone())
    }

    fn stands(&self, list: &TestList) {
        let der = self.ca.sign(list);
        assert_eq!(self.file(LIST), der);
        assert_eq!(self.served(LIST).unwrap(), der);
    }
}

fn publisher(root: PathBuf, clock: &ManualClock) -> (Publisher, Arc<Shelf>) {
    let shelf = Arc::new(Shelf::default());
    let terms = CacheTerms {
        crl_max_age: Duration::from_mins(15),
        max_age: Duration::from_hours(1),
    };
    let directory = Directory::new(root);
    let publisher = Publisher::new(
        Arc::new(clock.clone()),
        directory,
        Arc::clone(&shelf),
        terms,
    );
    (publisher, shelf)
}

#[test]
fn what_the_feed_brings_is_written_and_served() {
    let mut fixture = Fixture::published();
    fixture.stands(&TestList::new(10, &[3]));
    let shelved = fixture.shelf.get(LIST).unwrap();
    assert_eq!(shelved.item.media_type, "application/pkix-crl");
    assert_eq!(shelved.item.fresh_until, Some(at(3_600)));
    assert_eq!(
        fixture.file("ca/esign-ca.cer"),
        fixture.ca.certificate().der()
    );
    let certificate = fixture.shelf.get("ca/esign-ca.cer").unwrap();
    assert_eq!(certificate.item.media_type, "application/pkix-cert");
    fixture
        .publisher
        .take(&[document(4, "cps/esign-ca.html", "text/html")], 4);
    assert_eq!(fixture.file("cps/esign-ca.html"), b"<h1>CPS</h1>");
    assert_eq!(
        fixture
            .shelf
            .get("cps/esign-ca.html")
            .unwrap()
            .item
            .media_type,
        "text/html; charset=utf-8"
    );
}

#[test]
fn a_refused_list_leaves_the_last_good_one() {
    let mut fixture = Fixture::published();
    let bad = fixture.ca.list_entry(4, &TestList::new(11, &[]));
    fixture.publisher.take(&[bad], 4);
    fixture.stands(&TestList::new(10, &[3]));
    assert_eq!(fixture.number(), Some(10));
    assert_eq!(fixture.blocked(), Some("crl-revocation-missing"));
    let good = TestList::new(12, &[3]);
    fixture
        .publisher
        .take(&[fixture.ca.list_entry(5, &good)], 5);
    fixture.stands(&good);
    assert_eq!((fixture.number(), fixture.blocked()), (Some(12), None));
}

#[test]
fn a_list_waits_until_everything_before_it_is_known() {
    let mut fixture = Fixture::new();
    // Pages of a snapshot, in whatever order; the cursor moves with the last one.
    let list = fixture.ca.list_entry(9, &TestList::new(10, &[]));
    fixture.publisher.take(&[list], 0);
    fixture.publisher.take(&[fixture.ca.issuer_entry(1)], 0);
    fixture.publisher.retry();
    assert_eq!(fixture.served(LIST), None);
    let last_page = [fixture.ca.certificate_entry(2, 3, revoked())];
    fixture.publisher.take(&last_page, 9);
    assert_eq!(fixture.blocked(), Some("crl-revocation-missing"));
    assert_eq!(fixture.served(LIST), None);
}

#[test]
fn a_restart_goes_on_from_the_directory() {
    let mut fixture = Fixture::published();
    fixture.restart();
    assert_eq!(fixture.served(LIST), None);
    fixture.publisher.take(&[fixture.ca.issuer_entry(1)], 0);
    fixture.stands(&TestList::new(10, &[3]));
    assert_eq!(fixture.number(), Some(10));
    let older = fixture.ca.list_entry(4, &TestList::new(9, &[3]));
    fixture.publisher.take(&[older], 4);
    assert_eq!(fixture.blocked(), Some("crl-number-not-higher"));
    fixture.stands(&TestList::new(10, &[3]));
}

#[test]
fn the_list_that_stands_comes_again_without_harm() {
    let mut fixture = Fixture::published();
    let entries = fixture.first_entries();
    let before = fixture.shelf.get(LIST).unwrap();
    fixture.publisher.take(&entries, 3);
    assert_eq!((fixture.number(), fixture.blocked()), (Some(10), None));
    assert_eq!(fixture.shelf.get(LIST).unwrap(), before);
}

#[test]
fn a_number_is_not_used_for_two_lists() {
    let mut fixture = Fixture::published();
    let other = fixture.ca.list_entry(4, &TestList::new(10, &[3, 4]));
    fixture.publisher.take(&[other], 4);
    assert_eq!(fixture.blocked(), Some("crl-number-not-higher"));
}

#[test]
fn a_broken_file_in_the_directory_is_replaced() {
    let mut fixture = Fixture::published();
    std::fs::write(fixture.root.path().join(LIST), b"half a li").unwrap();
    fixture.restart();
    let entries = fixture.first_entries();
    fixture.publisher.take(&entries, 3);
    fixture.stands(&TestList::new(10, &[3]));
}

#[test]
fn a_directory_that_cannot_be_written_is_tried_again() {
    let mut fixture = Fixture::new();
    // A file where the directory should be, which root cannot write below either.
    std::fs::write(fixture.root.path().join("crl"), b"").unwrap();
    let entries = fixture.first_entries();
    fixture.publisher.take(&entries, 3);
    assert_eq!((fixture.number(), fixture.blocked()), (None, None));
    assert_eq!(fixture.served(LIST), None);
    fixture.publisher.retry();
    assert_eq!(fixture.served(LIST), None);
    std::fs::remove_file(fixture.root.path().join("crl")).unwrap();
    fixture.publisher.retry();
    assert_eq!((fixture.number(), fixture.blocked()), (Some(10), None));
    fixture.stands(&TestList::new(10, &[3]));
}

#[test]
fn a_list_that_cannot_be_written_is_tried_again() {
    let mut fixture = Fixture::published();
    let file = fixture.root.path().join(LIST);
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir_all(file.join("in the way")).unwrap();
    let next = TestList::new(11, &[3]);
    fixture
        .publisher
        .take(&[fixture.ca.list_entry(4, &next)], 4);
    assert_eq!(
        (fixture.number(), fixture.blocked()),
        (Some(10), Some("directory-unusable"))
    );
    assert_eq!(
        fixture.served(LIST).unwrap(),
        fixture.ca.sign(&TestList::new(10, &[3]))
    );
    std::fs::remove_dir_all(&file).unwrap();
    fixture.publisher.retry();
    assert_eq!((fixture.number(), fixture.blocked()), (Some(11), None));
    fixture.stands(&next);
}

#[test]
fn what_is_tried_again_does_not_replace_what_came_later() {
    let mut fixture = Fixture::new();
    std::fs::write(fixture.root.path().join("cps"), b"").unwrap();
    let mut old = document(1, "cps/esign-ca.html", "text/html");
    if let Event::Document { body, .. } = &mut old.event {
        *body = b"old".to_vec().into();
    }
    fixture.publisher.take(&[old], 1);
    std::fs::remove_file(fixture.root.path().join("cps")).unwrap();
    fixture
        .publisher
        .take(&[document(2, "cps/esign-ca.html", "text/html")], 2);
    fixture.publisher.retry();
    assert_eq!(fixture.file("cps/esign-ca.html"), b"<h1>CPS</h1>");
}

#[test]
fn an_issuer_s_name_stands_for_one_key() {
    let mut fixture = Fixture::published();
    let usurper = TestCa::new(2);
    let entries = [
        usurper.issuer_entry(4),
        usurper.list_entry(5, &TestList::new(11, &[])),
    ];
    fixture.publisher.take(&entries, 5);
    assert_eq!(
        fixture.file("ca/esign-ca.cer"),
        fixture.ca.certificate().der()
    );
    assert_eq!(fixture.blocked(), Some("crl-not-issued"));
    fixture.restart();
    fixture.publisher.take(&entries, 5);
    assert_eq!(fixture.served(LIST), None);
    assert_eq!(
        fixture.file("ca/esign-ca.cer"),
        fixture.ca.certificate().der()
    );
    assert_eq!(
        fixture.file(LIST),
        fixture.ca.sign(&TestList::new(10, &[3]))
    );
}

#[test]
fn only_the_cps_is_published_as_a_document() {
    let mut fixture = Fixture::new();
    for (name, media_type) in [
        ("index.html", "text/html"),
        ("cps/app.js", "text/javascript"),
        ("cps/page.html", "text/plain"),
        ("cps/../page.html", "text/html"),
        ("crl/esign-ca.crl", "application/pkix-crl"),
    ] {
        fixture.publisher.take(&[document(1, name, media_type)], 1);
        assert_eq!(fixture.served(name), None, "{name}");
    }
    assert_eq!(std::fs::read_dir(fixture.root.path()).unwrap().count(), 0);
}

#[test]
fn a_released_hold_leaves_the_list() {
    let mut fixture = Fixture::new();
    let first = [
        fixture.ca.issuer_entry(1),
        fixture
            .ca
            .certificate_entry(2, 3, Status::Hold { at: at(-9) }),
        fixture.ca.list_entry(3, &TestList::new(10, &[3])),
    ];
    fixture.publisher.take(&first, 3);
    let released = TestList::new(11, &[]);
    let then = [
        fixture.ca.certificate_entry(4, 3, Status::Good),
        fixture.ca.list_entry(5, &released),
    ];
    fixture.publisher.take(&then, 5);
    fixture.stands(&released);
}
