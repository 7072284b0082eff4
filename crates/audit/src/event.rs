//! The audit event.

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use pki::{IssuerName, SerialNumber};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Detail, EventKind};

/// One thing that happened: date and time, identity, description (BR 5.4.1, last paragraph).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditEvent {
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub kind: EventKind,
    /// Who made it happen.
    pub actor: Actor,
    /// The issuer it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<IssuerName>,
    /// The certificate it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<SerialNumber>,
    /// The request it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Uuid>,
    /// How it ended.
    pub outcome: Outcome,
    /// What else an auditor needs. Never personal data: see [`Detail`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, Detail>,
}

/// Who made an event happen. Names are those of the registry of peers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "role", content = "name", rename_all = "kebab-case")]
pub enum Actor {
    /// A registration authority.
    Ra(String),
    /// A security officer.
    Officer(String),
    /// An auditor.
    Auditor(String),
    /// A follower of the status feed: a responder or a publisher.
    Follower(String),
    /// Whoever runs commands on the machine itself.
    Operator,
    /// The daemon, of its own accord.
    Daemon,
    /// Somebody who is not in the registry.
    Stranger {
        /// The network address, or a prefix of it.
        source: String,
    },
}

impl Actor {
    /// The stable text of the role.
    pub fn role(&self) -> &'static str {
        match self {
            Self::Ra(_) => "ra",
            Self::Officer(_) => "officer",
            Self::Auditor(_) => "auditor",
            Self::Follower(_) => "follower",
            Self::Operator => "operator",
            Self::Daemon => "daemon",
            Self::Stranger { .. } => "stranger",
        }
    }

    /// The name in the registry, or the source of a stranger.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Ra(name) | Self::Officer(name) | Self::Auditor(name) | Self::Follower(name) => {
                Some(name)
            }
            Self::Stranger { source } => Some(source),
            Self::Operator | Self::Daemon => None,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{}:{name}", self.role()),
            None => f.write_str(self.role()),
        }
    }
}

/// How an event ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "kebab-case")]
pub enum Outcome {
    /// It was done.
    Success,
    /// It was refused by rule.
    Refused {
        /// The codes of all reasons, as in the problem that the peer was sent.
        codes: Vec<String>,
    },
    /// It was allowed, but failed.
    Failed {
        /// The code of the failure.
        code: String,
    },
}

impl Outcome {
    /// A refusal for one or more reasons.
    pub fn refused<I>(codes: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self::Refused {
            codes: codes.into_iter().map(Into::into).collect(),
        }
    }

    /// A failure.
    pub fn failed(code: impl Into<String>) -> Self {
        Self::Failed { code: code.into() }
    }

    /// The stable text of the result.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Refused { .. } => "refused",
            Self::Failed { .. } => "failed",
        }
    }
}

impl AuditEvent {
    /// A successful event without further fields.
    pub fn new(at: Timestamp, kind: EventKind, actor: Actor) -> Self {
        Self {
            at,
            kind,
            actor,
            issuer: None,
            serial: None,
            request_id: None,
            outcome: Outcome::Success,
            details: BTreeMap::new(),
        }
    }

    /// Names the issuer it is about.
    #[must_use]
    pub fn issuer(mut self, issuer: &IssuerName) -> Self {
        self.issuer = Some(issuer.clone());
        self
    }

    /// Names the certificate it is about.
    #[must_use]
    pub fn serial(mut self, serial: SerialNumber) -> Self {
        self.serial = Some(serial);
        self
    }

    /// Names the request it belongs to.
    #[must_use]
    pub fn request(mut self, request_id: Uuid) -> Self {
        self.request_id = Some(request_id);
        self
    }

    /// Sets the outcome.
    #[must_use]
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    /// Adds a detail.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<Detail>) -> Self {
        self.details.insert(key.to_owned(), value.into());
        self
    }

    /// The canonical bytes of the event: JSON without blanks, fields in declared order, details
    /// by key. They are what is stored and hashed.
    ///
    /// # Errors
    /// Never with the types of this crate; the signature is that of the serializer.
    pub fn canonical(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Timestamp {
        "2026-03-01T08:00:00.25Z".parse().unwrap()
    }

    #[test]
    fn the_canonical_form_is_stable() {
        let actor = Actor::Ra("bank".to_owned());
        let event = AuditEvent::new(at(), EventKind::Signing, actor)
            .with("profile", "esign-individual")
            .with("attempt", 1_u32);
        assert_eq!(
            event.canonical().unwrap(),
            r#"{"at":"2026-03-01T08:00:00.25Z","kind":"signing","actor":{"role":"ra","name":"bank"},"outcome":{"result":"success"},"details":{"attempt":1,"profile":"esign-individual"}}"#
        );
    }

    #[test]
    fn every_kind_of_event_survives_its_canonical_form() {
        let actors = [
            Actor::Ra("bank".to_owned()),
            Actor::Officer("wang".to_owned()),
            Actor::Auditor("lin".to_owned()),
            Actor::Follower("ocsp-1".to_owned()),
            Actor::Operator,
            Actor::Daemon,
            Actor::Stranger {
                source: "192.0.2.7".to_owned(),
            },
        ];
        let outcomes = [
            Outcome::Success,
            Outcome::refused(["key-too-weak", "name-nul"]),
            Outcome::failed("hsm-unavailable"),
        ];
        for (index, kind) in EventKind::ALL.iter().enumerate() {
            let event = AuditEvent::new(at(), *kind, actors[index % actors.len()].clone())
                .outcome(outcomes[index % outcomes.len()].clone())
                .request(Uuid::from_u128(7))
                .issuer(&"esign-ca".parse().unwrap())
                .serial(SerialNumber::from_bytes(&[1, 2, 3]).unwrap());
            let text = event.canonical().unwrap();
            assert_eq!(serde_json::from_str::<AuditEvent>(&text).unwrap(), event);
        }
    }

    #[test]
    fn an_actor_shows_role_and_name() {
        assert_eq!(
            Actor::Officer("wang".to_owned()).to_string(),
            "officer:wang"
        );
        assert_eq!(Actor::Daemon.to_string(), "daemon");
    }
}
