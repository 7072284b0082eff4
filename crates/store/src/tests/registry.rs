//! Peers, issuers, policies, responders.

use api::{PeerRole, PeerStatus};
use audit::EventKind;
use feed::{Event, IssuerKind};
use pki::{Fingerprint, SerialNumber};

use super::fixture::{
    Engine, Fixture, PUBLISHER, RA, RESPONDER, at, event, issuer, management, new_peer,
    on_both_engines,
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
    let told: Vec<_> = fixture.store.feed_after(0, 10).await.unwrap();
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
    let bodies: Vec<_> = page
        .entries
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

async fn a_responder_certificate_takes_the_place_of_the_one_before(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let certificate = |octet| ResponderCertificate {
        issuer: issuer(),
        follower: RESPONDER.to_owned(),
        serial: SerialNumber::from_bytes(&[octet]).unwrap(),
        not_after: at("2026-03-15T00:00:00Z"),
        certificate_der: vec![octet],
    };
    for octet in [1, 2] {
        let made = event(EventKind::ResponderCertificateIssued);
        fixture
            .store
            .record_responder_certificate(certificate(octet), made)
            .await
            .unwrap();
    }
    assert_eq!(
        fixture.store.responder_certificates().await.unwrap(),
        [certificate(2)]
    );
    let snapshot = fixture.store.snapshot_page(0, 100).await.unwrap();
    let sent = snapshot
        .entries
        .iter()
        .filter(|entry| matches!(entry.event, Event::ResponderCertificate { .. }));
    assert_eq!(sent.count(), 1);
}
