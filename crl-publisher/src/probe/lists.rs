//! Fetches the lists of one issuer and judges each by itself, then together.

use std::collections::BTreeMap;

use pki::CrlScope;

use super::{
    Look,
    check::{caching, freshest, freshness, list, list::FetchedList, media_type, number},
    finding::Visited,
    http::{Ask, HttpClient},
    memory::Memory,
};

/// Fetches every list; gives those that are whole and the issuer's.
pub(super) async fn probe(
    client: &mut HttpClient,
    memory: &mut Memory,
    look: &mut Look<'_>,
) -> BTreeMap<CrlScope, FetchedList> {
    let mut lists = BTreeMap::new();
    for (scope, url) in &look.subject.list_urls {
        if let Some(list) = fetch(client, memory, *scope, url, look).await {
            lists.insert(*scope, list);
        }
    }
    freshest::check(&lists, look);
    lists
}

async fn fetch(
    client: &mut HttpClient,
    memory: &mut Memory,
    scope: CrlScope,
    url: &str,
    look: &mut Look<'_>,
) -> Option<FetchedList> {
    let before = look.findings.len();
    let ask = Ask {
        url,
        post: None,
        max_bytes: MAX_LIST_BYTES,
    };
    let reply = match client.ask(&ask).await {
        Ok(reply) => reply,
        Err(fault) => {
            look.findings.add(fault.code(), url, fault.to_string());
            return None;
        }
    };
    let (now, seconds) = (look.now, reply.took.as_secs_f64());
    media_type::check(
        &reply.headers,
        "application/pkix-crl",
        url,
        &mut look.findings,
    );
    let list = list::check(&reply.body, scope, url, look.subject, &mut look.findings);
    if let Some(list) = &list {
        number::check(list, memory, look);
        freshness::check(list, look);
        caching::check(
            &reply.headers,
            list.next_update,
            now,
            url,
            &mut look.findings,
        );
    }
    let visited = Visited {
        url,
        method: "GET",
        at: now,
        seconds,
        next_update: list.as_ref().map(|list| list.next_update),
    };
    look.findings.visited(&visited, before);
    list
}

/// The longest list that is fetched: a million entries take 40 MiB.
const MAX_LIST_BYTES: usize = 512 * 1024 * 1024;
