//! Chapters 1, 2, 5, 6.2 and 9: who the CA is and where it publishes.

use pki::{CrlScope, IssuerName};

use super::{Page, escape};
use crate::Policy;

impl Policy {
    pub(super) fn render_introduction(&self, number: &str, issuer: &IssuerName, page: &mut Page) {
        let source = &self.source;
        match number {
            "1.1" => page.text(&source.overview.text),
            "1.2" => page.facts(&[
                (
                    "名称 · Title",
                    format!(
                        "{} / {}",
                        source.document.title.zh, source.document.title.en
                    ),
                ),
                ("版本 · Version", source.document.version.clone()),
                ("标识 · OID", self.oid.to_string()),
            ]),
            "1.3.1" => self.render_authority(page),
            "1.3.2" => page.text(&source.participants.registration_authorities),
            "1.3.3" => page.text(&source.participants.subscribers),
            "1.3.4" => page.text(&source.participants.relying_parties),
            "1.4.1" => page.text(&source.usage.appropriate),
            "1.4.2" => page.text(&source.usage.prohibited),
            "1.5.1" => page.text(&source.administration.organization),
            "1.5.2" => page.line(&escape(&source.administration.contact)),
            "2.1" => self.render_repository(issuer, page),
            "5.4.1" => {
                for event in &source.events.recorded {
                    page.text(event);
                }
            }
            "5.5.2" => {
                let years = source.retention.years_after_invalidity;
                page.both(
                    &format!("证书失效（到期或撤销，以较晚者为准）后至少 {years} 年。"),
                    &format!(
                        "At least {years} years after a certificate expired or was revoked, \
                         whichever is later."
                    ),
                );
            }
            "6.2" => {
                for custodian in &source.key_protection.custodians {
                    page.text(&custodian.name);
                }
            }
            "9.8" => page.text(&source.legal.liability),
            "9.13" => page.text(&source.legal.jurisdiction),
            "9.14" => page.text(&source.legal.governing_law),
            _ => {}
        }
    }

    fn render_repository(&self, issuer: &IssuerName, page: &mut Page) {
        let mut facts = vec![("CRL", self.urls.crl(issuer, CrlScope::Full))];
        if self.crl.shards > 0 {
            let shards = self.urls.distribution_point(issuer, self.crl.shards);
            facts.push(("分片 CRL · CRL shards", shards.to_string()));
        }
        if self.crl.delta.is_some() {
            let delta = self.urls.crl(issuer, CrlScope::Delta);
            facts.push(("增量 CRL · Delta CRL", delta));
        }
        facts.extend([
            ("CA 证书 · CA certificate", self.urls.ca_issuers(issuer)),
            ("CPS", self.urls.cps(issuer)),
            ("OCSP", self.urls.ocsp.clone()),
        ]);
        page.facts(&facts);
    }

    fn render_authority(&self, page: &mut Page) {
        let authority = &self.source.participants.certification_authority;
        page.text(&authority.name);
        if let Some(licence) = &authority.licence {
            page.facts(&[
                ("许可证号 · Licence", licence.number.clone()),
                (
                    "发证机关 · Granted by",
                    format!("{} / {}", licence.agency.zh, licence.agency.en),
                ),
            ]);
        }
    }
}
