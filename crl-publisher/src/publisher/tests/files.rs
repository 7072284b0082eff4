//! CA certificates and documents.

use super::*;

#[tokio::test]
async fn what_the_feed_brings_is_written_and_served() {
    let mut fixture = Fixture::published().await;
    fixture.stands(&TestList::new(10, &[3]));
    let shelved = fixture.shelf.get(LIST).unwrap();
    assert_eq!(shelved.item.media_type, "application/pkix-crl");
    assert_eq!(shelved.item.fresh_until, Some(at(3_600)));
    let der = fixture.ca.certificate().der();
    assert_eq!(fixture.file("ca/esign-ca.cer"), der);
    let certificate = fixture.shelf.get("ca/esign-ca.cer").unwrap();
    assert_eq!(certificate.item.media_type, "application/pkix-cert");
    let cps = document(9, "cps/esign-ca.html", "text/html");
    fixture.take(vec![cps]).await;
    assert_eq!(fixture.file("cps/esign-ca.html"), b"<h1>CPS</h1>");
    let cps = fixture.shelf.get("cps/esign-ca.html").unwrap();
    assert_eq!(cps.item.media_type, "text/html; charset=utf-8");
}

#[tokio::test]
async fn a_new_document_replaces_the_old_one() {
    let mut fixture = Fixture::new().await;
    let mut old = document(1, "cps/esign-ca.html", "text/html");
    if let Event::Document { body, .. } = &mut old.event {
        *body = b"old".to_vec().into();
    }
    fixture.take(vec![old]).await;
    assert_eq!(fixture.file("cps/esign-ca.html"), b"old");
    let new = document(2, "cps/esign-ca.html", "text/html");
    fixture.take(vec![new]).await;
    assert_eq!(fixture.file("cps/esign-ca.html"), b"<h1>CPS</h1>");
    let served = fixture.served("cps/esign-ca.html").unwrap();
    assert_eq!(served, b"<h1>CPS</h1>".as_slice());
}

#[tokio::test]
async fn an_issuer_s_name_stands_for_one_key() {
    let mut fixture = Fixture::published().await;
    let usurper = TestCa::new(2);
    let list = TestList::new(11, &[]).read_at(6);
    let entries = vec![usurper.issuer_entry(6), usurper.list_entry(7, &list)];
    let der = Bytes::from(usurper.sign(&list));
    let digest = Sha256::digest(&der).into();
    fixture.source.lists.lock().unwrap().insert(digest, der);
    fixture.take(entries).await;
    let certificate = fixture.ca.certificate().der().to_vec();
    assert_eq!(fixture.file("ca/esign-ca.cer"), certificate);
    assert_eq!(fixture.blocked(), Some("crl-not-issued"));
    fixture.restart().await;
    fixture.publisher.look().await.unwrap();
    assert_eq!(fixture.served(LIST), None);
    assert_eq!(fixture.file("ca/esign-ca.cer"), certificate);
    let standing = fixture.ca.sign(&TestList::new(10, &[3]));
    assert_eq!(fixture.file(LIST), standing);
}

#[tokio::test]
async fn only_the_cps_is_published_as_a_document() {
    let mut fixture = Fixture::new().await;
    let refused = [
        ("index.html", "text/html"),
        ("cps/app.js", "text/javascript"),
        ("cps/page.html", "text/plain"),
        ("cps/../page.html", "text/html"),
        ("crl/esign-ca.crl", "application/pkix-crl"),
    ];
    for (seq, (name, media_type)) in (1..).zip(refused) {
        fixture.take(vec![document(seq, name, media_type)]).await;
        assert_eq!(fixture.served(name), None, "{name}");
    }
    assert!(!fixture.root.path().join("public").exists());
}

#[tokio::test]
async fn what_could_not_be_written_is_tried_again_after_a_pause() {
    let mut fixture = Fixture::new().await;
    let public = fixture.root.path().join("public");
    // A file where the directory should be, which root cannot write below either.
    std::fs::write(&public, b"in the way").unwrap();
    let entries = vec![
        fixture.ca.issuer_entry(1),
        document(2, "cps/esign-ca.html", "text/html"),
    ];
    fixture.take(entries).await;
    assert!(fixture.publisher.due().is_some());
    std::fs::remove_file(&public).unwrap();
    fixture.publisher.look().await.unwrap();
    assert_eq!(fixture.served("ca/esign-ca.cer"), None);
    fixture.look_later().await;
    assert!(fixture.served("ca/esign-ca.cer").is_some());
    assert_eq!(fixture.file("cps/esign-ca.html"), b"<h1>CPS</h1>");
    assert_eq!(fixture.publisher.due(), None);
}
