//! Opening tokens, certificates and policies, and proving that they belong together.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use hsm::Token;
use issuance::Issuer;
use pki::key_check::WeakKeyList;
use pki::{Certificate, IssuerName, SignatureAlgorithm};
use policy::{IssuerKind, Policy};
use store::Store;
use thiserror::Error;
use tokio::sync::Semaphore;

use crate::authority::Ca;
use crate::config::{CaConfig, IssuerConfig};
use crate::receipts::ReceiptSigner;

/// State that an explicit command must make first.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct NotSetUp(String);

/// The CAs by name.
pub type Issuers = BTreeMap<IssuerName, Arc<Ca>>;

/// Tokens that were logged in to, by name, each with its places: certificates that may be on their
/// way to it at once.
pub type Tokens = BTreeMap<String, (Token, Arc<Semaphore>)>;

/// Logs in to every configured token.
///
/// # Errors
/// The first token that cannot be opened, by its name.
pub async fn tokens(config: &CaConfig) -> anyhow::Result<Tokens> {
    let mut tokens = Tokens::new();
    for (name, token) in &config.tokens {
        let opened = Token::open(token)
            .await
            .with_context(|| format!("token.{name}"))?;
        let places = Semaphore::new(token.queue.saturating_add(token.sessions));
        tokens.insert(name.clone(), (opened, Arc::new(places)));
    }
    Ok(tokens)
}

/// Opens every configured CA: the key must match its certificate, must not be extractable, and
/// must prove possession.
///
/// # Errors
/// The first CA that cannot be opened, by its name.
pub async fn issuers(config: &CaConfig, tokens: &Tokens) -> anyhow::Result<Issuers> {
    let mut issuers = Issuers::new();
    for (name, issuer) in &config.issuers {
        let (token, places) = tokens
            .get(&issuer.token)
            .ok_or_else(|| anyhow!("no token {}", issuer.token))?;
        let mut ca = open(name, issuer, token)
            .await
            .with_context(|| format!("issuer.{name}"))?;
        ca.places = Arc::clone(places);
        issuers.insert(name.clone(), Arc::new(ca));
    }
    Ok(issuers)
}

async fn open(name: &IssuerName, config: &IssuerConfig, token: &Token) -> anyhow::Result<Ca> {
    let policy = policy(&config.policy)?;
    let certificate = certificate(&config.certificate)?;
    let algorithm = signature_algorithm(&policy, &certificate)?;
    let key = token
        .signing_key(&config.key_id, algorithm)
        .await
        .context("key_id")?;
    let issuer = Issuer::new(name.clone(), certificate, key.public_key(), algorithm)
        .with_context(|| format!("certificate {}", config.certificate.display()))?;
    let chain = chain(config, issuer.certificate())?;
    Ok(Ca::new(issuer, key, chain, policy, config.policy.clone()))
}

/// Opens the key that signs receipts, if there is one: a key of its own, whose signatures have a
/// name in JOSE.
///
/// # Errors
/// The key cannot be opened, or is a CA's.
pub async fn receipts(
    config: &CaConfig,
    tokens: &Tokens,
    issuers: &Issuers,
) -> anyhow::Result<Option<ReceiptSigner>> {
    let Some(receipts) = &config.receipts else {
        return Ok(None);
    };
    let (token, _) = tokens
        .get(&receipts.token)
        .ok_or_else(|| anyhow!("receipts.token: no token {}", receipts.token))?;
    let public_key = token.public_key(&receipts.key_id).await;
    let public_key = public_key.context("receipts.key_id")?;
    let is_ca_key = |ca: &&Arc<Ca>| ca.key.public_key().hash() == public_key.hash();
    if let Some(ca) = issuers.values().find(is_ca_key) {
        bail!("receipts.key_id: this is the key of {}", ca.name());
    }
    let kind = public_key.algorithm();
    let algorithm = receipts
        .algorithm
        .unwrap_or_else(|| SignatureAlgorithm::default_for(&kind));
    if jws::name_of(algorithm, kind).is_none() {
        bail!("receipts.algorithm: JOSE has no name for {algorithm} with a key of type {kind}");
    }
    let key = token.signing_key(&receipts.key_id, algorithm).await;
    Ok(Some(ReceiptSigner::new(key.context("receipts.key_id")?)))
}

/// Reads and validates a policy file.
///
/// # Errors
/// Every fault of the file.
pub fn policy(path: &Path) -> anyhow::Result<Policy> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("policy {} cannot be read", path.display()))?;
    Policy::parse(&text).with_context(|| format!("policy {}", path.display()))
}

