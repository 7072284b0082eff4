//! How many requests each peer has under way: none of them can keep the others from being served.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts requests by the name of the peer.
#[derive(Clone, Debug)]
pub struct InFlight {
    most: usize,
    under_way: Arc<Mutex<HashMap<String, usize>>>,
}

/// A place for one request; free again when this is dropped.
#[derive(Debug)]
pub struct Place {
    peer: String,
    of: InFlight,
}

impl InFlight {
    /// With room for `most` requests of each peer at once.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            under_way: Arc::default(),
        }
    }

    /// A place for a request of a peer; `None` if it has as many under way as it may.
    pub fn enter(&self, peer: &str) -> Option<Place> {
        let mut counts = self.counts();
        let count = counts.entry(peer.to_owned()).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Place {
            peer: peer.to_owned(),
            of: self.clone(),
        })
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.of.counts();
        if let Some(count) = counts.get_mut(&self.peer) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.remove(&self.peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_has_so_many_places_and_takes_none_of_another() {
        let in_flight = InFlight::new(2);
        let first = in_flight.enter("ra-1").unwrap();
        let _second = in_flight.enter("ra-1").unwrap();
        assert!(in_flight.enter("ra-1").is_none());
        let _other = in_flight.enter("ra-2").unwrap();
        drop(first);
        assert!(in_flight.enter("ra-1").is_some());
    }

    #[test]
    fn peers_without_requests_are_forgotten() {
        let in_flight = InFlight::new(2);
        drop(in_flight.enter("ra-1"));
        assert!(in_flight.counts().is_empty());
    }
}
