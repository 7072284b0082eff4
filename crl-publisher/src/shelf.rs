//! What is served, in memory: whole items that replace each other at once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;
use bytes::Bytes;
use pki::time::{SignedDuration, Timestamp};

/// One thing that is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The octets.
    pub body: Bytes,
    /// SHA-256 of them.
    pub digest: [u8; 32],
    /// Content-Type.
    pub media_type: &'static str,
    /// How long caches may keep it.
    pub max_age: Duration,
    /// Until when it may be relied on: nextUpdate of a CRL.
    pub fresh_until: Option<Timestamp>,
}

/// An item with the validators of HTTP (RFC 9110 section 8.8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelved {
    /// The item.
    pub item: Item,
    /// A strong entity tag: SHA-256 of the body, hexadecimal, in quotes.
    pub etag: String,
    /// Whole seconds, and different for different bodies of one path.
    pub last_modified: Timestamp,
}

/// All items, by their path without the leading slash, such as `crl/esign-ca.crl`.
#[derive(Debug, Default)]
pub struct Shelf {
    items: ArcSwap<HashMap<String, Arc<Shelved>>>,
    /// Held while a new map is made.
    changing: Mutex<()>,
}

impl Shelf {
    /// What stands under `path`.
    pub fn get(&self, path: &str) -> Option<Arc<Shelved>> {
        self.items.load().get(path).map(Arc::clone)
    }

    /// Puts `item` under `path`; whoever asks from now on gets it.
    pub fn put(&self, path: &str, item: Item, now: Timestamp) {
        let etag = format!("\"{}\"", hex::encode(item.digest));
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut items = HashMap::clone(&self.items.load());
        let last_modified = match items.get(path) {
            Some(before) if before.etag == etag => before.last_modified,
            Some(before) => whole_seconds(now).max(next_second(before.last_modified)),
            None => whole_seconds(now),
        };
        let shelved = Shelved {
            item,
            etag,
            last_modified,
        };
        items.insert(path.to_owned(), Arc::new(shelved));
        self.items.store(Arc::new(items));
    }
}

fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// If-Modified-Since cannot tell two bodies of one second apart, so there are none.
fn next_second(at: Timestamp) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(1)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    fn item(body: &'static str) -> Item {
        Item {
            body: Bytes::from_static(body.as_bytes()),
            digest: Sha256::digest(body).into(),
            media_type: "text/plain",
            max_age: Duration::from_mins(1),
            fresh_until: None,
        }
    }

    #[test]
    fn two_bodies_of_one_second_have_different_times_and_tags() {
        let shelf = Shelf::default();
        let now = Timestamp::from_millisecond(5_400).unwrap();
        shelf.put("a", item("one"), now);
        let one = shelf.get("a").unwrap();
        shelf.put("a", item("two"), now);
        let two = shelf.get("a").unwrap();
        assert_eq!(one.last_modified.as_second(), 5);
        assert_eq!(two.last_modified.as_second(), 6);
        assert_ne!(one.etag, two.etag);
    }

    #[test]
    fn the_same_body_stays_unmodified() {
        let shelf = Shelf::default();
        shelf.put("a", item("one"), Timestamp::from_second(5).unwrap());
        shelf.put("a", item("one"), Timestamp::from_second(9).unwrap());
        assert_eq!(shelf.get("a").unwrap().last_modified.as_second(), 5);
        assert_eq!(shelf.get("b"), None);
    }
}
