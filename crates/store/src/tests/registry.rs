//! Peers, issuers, policies, responders.

use api::{PeerRole, PeerStatus};
use audit::EventKind;
use feed::{Event, IssuerKind};
use pki::{Fingerprint, SerialNumber, SpkiHash};

use super::fixture::{
    Engine, Fixture, PUBLISHER, RA, RESPONDER, at, event, issuer, management, new_peer,
    on_both_engines, terms,
};
use crate::{
    DocumentRecord, PeerChange, PinnedCertificate, PolicyRecord, RegistryRefusal,
    ResponderCertificate, ResponderKey,
};

on_both_engines!(
    a_peer_is_found_by_each_of_its_certificates,
    a_change_of_a_peer_leaves_the_rest_as_it_was,
    a_retired_peer_is_not_changed_any_more,
    issuers_stand_below_registered_ones,
    the_policy_in_force_is_the_last_activated,
    a_responder_answers_for_the_issuers_it_is_registered_for,
    a_responder_certificate_takes_the_place_of_the_one_before,
    each_key_of_a_responder_has_a_certificate_until_it_is_retired,
    a_key_that_is_registered_again_answers_for_the_new_issuers,
);

fn pin(octet: u8) -> PinnedCertificate {
    PinnedCertificate {
        fingerprint: Fingerprint::of(&[octet]),
        not_after: at("2027-01-01T00:00:00Z"),
        retired_at: None,
    }
}

async fn a_peer_is_found_by_each_of_its_certificates(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let store = &fixture.store;
    let registered = event(EventKind::PeerRegistered);
    let peer = new_peer("insurer", PeerRole::Ra);
    let outcome = store
        .register_peer(peer.clone(), vec![pin(1)], registered.clone())
        .await;
    outcome.unwrap().unwrap();
    let again = store
        .register_peer(peer.clone(), vec![], registered.clone())
        .await
        .unwrap();
    assert_eq!(again, Err(RegistryRefusal::NameTaken));
    let other = new_peer("broker", PeerRole::Ra);
    let taken = store
        .register_peer(other, vec![pin(1)], registered)
        .await
        .unwrap();
    assert_eq!(taken, Err(RegistryRefusal::FingerprintTaken));
    assert_eq!(
        store.peer("broker").await.unwrap(),
        None,
        "a refusal leaves nothing behind"
    );

    let added = event(EventKind::FingerprintAdded);
    store
        .add_fingerprint("insurer", pin(2), added.clone())
        .await
        .unwrap()
        .unwrap();
    let taken = store.add_fingerprint(RA, pin(2), added).await.unwrap();
    assert_eq!(taken, Err(RegistryRefusal::FingerprintTaken));
    let retired = event(EventKind::FingerprintRetired);
    let retire = |peer| store.retire_fingerprint(peer, pin(1).fingerprint, retired.clone());
    assert_eq!(
        retire(RA).await.unwrap(),
        Err(RegistryRefusal::FingerprintNotFound)
    );
    retire("insurer").await.unwrap().unwrap();
    assert_eq!(
        retire("insurer").await.unwrap(),
        Err(RegistryRefusal::FingerprintNotFound)
    );

    let (found, old) = store
        .peer_by_fingerprint(&pin(1).fingerprint)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (found, old.retired_at),
        (peer.clone(), Some(at("2026-03-01T08:00:00Z")))
    );
    let (found, new) = store
        .peer_by_fingerprint(&pin(2).fingerprint)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((found, new.retired_at), (peer, None));
    assert_eq!(
        store
            .peer_by_fingerprint(&pin(3).fingerprint)
            .await
            .unwrap(),
        None
    );
    assert_eq!(store.pins("insurer").await.unwrap().len(), 2);
    let ras = store.peers(Some(PeerRole::Ra)).await.unwrap();
    assert_eq!(
        ras.iter()
            .map(|peer| peer.name.as_str())
            .collect::<Vec<_>>(),
        [RA, "insurer"]
    );
    assert_eq!(store.peers(None).await.unwrap().len(), 4);
}