/// Reads a certificate, PEM.
///
/// # Errors
/// The file cannot be read or holds no certificate.
pub fn certificate(path: &Path) -> anyhow::Result<Certificate> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("certificate {} cannot be read", path.display()))?;
    Certificate::parse_pem(&text).with_context(|| format!("certificate {}", path.display()))
}

/// The policy's first algorithm that the CA's key can be used with.
fn signature_algorithm(
    policy: &Policy,
    certificate: &Certificate,
) -> anyhow::Result<SignatureAlgorithm> {
    let key = certificate.public_key().algorithm();
    let fits = policy
        .signature_algorithms()
        .iter()
        .find(|algorithm| algorithm.fits(&key));
    fits.copied()
        .ok_or_else(|| anyhow!("the policy allows no signature algorithm for a key of type {key}"))
}

/// The certificates above a CA; each must have issued the one before.
fn chain(config: &IssuerConfig, certificate: &Certificate) -> anyhow::Result<Vec<Certificate>> {
    let Some(path) = &config.chain else {
        return Ok(Vec::new());
    };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("chain {} cannot be read", path.display()))?;
    let chain =
        Certificate::parse_pem_chain(&text).with_context(|| format!("chain {}", path.display()))?;
    let mut below = certificate;
    for above in &chain {
        below
            .verify_issued_by(above)
            .with_context(|| format!("chain {}: issuer first, root last", path.display()))?;
        below = above;
    }
    Ok(chain)
}

/// The one CA whose policy is of kind `management`.
///
/// # Errors
/// There is none, or more than one.
pub fn management(issuers: &Issuers) -> anyhow::Result<IssuerName> {
    let mut found = issuers
        .values()
        .filter(|ca| ca.policy.load().issuer_kind() == IssuerKind::Management)
        .map(|ca| ca.name().clone());
    match (found.next(), found.next()) {
        (Some(name), None) => Ok(name),
        (None, _) => bail!(
            "no issuer has a policy with kind = \"management\": one must certify TLS, RA, officer and follower keys"
        ),
        (Some(one), Some(other)) => bail!(
            "{one} and {other} both have a policy with kind = \"management\": there must be one"
        ),
    }
}

/// Reads the lists of weak keys.
///
/// # Errors
/// A file cannot be read or parsed.
pub fn weak_keys(config: &CaConfig) -> anyhow::Result<WeakKeyList> {
    let mut list = WeakKeyList::default();
    for path in &config.weak_key_lists {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("weak_key_lists: {} cannot be read", path.display()))?;
        let parsed = WeakKeyList::parse(&text);
        list.extend(parsed.with_context(|| format!("weak_key_lists: {}", path.display()))?);
    }
    Ok(list)
}

/// Starting creates no state: every CA must be registered with this certificate, and a policy on
/// disk that was never in force is not put in force by starting (ESL article 19). One that is in
/// force no more is a file that another daemon's officer was ahead of: the records hold the newer one.
///
/// # Errors
/// The first CA that is not, with the command that helps.
pub async fn check_registered(
    store: &Store,
    issuers: &Issuers,
    config: &CaConfig,
) -> anyhow::Result<()> {
    if store.feed_position().await?.is_none() {
        bail!(NotSetUp(
            "the database is a copy that was put back: run `ca-daemon restored`".to_owned()
        ));
    }
    for (name, ca) in issuers {
        check_certificate(store, name, ca.issuer.certificate()).await?;
        let active = store.policy_of(name).await?;
        let digest = ca.policy.load().digest();
        if active
            .as_ref()
            .is_some_and(|active| active.digest == digest)
        {
            continue;
        }
        let path = ca.policy_path.display();
        if active.is_none() || !store.was_in_force(name, &digest).await? {
            bail!(NotSetUp(format!(
                "issuer.{name}.policy: {path} is not the policy in force; `ca-daemon register` puts it in force"
            )));
        }
        let in_force = active.map(|active| active.version);
        tracing::warn!(issuer = %name, %path, in_force, "the policy file is out of date; the policy in force counts");
    }
    for (name, offline) in &config.offline_cas {
        check_certificate(store, name, &certificate(&offline.certificate)?).await?;
    }
    Ok(())
}

async fn check_certificate(
    store: &Store,
    name: &IssuerName,
    certificate: &Certificate,
) -> anyhow::Result<()> {
    match store.issuer(name).await? {
        Some(record) if record.certificate_der == certificate.der() => Ok(()),
        Some(_) => bail!(NotSetUp(format!(
            "{name} is registered with another certificate; a new certificate needs a new name"
        ))),
        None => bail!(NotSetUp(format!(
            "{name} is not registered: run `ca-daemon register` (or `bootstrap` for a new CA)"
        ))),
    }
}
