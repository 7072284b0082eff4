//! Peers as text for people, and their certificate as a file.

use std::path::Path;

use api::{PeerBody, PeerCertificateBody, PeerRole, PeerStatus, SubjectKind};
use clap::ValueEnum;

use crate::{
    client::Client,
    commands::show::{some_list, time},
    failure::Failure,
    files, table,
};

/// What a peer may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Role {
    /// Registration authority.
    Ra,
    /// Security officer.
    Officer,
    /// OCSP responder.
    Responder,
    /// CRL publisher.
    Publisher,
    /// Auditor.
    Auditor,
}

impl From<Role> for PeerRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Ra => Self::Ra,
            Role::Officer => Self::Officer,
            Role::Responder => Self::Responder,
            Role::Publisher => Self::Publisher,
            Role::Auditor => Self::Auditor,
        }
    }
}

/// Writes the certificate that the request issued, and shows the peer.
pub(super) fn issued(client: &Client, peer: &PeerBody, out: Option<&Path>) -> Result<(), Failure> {
    match (out, &peer.issued) {
        (Some(path), Some(pem)) => {
            files::write(path, format!("{}\n", pem.trim_end()).as_bytes())?;
        }
        (Some(path), None) => {
            return Err(Failure::internal("the CA's answer has no certificate").in_file(path));
        }
        (None, _) => {}
    }
    client.output().show(peer, one)
}

/// One peer.
pub(super) fn one(peer: &PeerBody) -> String {
    let mut text = table::members(&[
        ("name", Some(peer.name.clone())),
        ("role", Some(role(peer.role).to_owned())),
        ("status", Some(status(peer.status).to_owned())),
        ("valid from", Some(time(peer.valid_from))),
        ("valid to", peer.valid_to.map(time)),
        ("agreement", peer.agreement_ref.clone()),
        ("profiles", some_list(&peer.profiles)),
        ("subscribers", kinds(&peer.subject_kinds)),
        (
            "a day",
            peer.daily_quota
                .map(|quota| format!("{quota} certificates")),
        ),
        (
            "longest",
            peer.max_validity_days.map(|days| format!("{days} days")),
        ),
    ]);
    if !peer.certificates.is_empty() {
        let rows: Vec<_> = peer.certificates.iter().map(certificate).collect();
        text.push_str("\n\n");
        text.push_str(&table::columns(
            ["CERTIFICATE SHA-256", "EXPIRES", "UNPINNED"],
            &rows,
        ));
    }
    text
}

/// A list of peers.
pub(super) fn list(peers: &[PeerBody]) -> String {
    let rows: Vec<_> = peers
        .iter()
        .map(|peer| {
            let pinned = peer
                .certificates
                .iter()
                .filter(|pin| pin.retired_at.is_none());
            let soonest = pinned.map(|pin| pin.not_after).min();
            [
                peer.name.clone(),
                role(peer.role).to_owned(),
                status(peer.status).to_owned(),
                peer.valid_to.map_or_else(|| "-".to_owned(), time),
                soonest.map_or_else(|| "none".to_owned(), time),
                some_list(&peer.profiles).unwrap_or_else(|| "-".to_owned()),
            ]
        })
        .collect();
    table::columns(
        [
            "NAME",
            "ROLE",
            "STATUS",
            "VALID TO",
            "CERTIFICATE EXPIRES",
            "PROFILES",
        ],
        &rows,
    )
}

fn certificate(pin: &PeerCertificateBody) -> [String; 3] {
    let retired = pin.retired_at.map_or_else(|| "-".to_owned(), time);
    [pin.fingerprint.to_string(), time(pin.not_after), retired]
}

fn kinds(kinds: &[SubjectKind]) -> Option<String> {
    let names: Vec<_> = kinds
        .iter()
        .map(|kind| match kind {
            SubjectKind::Individual => "individual",
            SubjectKind::Organization => "organization",
            SubjectKind::Device => "device",
        })
        .collect();
    some_list(&names)
}

fn role(role: PeerRole) -> &'static str {
    match role {
        PeerRole::Ra => "ra",
        PeerRole::Officer => "officer",
        PeerRole::Responder => "responder",
        PeerRole::Publisher => "publisher",
        PeerRole::Auditor => "auditor",
    }
}

fn status(status: PeerStatus) -> &'static str {
    match status {
        PeerStatus::Active => "active",
        PeerStatus::Suspended => "suspended",
        PeerStatus::Retired => "retired",
    }
}