async fn a_change_of_a_peer_leaves_the_rest_as_it_was(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let change = PeerChange {
        daily_quota: Some(7),
        ..PeerChange::default()
    };
    let changed = event(EventKind::PeerChanged);
    let peer = fixture
        .store
        .change_peer(RA, change, changed)
        .await
        .unwrap()
        .unwrap();
    let mut expected = new_peer(RA, PeerRole::Ra);
    expected.daily_quota = Some(7);
    assert_eq!(peer, expected);
    assert_eq!(fixture.store.peer(RA).await.unwrap(), Some(expected));
}

async fn a_retired_peer_is_not_changed_any_more(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let to = |status| PeerChange {
        status: Some(status),
        ..PeerChange::default()
    };
    let changed = || event(EventKind::PeerChanged);
    let change = |status| fixture.store.change_peer(RA, to(status), changed());
    change(PeerStatus::Suspended).await.unwrap().unwrap();
    change(PeerStatus::Active).await.unwrap().unwrap();
    change(PeerStatus::Retired).await.unwrap().unwrap();
    assert_eq!(
        change(PeerStatus::Active).await.unwrap(),
        Err(RegistryRefusal::PeerRetired)
    );
    let pinned = fixture
        .store
        .add_fingerprint(RA, pin(1), changed())
        .await
        .unwrap();
    assert_eq!(pinned, Err(RegistryRefusal::PeerRetired));
    let nobody = fixture
        .store
        .change_peer("nobody", to(PeerStatus::Active), changed())
        .await;
    assert_eq!(nobody.unwrap(), Err(RegistryRefusal::PeerNotFound));
}

async fn issuers_stand_below_registered_ones(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let head = fixture.store.feed_head().await.unwrap();
    let again = fixture
        .register("esign-ca", IssuerKind::Issuing, Some("root"))
        .await;
    assert_eq!(again, Ok(head), "the same again changes nothing");
    let other = fixture.register("esign-ca", IssuerKind::Root, None).await;
    assert_eq!(other, Err(RegistryRefusal::IssuerTaken));
    let orphan = fixture
        .register("orphan", IssuerKind::Issuing, Some("nobody"))
        .await;
    assert_eq!(orphan, Err(RegistryRefusal::IssuerNotFound));
    let names: Vec<_> = fixture
        .store
        .issuers()
        .await
        .unwrap()
        .iter()
        .map(|it| it.name.to_string())
        .collect();
    assert_eq!(names, ["esign-ca", "management-ca", "root"]);
    let told: Vec<_> = fixture
        .store
        .feed_after(0, 10)
        .await
        .unwrap()
        .entries()
        .unwrap();
    assert_eq!(
        told.len(),
        2,
        "the management CA is not for followers: {told:?}"
    );
}

async fn the_policy_in_force_is_the_last_activated(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let store = &fixture.store;
    let policy = |octet: u8| PolicyRecord {
        issuer: issuer(),
        digest: [octet; 32],
        version: format!("1.{octet}"),
        text: format!("version = '1.{octet}'"),
        activated_at: at("2026-03-01T08:00:00Z"),
    };
    let document = |text: &str| DocumentRecord {
        name: "cps/esign-ca.html".to_owned(),
        media_type: "text/html".to_owned(),
        body: text.as_bytes().to_vec(),
    };
    let activate = |policy, text| {
        store.activate_policy(
            policy,
            vec![document(text)],
            terms(),
            event(EventKind::PolicyActivated),
        )
    };
    assert_eq!(store.policy_of(&issuer()).await.unwrap(), None);
    activate(policy(1), "one").await.unwrap().unwrap();
    activate(policy(2), "two").await.unwrap().unwrap();
    assert_eq!(store.policy_of(&issuer()).await.unwrap(), Some(policy(2)));
    assert_eq!(
        store.policy_by_digest(&[1; 32]).await.unwrap(),
        Some(policy(1))
    );
    activate(policy(1), "one").await.unwrap().unwrap();
    assert_eq!(store.policy_of(&issuer()).await.unwrap(), Some(policy(1)));
    let mut nobody = policy(3);
    nobody.issuer = "nobody".parse().unwrap();
    assert_eq!(
        activate(nobody, "x").await.unwrap(),
        Err(RegistryRefusal::IssuerNotFound)
    );
    let page = store.snapshot_page(0, 100).await.unwrap();
    let told = |entry: &&feed::Entry| matches!(entry.event, Event::Terms { .. });
    assert_eq!(page.lines.entries().unwrap().iter().filter(told).count(), 1);
    let bodies: Vec<_> = page
        .lines
        .entries()
        .unwrap()
        .iter()
        .filter_map(|entry| {
            let Event::Document { body, .. } = &entry.event else {
                return None;
            };
            Some(body.to_vec())
        })
        .collect();
    assert_eq!(bodies, [b"one".to_vec()]);
}

