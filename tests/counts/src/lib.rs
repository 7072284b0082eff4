//! What hot paths cost, counted: heap allocations, which a test holds below the bounds in
//! `bounds.toml`, and instructions under callgrind. Unlike times, counts are the same on a busy machine.
//!
//! In scope: the work of one certificate, one OCSP answer, one entry of a list and one of the feed,
//! without token, network and database. Out of scope: what these add; `bench` measures it.

mod bounds;
mod certificate;
mod entries;
mod ocsp_answer;
mod software_ca;

pub use self::bounds::{Bounds, PATH};

/// One operation, prepared so that it can be carried out again and again.
pub struct Operation {
    /// Kebab-case; its name in `bounds.toml`.
    pub name: &'static str,
    run: Box<dyn FnMut() -> anyhow::Result<()>>,
}

impl Operation {
    fn new(name: &'static str, run: impl FnMut() -> anyhow::Result<()> + 'static) -> Self {
        let run = Box::new(run);
        Self { name, run }
    }

    /// Carries it out so many times.
    ///
    /// # Errors
    /// It failed: the count would be of something else.
    pub fn run(&mut self, times: u64) -> anyhow::Result<()> {
        (0..times).try_for_each(|_| (self.run)())
    }

    /// Heap allocations of one operation, once everything that is made once has been made.
    ///
    /// # Errors
    /// It failed.
    pub fn allocations(&mut self) -> anyhow::Result<u64> {
        self.run(1)?;
        let mut outcome = Ok(());
        let counted = allocation_counter::measure(|| outcome = self.run(ROUNDS));
        outcome.map(|()| counted.count_total.div_ceil(ROUNDS))
    }
}

impl std::fmt::Debug for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Operation").field(&self.name).finish()
    }
}

/// All operations.
///
/// # Errors
/// One cannot be prepared.
pub fn operations() -> anyhow::Result<Vec<Operation>> {
    Ok(vec![
        certificate::operation()?,
        ocsp_answer::cached()?,
        ocsp_answer::signed()?,
        entries::of_a_list()?,
        entries::to_the_feed()?,
        entries::from_the_feed()?,
    ])
}

/// So many, that what is rare weighs little.
const ROUNDS: u64 = 64;
