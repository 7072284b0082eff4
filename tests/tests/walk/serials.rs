//! Which certificates the next steps can be about.

use std::collections::BTreeSet;

use pki::SerialNumber;
use pki::time::Timestamp;
use rand::RngExt as _;
use rand::rngs::StdRng;

use crate::model::{Known, Model};

/// The certificates that are not over, for picking by chance.
#[derive(Debug, Default)]
pub struct Serials {
    current: Vec<SerialNumber>,
    /// Those that the present steps are about: each step is about another.
    taken: BTreeSet<SerialNumber>,
}

impl Serials {
    pub fn add(&mut self, serial: SerialNumber) {
        self.current.push(serial);
    }

    /// Some certificate that is right, if one is found soon.
    pub fn pick(
        &mut self,
        rng: &mut StdRng,
        model: &Model,
        right: impl Fn(&Known) -> bool,
    ) -> Option<SerialNumber> {
        for _ in 0..ATTEMPTS {
            let place = rng.random_range(0..self.current.len().max(1));
            let serial = *self.current.get(place)?;
            if right(model.get(&serial)) && self.taken.insert(serial) {
                return Some(serial);
            }
        }
        None
    }

    /// The steps are done; what is over is not picked any more.
    pub fn settle(&mut self, model: &Model, now: Timestamp) {
        self.taken.clear();
        self.current
            .retain(|serial| !model.get(serial).is_over(now));
    }
}

const ATTEMPTS: usize = 40;