async fn a_responder_answers_for_the_issuers_it_is_registered_for(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let store = &fixture.store;
    let key = |follower: &str, issuers: &[&str]| ResponderKey {
        follower: follower.to_owned(),
        issuers: issuers.iter().map(|name| name.parse().unwrap()).collect(),
        spki_hash: SpkiHash::of(b"spki"),
        spki_der: b"spki".to_vec(),
    };
    let register =
        |key| store.register_responder_key(key, event(EventKind::ResponderKeyRegistered));
    let refusals = [
        (key("nobody", &["esign-ca"]), RegistryRefusal::PeerNotFound),
        (
            key(PUBLISHER, &["esign-ca"]),
            RegistryRefusal::NotAResponder,
        ),
        (
            key(RESPONDER, &["esign-ca", "nobody"]),
            RegistryRefusal::IssuerNotFound,
        ),
    ];
    for (key, refusal) in refusals {
        assert_eq!(register(key).await.unwrap(), Err(refusal));
    }
    register(key(RESPONDER, &["esign-ca", "root"]))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        store.responder_keys().await.unwrap(),
        [key(RESPONDER, &["esign-ca", "root"])]
    );
    assert_eq!(store.responders(&issuer()).await.unwrap(), [RESPONDER]);
    assert!(store.responders(&management()).await.unwrap().is_empty());
    let change = async |status| {
        let change = PeerChange {
            status: Some(status),
            ..PeerChange::default()
        };
        let event = event(EventKind::PeerChanged);
        let changed = store.change_peer(RESPONDER, change, event).await;
        changed.unwrap().unwrap();
    };
    // It goes on answering from its copy, so that a revocation that it lacks is not done.
    change(PeerStatus::Suspended).await;
    assert_eq!(store.responders(&issuer()).await.unwrap(), [RESPONDER]);
    assert!(store.responder_keys().await.unwrap().is_empty());
    change(PeerStatus::Retired).await;
    assert!(store.responders(&issuer()).await.unwrap().is_empty());
}

fn responder_key(spki: &[u8], issuers: &[&str]) -> ResponderKey {
    ResponderKey {
        follower: RESPONDER.to_owned(),
        issuers: issuers.iter().map(|name| name.parse().unwrap()).collect(),
        spki_hash: SpkiHash::of(spki),
        spki_der: spki.to_vec(),
    }
}

async fn register_responder_key(fixture: &Fixture, key: ResponderKey) {
    let registered = event(EventKind::ResponderKeyRegistered);
    let registered = fixture.store.register_responder_key(key, registered).await;
    registered.unwrap().unwrap();
}

fn responder_certificate(spki: &[u8], octet: u8) -> ResponderCertificate {
    ResponderCertificate {
        issuer: issuer(),
        follower: RESPONDER.to_owned(),
        spki_hash: SpkiHash::of(spki),
        serial: SerialNumber::from_bytes(&[octet]).unwrap(),
        not_after: at("2026-03-15T00:00:00Z"),
        certificate_der: vec![octet],
    }
}

