//! Both kinds of output, the object store with a real S3 server.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use testkit::{S3Server, wait_for, wait_until};

use super::*;

const PATH: &str = "crl/ca.crl";

fn content(body: &'static str) -> Content {
    Content {
        body: Bytes::from_static(body.as_bytes()),
        media_type: "application/pkix-crl",
        max_age: Duration::from_mins(15),
    }
}

/// Lists of these tests are texts; a lesser text is an older list.
async fn replace(output: &Output, body: &'static str) -> Replaced {
    let may_replace = |standing: &[u8]| standing < body.as_bytes();
    output
        .replace(PATH, &content(body), Replaceable::by(&may_replace))
        .await
        .unwrap()
}

fn directory(root: &tempfile::TempDir) -> Output {
    Output::Directory(Directory::open(root.path().join("public")))
}

fn config(server: &S3Server, secrets: &tempfile::TempDir) -> BucketConfig {
    let file = |name: &str| {
        let path = secrets.path().join(name);
        std::fs::write(&path, format!("{name}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    };
    BucketConfig {
        endpoint: server.endpoint(),
        bucket: "public".to_owned(),
        prefix: "pki".to_owned(),
        region: "us-east-1".to_owned(),
        access_key_id_file: file("key-id"),
        secret_access_key_file: file("secret"),
        roots: None,
        allow_http: true,
    }
}

fn bucket(server: &S3Server, secrets: &tempfile::TempDir) -> Output {
    Output::Bucket(Bucket::open(&config(server, secrets)).unwrap())
}

async fn newer_replaces_older(output: &Output) {
    assert_eq!(output.read(PATH).await.unwrap(), None);
    assert_eq!(replace(output, "1").await, Replaced::Stands);
    assert_eq!(replace(output, "2").await, Replaced::Stands);
    assert_eq!(replace(output, "2").await, Replaced::Stands);
    assert_eq!(replace(output, "1").await, Replaced::Kept);
    assert_eq!(output.read(PATH).await.unwrap().unwrap(), "2");
}

/// Replaces what is known to stand there, if it does, and nothing else.
async fn known_content_is_replaced(output: &Output) {
    let replace_known = async |known: &'static str, body| {
        let known = Bytes::from_static(known.as_bytes());
        let replaceable = Replaceable {
            known: Some(&known),
            other: &|_| false,
        };
        let replaced = output.replace(PATH, &content(body), replaceable).await;
        replaced.unwrap()
    };
    assert_eq!(replace_known("0", "1").await, Replaced::Stands);
    assert_eq!(replace_known("1", "2").await, Replaced::Stands);
    for other in ["", "1", "20", "3"] {
        assert_eq!(replace_known(other, "4").await, Replaced::Kept, "{other}");
    }
    assert_eq!(output.read(PATH).await.unwrap().unwrap(), "2");
}

#[tokio::test]
async fn what_is_known_to_stand_there_is_replaced() {
    let (server, root) = (S3Server::start("public"), tempfile::tempdir().unwrap());
    known_content_is_replaced(&directory(&root)).await;
    known_content_is_replaced(&bucket(&server, &root)).await;
}

#[tokio::test]
async fn in_a_directory_a_newer_file_replaces_an_older_one_only() {
    let root = tempfile::tempdir().unwrap();
    newer_replaces_older(&directory(&root)).await;
    let published = std::fs::read_dir(root.path().join("public/crl")).unwrap();
    assert_eq!(published.count(), 1);
}

#[tokio::test]
async fn what_is_written_ahead_is_seen_when_it_is_put_there() {
    let root = tempfile::tempdir().unwrap();
    let output = directory(&root);
    replace(&output, "1").await;
    let directory = root.path().join("public/crl");
    // The same octets in memory are what counts, so that each text stands here once.
    let (two, three) = ("2", "3");
    output.write_ahead(PATH, &content(two).body);
    let ahead = wait_for("the file beside it", || {
        let mut files = std::fs::read_dir(&directory).unwrap().map(Result::unwrap);
        files.find(|file| file.file_name() != "ca.crl")
    });
    let inode = ahead.metadata().unwrap().ino();
    assert_eq!(output.read(PATH).await.unwrap().unwrap(), "1");
    assert_eq!(replace(&output, two).await, Replaced::Stands);
    assert_eq!(output.read(PATH).await.unwrap().unwrap(), "2");
    let put = std::fs::metadata(directory.join("ca.crl")).unwrap();
    assert_eq!((put.ino(), put.mode() & 0o777), (inode, 0o644));
    // Something else is put there, or nothing at all.
    output.write_ahead(PATH, &content(three).body);
    assert_eq!(replace(&output, "4").await, Replaced::Stands);
    assert_eq!(output.read(PATH).await.unwrap().unwrap(), "4");
    output.write_ahead(PATH, &content(three).body);
    assert_eq!(replace(&output, three).await, Replaced::Kept);
    wait_until("what was written in vain is gone", || {
        std::fs::read_dir(&directory).unwrap().count() == 1
    });
}

#[tokio::test]
async fn in_a_bucket_a_newer_object_replaces_an_older_one_only() {
    let (server, secrets) = (S3Server::start("public"), tempfile::tempdir().unwrap());
    newer_replaces_older(&bucket(&server, &secrets)).await;
    // Another process, which knows nothing yet.
    let other = bucket(&server, &secrets);
    assert_eq!(replace(&other, "1").await, Replaced::Kept);
    assert_eq!(replace(&other, "3").await, Replaced::Stands);
}

#[tokio::test]
async fn an_object_has_its_type_and_lifetime() {
    let (server, secrets) = (S3Server::start("public"), tempfile::tempdir().unwrap());
    replace(&bucket(&server, &secrets), "1").await;
    let answer = server.ask("GET", "/public/pki/crl/ca.crl").unwrap();
    let lower = answer.to_lowercase();
    assert!(
        lower.contains("content-type: application/pkix-crl"),
        "{answer}"
    );
    assert!(
        lower.contains("cache-control: public, max-age=900, no-transform"),
        "{answer}"
    );
    assert!(answer.ends_with("\r\n\r\n1"), "{answer}");
}

#[tokio::test]
async fn of_two_publishers_at_once_the_newer_list_wins() {
    let (server, secrets) = (S3Server::start("public"), tempfile::tempdir().unwrap());
    let (one, other) = (bucket(&server, &secrets), bucket(&server, &secrets));
    replace(&one, "1").await;
    replace(&other, "3").await;
    // What this one believes to stand there does so no more.
    assert_eq!(replace(&one, "2").await, Replaced::Kept);
    for (old, new) in [("4", "5"), ("6", "7"), ("8", "9")] {
        tokio::join!(replace(&one, new), replace(&other, old));
        assert_eq!(one.read(PATH).await.unwrap().unwrap(), new);
    }
}

/// The judge itself: without conditions of its own the tests above would prove nothing.
#[tokio::test]
async fn the_server_refuses_puts_whose_condition_does_not_hold() {
    use object_store::{Error, ObjectStore as _, PutMode, UpdateVersion, aws::AmazonS3Builder};
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let server = S3Server::start("public");
    let store = AmazonS3Builder::new()
        .with_endpoint(server.endpoint())
        .with_allow_http(true)
        .with_bucket_name("public")
        .with_access_key_id("key-id")
        .with_secret_access_key("secret")
        .build()
        .unwrap();
    let path = object_store::path::Path::from("a");
    let put = async |body: &'static str, mode: PutMode| {
        store.put_opts(&path, body.into(), mode.into()).await
    };
    let of = |result: object_store::PutResult| {
        PutMode::Update(UpdateVersion {
            e_tag: result.e_tag,
            version: None,
        })
    };
    let first = of(put("1", PutMode::Create).await.unwrap());
    let created = put("2", PutMode::Create).await;
    assert!(
        matches!(created, Err(Error::AlreadyExists { .. })),
        "{created:?}"
    );
    put("2", first.clone()).await.unwrap();
    let stale = put("3", first).await;
    assert!(
        matches!(stale, Err(Error::Precondition { .. })),
        "{stale:?}"
    );
}

#[tokio::test]
async fn a_store_that_is_away_is_an_error_and_shows_no_secret() {
    let (server, secrets) = (S3Server::start("public"), tempfile::tempdir().unwrap());
    let mut config = config(&server, &secrets);
    config.bucket = "other".to_owned();
    let output = Output::Bucket(Bucket::open(&config).unwrap());
    let error = output
        .replace(PATH, &content("1"), Replaceable::by(&|_| true))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "object-store-unusable");
    let shown = format!("{error:?} {output:?} {}", crate::metrics::chain(&error));
    assert!(
        !shown.contains("secret\n") && !shown.contains("\"secret\""),
        "{shown}"
    );
}

