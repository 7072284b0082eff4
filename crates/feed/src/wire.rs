//! What both halves agree on: routes, headers, query, acknowledgement.

use pki::{CrlNumber, CrlScope, IssuerName};
use serde::{Deserialize, Serialize};

use crate::Epoch;

/// `GET`: the entries after a cursor, or a page of a snapshot.
pub const FOLLOW_ROUTE: &str = "/feed/v1/follow";
/// `POST`: an [`Acknowledgement`]; answered with 204.
pub const ACKNOWLEDGE_ROUTE: &str = "/feed/v1/acknowledge";
/// `GET`, followed by `/{issuer}/{scope}/{number}`: the DER of a list, `application/pkix-crl`. 404 when it
/// was superseded so long ago that its octets are gone.
pub const CRL_ROUTE: &str = "/feed/v1/crl";
/// The highest sequence number committed when the answer was begun.
pub const HEAD_HEADER: &str = "feed-head";
/// The [`Epoch`] that the answer's numbers belong to.
pub const EPOCH_HEADER: &str = "feed-epoch";
/// `true` when the entries are a snapshot's, `false` when they are those after the cursor.
pub const SNAPSHOT_HEADER: &str = "feed-snapshot";
/// Where the next page of the snapshot begins; absent from the last page.
pub const PAGE_HEADER: &str = "feed-page";
/// Content-Type of entries.
pub const NDJSON_TYPE: &str = "application/x-ndjson";

/// Entries in one answer, when the query does not say.
pub const DEFAULT_LIMIT: u32 = 1_000;
/// Most entries that may be asked for at once.
pub const MAX_LIMIT: u32 = 10_000;
/// Longest time, in seconds, that an answer may be held back for want of entries.
pub const MAX_WAIT_SECONDS: u32 = 60;
const MAX_PAGE_KEY: usize = 512;

/// The query of [`FOLLOW_ROUTE`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowQuery {
    /// The cursor: the last sequence number that the follower has. 0 asks for a snapshot.
    pub after: u64,
    /// How many entries at most, 1 to [`MAX_LIMIT`].
    pub limit: u32,
    /// How many seconds to wait for an entry if there is none, up to [`MAX_WAIT_SECONDS`].
    pub wait: u32,
    /// Which page of the snapshot; the server's own words from [`PAGE_HEADER`].
    pub page: Option<String>,
}

/// Why a query is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// Not one of the four.
    #[error("unknown parameter")]
    Unknown,
    /// Twice the same.
    #[error("{parameter} is given twice")]
    Repeated {
        /// Which.
        parameter: &'static str,
    },
    /// Not a number, out of range, or a page key of wrong characters.
    #[error("{parameter} is out of range")]
    OutOfRange {
        /// Which.
        parameter: &'static str,
    },
    /// There is no default for the cursor.
    #[error("after is missing")]
    NoCursor,
}

/// What a follower has made durable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledgement {
    /// The epoch that the sequence number belongs to.
    pub epoch: Epoch,
    /// Everything up to this sequence number is applied.
    pub sequence: u64,
    /// The lists that are published, the newest of each issuer and scope. Those that were acknowledged
    /// in this epoch before need not come again.
    #[serde(default)]
    pub crls: Vec<CrlAcknowledgement>,
}

/// One published list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrlAcknowledgement {
    /// Who signed it.
    pub issuer: IssuerName,
    /// What it covers.
    pub scope: CrlScope,
    /// CRLNumber (RFC 5280 section 5.2.3).
    pub number: CrlNumber,
}

impl QueryError {
    /// Stable, for problem types.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "query-parameter-unknown",
            Self::Repeated { .. } => "query-parameter-repeated",
            Self::OutOfRange { .. } => "query-parameter-out-of-range",
            Self::NoCursor => "query-parameter-missing",
        }
    }
}

