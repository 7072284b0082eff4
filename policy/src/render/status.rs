//! Sections 4.9, 7.2 and 7.3: revocation, suspension, CRLs and OCSP.

use super::{Page, words};
use crate::{Policy, duration, source::Suspension};

impl Policy {
    pub(super) fn render_status(&self, number: &str, page: &mut Page) {
        match number {
            "2.3" | "4.9.7" => self.render_crl_times(page),
            "4.9.1" => self.render_grounds(page),
            "4.9.2" => self.render_initiators(page),
            "4.9.5" => self.render_deadlines(page),
            "4.9.8" => self.render_crl_latency(page),
            "4.9.9" => page.line(&self.urls.ocsp),
            "4.9.10" => self.render_ocsp_times(page),
            "4.9.12" => page.both(
                "私钥损害的，公布损害时间（如已知），该公钥永不再签发证书。",
                "Where a key is compromised the time of the compromise is published if it is known, \
                 and the key is never certified again.",
            ),
            "4.9.13" => match &self.source.revocation.suspension {
                Some(suspension) => self.render_suspension(suspension, page),
                None => page.both("证书不挂起。", "Certificates are not suspended."),
            },
            "4.9.14" => {
                if let Some(suspension) = &self.source.revocation.suspension {
                    let names = |who: &[crate::Initiator]| {
                        words::list(who.iter().map(|who| words::initiator(*who)))
                    };
                    page.facts(&[
                        ("挂起 · Hold", names(&suspension.hold)),
                        ("恢复 · Release", names(&suspension.release)),
                    ]);
                }
            }
            "4.10" => {
                let kept = duration::format(self.ocsp.archive_cutoff);
                page.both(
                    &format!("过期证书的状态在 OCSP 中保留 {kept}。"),
                    &format!("OCSP keeps the status of an expired certificate for {kept}."),
                );
            }
            "7.2" => self.render_crl_profile(page),
            "7.3" => self.render_ocsp_profile(page),
            _ => {}
        }
    }

    fn render_crl_times(&self, page: &mut Page) {
        page.facts(&[
            (
                "签发间隔 · Signed every",
                duration::format(self.crl.interval),
            ),
            (
                "有效期 · nextUpdate after",
                duration::format(self.crl.next_update),
            ),
            (
                "提前更换 · Replaced before its end by",
                duration::format(self.crl.overlap),
            ),
        ]);
        if let Some(delta) = &self.crl.delta {
            page.facts(&[
                (
                    "增量 CRL 签发间隔 · Deltas are signed every",
                    duration::format(delta.interval),
                ),
                (
                    "增量 CRL 有效期 · nextUpdate of deltas after",
                    duration::format(delta.next_update),
                ),
            ]);
        }
    }

    fn render_crl_latency(&self, page: &mut Page) {
        let after = duration::format(self.crl.after_revocation);
        page.both(
            &format!("撤销后 {after} 内签发新的 CRL。"),
            &format!("A CRL is signed at most {after} after a revocation."),
        );
        if let Some(delta) = &self.crl.delta {
            let after = duration::format(delta.after_revocation);
            page.both(
                &format!("撤销后 {after} 内签发新的增量 CRL。"),
                &format!("A delta CRL is signed at most {after} after a revocation."),
            );
        }
    }

    fn render_crl_profile(&self, page: &mut Page) {
        page.both(
            "X.509 第 2 版 CRL，含 authorityKeyIdentifier 和 cRLNumber。完整 CRL 列出全部已撤销证书。",
            "X.509 version 2 CRLs with authorityKeyIdentifier and cRLNumber. The complete CRL lists \
             every revoked certificate.",
        );
        let shards = self.crl.shards;
        if shards > 0 {
            page.both(
                &format!(
                    "证书按序列号分属 {shards} 个分片，cRLDistributionPoints 指明所属分片，签发后不变。\
                     分片 CRL 含关键扩展 issuingDistributionPoint（onlyContainsUserCerts）。"
                ),
                &format!(
                    "Certificates are divided among {shards} shards by their serial numbers; their \
                     cRLDistributionPoints name the shard, for good. The CRL of a shard has a critical \
                     issuingDistributionPoint with onlyContainsUserCerts."
                ),
            );
        }
        if self.crl.delta.is_some() {
            page.both(
                "完整 CRL 以 freshestCRL 指明增量 CRL；增量 CRL 含关键扩展 deltaCRLIndicator。",
                "The complete CRL names the delta CRL in freshestCRL; a delta CRL has a critical \
                 deltaCRLIndicator.",
            );
        }
    }

    fn render_ocsp_times(&self, page: &mut Page) {
        page.facts(&[
            (
                "响应有效期 · Answers are valid for",
                duration::format(self.ocsp.validity),
            ),
            (
                "缓存 · Caches keep them for",
                duration::format(self.ocsp.max_age),
            ),
            (
                "数据最长滞后 · Answers stop when out of touch for",
                duration::format(self.ocsp.max_staleness),
            ),
        ]);
        page.both(
            "撤销完成后发出的每一次查询均得到“已撤销”的答复。",
            "Every query begun after a revocation was carried out is answered with revoked.",
        );
    }

    fn render_ocsp_profile(&self, page: &mut Page) {
        page.both(
            "依据 RFC 6960、RFC 9654、RFC 9919；未签发的序列号答复 unknown。",
            "RFC 6960, RFC 9654, RFC 9919; serial numbers never issued are answered with unknown.",
        );
        let ocsp = &self.ocsp;
        let validity = duration::format(ocsp.responder_certificate_validity);
        page.facts(&[
            (
                "响应者证书有效期 · Responder certificates are valid for",
                validity,
            ),
            ("更换 · Renewed every", duration::format(ocsp.renew_every)),
        ]);
    }

    fn render_grounds(&self, page: &mut Page) {
        let rows: Vec<Vec<String>> = self
            .grounds()
            .iter()
            .map(|ground| {
                vec![
                    ground.id.clone(),
                    ground.text.zh.clone(),
                    ground.text.en.clone(),
                    ground.reason.as_str().to_owned(),
                ]
            })
            .collect();
        page.table(&["id", "情形", "Circumstance", "reasonCode"], &rows);
    }

    fn render_initiators(&self, page: &mut Page) {
        let rows: Vec<Vec<String>> = self
            .grounds()
            .iter()
            .map(|ground| {
                let who = ground.initiators.iter().map(|who| words::initiator(*who));
                vec![
                    ground.id.clone(),
                    words::list(who),
                    ground.approvals.to_string(),
                ]
            })
            .collect();
        page.table(&["id", "申请者 · Who", "批准人数 · Approvals"], &rows);
    }

    fn render_deadlines(&self, page: &mut Page) {
        let rows: Vec<Vec<String>> = self
            .grounds()
            .iter()
            .map(|ground| vec![ground.id.clone(), ground.deadline.clone()])
            .collect();
        page.table(&["id", "时限 · Within"], &rows);
        let bound = duration::format(self.acknowledgement);
        page.both(
            &format!("撤销自处理完毕时生效；各 OCSP 响应者在 {bound} 内确认，否则答复处理中并列明未确认者。"),
            &format!(
                "A revocation takes effect when it has been carried out. It is confirmed when every \
                 OCSP responder has it; after {bound} the answer names those that have not."
            ),
        );
    }

    fn render_suspension(&self, suspension: &Suspension, page: &mut Page) {
        page.text(&suspension.text);
        let profiles = self.profiles.values().filter(|profile| profile.hold());
        page.facts(&[(
            "可挂起的证书 · Profiles",
            words::list(profiles.map(|profile| profile.name.as_str())),
        )]);
    }
}