#[tokio::test]
async fn no_name_leads_out_of_the_output() {
    let root = tempfile::tempdir().unwrap();
    let output = directory(&root);
    for path in [
        "../secret",
        "/etc/passwd",
        "cps/../../secret",
        "cps//x",
        "cps/.hidden",
        "",
        "cps/",
        "cps/a b",
        "cps/\0",
    ] {
        let refused = output
            .replace(path, &content("x"), Replaceable::by(&|_| true))
            .await;
        assert!(matches!(refused, Err(OutputError::Path { .. })), "{path:?}");
        assert!(output.read(path).await.is_err(), "{path:?}");
    }
    assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
}

#[test]
fn all_faults_of_a_bucket_are_reported() {
    let config = |endpoint: &str, allow_http| BucketConfig {
        endpoint: endpoint.to_owned(),
        bucket: "public".to_owned(),
        prefix: String::new(),
        region: "eu-central-1".to_owned(),
        access_key_id_file: "/run/id".into(),
        secret_access_key_file: "/run/secret".into(),
        roots: None,
        allow_http,
    };
    for (endpoint, allow_http) in [
        ("https://s3.example.com", false),
        ("http://127.0.0.1:9000", true),
        ("http://[::1]:9000", true),
    ] {
        assert_eq!(
            config(endpoint, allow_http).faults("object_store"),
            Vec::<String>::new(),
            "{endpoint}"
        );
    }
    for (endpoint, allow_http) in [
        ("http://127.0.0.1:9000", false),
        ("http://s3.example.com", true),
        ("s3.example.com", true),
        ("", true),
    ] {
        let faults = config(endpoint, allow_http).faults("object_store");
        assert_eq!(faults.len(), 1, "{endpoint}");
        assert!(
            faults[0].starts_with("object_store.endpoint: "),
            "{faults:?}"
        );
    }
    let bad = BucketConfig {
        bucket: "a/b".to_owned(),
        prefix: "/pki".to_owned(),
        region: String::new(),
        access_key_id_file: "id".into(),
        secret_access_key_file: "secret".into(),
        roots: Some("ca.pem".into()),
        ..config("ftp://x", true)
    };
    assert_eq!(bad.faults("object_store").len(), 7);
}
