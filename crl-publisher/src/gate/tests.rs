//! What gets through the gate, and each thing that does not, against a real copy.

mod changes;
mod entries;
mod frames;
mod million;
mod scopes;

use feed::{Entry, Event, Status};
use store::copy::StatusCopy;
use tokio::runtime::Handle;

use super::*;
use crate::{
    statuses::CopiedStatuses,
    test_ca::{HELD, REPOSITORY, TestCa, TestList, at, held, revoked, serial},
};

/// A CA whose certificates 3 and 5 are revoked and 7 is good, and the list that says so.
struct Fixture {
    ca: TestCa,
    copy: StatusCopy,
    against: Against,
    _directory: tempfile::TempDir,
}

impl Fixture {
    async fn new() -> Self {
        Self::sharded(None).await
    }

    /// With certificates of one shard.
    async fn sharded(shard: Option<u16>) -> Self {
        let mut fixture = Self::empty().await;
        let certificates = [(1, 3, revoked()), (2, 5, revoked()), (3, 7, Status::Good)];
        for (seq, last, status) in certificates {
            let entry = fixture.ca.sharded_entry(seq, last, shard, status);
            fixture.learn(&entry).await;
        }
        fixture.against.standing = Some(fixture.check(&TestList::new(10, &[3, 5])).await.unwrap());
        fixture.against.full = fixture.against.standing.clone();
        fixture
    }

    /// With a certificate on hold more, and on the list.
    async fn holding() -> Self {
        let mut fixture = Self::new().await;
        fixture.change(4, HELD, held()).await;
        let list = TestList::new(10, &[3, HELD, 5]);
        fixture.against.standing = Some(fixture.unchecked(&list));
        fixture.against.full = fixture.against.standing.clone();
        fixture
    }

    async fn empty() -> Self {
        let ca = TestCa::new(1);
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("copy.db");
        let against = Against {
            name: ca.name().clone(),
            issuer: ca.certificate().clone(),
            kind: ca.kind,
            repository: Some(REPOSITORY.to_owned()),
            standing: None,
            full: None,
            shards: Vec::new(),
            floor: None,
            base_as_of: None,
            gap: false,
            ca_certificates: Vec::new(),
            max_bytes: 1 << 20,
            now: at(30),
        };
        Self {
            ca,
            copy: StatusCopy::open(&path).await.unwrap(),
            against,
            _directory: directory,
        }
    }

    async fn learn(&self, entry: &Entry) {
        let entries = std::slice::from_ref(entry);
        self.copy.apply(entries, entry.seq).await.unwrap();
    }

    async fn change(&self, seq: u64, last: u8, status: Status) {
        self.learn(&self.ca.certificate_entry(seq, last, status))
            .await;
    }

    /// A certificate that ends at another time than all others.
    async fn end(&self, seq: u64, last: u8, end: Timestamp, status: Status) {
        let mut entry = self.ca.certificate_entry(seq, last, status);
        if let Event::Certificate { not_after, .. } = &mut entry.event {
            *not_after = end;
        }
        self.learn(&entry).await;
    }

    async fn check(&self, list: &TestList) -> Result<List, Refusal> {
        self.check_der(list, self.ca.sign(list)).await
    }

    async fn check_der(&self, list: &TestList, der: Vec<u8>) -> Result<List, Refusal> {
        let offer = Offer {
            scope: list.scope,
            number: CrlNumber::new(list.number),
            base: list.base.map(CrlNumber::new),
            as_of: list.as_of,
            sequence: 100,
        };
        self.check_offer(offer, der).await
    }

    async fn check_offer(&self, offer: Offer, der: Vec<u8>) -> Result<List, Refusal> {
        let (copy, against) = (self.copy.clone(), self.against.clone());
        let runtime = Handle::current();
        let name = against.name.clone();
        let check = move || {
            let statuses = || {
                CopiedStatuses::new(
                    copy.clone(),
                    runtime.clone(),
                    name.clone(),
                    offer.scope.shard(),
                )
            };
            let octets = Octets::from(bytes::Bytes::from(der));
            let checked = check(&offer, octets.clone(), &against, &mut statuses());
            // Comparing everything finds the same.
            let mut forgetful = against.clone();
            for list in forgetful.standing.iter_mut().chain(&mut forgetful.full) {
                list.agreed = None;
            }
            let again = check(&offer, octets, &forgetful, &mut statuses());
            let code = |checked: &Result<List, Refusal>| checked.as_ref().err().map(Refusal::code);
            assert_eq!(code(&checked), code(&again));
            checked
        };
        tokio::task::spawn_blocking(check).await.unwrap()
    }

    async fn refusal(&self, list: &TestList) -> &'static str {
        self.check(list).await.unwrap_err().code()
    }

    async fn refusal_der(&self, list: &TestList, der: Vec<u8>) -> &'static str {
        self.check_der(list, der).await.unwrap_err().code()
    }

    /// A list that stands although nothing was compared with the copy.
    fn unchecked(&self, list: &TestList) -> List {
        let der = bytes::Bytes::from(self.ca.sign(list)).into();
        let mut read = List::read(der, self.ca.certificate()).unwrap();
        read.as_of = Some(list.as_of);
        read
    }
}

fn next() -> TestList {
    TestList::new(11, &[3, 5])
}

#[tokio::test]
async fn the_next_list_with_all_revocations_gets_through() {
    let fixture = Fixture::new().await;
    let list = fixture.check(&next()).await.unwrap();
    assert_eq!(list.number, CrlNumber::new(11));
    assert_eq!(list.as_of, Some(3));
}

#[tokio::test]
async fn a_list_of_another_key_is_refused() {
    let fixture = Fixture::new().await;
    let forged = TestCa::new(2).sign(&next());
    assert_eq!(fixture.refusal_der(&next(), forged).await, "crl-not-issued");
}

#[tokio::test]
async fn a_changed_list_is_refused() {
    let fixture = Fixture::new().await;
    let good = fixture.ca.sign(&next());
    for position in 0..good.len() {
        let mut changed = good.clone();
        changed[position] ^= 1;
        let checked = fixture.check_der(&next(), changed).await;
        assert!(checked.is_err(), "octet {position}");
    }
    for end in [0, 1, good.len() - 1] {
        let code = fixture.refusal_der(&next(), good[..end].to_vec()).await;
        assert_eq!(code, "crl-unreadable", "{end} octets");
    }
}
