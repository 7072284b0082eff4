//! Lists of certificates, page by page.

use jiff::Timestamp;
use pki::SerialNumber;

use super::{
    intent_rows::subscriber_hash,
    query::{CertificateFilter, ListPage},
    record::{CERTIFICATE_COLUMNS, CertificateRecord},
};
use crate::{
    Store, StoreError,
    engine::{Statement, Value, to_word},
};

impl Store {
    /// Lists certificates: by expiry when the filter names an end of validity or no more than an RA,
    /// else by serial number.
    /// `after` is the cursor of the page before. A page costs what it shows, however large the
    /// table is, as long as the filter names an RA, an order, a subscriber, an expiry or a state
    /// other than `issued`.
    ///
    /// # Errors
    /// [`StoreError::UnusableCursor`] if `after` is none of this list's; [`StoreError`] when the
    /// database fails.
    pub async fn certificates(
        &self,
        filter: &CertificateFilter,
        after: Option<&str>,
        limit: u32,
    ) -> Result<ListPage<CertificateRecord>, StoreError> {
        let by_expiry = filter.is_by_expiry();
        let after = after
            .map(|cursor| Cursor::parse(cursor, by_expiry))
            .transpose()?;
        // One row more than shown tells whether there is another page.
        let query = page(filter, after.as_ref(), limit.saturating_add(1))?;
        let rows = self.reads().all(query).await?;
        let mut items = rows
            .iter()
            .map(CertificateRecord::from_row)
            .collect::<Result<Vec<_>, _>>()?;
        let shown = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > shown;
        items.truncate(shown);
        let last = items.last().filter(|_| more);
        let next = last.map(|last| Cursor::at(last, by_expiry).to_text());
        Ok(ListPage { items, next })
    }
}

impl CertificateFilter {
    /// Whether its list is in the order of expiry: an RA's whole list has that index alone.
    fn is_by_expiry(&self) -> bool {
        let finds_few = self.order_id.is_some()
            || self.subscriber_ref.is_some()
            || self
                .state
                .is_some_and(|state| state != api::CertificateState::Issued);
        self.expires_before.is_some() || (self.ra.is_some() && !finds_few)
    }
}

/// Where a page ends.
pub(crate) struct Cursor {
    serial: SerialNumber,
    not_after: Option<Timestamp>,
}

impl Cursor {
    fn at(last: &CertificateRecord, by_expiry: bool) -> Self {
        Self {
            serial: last.serial,
            not_after: by_expiry.then_some(last.not_after),
        }
    }

    fn to_text(&self) -> String {
        match self.not_after {
            None => self.serial.to_string(),
            Some(at) => format!("{}.{}", at.as_microsecond(), self.serial),
        }
    }

    fn parse(text: &str, by_expiry: bool) -> Result<Self, StoreError> {
        let parsed = || {
            let Some((at, serial)) = text.split_once('.') else {
                return Some(Self {
                    serial: text.parse().ok()?,
                    not_after: None,
                });
            };
            let not_after = Timestamp::from_microsecond(at.parse().ok()?).ok()?;
            Some(Self {
                serial: serial.parse().ok()?,
                not_after: Some(not_after),
            })
        };
        parsed()
            .filter(|cursor| cursor.not_after.is_some() == by_expiry)
            .ok_or(StoreError::UnusableCursor)
    }
}

/// Conditions and their values.
#[derive(Default)]
struct Conditions {
    sql: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// Adds a condition; `$` stands for its value.
    fn add(&mut self, condition: &'static str, value: impl Into<Value>) {
        self.values.push(value.into());
        self.sql
            .push(condition.replace('$', &format!("${}", self.values.len())));
    }

    fn add_some<T: Into<Value>>(&mut self, condition: &'static str, value: Option<T>) {
        if let Some(value) = value {
            self.add(condition, value);
        }
    }

    /// Goes on with the condition added last.
    fn add_to_last(&mut self, rest: &'static str, value: impl Into<Value>) {
        self.values.push(value.into());
        let rest = rest.replace('$', &format!("${}", self.values.len()));
        if let Some(last) = self.sql.last_mut() {
            last.push_str(&rest);
        }
    }

    fn to_sql(&self) -> String {
        if self.sql.is_empty() {
            "TRUE".to_owned()
        } else {
            self.sql.join(" AND ")
        }
    }
}

pub(crate) fn page(
    filter: &CertificateFilter,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Statement, StoreError> {
    let mut conditions = Conditions::default();
    conditions.add_some("c.ra = $", filter.ra.as_deref());
    conditions.add_some("c.order_id = $", filter.order_id.as_deref());
    if let Some(reference) = &filter.subscriber_ref {
        let ra = filter.ra.as_deref().unwrap_or_default();
        conditions.add("c.subscriber_hash = $", subscriber_hash(ra, reference));
    }
    conditions.add_some("c.profile = $", filter.profile.as_deref());
    conditions.add_some("c.issuer = $", filter.issuer.as_ref());
    conditions.add_some(
        "c.state = $",
        filter.state.as_ref().map(to_word).transpose()?,
    );
    if filter
        .state
        .is_some_and(|state| state != api::CertificateState::Issued)
    {
        // Says again what the partial index is about: a value does not tell the planner.
        conditions.sql.push("c.state <> 'issued'".to_owned());
    }
    conditions.add_some("c.not_after >= $", filter.expires_from);
    conditions.add_some("c.not_after < $", filter.expires_before);
    if let Some(Cursor { serial, not_after }) = after {
        match not_after {
            None => conditions.add("c.serial > $", *serial),
            Some(at) => {
                conditions.add("(c.not_after, c.serial) > ($", *at);
                conditions.add_to_last(", $)", *serial);
            }
        }
    }
    let order = if filter.is_by_expiry() {
        "c.not_after, c.serial"
    } else {
        "c.serial"
    };
    conditions.values.push(limit.into());
    Ok(Statement::assembled(format!(
        "SELECT {CERTIFICATE_COLUMNS} FROM certificates c WHERE {} ORDER BY {order} LIMIT ${}",
        conditions.to_sql(),
        conditions.values.len(),
    ))
    .bind_all(conditions.values))
}
