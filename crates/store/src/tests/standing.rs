//! What one daemon decided counts for the others in the transaction that would contradict it.

use audit::EventKind;
use feed::{Event, Terms};

use super::fixture::{Engine, Fixture, at, event, intent, issuer, on_both_engines, terms};
use crate::{AuditFilter, IntentRefusal, PolicyRecord};

on_both_engines!(
    nothing_is_signed_under_a_policy_that_is_not_in_force,
    a_halted_key_signs_for_no_daemon,
    a_page_of_large_entries_ends_early,
    a_retired_issuer_issues_nothing_and_says_so,
);

fn policy(octet: u8) -> PolicyRecord {
    PolicyRecord {
        issuer: issuer(),
        digest: [octet; 32],
        version: format!("1.{octet}"),
        text: format!("version = '1.{octet}'"),
        activated_at: at("2026-03-01T08:00:00Z"),
    }
}

async fn nothing_is_signed_under_a_policy_that_is_not_in_force(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let store = &fixture.store;
    let activate = |octet| {
        let activated = event(EventKind::PolicyActivated);
        store.activate_policy(policy(octet), Vec::new(), terms(), activated)
    };
    // The fixture's intents were decided by policy 3.
    activate(3).await.unwrap().unwrap();
    assert_eq!(store.record_intent(intent(1)).await.unwrap(), Ok(()));
    activate(4).await.unwrap().unwrap();
    let refused = store.record_intent(intent(2)).await.unwrap();
    assert_eq!(refused, Err(IntentRefusal::PolicyChanged));
    let standings = store.standings().await.unwrap();
    let digests: Vec<_> = standings.iter().filter_map(|s| s.policy_digest).collect();
    assert_eq!(digests, [[4; 32]]);
    for (octet, was) in [(3, true), (4, true), (5, false)] {
        let found = store.was_in_force(&issuer(), &[octet; 32]).await.unwrap();
        assert_eq!(found, was, "{octet}");
    }
    store.check_invariants().await.unwrap();
}

/// Documents of 2 MiB each, in pages of 4 MiB.
async fn a_page_of_large_entries_ends_early(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let store = &fixture.store;
    let before = store.feed_head().await.unwrap();
    let document = |number: u32| crate::DocumentRecord {
        name: format!("cps/{number}.html"),
        media_type: "text/html".to_owned(),
        body: vec![b'x'; 2 * 1024 * 1024],
    };
    let activated = event(EventKind::PolicyActivated);
    let documents = (0..5).map(document).collect();
    let outcome = store
        .activate_policy(policy(3), documents, terms(), activated)
        .await;
    outcome.unwrap().unwrap();
    let head = store.feed_head().await.unwrap();
    let (mut after, mut pages) = (before, 0);
    while after < head {
        let page = store
            .feed_after(after, 100)
            .await
            .unwrap()
            .entries()
            .unwrap();
        assert_eq!(page[0].seq, after + 1, "an entry was skipped");
        after = page.last().unwrap().seq;
        pages += 1;
    }
    assert_eq!(pages, 3);
    let (mut after, mut seqs) = (0, Vec::new());
    loop {
        let page = store.snapshot_page(after, 100).await.unwrap();
        seqs.extend(page.lines.entries().unwrap().iter().map(|entry| entry.seq));
        after = page.next;
        if page.complete {
            break;
        }
    }
    assert_eq!(seqs, (1..=head).collect::<Vec<_>>());
    assert_eq!(after, head);
}

async fn a_halted_key_signs_for_no_daemon(engine: Engine) {
    let mut fixture = Fixture::new(engine).await;
    let stopped = event(EventKind::KeyStopped);
    let halted = fixture.store.halt_issuer(&issuer(), stopped).await;
    halted.unwrap().unwrap();
    fixture.restart().await;
    let store = &fixture.store;
    let refused = store.record_intent(intent(1)).await.unwrap();
    assert_eq!(refused, Err(IntentRefusal::KeyStopped));
    let halted: Vec<_> = (store.standings().await.unwrap().into_iter())
        .filter(|standing| standing.halted)
        .map(|standing| standing.issuer)
        .collect();
    assert_eq!(halted, [issuer()]);
    let resumed = event(EventKind::KeyResumed);
    let outcome = store.resume_issuer(&issuer(), resumed).await;
    outcome.unwrap().unwrap();
    assert_eq!(store.record_intent(intent(1)).await.unwrap(), Ok(()));
}

async fn a_retired_issuer_issues_nothing_and_says_so(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let store = &fixture.store;
    let announced = || async {
        let page = store.snapshot_page(0, 100).await.unwrap();
        let terms = page
            .lines
            .entries()
            .unwrap()
            .into_iter()
            .filter_map(|entry| {
                let Event::Terms { terms, .. } = entry.event else {
                    return None;
                };
                Some(terms)
            });
        terms.collect::<Vec<_>>()
    };
    let activate = || {
        let activated = event(EventKind::PolicyActivated);
        store.activate_policy(policy(3), Vec::new(), terms(), activated)
    };
    activate().await.unwrap().unwrap();
    assert_eq!(announced().await, [terms()]);

    let name = issuer();
    let retire = || store.retire_issuer(&name, terms(), event(EventKind::IssuerRetired));
    retire().await.unwrap().unwrap();
    retire().await.unwrap().unwrap();
    let told = AuditFilter {
        kind: Some(EventKind::IssuerRetired),
        ..AuditFilter::default()
    };
    let told = store.audit_page(&told, 0, 10).await.unwrap();
    assert_eq!(told.len(), 1, "once and for all");
    let retired = Terms {
        issuing: false,
        ..terms()
    };
    assert_eq!(announced().await, std::slice::from_ref(&retired));
    // Another policy does not bring it back.
    activate().await.unwrap().unwrap();
    assert_eq!(announced().await, [retired]);
    let refused = store.record_intent(intent(1)).await.unwrap();
    assert_eq!(refused, Err(IntentRefusal::IssuerRetired));
    let mut of_the_ca = intent(2);
    of_the_ca.request.ra = None;
    of_the_ca.request.idempotency_key = None;
    of_the_ca.quota = None;
    assert_eq!(store.record_intent(of_the_ca).await.unwrap(), Ok(()));
    let retired = store.standings().await.unwrap();
    let retired = retired.iter().filter(|standing| standing.retired);
    assert_eq!(retired.map(|s| &s.issuer).collect::<Vec<_>>(), [&issuer()]);
}
