//! Lists that are there, and who shows them.

use pki::{CrlScope, IssuerName};

use super::record::CurrentCrl;
use crate::{
    Store, StoreError,
    engine::{Row, Statement, to_word},
};

/// Of a [`CurrentCrl`]; the lists stand as `c` in the query.
const COLUMNS: &str =
    "c.issuer, c.scope, c.number, c.base, c.this_update, c.next_update, c.as_of, c.size";

impl Store {
    /// The last list.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn last_crl(
        &self,
        issuer: &IssuerName,
        scope: CrlScope,
    ) -> Result<Option<CurrentCrl>, StoreError> {
        let query = Statement::assembled(format!(
            "SELECT {COLUMNS} FROM crls c WHERE c.issuer = $1 AND c.scope = $2 \
             ORDER BY c.number DESC LIMIT 1"
        ));
        let row = self.reads().first(query.bind(issuer).bind(scope)).await?;
        row.as_ref().map(CurrentCrl::from_row).transpose()
    }

    /// The complete list that a delta may add to: the newest that every publisher in service shows,
    /// or has shown before a newer one. Without a publisher the newest there is.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn delta_base(&self, issuer: &IssuerName) -> Result<Option<CurrentCrl>, StoreError> {
        let query = Statement::assembled(format!(
            "SELECT {COLUMNS} FROM crls c WHERE c.issuer = $1 AND c.scope = $2 AND NOT EXISTS \
             (SELECT 1 FROM peers p WHERE p.role = $3 AND p.status = $4 AND c.number > \
              (SELECT COALESCE(MAX(a.number), -1) FROM crl_acknowledgements a \
               WHERE a.issuer = c.issuer AND a.scope = c.scope AND a.follower = p.name)) \
             ORDER BY c.number DESC LIMIT 1"
        ))
        .bind(issuer)
        .bind(CrlScope::Full)
        .bind(to_word(&api::PeerRole::Publisher)?)
        .bind(to_word(&api::PeerStatus::Active)?);
        let row = self.reads().first(query).await?;
        row.as_ref().map(CurrentCrl::from_row).transpose()
    }

    /// The last list of each scope of an issuer, without those who publish it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn last_crls(&self, issuer: &IssuerName) -> Result<Vec<CurrentCrl>, StoreError> {
        let query = Statement::assembled(format!(
            "SELECT {COLUMNS} FROM crl_scopes s JOIN crls c \
             ON c.issuer = s.issuer AND c.scope = s.scope AND c.number = s.last \
             WHERE s.issuer = $1 ORDER BY c.scope"
        ));
        let rows = self.reads().all(query.bind(issuer)).await?;
        rows.iter().map(CurrentCrl::from_row).collect()
    }

    /// The last list of each issuer and scope, without bytes.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn current_crls(&self) -> Result<Vec<CurrentCrl>, StoreError> {
        let query = Statement::assembled(format!(
            "SELECT {COLUMNS} FROM crl_scopes s JOIN crls c \
             ON c.issuer = s.issuer AND c.scope = s.scope AND c.number = s.last \
             ORDER BY c.issuer, c.scope"
        ));
        let mut current = Vec::new();
        for row in self.reads().all(query).await? {
            let mut crl = CurrentCrl::from_row(&row)?;
            crl.published_by = self.publishers(&crl).await?;
            current.push(crl);
        }
        Ok(current)
    }

    async fn publishers(&self, crl: &CurrentCrl) -> Result<Vec<String>, StoreError> {
        let query = Statement::new(
            "SELECT follower FROM crl_acknowledgements \
             WHERE issuer = $1 AND scope = $2 AND number = $3 ORDER BY follower",
        );
        let query = query.bind(&crl.issuer).bind(crl.scope).bind(crl.number);
        self.reads()
            .all(query)
            .await?
            .iter()
            .map(|row| row.get("follower"))
            .collect()
    }
}

impl CurrentCrl {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            issuer: row.get("issuer")?,
            scope: row.get("scope")?,
            number: row.get("number")?,
            this_update: row.get("this_update")?,
            next_update: row.get("next_update")?,
            base: row.optional("base")?,
            as_of: row.get("as_of")?,
            size: row.get("size")?,
            published_by: Vec::new(),
        })
    }
}
