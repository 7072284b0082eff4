//! The headings of a CPS (RFC 3647 §6), in English and Chinese.

/// A heading: its number and its titles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heading {
    /// Number, e.g. `4.9.1`.
    pub number: &'static str,
    /// Title in English, as RFC 3647 writes it.
    pub en: &'static str,
    /// Title in Chinese.
    pub zh: &'static str,
}

impl Heading {
    /// How deep the heading stands: 1 for a chapter.
    pub fn depth(&self) -> usize {
        self.number.split('.').count()
    }
}

/// The heading of this number.
pub fn heading(number: &str) -> Option<&'static Heading> {
    OUTLINE.iter().find(|heading| heading.number == number)
}

macro_rules! outline {
    ($($number:literal $en:literal $zh:literal)+) => {
        /// All headings in their order.
        pub const OUTLINE: &[Heading] =
            &[$(Heading { number: $number, en: $en, zh: $zh }),+];
    };
}

outline! {
    "1" "Introduction" "概括性描述"
    "1.1" "Overview" "概述"
    "1.2" "Document name and identification" "文档名称与标识"
    "1.3" "PKI participants" "PKI 参与者"
    "1.3.1" "Certification authorities" "电子认证服务机构"
    "1.3.2" "Registration authorities" "注册机构"
    "1.3.3" "Subscribers" "订户"
    "1.3.4" "Relying parties" "依赖方"
    "1.3.5" "Other participants" "其他参与者"
    "1.4" "Certificate usage" "证书应用"
    "1.4.1" "Appropriate certificate uses" "适合的证书应用"
    "1.4.2" "Prohibited certificate uses" "限制的证书应用"
    "1.5" "Policy administration" "策略管理"
    "1.5.1" "Organization administering the document" "策略文档管理机构"
    "1.5.2" "Contact person" "联系人"
    "1.5.3" "Person determining CPS suitability for the policy" "决定 CPS 符合策略的机构"
    "1.5.4" "CPS approval procedures" "CPS 批准程序"
    "1.6" "Definitions and acronyms" "定义和缩写"
    "2" "Publication and repository responsibilities" "信息发布与信息管理"
    "2.1" "Repositories" "信息库"
    "2.2" "Publication of certification information" "认证信息的发布"
    "2.3" "Time or frequency of publication" "发布的时间或频率"
    "2.4" "Access controls on repositories" "信息库访问控制"
    "3" "Identification and authentication" "身份标识与鉴别"
    "3.1" "Naming" "命名"
    "3.1.1" "Types of names" "名称类型"
    "3.1.2" "Need for names to be meaningful" "对名称意义化的要求"
    "3.1.3" "Anonymity or pseudonymity of subscribers" "订户的匿名或伪名"
    "3.1.4" "Rules for interpreting various name forms" "理解不同名称形式的规则"
    "3.1.5" "Uniqueness of names" "名称的唯一性"
    "3.1.6" "Recognition, authentication, and role of trademarks" "商标的识别、鉴别和角色"
    "3.2" "Initial identity validation" "初始身份确认"
    "3.2.1" "Method to prove possession of private key" "证明拥有私钥的方法"
    "3.2.2" "Authentication of organization identity" "机构身份的鉴别"
    "3.2.3" "Authentication of individual identity" "个人身份的鉴别"
    "3.2.4" "Non-verified subscriber information" "没有验证的订户信息"
    "3.2.5" "Validation of authority" "授权确认"
    "3.2.6" "Criteria for interoperation" "互操作准则"
    "3.3" "Identification and authentication for re-key requests" "密钥更新请求的标识与鉴别"
    "3.3.1" "Identification and authentication for routine re-key" "常规密钥更新的标识与鉴别"
    "3.3.2" "Identification and authentication for re-key after revocation" "撤销后密钥更新的标识与鉴别"
    "3.4" "Identification and authentication for revocation request" "撤销请求的标识与鉴别"
    "4" "Certificate life-cycle operational requirements" "证书生命周期操作要求"
    "4.1" "Certificate application" "证书申请"
    "4.1.1" "Who can submit a certificate application" "证书申请实体"
    "4.1.2" "Enrollment process and responsibilities" "注册过程与责任"
    "4.2" "Certificate application processing" "证书申请处理"
    "4.2.1" "Performing identification and authentication functions" "执行识别与鉴别功能"
    "4.2.2" "Approval or rejection of certificate applications" "证书申请批准和拒绝"
    "4.2.3" "Time to process certificate applications" "处理证书申请的时间"
    "4.3" "Certificate issuance" "证书签发"
    "4.3.1" "CA actions during certificate issuance" "证书签发中 CA 的行为"
    "4.3.2" "Notification to subscriber by the CA of issuance of certificate" "CA 对订户的通告"
    "4.4" "Certificate acceptance" "证书接受"
    "4.4.1" "Conduct constituting certificate acceptance" "构成接受证书的行为"
    "4.4.2" "Publication of the certificate by the CA" "CA 对证书的发布"
    "4.4.3" "Notification of certificate issuance by the CA to other entities" "CA 对其他实体的通告"
    "4.5" "Key pair and certificate usage" "密钥对和证书的使用"
    "4.5.1" "Subscriber private key and certificate usage" "订户私钥和证书的使用"
    "4.5.2" "Relying party public key and certificate usage" "依赖方公钥和证书的使用"
    "4.6" "Certificate renewal" "证书更新"
    "4.6.1" "Circumstance for certificate renewal" "证书更新的情形"
    "4.6.2" "Who may request renewal" "请求证书更新的实体"
    "4.6.3" "Processing certificate renewal requests" "证书更新请求的处理"
    "4.7" "Certificate re-key" "证书密钥更新"
    "4.7.1" "Circumstance for certificate re-key" "证书密钥更新的情形"
    "4.7.2" "Who may request certification of a new public key" "请求证书密钥更新的实体"
    "4.7.3" "Processing certificate re-keying requests" "证书密钥更新请求的处理"
    "4.8" "Certificate modification" "证书变更"
    "4.9" "Certificate revocation and suspension" "证书撤销和挂起"
    "4.9.1" "Circumstances for revocation" "证书撤销的情形"
    "4.9.2" "Who can request revocation" "请求证书撤销的实体"
    "4.9.3" "Procedure for revocation request" "撤销请求的流程"
    "4.9.4" "Revocation request grace period" "撤销请求宽限期"
    "4.9.5" "Time within which CA must process the revocation request" "CA 处理撤销请求的时限"
    "4.9.6" "Revocation checking requirement for relying parties" "依赖方检查证书撤销的要求"
    "4.9.7" "CRL issuance frequency" "CRL 发布频率"
    "4.9.8" "Maximum latency for CRLs" "CRL 发布的最大滞后时间"
    "4.9.9" "On-line revocation/status checking availability" "在线状态查询的可用性"
    "4.9.10" "On-line revocation checking requirements" "在线状态查询要求"
    "4.9.11" "Other forms of revocation advertisements available" "撤销信息的其他发布形式"
    "4.9.12" "Special requirements re key compromise" "密钥损害的特别要求"
    "4.9.13" "Circumstances for suspension" "证书挂起的情形"
    "4.9.14" "Who can request suspension" "请求证书挂起的实体"
    "4.9.15" "Procedure for suspension request" "挂起请求的流程"
    "4.9.16" "Limits on suspension period" "挂起的期限限制"
    "4.10" "Certificate status services" "证书状态服务"
    "4.11" "End of subscription" "订购结束"
    "4.12" "Key escrow and recovery" "密钥托管与恢复"
    "5" "Facility, management, and operational controls" "设施、管理和操作控制"
    "5.1" "Physical controls" "物理控制"
    "5.2" "Procedural controls" "程序控制"
    "5.3" "Personnel controls" "人员控制"
    "5.4" "Audit logging procedures" "审计日志程序"
    "5.4.1" "Types of events recorded" "记录事件的类型"
    "5.5" "Records archival" "记录归档"
    "5.5.1" "Types of records archived" "归档记录的类型"
    "5.5.2" "Retention period for archive" "归档记录的保存期限"
    "5.6" "Key changeover" "CA 密钥更替"
    "5.7" "Compromise and disaster recovery" "损害与灾难恢复"
    "5.8" "CA or RA termination" "CA 或 RA 的终止"
    "6" "Technical security controls" "认证系统技术安全控制"
    "6.1" "Key pair generation and installation" "密钥对的生成和安装"
    "6.1.1" "Key pair generation" "密钥对的生成"
    "6.1.5" "Key sizes" "密钥的长度"
    "6.1.6" "Public key parameters generation and quality checking" "公钥参数的生成和质量检查"
    "6.1.7" "Key usage purposes" "密钥使用目的"
    "6.2" "Private key protection and cryptographic module engineering controls" "私钥保护和密码模块工程控制"
    "6.3" "Other aspects of key pair management" "密钥对管理的其他方面"
    "6.3.1" "Public key archival" "公钥归档"
    "6.3.2" "Certificate operational periods and key pair usage periods" "证书操作期和密钥对使用期限"
    "6.4" "Activation data" "激活数据"
    "6.5" "Computer security controls" "计算机安全控制"
    "6.6" "Life cycle technical controls" "生命周期技术控制"
    "6.7" "Network security controls" "网络的安全控制"
    "6.8" "Time-stamping" "时间戳"
    "7" "Certificate, CRL, and OCSP profiles" "证书、CRL 和 OCSP"
    "7.1" "Certificate profile" "证书"
    "7.1.1" "Version number(s)" "版本号"
    "7.1.2" "Certificate extensions" "证书扩展项"
    "7.1.3" "Algorithm object identifiers" "算法对象标识符"
    "7.1.4" "Name forms" "名称形式"
    "7.1.5" "Name constraints" "名称限制"
    "7.1.6" "Certificate policy object identifier" "证书策略对象标识符"
    "7.2" "CRL profile" "CRL"
    "7.3" "OCSP profile" "OCSP"
    "8" "Compliance audit and other assessments" "认证机构审计和其他评估"
    "9" "Other business and legal matters" "法律责任和其他业务条款"
    "9.1" "Fees" "费用"
    "9.2" "Financial responsibility" "财务责任"
    "9.3" "Confidentiality of business information" "业务信息保密"
    "9.4" "Privacy of personal information" "个人信息保密"
    "9.5" "Intellectual property rights" "知识产权"
    "9.6" "Representations and warranties" "陈述与担保"
    "9.7" "Disclaimers of warranties" "担保免责"
    "9.8" "Limitations of liability" "有限责任"
    "9.9" "Indemnities" "赔偿"
    "9.10" "Term and termination" "有效期限与终止"
    "9.11" "Individual notices and communications with participants" "对参与者的个别通告与沟通"
    "9.12" "Amendments" "修订"
    "9.13" "Dispute resolution provisions" "争议处理"
    "9.14" "Governing law" "管辖法律"
    "9.15" "Compliance with applicable law" "与适用法律的符合性"
    "9.16" "Miscellaneous provisions" "一般条款"
    "9.17" "Other provisions" "其他条款"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_heading_stands_after_the_one_above_it_and_once() {
        for (index, heading) in OUTLINE.iter().enumerate() {
            let before = &OUTLINE[..index];
            assert!(
                before.iter().all(|other| other.number != heading.number),
                "{}",
                heading.number
            );
            if let Some((above, _)) = heading.number.rsplit_once('.') {
                assert!(
                    before.iter().any(|other| other.number == above),
                    "{}",
                    heading.number
                );
            }
        }
    }
}
