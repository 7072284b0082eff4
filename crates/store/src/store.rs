//! The database.
#![expect(
    unused_variables,
    clippy::todo,
    clippy::unused_async,
    reason = "skeleton"
)]
use crate::*;
use api::PeerRole;
use audit::AuditEvent;
use pki::{CrlNumber, Fingerprint, IssuerName, SerialNumber, SpkiHash, time::SharedClock};
use std::path::Path;
use uuid::Uuid;

/// The database; a handle that clones share.
#[derive(Debug, Clone)]
pub struct Store {}

impl Store {
    /// A value that changes with each new head of the feed (of this process).
    pub fn watch_feed(&self) -> tokio::sync::watch::Receiver<u64> {
        todo!()
    }

    /// Opens the database; refuses a schema that is not this program's.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn connect(config: &DatabaseConfig, clock: SharedClock) -> Result<Self, StoreError> {
        todo!()
    }

    /// Brings the schema up to date (creating an SQLite file if there is none); answers its version.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn migrate(config: &DatabaseConfig, clock: SharedClock) -> Result<i64, StoreError> {
        todo!()
    }

    /// Lets the writer finish what is queued, then closes all connections.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn close(&self) -> () {
        todo!()
    }

    /// Writes a consistent copy of an SQLite database to a file that must not exist yet.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn backup(&self, path: &Path) -> Result<(), StoreError> {
        todo!()
    }

    /// Records what is going to be signed.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_intent(
        &self,
        intent: Intent,
    ) -> Result<Result<(), IntentRefusal>, StoreError> {
        todo!()
    }

    /// Records an issued certificate; answers the feed's sequence number. Takes
    /// `&issuance::IssuedCertificate` once that crate compiles.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_issued(
        &self,
        issued: &impl Sized,
        event: AuditEvent,
    ) -> Result<u64, StoreError> {
        todo!()
    }

    /// Gives up a serial number whose signing was begun; `None` if it is not in state `signing`.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_abandoned(
        &self,
        abandonment: Abandonment,
    ) -> Result<Option<StatusChanged>, StoreError> {
        todo!()
    }

    /// Changes a certificate's status; in force when this returns.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_revocation(
        &self,
        revocation: Revocation,
    ) -> Result<Result<StatusChanged, RevocationRefusal>, StoreError> {
        todo!()
    }

    /// Records acceptances, of each certificate the first; answers how many were new.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_acceptances(
        &self,
        acceptances: Vec<Acceptance>,
        event: AuditEvent,
    ) -> Result<u64, StoreError> {
        todo!()
    }

    /// Looks up a certificate.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn certificate(
        &self,
        serial: SerialNumber,
    ) -> Result<Option<CertificateRecord>, StoreError> {
        todo!()
    }

    /// Lists certificates.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn certificates(
        &self,
        filter: &CertificateFilter,
        after: Option<&str>,
        limit: u32,
    ) -> Result<ListPage<CertificateRecord>, StoreError> {
        todo!()
    }

    /// Looks up a request.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn request(&self, request_id: Uuid) -> Result<Option<RequestRecord>, StoreError> {
        todo!()
    }

    /// Looks up the request that holds an RA's idempotency key.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn request_by_idempotency(
        &self,
        ra: &str,
        idempotency_key: &str,
    ) -> Result<Option<RequestRecord>, StoreError> {
        todo!()
    }

    /// The RA's statement, JSON: personal data.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn statement(&self, request_id: Uuid) -> Result<Option<String>, StoreError> {
        todo!()
    }

    /// Reads what the policy must know.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn issuance_facts(&self, query: &FactsQuery) -> Result<StoredFacts, StoreError> {
        todo!()
    }

    /// Certificates whose signing was begun and has not ended.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn unfinished(&self) -> Result<Vec<Unfinished>, StoreError> {
        todo!()
    }

    /// Registers a peer.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn register_peer(
        &self,
        peer: Peer,
        pins: Vec<PinnedCertificate>,
        event: AuditEvent,
    ) -> Result<Result<(), RegistryRefusal>, StoreError> {
        todo!()
    }

    /// Changes a peer.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn change_peer(
        &self,
        name: &str,
        change: PeerChange,
        event: AuditEvent,
    ) -> Result<Result<Peer, RegistryRefusal>, StoreError> {
        todo!()
    }

    /// Pins a certificate for a peer.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn add_fingerprint(
        &self,
        peer: &str,
        pin: PinnedCertificate,
        event: AuditEvent,
    ) -> Result<Result<(), RegistryRefusal>, StoreError> {
        todo!()
    }

    /// Unpins a certificate.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn retire_fingerprint(
        &self,
        peer: &str,
        fingerprint: Fingerprint,
        event: AuditEvent,
    ) -> Result<Result<(), RegistryRefusal>, StoreError> {
        todo!()
    }

    /// Looks up a peer.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn peer(&self, name: &str) -> Result<Option<Peer>, StoreError> {
        todo!()
    }

    /// Looks up a peer by a certificate, retired ones included.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn peer_by_fingerprint(
        &self,
        fingerprint: &Fingerprint,
    ) -> Result<Option<(Peer, PinnedCertificate)>, StoreError> {
        todo!()
    }

    /// All peers, by name.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn peers(&self, role: Option<PeerRole>) -> Result<Vec<Peer>, StoreError> {
        todo!()
    }

    /// The certificates of a peer.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn pins(&self, peer: &str) -> Result<Vec<PinnedCertificate>, StoreError> {
        todo!()
    }

    /// Registers a CA certificate.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn register_issuer(
        &self,
        issuer: IssuerRecord,
        event: AuditEvent,
    ) -> Result<Result<u64, RegistryRefusal>, StoreError> {
        todo!()
    }

    /// Looks up an issuer.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn issuer(&self, name: &IssuerName) -> Result<Option<IssuerRecord>, StoreError> {
        todo!()
    }

    /// All issuers, by name.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn issuers(&self) -> Result<Vec<IssuerRecord>, StoreError> {
        todo!()
    }

    /// Puts a policy in force and its documents on the feed.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn activate_policy(
        &self,
        policy: PolicyRecord,
        documents: Vec<DocumentRecord>,
        event: AuditEvent,
    ) -> Result<Result<u64, RegistryRefusal>, StoreError> {
        todo!()
    }

    /// The policy in force.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn policy_of(&self, issuer: &IssuerName) -> Result<Option<PolicyRecord>, StoreError> {
        todo!()
    }

    /// A policy that is or was in force.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn policy_by_digest(
        &self,
        digest: &[u8; 32],
    ) -> Result<Option<PolicyRecord>, StoreError> {
        todo!()
    }

    /// Registers the key and issuers of a responder, in place of earlier ones.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn register_responder_key(
        &self,
        key: ResponderKey,
        event: AuditEvent,
    ) -> Result<Result<(), RegistryRefusal>, StoreError> {
        todo!()
    }

    /// The keys of responders that are active.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn responder_keys(&self) -> Result<Vec<ResponderKey>, StoreError> {
        todo!()
    }

    /// Puts a responder's certificate on the feed.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_responder_certificate(
        &self,
        certificate: ResponderCertificate,
        event: AuditEvent,
    ) -> Result<u64, StoreError> {
        todo!()
    }

    /// The newest certificate of each responder and issuer.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn responder_certificates(&self) -> Result<Vec<ResponderCertificate>, StoreError> {
        todo!()
    }

    /// Blocks a key; `false` if it was blocked before.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn block_key(
        &self,
        spki_hash: SpkiHash,
        reason: &str,
        event: AuditEvent,
    ) -> Result<bool, StoreError> {
        todo!()
    }

    /// Takes the next CRL number, at least `floor`; never handed out again.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn reserve_crl_number(
        &self,
        issuer: &IssuerName,
        scope: &str,
        floor: CrlNumber,
        event: AuditEvent,
    ) -> Result<CrlNumber, StoreError> {
        todo!()
    }

    /// Records a list that was signed under a reserved number, and puts it on the feed.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_crl(
        &self,
        crl: CrlRecord,
        event: AuditEvent,
    ) -> Result<Result<u64, CrlRefusal>, StoreError> {
        todo!()
    }

    /// Records a list that another CA signed offline, and puts it on the feed.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn import_crl(
        &self,
        crl: CrlRecord,
        event: AuditEvent,
    ) -> Result<Result<u64, CrlRefusal>, StoreError> {
        todo!()
    }

    /// The last list.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn latest_crl(
        &self,
        issuer: &IssuerName,
        scope: &str,
    ) -> Result<Option<CrlRecord>, StoreError> {
        todo!()
    }

    /// The last list of each issuer and scope, without bytes.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn current_crls(&self) -> Result<Vec<CurrentCrl>, StoreError> {
        todo!()
    }

    /// All entries of the next list, as of one moment.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn revoked_set(&self, issuer: &IssuerName) -> Result<RevokedSet, StoreError> {
        todo!()
    }

    /// The last sequence number; 0 when the feed is empty.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn feed_head(&self) -> Result<u64, StoreError> {
        todo!()
    }

    /// Entries after a sequence number.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn feed_after(
        &self,
        sequence: u64,
        limit: u32,
    ) -> Result<Vec<feed::Entry>, StoreError> {
        todo!()
    }

    /// A page of the present state: each thing once, by its last change. Begin with 0.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn snapshot_page(&self, after: u64, limit: u32) -> Result<SnapshotPage, StoreError> {
        todo!()
    }

    /// Records how far a follower has come.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn acknowledge(&self, follower: &str, sequence: u64) -> Result<(), StoreError> {
        todo!()
    }

    /// Records that a publisher shows a list; `false` if that was known.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn acknowledge_crl(
        &self,
        follower: &str,
        issuer: &IssuerName,
        scope: &str,
        number: CrlNumber,
        event: AuditEvent,
    ) -> Result<bool, StoreError> {
        todo!()
    }

    /// How far each follower has come.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn acknowledgements(&self) -> Result<Vec<Acknowledgement>, StoreError> {
        todo!()
    }

    /// Of each follower the first acknowledgement that covers this sequence number.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn acknowledged(&self, sequence: u64) -> Result<Vec<Acknowledgement>, StoreError> {
        todo!()
    }

    /// Active responders that answer for an issuer: those a revocation waits for.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn responders(&self, issuer: &IssuerName) -> Result<Vec<String>, StoreError> {
        todo!()
    }

    /// Records events; answers the last sequence number.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_audit(&self, events: Vec<AuditEvent>) -> Result<u64, StoreError> {
        todo!()
    }

    /// Events after a sequence number.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn audit_page(
        &self,
        filter: &AuditFilter,
        after: u64,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        todo!()
    }
}
