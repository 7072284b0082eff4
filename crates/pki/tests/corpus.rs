//! The fixtures, each with the answer that its file name wants: a code, or `good`.

#![expect(clippy::unwrap_used, reason = "a broken fixture is a broken test")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use pki::{
    Certificate, CertificateError, CertificationRequest, CsrError, KeyError, PublicKey,
    key_check::{KeyWeakness, WeakKeyList, weaknesses},
};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

/// Name, wanted answer and contents of each fixture of a folder.
fn fixtures(name: &str) -> Vec<(String, String, Vec<u8>)> {
    let mut fixtures: Vec<_> = fs::read_dir(folder(name))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension != "txt"))
        .filter(|path| !path.ends_with("chain.pem"))
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let wanted = name.split('.').next().unwrap().to_owned();
            (name, wanted, fs::read(path).unwrap())
        })
        .collect();
    fixtures.sort();
    fixtures
}

#[test]
fn every_request_gets_the_answer_in_its_name() {
    let fixtures = fixtures("csr");
    assert!(
        fixtures.len() > 50,
        "the corpus is {} files",
        fixtures.len()
    );
    for (name, wanted, octets) in fixtures {
        let answer = CertificationRequest::parse_pem_or_der(&octets);
        let code = answer.as_ref().map_or_else(CsrError::code, |_| "good");
        assert_eq!(code, wanted, "{name}: {answer:?}");
    }
}

#[test]
fn every_key_gets_the_answer_in_its_name() {
    let fixtures = fixtures("key");
    assert!(
        fixtures.len() > 30,
        "the corpus is {} files",
        fixtures.len()
    );
    for (name, wanted, octets) in fixtures {
        let codes: Vec<&str> = match PublicKey::parse(&octets) {
            Err(error) => vec![KeyError::code(error)],
            Ok(key) => {
                let found = weaknesses(&key, &WeakKeyList::default());
                found.into_iter().map(KeyWeakness::code).collect()
            }
        };
        match wanted.as_str() {
            "good" => assert!(codes.is_empty(), "{name}: {codes:?}"),
            wanted => assert_eq!(codes, [wanted], "{name}"),
        }
    }
}

#[test]
fn every_certificate_gets_the_answer_in_its_name() {
    let fixtures = fixtures("certificate");
    assert!(fixtures.len() > 6, "the corpus is {} files", fixtures.len());
    for (name, wanted, octets) in fixtures {
        let answer = Certificate::parse(&octets);
        let code = answer
            .as_ref()
            .map_or_else(CertificateError::code, |_| "good");
        assert_eq!(code, wanted, "{name}: {answer:?}");
    }
}

#[test]
fn a_request_with_one_changed_octet_is_never_taken_for_another() {
    let good = fs::read(folder("csr/good.p256.der")).unwrap();
    for position in 0..good.len() {
        for change in [0x01, 0x80, 0xFF] {
            let mut changed = good.clone();
            *changed.get_mut(position).unwrap() ^= change;
            if let Ok(request) = CertificationRequest::parse(&changed) {
                panic!("octet {position} may be changed by {change:#04x}: {request:?}");
            }
        }
    }
}

#[test]
fn a_request_that_is_cut_off_is_refused() {
    let good = fs::read(folder("csr/good.rsa-2048.der")).unwrap();
    for length in 0..good.len() {
        assert!(
            CertificationRequest::parse(good.get(..length).unwrap()).is_err(),
            "{length}"
        );
    }
}

#[test]
fn finds_a_key_on_a_list_of_weak_ones() {
    let list = fs::read_to_string(folder("key/weak-key-list.txt")).unwrap();
    let list = WeakKeyList::parse(&list).unwrap();
    let listed = PublicKey::parse(&fs::read(folder("key/good.rsa-2048.der")).unwrap()).unwrap();
    let other = PublicKey::parse(&fs::read(folder("key/good.p256.der")).unwrap()).unwrap();
    assert_eq!(weaknesses(&listed, &list), [KeyWeakness::DebianWeak]);
    assert_eq!(weaknesses(&other, &list), []);
}
