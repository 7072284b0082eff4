//! The copy, as the gate reads it: page by page, from a thread that may block.

use std::vec::IntoIter;

use pki::{IssuerName, SerialNumber};
use store::{
    StoreError,
    copy::{CopiedStatus, StatusCopy},
};
use tokio::runtime::Handle;

use crate::gate::Statuses;

/// What the copy has of one issuer, or of one of its shards.
#[derive(Debug)]
pub struct CopiedStatuses {
    copy: StatusCopy,
    runtime: Handle,
    issuer: IssuerName,
    shard: Option<u16>,
    page: IntoIter<CopiedStatus>,
    last: Option<SerialNumber>,
    done: bool,
}

impl CopiedStatuses {
    /// From the first serial number on. `runtime` is one that another thread drives.
    pub fn new(copy: StatusCopy, runtime: Handle, issuer: IssuerName, shard: Option<u16>) -> Self {
        Self {
            copy,
            runtime,
            issuer,
            shard,
            page: Vec::new().into_iter(),
            last: None,
            done: false,
        }
    }
}

impl Statuses for CopiedStatuses {
    fn next_bad(&mut self) -> Result<Option<CopiedStatus>, StoreError> {
        if self.page.len() == 0 && !self.done {
            let page = self
                .copy
                .not_good(&self.issuer, self.shard, self.last, PAGE);
            let page = self.runtime.block_on(page)?;
            self.done = page.is_empty();
            self.page = page.into_iter();
        }
        let next = self.page.next();
        self.last = next.as_ref().map(|status| status.serial).or(self.last);
        Ok(next)
    }

    fn look_up(&mut self, serial: SerialNumber) -> Result<Option<CopiedStatus>, StoreError> {
        self.runtime
            .block_on(self.copy.status(&self.issuer, serial))
    }

    fn changed_since(
        &mut self,
        sequence: u64,
        limit: usize,
    ) -> Result<Vec<CopiedStatus>, StoreError> {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let changed = self
            .copy
            .changed_since(&self.issuer, self.shard, sequence, limit);
        self.runtime.block_on(changed)
    }
}

/// Rows that are held at once.
const PAGE: u32 = 4_096;
