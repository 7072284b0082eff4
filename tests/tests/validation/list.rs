//! Lists as they are served, read in this process: fast enough to look at every one.

use std::collections::BTreeMap;
use std::path::Path;

use issuance::crl_reader::CrlView;
use jiff::Timestamp;
use pki::{Certificate, RevocationReason};

use crate::scene::{Issued, read_der};

/// A list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    pub number: u64,
    /// The complete list that a delta adds to.
    pub base: Option<u64>,
    pub this_update: Timestamp,
    pub next_update: Timestamp,
    /// Serial numbers, hexadecimal, with their reasons.
    pub entries: BTreeMap<String, Option<RevocationReason>>,
}

impl List {
    /// Reads a list that must be whole and the issuer's.
    #[track_caller]
    pub fn read(crl: &[u8], issuer: &Path) -> Self {
        let view = CrlView::parse(crl).unwrap();
        let issuer = Certificate::parse(&read_der(issuer)).unwrap();
        view.verify_issued_by(&issuer).unwrap();
        let entries = view.entries().map(|entry| {
            let entry = entry.unwrap();
            (entry.serial.to_string(), entry.reason)
        });
        Self {
            number: view.number().get(),
            base: view.scope().delta_base.map(pki::CrlNumber::get),
            this_update: view.this_update(),
            next_update: view.next_update(),
            entries: entries.collect(),
        }
    }

    pub fn has(&self, issued: &Issued) -> bool {
        self.entries.contains_key(&issued.serial)
    }
}

/// The path of the list that a certificate names, below the public base.
pub fn path_named_by(issued: &Issued) -> String {
    let text: String = issued.der.iter().map(|octet| char::from(*octet)).collect();
    let (_, after) = text.split_once("/crl/").expect("a distribution point");
    let (path, _) = after.split_once(".crl").expect("a list's name");
    format!("/crl/{path}.crl")
}
