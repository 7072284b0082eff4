//! A million entries: memory does not grow with the list, time grows no faster than it does.
//!
//! The peak is that of the process, which `cargo nextest` starts for each test.

use std::time::{Duration, Instant};

use issuance::CrlEntry;
use pki::SerialNumber;

use super::*;

const MILLION: u32 = 1_000_000;

/// All revoked, one after the other, as the pages of a copy would bring them.
struct Revoked {
    name: IssuerName,
    next: u32,
    end: u32,
}

impl Statuses for Revoked {
    fn next_bad(&mut self) -> Result<Option<CopiedStatus>, StoreError> {
        if self.next == self.end {
            return Ok(None);
        }
        self.next += 1;
        Ok(Some(CopiedStatus {
            issuer: self.name.clone(),
            serial: numbered(self.next),
            not_after: at(86_400),
            shard: None,
            status: revoked(),
            sequence: 1,
        }))
    }

    fn look_up(&mut self, serial: SerialNumber) -> Result<Option<CopiedStatus>, StoreError> {
        panic!("{serial} need not be looked up");
    }

    fn changed_since(&mut self, _: u64, _: usize) -> Result<Vec<CopiedStatus>, StoreError> {
        panic!("the list before was not compared with the copy");
    }
}

fn numbered(number: u32) -> SerialNumber {
    let mut octets = [0x5a; 18];
    octets[14..].copy_from_slice(&number.to_be_bytes());
    SerialNumber::from_bytes(&octets).unwrap()
}

fn entries(count: u32) -> impl Iterator<Item = CrlEntry> {
    (1..=count).map(|number| CrlEntry {
        serial: numbered(number),
        revoked_at: at(-60),
        reason: None,
        invalidity_date: None,
    })
}

fn list(ca: &TestCa, number: u64, count: u32) -> bytes::Bytes {
    let list = TestList {
        entries: entries(count).collect(),
        ..TestList::new(number, &[])
    };
    ca.sign(&list).into()
}

/// Checks a list of so many entries against one with the same; gives the time and by how many
/// octets the peak of memory rose.
fn measured(ca: &TestCa, against: &Against, count: u32) -> (Duration, u64) {
    let der = list(ca, 11, count);
    let mut against = against.clone();
    against.max_bytes = u64::MAX;
    let mut standing = List::read(der.clone().into(), ca.certificate()).unwrap();
    standing.number = CrlNumber::new(10);
    against.standing = Some(standing);
    let mut statuses = Revoked {
        name: against.name.clone(),
        next: 0,
        end: count,
    };
    let offer = Offer {
        scope: CrlScope::Full,
        number: CrlNumber::new(11),
        base: None,
        as_of: 3,
        sequence: 100,
    };
    let (began, peak) = (Instant::now(), Peak::begin());
    check(&offer, der.into(), &against, &mut statuses).unwrap();
    (began.elapsed(), peak.risen())
}

/// The most memory that the process held, as the kernel counts it.
struct Peak {
    before: u64,
}

impl Peak {
    fn begin() -> Self {
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
        Self {
            before: Self::highest(),
        }
    }

    fn risen(&self) -> u64 {
        Self::highest().saturating_sub(self.before)
    }

    fn highest() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.unwrap().trim().trim_end_matches(" kB");
        kilobytes.parse::<u64>().unwrap() * 1024
    }
}

#[tokio::test]
async fn a_list_of_a_million_entries_is_checked_entry_by_entry() {
    let fixture = Fixture::empty().await;
    let (short, _) = measured(&fixture.ca, &fixture.against, MILLION / 10);
    let (long, risen) = measured(&fixture.ca, &fixture.against, MILLION);
    assert!(risen < 8 << 20, "{risen} octets more");
    assert!(long < short * 40, "{short:?}, then {long:?}");
    // So much it is when somebody does hold the entries.
    let peak = Peak::begin();
    let held: Vec<_> = entries(MILLION).collect();
    assert!(peak.risen() > 32 << 20, "{} octets", peak.risen());
    drop(held);
}
