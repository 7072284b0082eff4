//! Chapters 3 and 4.1 to 4.7: identity, application, renewal.

use super::{Page, words};
use crate::{Operation, Policy, duration, model::Profile};

impl Policy {
    pub(super) fn render_identity(&self, number: &str, page: &mut Page) {
        match number {
            "3.1.1" => self.each_profile(page, names),
            "3.1.5" => page.both(
                "同一公钥不为不同的主体签发证书。",
                "A public key is never certified for two subjects.",
            ),
            "3.2" => self.render_evidence(page),
            "3.2.2" | "3.2.3" => self.render_required(number, page),
            "3.3.1" => page.both(
                "更新和替换须提交与首次申请相同的身份证明。",
                "Renewal and replacement ask for the same evidence as a first application.",
            ),
            "3.3.2" => page.both(
                "已撤销的证书不能更新或替换，须重新申请。",
                "A revoked certificate is neither renewed nor replaced; the subscriber applies anew.",
            ),
            "3.4" => self.render_revocation_identity(page),
            "4.1.2" => self.render_consent(page),
            "4.6.1" => self.each_profile(page, |profile, page| {
                let window = duration::format(profile.renewal_window);
                let offered = profile.source.operations.contains(&Operation::Renew);
                page.facts(&[
                    ("提供 · Offered", words::yes_no(offered).to_owned()),
                    ("到期前 · Before expiry, at the earliest", window),
                ]);
            }),
            "4.7.1" => self.each_profile(page, |profile, page| {
                let offered = profile.source.operations.contains(&Operation::Replace);
                page.facts(&[("提供 · Offered", words::yes_no(offered).to_owned())]);
            }),
            _ => {}
        }
    }

    pub(super) fn each_profile(&self, page: &mut Page, mut body: impl FnMut(&Profile, &mut Page)) {
        for profile in self.profiles.values() {
            page.line(&format!("**{}**", profile.name));
            body(profile, page);
        }
    }

    fn render_evidence(&self, page: &mut Page) {
        let section = &self.source.identity;
        if let Some(age) = self.evidence_max_age {
            let age = duration::format(age);
            page.both(
                &format!("身份证明的核验不早于申请前 {age}。"),
                &format!("Evidence is at most {age} old when a request comes in."),
            );
        }
        let rows: Vec<Vec<String>> = section
            .evidence
            .iter()
            .map(|kind| {
                vec![
                    kind.id.clone(),
                    format!("{} / {}", kind.text.zh, kind.text.en),
                    words::list(
                        kind.subject_kinds
                            .iter()
                            .map(|kind| words::subject_kind(*kind)),
                    ),
                    words::class(kind.class).to_owned(),
                    words::yes_no(kind.accepted).to_owned(),
                ]
            })
            .collect();
        page.table(
            &[
                "id",
                "种类 · Kind",
                "主体 · Subject",
                "类别 · Class",
                "接受 · Accepted",
            ],
            &rows,
        );
    }

    fn render_required(&self, number: &str, page: &mut Page) {
        let individual = number == "3.2.3";
        for profile in self.profiles.values() {
            let kinds = &profile.source.subject_kinds;
            if kinds.contains(&api::SubjectKind::Individual) != individual {
                continue;
            }
            page.line(&format!("**{}**", profile.name));
            match &profile.source.evidence {
                Some(rule) => page.facts(&[
                    ("全部 · All of", words::list(&rule.required_all)),
                    ("至少一种 · One of", words::list(&rule.required_any)),
                    ("最少种类数 · Kinds at least", rule.min.to_string()),
                ]),
                None => page.both("由注册机构确认。", "As the RA states."),
            }
            if individual {
                let age = &profile.source.age;
                page.facts(&[
                    (
                        "14–17 岁 · Aged 14 to 17",
                        words::age_rule(age.minor).to_owned(),
                    ),
                    (
                        "14 岁以下 · Under 14",
                        words::age_rule(age.under_fourteen).to_owned(),
                    ),
                    (
                        "无行为能力 · Without capacity",
                        words::age_rule(age.incapable).to_owned(),
                    ),
                ]);
            }
        }
    }

    fn render_revocation_identity(&self, page: &mut Page) {
        let rows: Vec<Vec<String>> = self
            .grounds()
            .iter()
            .map(|ground| vec![ground.id.clone(), ground.evidence.to_string()])
            .collect();
        page.table(
            &["情形 · Ground", "核验次数 · Verifications of the requester"],
            &rows,
        );
    }

    fn render_consent(&self, page: &mut Page) {
        let rows: Vec<Vec<String>> = self
            .agreements
            .iter()
            .map(|agreement| {
                vec![
                    agreement.version.clone(),
                    agreement.published_at.to_string(),
                    agreement.effective_at.to_string(),
                    agreement
                        .superseded_at
                        .map_or_else(|| "–".to_owned(), |end| end.to_string()),
                    hex::encode(agreement.sha256),
                ]
            })
            .collect();
        page.table(
            &[
                "协议 · Agreement",
                "公布 · Published",
                "生效 · In force",
                "终止 · Until",
                "SHA-256",
            ],
            &rows,
        );
        self.each_profile(page, |profile, page| match &profile.source.consent {
            Some(rule) => page.facts(&[
                (
                    "同意方式 · Consent given by",
                    words::list(rule.methods.iter().copied().map(method)),
                ),
                ("目的 · Purposes", words::list(&rule.purposes)),
            ]),
            None => page.both("不要求。", "None is asked."),
        });
    }
}

fn names(profile: &Profile, page: &mut Page) {
    let rows: Vec<Vec<String>> = profile
        .subject
        .iter()
        .map(|rule| {
            vec![
                rule.attribute.to_string(),
                words::yes_no(rule.required).to_owned(),
                words::list(&rule.values),
                words::list(&rule.evidence),
            ]
        })
        .collect();
    page.table(
        &[
            "属性 · Attribute",
            "必需 · Required",
            "取值 · Values",
            "证明 · Evidence",
        ],
        &rows,
    );
    let sans = &profile.source.subject_alt_names;
    let kinds = [
        ("dns", &sans.dns),
        ("ip", &sans.ip),
        ("email", &sans.email),
        ("uri", &sans.uri),
    ];
    let rows: Vec<Vec<String>> = kinds
        .into_iter()
        .filter_map(|(kind, rule)| {
            let rule = rule.as_ref()?;
            Some(vec![
                kind.to_owned(),
                format!("{}–{}", rule.min, rule.max),
                words::list(&rule.within),
                words::yes_no(rule.wildcards).to_owned(),
            ])
        })
        .collect();
    page.table(
        &[
            "备用名 · Alternative name",
            "数量 · Count",
            "范围 · Within",
            "通配符 · Wildcards",
        ],
        &rows,
    );
}

const fn method(method: api::ConsentMethod) -> &'static str {
    match method {
        api::ConsentMethod::Click => "点击 click",
        api::ConsentMethod::Tick => "勾选 tick",
        api::ConsentMethod::Handwritten => "手写签名 handwritten",
        api::ConsentMethod::Mixed => "组合 mixed",
    }
}
