//! Values of the policy in words of both languages.

use api::SubjectKind;

use crate::{
    Initiator,
    source::{AgeRule, EvidenceClass},
};

pub(super) const fn subject_kind(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Individual => "个人 individual",
        SubjectKind::Organization => "机构 organisation",
        SubjectKind::Device => "设备 device",
    }
}

pub(super) const fn initiator(initiator: Initiator) -> &'static str {
    match initiator {
        Initiator::Ra => "注册机构 RA",
        Initiator::Officer => "安全员 officer",
    }
}

pub(super) const fn class(class: EvidenceClass) -> &'static str {
    match class {
        EvidenceClass::Document => "证件 document",
        EvidenceClass::Biometric => "生物特征 biometric",
        EvidenceClass::Financial => "金融账户 financial",
        EvidenceClass::Details => "信息 details",
    }
}

pub(super) const fn age_rule(rule: AgeRule) -> &'static str {
    match rule {
        AgeRule::Refuse => "不予受理 refused",
        AgeRule::GuardianConsent => "须监护人同意 with the guardian's consent",
        AgeRule::GuardianApplication => "由监护人代为申请 on the guardian's application",
    }
}

/// A list, or a dash where it is empty.
pub(super) fn list<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items
        .into_iter()
        .map(|item| item.as_ref().to_owned())
        .collect();
    if items.is_empty() {
        "–".to_owned()
    } else {
        items.join(", ")
    }
}

pub(super) const fn yes_no(flag: bool) -> &'static str {
    if flag { "是 yes" } else { "否 no" }
}
