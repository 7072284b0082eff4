//! Form, signature, issuer and coverage of a list (RFC 5280 section 5).

use feed::IssuerKind;
use issuance::{
    CrlCoverage, CrlEntry, OnlyContains,
    crl_reader::{CrlReadError, CrlView},
};
use pki::{CrlNumber, CrlScope, RevocationReason, SerialNumber, time::Timestamp};

use crate::probe::{finding::Findings, subject::Subject};

/// A list that was fetched, whole, and signed by its issuer.
#[derive(Debug, Clone)]
pub struct FetchedList {
    /// Where.
    pub url: String,
    /// What it covers.
    pub scope: CrlScope,
    /// CRLNumber.
    pub number: CrlNumber,
    /// The complete list that a delta adds to.
    pub base: Option<CrlNumber>,
    /// Where its delta is, as it says.
    pub freshest: Option<String>,
    /// thisUpdate.
    pub this_update: Timestamp,
    /// nextUpdate.
    pub next_update: Timestamp,
    /// By serial number.
    entries: Vec<Listed>,
}

/// What matters of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Serial number of the certificate.
    pub serial: SerialNumber,
    /// Why it is listed.
    pub reason: Option<RevocationReason>,
}

impl FetchedList {
    /// The entry of a serial number.
    pub fn entry(&self, serial: SerialNumber) -> Option<&Listed> {
        let found = self
            .entries
            .binary_search_by_key(&serial, |entry| entry.serial);
        found.ok().and_then(|at| self.entries.get(at))
    }

    /// The serial numbers, ascending.
    pub fn serials(&self) -> impl Iterator<Item = SerialNumber> {
        self.entries.iter().map(|entry| entry.serial)
    }
}

impl From<CrlEntry> for Listed {
    fn from(entry: CrlEntry) -> Self {
        Self {
            serial: entry.serial,
            reason: entry.reason,
        }
    }
}

/// Reads a list; what cannot be relied on is found, and gives nothing.
pub fn check(
    der: &[u8],
    scope: CrlScope,
    url: &str,
    subject: &Subject,
    findings: &mut Findings<'_>,
) -> Option<FetchedList> {
    let read = read(der, scope, url, subject);
    read.map_err(|(code, detail)| findings.add(code, url, detail))
        .ok()
}

fn read(
    der: &[u8],
    scope: CrlScope,
    url: &str,
    subject: &Subject,
) -> Result<FetchedList, (&'static str, String)> {
    let unreadable = |error: CrlReadError| ("list-unreadable", error.to_string());
    let view = CrlView::parse(der).map_err(unreadable)?;
    view.verify_issued_by(&subject.certificate)
        .map_err(|error| {
            let is_signature = matches!(error, CrlReadError::BadSignature(_));
            let code = if is_signature {
                "list-signature-wrong"
            } else {
                "list-issuer-wrong"
            };
            (code, error.to_string())
        })?;
    check_coverage(view.scope(), scope, url, subject.kind)
        .map_err(|detail| ("list-coverage-wrong", detail))?;
    let mut entries = view
        .entries()
        .map(|entry| entry.map(Listed::from))
        .collect::<Result<Vec<_>, _>>()
        .map_err(unreadable)?;
    if !entries.is_sorted_by_key(|entry| entry.serial) {
        entries.sort_by_key(|entry| entry.serial);
    }
    Ok(FetchedList {
        url: url.to_owned(),
        scope,
        number: view.number(),
        base: view.scope().delta_base,
        freshest: view.scope().freshest_crl.clone(),
        this_update: view.this_update(),
        next_update: view.next_update(),
        entries,
    })
}

/// The issuing distribution point repeats the CDP byte for byte (RFC 5280 section 5.2.5): else a
/// relying party takes the list for one of something else.
fn check_coverage(
    coverage: &CrlCoverage,
    scope: CrlScope,
    url: &str,
    kind: IssuerKind,
) -> Result<(), String> {
    let point = coverage.distribution_point.as_ref();
    match (scope, coverage.delta_base) {
        (CrlScope::Delta, None) => return Err("a delta without an indicator".to_owned()),
        (CrlScope::Full | CrlScope::Shard(_), Some(_)) => return Err("a delta".to_owned()),
        (CrlScope::Delta, Some(_)) | (CrlScope::Full | CrlScope::Shard(_), None) => {}
    }
    let uri = point.and_then(|point| point.uri.as_deref());
    if uri.is_some_and(|uri| uri != url) {
        return Err(format!(
            "for the distribution point {}",
            uri.unwrap_or_default()
        ));
    }
    let only = point.map_or(OnlyContains::Any, |point| point.only_contains);
    let right = match (scope, kind) {
        (CrlScope::Shard(_), _) => uri.is_some() && only != OnlyContains::CaCertificates,
        (CrlScope::Full, IssuerKind::Root) => only != OnlyContains::UserCertificates,
        (CrlScope::Full | CrlScope::Delta, _) => point.is_none(),
    };
    right
        .then_some(())
        .ok_or_else(|| "an issuing distribution point that does not fit".to_owned())
}
