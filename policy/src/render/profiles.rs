//! Chapters 6 and 7.1: keys, validity, contents of certificates.

use super::{Page, words};
use crate::{Policy, duration, model::Profile, purpose};

impl Policy {
    pub(super) fn render_profiles(&self, number: &str, page: &mut Page) {
        match number {
            "6.1.5" => self.each_profile(page, |profile, page| {
                let keys = profile.key_algorithms.iter().map(ToString::to_string);
                page.line(&words::list(keys));
            }),
            "6.1.6" => page.both(
                "拒绝弱密钥、已知泄露的密钥和列入黑名单的密钥。",
                "Weak keys, keys known to be broken and keys on the blocklist are refused.",
            ),
            "6.1.7" => self.each_profile(page, |profile, page| {
                page.facts(&[
                    (
                        "keyUsage",
                        words::list(profile.key_usage.iter().map(crate::KeyUsage::as_str)),
                    ),
                    (
                        "extKeyUsage",
                        words::list(profile.extended_key_usage.iter().map(purpose::name)),
                    ),
                ]);
            }),
            "6.3.2" => self.render_validity(page),
            "7.1" => {
                self.each_profile(page, |profile, page| page.text(&profile.source.description));
            }
            "7.1.1" => page.line("X.509 v3"),
            "7.1.2" => self.each_profile(page, extensions),
            "7.1.3" => {
                let algorithms = self.signature_algorithms.iter().map(ToString::to_string);
                page.line(&words::list(algorithms));
            }
            "7.1.4" => page.both(
                "名称按 3.1.1 的顺序编码；中文使用 UTF8String。",
                "Names are encoded in the order of 3.1.1, in UTF8String but for countryName and \
                 serialNumber.",
            ),
            "7.1.6" => self.each_profile(page, |profile, page| {
                page.line(&words::list(
                    profile.policies.iter().map(ToString::to_string),
                ));
            }),
            _ => {}
        }
    }

    fn render_validity(&self, page: &mut Page) {
        page.facts(&[
            (
                "根证书最长 · Root certificates at most",
                duration::format(self.root_max),
            ),
            (
                "签发 CA 证书最长 · Issuing CA certificates at most",
                duration::format(self.issuing_max),
            ),
        ]);
        self.each_profile(page, |profile, page| {
            let validity = &profile.validity;
            page.facts(&[
                ("默认 · Default", duration::format(validity.default)),
                ("最长 · At most", duration::format(validity.max)),
                ("最短 · At least", duration::format(validity.min)),
                (
                    "notBefore 提前 · notBefore lies back by",
                    duration::format(validity.backdate),
                ),
            ]);
            let rows: Vec<Vec<String>> = validity
                .limits
                .iter()
                .map(|limit| {
                    vec![
                        limit.from.to_string(),
                        duration::format(limit.max),
                        limit.citation.clone(),
                    ]
                })
                .collect();
            page.table(&["自 · From", "最长 · At most", "依据 · By"], &rows);
        });
        page.both(
            "证书的有效期不超过签发者证书、注册机构登记的期限和身份证明的期限。",
            "No certificate outlives its issuer, its evidence or what its RA is registered for.",
        );
    }
}

fn extensions(profile: &Profile, page: &mut Page) {
    let revocation = profile.source.revocation;
    let mut rows = vec![
        ("keyUsage", true),
        ("subjectKeyIdentifier", false),
        ("authorityKeyIdentifier", false),
        ("certificatePolicies", false),
        ("authorityInfoAccess", false),
    ];
    if !profile.extended_key_usage.is_empty() {
        rows.push(("extKeyUsage", false));
    }
    if !profile.sans.is_empty() {
        rows.push(("subjectAltName", false));
    }
    rows.push(if revocation {
        ("cRLDistributionPoints", false)
    } else {
        ("noRevAvail", false)
    });
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|(name, critical)| vec![name.to_owned(), words::yes_no(critical).to_owned()])
        .collect();
    page.table(&["扩展项 · Extension", "关键 · Critical"], &rows);
}
