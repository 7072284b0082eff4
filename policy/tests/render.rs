//! The published CPS says what decides.

mod common;

use common::{ESIGN, INTERNAL, MANAGEMENT, parse};
use policy::outline::OUTLINE;

#[test]
fn every_heading_of_rfc_3647_is_there_in_order() {
    for text in [ESIGN, INTERNAL, MANAGEMENT] {
        let markdown = parse(text).render_markdown(&"some-ca".parse().expect("name"));
        let mut rest = markdown.as_str();
        for heading in OUTLINE {
            let line = format!("# {} {} · {}\n", heading.number, heading.zh, heading.en);
            let (_, after) = rest.split_once(&line).unwrap_or_else(|| panic!("{line}"));
            rest = after;
        }
    }
}

#[test]
fn licence_jurisdiction_and_grounds_are_published_in_both_languages() {
    let policy = parse(ESIGN);
    let markdown = policy.render_markdown(&"esign-ca".parse().expect("name"));
    for words in [
        "ECP00000000000",
        "国务院信息产业主管部门",
        "The State Council department",
        "北京市海淀区人民法院",
        "The People's Court of Haidian District",
        "http://pki.example.com/crl/esign-ca.crl",
    ] {
        assert!(markdown.contains(words), "{words}");
    }
    for ground in policy.grounds() {
        assert!(markdown.contains(&ground.text.zh), "{}", ground.id);
        assert!(markdown.contains(&ground.text.en), "{}", ground.id);
    }
}

#[test]
fn shards_and_deltas_are_published_where_there_are_any() {
    let esign = parse(ESIGN).render_markdown(&"esign-ca".parse().expect("name"));
    let internal = parse(INTERNAL).render_markdown(&"internal-ca".parse().expect("name"));
    for words in [
        "http://pki.example.com/crl/esign-ca/shard-0.crl to shard-15",
        "http://pki.example.com/crl/esign-ca/delta.crl",
        "分属 16 个分片",
        "divided among 16 shards",
        "撤销后 2s 内签发新的增量 CRL",
        "A delta CRL is signed at most 2s after a revocation.",
    ] {
        assert!(esign.contains(words), "{words}");
    }
    for word in ["shard", "delta", "分片", "增量"] {
        assert!(!internal.contains(word), "{word}");
    }
}

#[test]
fn the_limits_that_decide_are_the_limits_that_are_published() {
    let markdown = parse(INTERNAL).render_markdown(&"internal-ca".parse().expect("name"));
    assert!(markdown.contains("| 2029-03-15T00:00:00Z | 47d | BR 6.3.2 |"));
}

#[test]
fn the_page_has_tables_and_runs_nothing() {
    let text = ESIGN.replace(
        "title.en = \"Certification",
        "title.en = \"<script>alert(1)</script> & Certification",
    );
    let html = parse(&text).render_html(&"esign-ca".parse().expect("name"));
    assert!(html.starts_with("<!DOCTYPE html>"));
    assert!(html.contains("<table>"));
    assert!(!html.contains("<script"));
    assert!(html.contains("<title>&lt;script&gt;alert(1)&lt;/script&gt; &amp; Certification"));
}