impl FollowQuery {
    /// Reads the part of the URI behind the question mark.
    ///
    /// # Errors
    /// [`QueryError`]; nothing is clamped.
    pub fn parse(query: Option<&str>) -> Result<Self, QueryError> {
        let [mut after, mut limit, mut wait, mut page] = [None; 4];
        for pair in query
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty())
        {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (parameter, slot) = match name {
                "after" => ("after", &mut after),
                "limit" => ("limit", &mut limit),
                "wait" => ("wait", &mut wait),
                "page" => ("page", &mut page),
                _ => return Err(QueryError::Unknown),
            };
            if slot.replace(value).is_some() {
                return Err(QueryError::Repeated { parameter });
            }
        }
        Ok(Self {
            after: number("after", after.ok_or(QueryError::NoCursor)?)?,
            limit: limit.map_or(Ok(DEFAULT_LIMIT), |text| {
                within("limit", text, 1..=MAX_LIMIT)
            })?,
            wait: wait.map_or(Ok(0), |text| within("wait", text, 0..=MAX_WAIT_SECONDS))?,
            page: page.map(page_key).transpose()?,
        })
    }

    /// Writes what [`parse`](Self::parse) reads.
    pub fn to_query(&self) -> String {
        let Self {
            after,
            limit,
            wait,
            page,
        } = self;
        let page = page
            .as_deref()
            .map(|key| format!("&page={key}"))
            .unwrap_or_default();
        format!("after={after}&limit={limit}&wait={wait}{page}")
    }
}

fn number<T: std::str::FromStr>(parameter: &'static str, text: &str) -> Result<T, QueryError> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = if digits { text.parse().ok() } else { None };
    number.ok_or(QueryError::OutOfRange { parameter })
}

fn within(
    parameter: &'static str,
    text: &str,
    range: std::ops::RangeInclusive<u32>,
) -> Result<u32, QueryError> {
    let number = number(parameter, text)?;
    if range.contains(&number) {
        Ok(number)
    } else {
        Err(QueryError::OutOfRange { parameter })
    }
}

/// The characters that need no escape in a query (RFC 3986 section 2.3), so that the key can be
/// sent back as it came.
pub(crate) fn page_key(text: &str) -> Result<String, QueryError> {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if (1..=MAX_PAGE_KEY).contains(&text.len()) && text.bytes().all(unreserved) {
        Ok(text.to_owned())
    } else {
        Err(QueryError::OutOfRange { parameter: "page" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for page in [None, Some("c2VyaWFs-17.x~".to_owned())] {
            let query = FollowQuery {
                after: u64::MAX,
                limit: 10,
                wait: 60,
                page,
            };
            assert_eq!(FollowQuery::parse(Some(&query.to_query())), Ok(query));
        }
    }

    #[test]
    fn fills_in_all_but_the_cursor() {
        let query = FollowQuery::parse(Some("after=7")).unwrap();
        assert_eq!(
            query,
            FollowQuery {
                after: 7,
                limit: DEFAULT_LIMIT,
                wait: 0,
                page: None
            }
        );
        assert_eq!(FollowQuery::parse(None), Err(QueryError::NoCursor));
    }

    #[test]
    fn refuses_instead_of_clamping() {
        for (query, code) in [
            ("after=-1", "query-parameter-out-of-range"),
            ("after=+1", "query-parameter-out-of-range"),
            ("after=18446744073709551616", "query-parameter-out-of-range"),
            ("after=", "query-parameter-out-of-range"),
            ("after=1&limit=0", "query-parameter-out-of-range"),
            ("after=1&limit=10001", "query-parameter-out-of-range"),
            ("after=1&wait=61", "query-parameter-out-of-range"),
            ("after=1&page=", "query-parameter-out-of-range"),
            ("after=1&page=a%26b", "query-parameter-out-of-range"),
            ("after=1&after=2", "query-parameter-repeated"),
            ("after=1&since=2", "query-parameter-unknown"),
            ("limit=5", "query-parameter-missing"),
        ] {
            let refused = FollowQuery::parse(Some(query)).unwrap_err();
            assert_eq!(refused.code(), code, "{query}");
        }
    }
}
