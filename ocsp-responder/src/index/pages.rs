//! The certificates of one issuer: sorted rows in pages of bounded length.

use super::row::{Row, SerialKey};

/// The most rows in a page. A row is found by two binary searches and put in by moving at most a
/// page, so that a page is small against a cache of the processor and large against its own head.
const PAGE: usize = 512;

/// By how many rows a page's memory grows: what is lost at its end is at most this.
const GROWTH: usize = 16;

/// Rows by serial number.
#[derive(Debug, Default)]
pub(super) struct Pages {
    /// None is empty; the rows ascend within a page and from page to page.
    pages: Vec<Vec<Row>>,
    rows: usize,
}

impl Pages {
    pub(super) fn len(&self) -> usize {
        self.rows
    }

    /// Octets of memory in use.
    #[cfg(test)]
    pub(super) fn octets(&self) -> usize {
        let rows: usize = self.pages.iter().map(Vec::capacity).sum();
        rows * size_of::<Row>() + self.pages.capacity() * size_of::<Vec<Row>>()
    }

    pub(super) fn find(&self, serial: &SerialKey) -> Option<&Row> {
        let page = self.pages.get(self.page_of(serial))?;
        let at = page.binary_search_by(|row| row.serial.cmp(serial)).ok()?;
        page.get(at)
    }

    /// Puts `row` in, in place of one that is not newer.
    pub(super) fn keep_newer(&mut self, row: Row) {
        let at = self.page_of(&row.serial);
        let Some(page) = self.pages.get_mut(at) else {
            self.pages.push(vec![row]);
            self.rows += 1;
            return;
        };
        match page.binary_search_by(|known| known.serial.cmp(&row.serial)) {
            Ok(found) => {
                if let Some(known) = page.get_mut(found).filter(|known| known.seq() <= row.seq()) {
                    *known = row;
                }
            }
            Err(place) => {
                self.rows += 1;
                if page.len() < PAGE {
                    insert(page, place, row);
                } else {
                    self.split(at, place, row);
                }
            }
        }
    }

    /// The page in which `serial` stands or would stand.
    fn page_of(&self, serial: &SerialKey) -> usize {
        // Most that come are the newest, and so are the highest.
        if let Some(([row, ..], before)) = self
            .pages
            .split_last()
            .map(|(last, b)| (last.as_slice(), b))
            && row.serial <= *serial
        {
            return before.len();
        }
        let starts_after = |page: &Vec<Row>| page.first().is_some_and(|row| row.serial > *serial);
        self.pages
            .partition_point(|page| !starts_after(page))
            .saturating_sub(1)
    }

    /// Makes room in a full page. Behind its last row a new page begins, so that rows which come in
    /// their order, as from the copy, fill their pages; otherwise it is halved.
    fn split(&mut self, at: usize, place: usize, row: Row) {
        let Some(page) = self.pages.get_mut(at) else {
            return;
        };
        let middle = if place == page.len() {
            place
        } else {
            page.len() / 2
        };
        let mut upper = page.split_off(middle);
        page.shrink_to_fit();
        if place >= middle {
            insert(&mut upper, place - middle, row);
        } else {
            insert(page, place, row);
        }
        upper.shrink_to_fit();
        self.pages.insert(at + 1, upper);
    }
}

fn insert(page: &mut Vec<Row>, place: usize, row: Row) {
    if page.len() == page.capacity() {
        page.reserve_exact(GROWTH);
    }
    page.insert(place, row);
}

#[cfg(test)]
mod tests;
