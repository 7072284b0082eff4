//! How far the feed has come, as this process hears of it.

/// Sequence numbers of the feed; 0 before the first entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedHead {
    /// The last entry.
    pub last: u64,
    /// The last entry that no follower should hear late: any but that a certificate is good.
    pub pressing: u64,
}

impl FeedHead {
    /// Of a feed whose last entry may say anything.
    pub(crate) fn at(last: u64) -> Self {
        Self {
            last,
            pressing: last,
        }
    }

    /// Goes on to another head; never back: one that was read may be older than one that was
    /// committed since. Answers whether anything is new.
    pub(crate) fn advance(&mut self, other: Self) -> bool {
        let before = *self;
        self.last = self.last.max(other.last);
        self.pressing = self.pressing.max(other.pressing);
        *self != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_never_goes_back() {
        let mut head = FeedHead::at(5);
        assert!(!head.advance(FeedHead::at(4)));
        let certificate = FeedHead {
            last: 7,
            pressing: 3,
        };
        assert!(head.advance(certificate));
        assert_eq!((head.last, head.pressing), (7, 5));
        assert!(head.advance(FeedHead::at(6)));
        assert_eq!((head.last, head.pressing), (7, 6));
    }
}