async fn record_responder_certificate(fixture: &Fixture, certificate: ResponderCertificate) {
    let made = event(EventKind::ResponderCertificateIssued);
    let store = &fixture.store;
    let recorded = store.record_responder_certificate(certificate, made).await;
    recorded.unwrap();
}

/// What the snapshot says of responder keys, by their octets.
async fn on_the_feed(fixture: &Fixture) -> Vec<(SpkiHash, Option<Vec<u8>>)> {
    let snapshot = fixture.store.snapshot_page(0, 100).await.unwrap();
    let of_keys = snapshot
        .lines
        .entries()
        .unwrap()
        .into_iter()
        .filter_map(|entry| match entry.event {
            Event::ResponderCertificate {
                spki_hash,
                certificate_der,
                ..
            } => Some((spki_hash, Some(certificate_der.0))),
            Event::ResponderKeyRetired { spki_hash, .. } => Some((spki_hash, None)),
            Event::Issuer { .. }
            | Event::Certificate { .. }
            | Event::Crl { .. }
            | Event::Terms { .. }
            | Event::Document { .. } => None,
        });
    of_keys.collect()
}

async fn a_responder_certificate_takes_the_place_of_the_one_before(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    register_responder_key(&fixture, responder_key(b"a", &["esign-ca"])).await;
    for octet in [1, 2] {
        record_responder_certificate(&fixture, responder_certificate(b"a", octet)).await;
    }
    assert_eq!(
        fixture.store.responder_certificates().await.unwrap(),
        [responder_certificate(b"a", 2)]
    );
    let last = (SpkiHash::of(b"a"), Some(vec![2]));
    assert_eq!(on_the_feed(&fixture).await, [last]);
}

async fn each_key_of_a_responder_has_a_certificate_until_it_is_retired(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let store = &fixture.store;
    let (old, new) = (SpkiHash::of(b"a"), SpkiHash::of(b"b"));
    register_responder_key(&fixture, responder_key(b"a", &["esign-ca"])).await;
    register_responder_key(&fixture, responder_key(b"b", &["esign-ca"])).await;
    assert_eq!(store.responder_keys().await.unwrap().len(), 2);
    assert_eq!(store.responders(&issuer()).await.unwrap(), [RESPONDER]);
    record_responder_certificate(&fixture, responder_certificate(b"a", 1)).await;
    record_responder_certificate(&fixture, responder_certificate(b"b", 2)).await;
    assert_eq!(
        on_the_feed(&fixture).await,
        [(old, Some(vec![1])), (new, Some(vec![2]))]
    );
    let retire = async || {
        let retired = event(EventKind::ResponderKeyRetired);
        store.retire_responder_key(RESPONDER, old, retired).await
    };
    retire().await.unwrap().unwrap();
    assert_eq!(
        retire().await.unwrap(),
        Err(RegistryRefusal::ResponderKeyNotFound)
    );
    // Certified when the key was still registered, recorded after.
    record_responder_certificate(&fixture, responder_certificate(b"a", 3)).await;
    let keys = store.responder_keys().await.unwrap();
    assert_eq!(keys, [responder_key(b"b", &["esign-ca"])]);
    let certificates = store.responder_certificates().await.unwrap();
    assert_eq!(certificates, [responder_certificate(b"b", 2)]);
    let after = [(new, Some(vec![2])), (old, None)];
    assert_eq!(on_the_feed(&fixture).await, after);
}

async fn a_key_that_is_registered_again_answers_for_the_new_issuers(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    register_responder_key(&fixture, responder_key(b"a", &["esign-ca"])).await;
    record_responder_certificate(&fixture, responder_certificate(b"a", 1)).await;
    register_responder_key(&fixture, responder_key(b"a", &["root"])).await;
    let keys = fixture.store.responder_keys().await.unwrap();
    assert_eq!(keys, [responder_key(b"a", &["root"])]);
    assert!(
        fixture
            .store
            .responder_certificates()
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(on_the_feed(&fixture).await, [(SpkiHash::of(b"a"), None)]);
}
