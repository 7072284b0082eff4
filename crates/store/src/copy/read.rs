//! Reading the copy.

use feed::Position;
use pki::{IssuerName, SerialNumber};

use super::{
    CopiedCrl, CopiedDocument, CopiedIssuer, CopiedResponderCertificate, CopiedStatus, CopiedTerms,
    StatusCopy,
};
use crate::{
    StoreError,
    engine::{Row, Statement},
};

impl StatusCopy {
    /// The place in the feed from which to go on; 0 for an empty copy.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn cursor(&self) -> Result<u64, StoreError> {
        let row = self
            .reads
            .first(Statement::new("SELECT seq FROM cursor"))
            .await?;
        row.ok_or(StoreError::Corrupt { what: "cursor" })?
            .get("seq")
    }

    /// The feed that the copy is of, and the place in it from which to go on.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn position(&self) -> Result<Position, StoreError> {
        let row = self
            .reads
            .first(Statement::new("SELECT epoch, seq FROM cursor"))
            .await?
            .ok_or(StoreError::Corrupt { what: "cursor" })?;
        Ok(Position {
            epoch: row.optional("epoch")?,
            cursor: row.get("seq")?,
        })
    }

    /// The CAs, by name.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn issuers(&self) -> Result<Vec<CopiedIssuer>, StoreError> {
        let rows = self
            .reads
            .all(Statement::new("SELECT * FROM issuers ORDER BY name"))
            .await?;
        rows.iter().map(CopiedIssuer::from_row).collect()
    }

    /// The status of a certificate; `None` if the feed never told of it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn status(
        &self,
        issuer: &IssuerName,
        serial: SerialNumber,
    ) -> Result<Option<CopiedStatus>, StoreError> {
        let query = Statement::new("SELECT * FROM certificates WHERE issuer = $1 AND serial = $2");
        let mut found = self.page(query.bind(issuer).bind(serial)).await?;
        Ok(found.pop())
    }

    /// The certificates of a responder, one for each issuer and key that is not retired.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn responder_certificates(
        &self,
        follower: &str,
    ) -> Result<Vec<CopiedResponderCertificate>, StoreError> {
        let query = Statement::new(
            "SELECT * FROM responder_certificates WHERE follower = $1 \
             AND certificate_der IS NOT NULL ORDER BY issuer, seq",
        );
        let rows = self.reads.all(query.bind(follower)).await?;
        rows.iter()
            .map(CopiedResponderCertificate::from_row)
            .collect()
    }

    /// The newest list of each issuer and scope.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn crls(&self) -> Result<Vec<CopiedCrl>, StoreError> {
        let query = Statement::new("SELECT * FROM crls ORDER BY issuer, scope");
        self.reads
            .all(query)
            .await?
            .iter()
            .map(CopiedCrl::from_row)
            .collect()
    }

    /// What the policies promise, by issuer.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn terms(&self) -> Result<Vec<CopiedTerms>, StoreError> {
        let query = Statement::new("SELECT * FROM terms ORDER BY issuer");
        let rows = self.reads.all(query).await?;
        rows.iter().map(CopiedTerms::from_row).collect()
    }

    /// The documents to be published, by name.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn documents(&self) -> Result<Vec<CopiedDocument>, StoreError> {
        let query = Statement::new("SELECT * FROM documents ORDER BY name");
        self.reads
            .all(query)
            .await?
            .iter()
            .map(CopiedDocument::from_row)
            .collect()
    }
}

impl CopiedIssuer {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            name: row.get("name")?,
            kind: row.word("kind")?,
            certificate_der: row.get("certificate_der")?,
        })
    }
}

impl CopiedResponderCertificate {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            issuer: row.get("issuer")?,
            follower: row.get("follower")?,
            spki_hash: row.get("spki_hash")?,
            certificate_der: row.get("certificate_der")?,
            sequence: row.get("seq")?,
        })
    }
}

impl CopiedCrl {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            issuer: row.get("issuer")?,
            scope: row.get("scope")?,
            number: row.get("number")?,
            base: row.optional("base")?,
            this_update: row.get("this_update")?,
            next_update: row.get("next_update")?,
            as_of: row.get("as_of")?,
            size: row.get("size")?,
            sha256: row.get("sha256")?,
            sequence: row.get("seq")?,
        })
    }
}

impl CopiedTerms {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            issuer: row.get("issuer")?,
            terms: row.json("terms")?,
            sequence: row.get("seq")?,
        })
    }
}

impl CopiedDocument {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            name: row.get("name")?,
            media_type: row.get("media_type")?,
            body: row.get("body")?,
            issuer: row.get("issuer")?,
            sequence: row.get("seq")?,
        })
    }
}
