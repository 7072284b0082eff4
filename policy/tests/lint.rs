//! Every lint rule: a certificate that keeps them all, then one that breaks each.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests stop at the first thing that is missing"
)]

mod common;

use common::{DAY, Scenario, at, name};
use const_oid::{AssociatedOid, ObjectIdentifier};
use der::{
    Encode,
    asn1::{GeneralizedTime, Ia5String, OctetString, UtcTime},
};
use jiff::Timestamp;
use pki::{AttributeType, Certificate, SerialNumber, SignatureAlgorithm};
use policy::{
    BasicConstraintsPlan, CaRequest, CaSigner, CertificatePlan, OCSP_SIGNING,
    lint::{self, RULES},
};
use x509_cert::ext::pkix::{
    AccessDescription, AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints,
    CertificatePolicies, CrlDistributionPoints, ExtendedKeyUsage, SubjectAltName,
    SubjectKeyIdentifier,
    certpolicy::{PolicyInformation, PolicyQualifierInfo},
    crl::dp::DistributionPoint,
    name::{DistributionPointName, GeneralName},
};

const OCSP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1");
const CA_ISSUERS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.2");
const CPS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.2.1");
const NO_REV_AVAIL: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.56");
const NO_CHECK: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.5");
const KEY_USAGE: ObjectIdentifier = x509_cert::ext::pkix::KeyUsage::OID;

/// Ends in 18, which is shard 2 of 16.
const SERIAL: &[u8] = &[10, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 18];

/// A certificate in pieces of DER.
#[derive(Clone)]
struct Pieces {
    version: Vec<u8>,
    serial: Vec<u8>,
    inner: Vec<u8>,
    outer: Vec<u8>,
    issuer: Vec<u8>,
    validity: [Vec<u8>; 2],
    subject: Vec<u8>,
    spki: Vec<u8>,
    unique_id: Vec<u8>,
    extensions: Vec<(ObjectIdentifier, bool, Vec<u8>)>,
}

impl Pieces {
    fn of(plan: &CertificatePlan, issuer: Option<&Certificate>, csr: &str) -> Self {
        let key = common::csr(csr).public_key().clone();
        let algorithm = SignatureAlgorithm::EcdsaSha256.identifier_der();
        let key_id = key.key_id();
        let authority = issuer.map_or(key_id.as_bytes().to_vec(), |issuer| {
            issuer.subject_key_id().expect("identifier").to_vec()
        });
        Self {
            version: tlv(0xA0, &[&[2, 1, 2]]),
            serial: SERIAL.to_vec(),
            inner: algorithm.clone(),
            outer: algorithm,
            issuer: issuer.map_or_else(|| plan.subject.to_der(), |i| i.subject_der().to_vec()),
            validity: [time(plan.not_before), time(plan.not_after)],
            subject: plan.subject.to_der(),
            spki: key.spki_der().to_vec(),
            unique_id: Vec::new(),
            extensions: extensions(plan, key_id.as_bytes(), &authority),
        }
    }

    fn der(&self) -> Vec<u8> {
        let extensions: Vec<u8> = self.extensions.iter().flat_map(extension).collect();
        let tbs = tlv(
            0x30,
            &[
                &self.version,
                &tlv(2, &[&self.serial]),
                &self.inner,
                &self.issuer,
                &tlv(0x30, &[&self.validity[0], &self.validity[1]]),
                &self.subject,
                &self.spki,
                &self.unique_id,
                &tlv(0xA3, &[&tlv(0x30, &[&extensions])]),
            ],
        );
        tlv(
            0x30,
            &[
                &tbs,
                &self.outer,
                &tlv(3, &[&[0], &[0x30, 6, 2, 1, 1, 2, 1, 1]]),
            ],
        )
    }

    fn value(&mut self, oid: ObjectIdentifier) -> &mut (ObjectIdentifier, bool, Vec<u8>) {
        self.extensions
            .iter_mut()
            .find(|(found, ..)| *found == oid)
            .expect("extension")
    }

    fn remove(&mut self, oid: ObjectIdentifier) {
        self.extensions.retain(|(found, ..)| *found != oid);
    }
}

fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let mut der = vec![tag];
    let length = u16::try_from(body.len()).expect("short").to_be_bytes();
    match length {
        [0, short @ 0..128] => der.push(short),
        [0, long] => der.extend([0x81, long]),
        [high, low] => der.extend([0x82, high, low]),
    }
    der.extend(body);
    der
}

fn extension((oid, critical, value): &(ObjectIdentifier, bool, Vec<u8>)) -> Vec<u8> {
    let flag: &[u8] = if *critical { &[1, 1, 0xFF] } else { &[] };
    tlv(
        0x30,
        &[
            &oid.to_der().expect("OID"),
            flag,
            &OctetString::new(value.clone())
                .and_then(|o| o.to_der())
                .expect("DER"),
        ],
    )
}

fn time(time: Timestamp) -> Vec<u8> {
    let since =
        std::time::Duration::from_secs(u64::try_from(time.as_second()).expect("after 1970"));
    UtcTime::from_unix_duration(since)
        .and_then(|time| time.to_der())
        .unwrap_or_else(|_| general(time))
}

fn general(time: Timestamp) -> Vec<u8> {
    let since =
        std::time::Duration::from_secs(u64::try_from(time.as_second()).expect("after 1970"));
    GeneralizedTime::from_unix_duration(since)
        .and_then(|time| time.to_der())
        .expect("time")
}

fn uri(text: &str) -> GeneralName {
    GeneralName::UniformResourceIdentifier(Ia5String::new(text).expect("URI"))
}

fn extensions(
    plan: &CertificatePlan,
    key_id: &[u8],
    authority: &[u8],
) -> Vec<(ObjectIdentifier, bool, Vec<u8>)> {
    let octets = |bytes: &[u8]| OctetString::new(bytes.to_vec()).expect("octets");
    let ski = SubjectKeyIdentifier(octets(key_id)).to_der();
    let aki = AuthorityKeyIdentifier {
        key_identifier: Some(octets(authority)),
        ..Default::default()
    };
    let mut found = vec![
        (SubjectKeyIdentifier::OID, false, ski.expect("DER")),
        (
            AuthorityKeyIdentifier::OID,
            false,
            aki.to_der().expect("DER"),
        ),
        (
            KEY_USAGE,
            true,
            plan.key_usage.to_x509().to_der().expect("DER"),
        ),
    ];
    if let BasicConstraintsPlan::Ca { path_len } = plan.basic_constraints {
        let value = BasicConstraints {
            ca: true,
            path_len_constraint: path_len,
        }
        .to_der();
        found.push((BasicConstraints::OID, true, value.expect("DER")));
    }
    if !plan.extended_key_usage.is_empty() {
        let value = ExtendedKeyUsage(plan.extended_key_usage.clone()).to_der();
        found.push((ExtendedKeyUsage::OID, false, value.expect("DER")));
    }
    if !plan.subject_alt_names.is_empty() {
        let names = plan
            .subject_alt_names
            .iter()
            .map(|name| name.to_general_name().expect("name"));
        let value = SubjectAltName(names.collect()).to_der();
        found.push((SubjectAltName::OID, false, value.expect("DER")));
    }
    if !plan.policies.is_empty() {
        found.push((CertificatePolicies::OID, false, policies(plan)));
    }
    if let Some(point) = &plan.crl_distribution_point {
        let url = point.url(SerialNumber::from_bytes(SERIAL).expect("serial"));
        let point = DistributionPoint {
            distribution_point: Some(DistributionPointName::FullName(vec![uri(&url)])),
            reasons: None,
            crl_issuer: None,
        };
        let value = CrlDistributionPoints(vec![point]).to_der();
        found.push((CrlDistributionPoints::OID, false, value.expect("DER")));
    }
    let access: Vec<AccessDescription> =
        [(OCSP, &plan.ocsp_uri), (CA_ISSUERS, &plan.ca_issuers_uri)]
            .into_iter()
            .filter_map(|(access_method, url)| {
                Some(AccessDescription {
                    access_method,
                    access_location: uri(url.as_deref()?),
                })
            })
            .collect();
    if !access.is_empty() {
        let value = AuthorityInfoAccessSyntax(access).to_der();
        found.push((AuthorityInfoAccessSyntax::OID, false, value.expect("DER")));
    }
    if plan.no_rev_avail {
        found.push((NO_REV_AVAIL, false, vec![5, 0]));
    }
    if plan.ocsp_no_check {
        found.push((NO_CHECK, false, vec![5, 0]));
    }
    found
}

fn policies(plan: &CertificatePlan) -> Vec<u8> {
    let infos = plan.policies.iter().map(|policy| PolicyInformation {
        policy_identifier: policy.oid,
        policy_qualifiers: policy.cps_uri.as_deref().map(|url| {
            let url = Ia5String::new(url).expect("URI");
            vec![PolicyQualifierInfo {
                policy_qualifier_id: CPS,
                qualifier: Some(der::Any::encode_from(&url).expect("DER")),
            }]
        }),
    });
    CertificatePolicies(infos.collect()).to_der().expect("DER")
}

fn root_plan() -> CertificatePlan {
    let request = CaRequest {
        subject: name(&[
            (AttributeType::CountryName, "CN"),
            (AttributeType::OrganizationName, "Example"),
            (AttributeType::CommonName, "Example Root"),
        ]),
        validity: DAY * 7305,
        path_len: Some(1),
        signer: CaSigner::Itself,
    };
    let policy = common::parse(common::ESIGN);
    policy
        .ca_plan(&request, at("2026-01-01T00:05:00Z"))
        .expect("plan")
}

fn root() -> Certificate {
    let der = Pieces::of(&root_plan(), None, "blank-other-key").der();
    Certificate::parse(&der).expect("certificate")
}

fn rules(der: &[u8], plan: &CertificatePlan) -> Vec<&'static str> {
    let mut rules: Vec<&str> = lint::certificate(der, &root(), plan)
        .into_iter()
        .map(|finding| finding.rule)
        .collect();
    rules.dedup();
    rules
}

#[test]
fn certificates_as_planned_have_no_findings() {
    let responder = common::parse(common::ESIGN)
        .ocsp_responder_plan(
            name(&[(AttributeType::CommonName, "ocsp")]),
            common::now(),
            root().not_after(),
        )
        .expect("plan");
    for plan in [
        Scenario::individual().plan(),
        Scenario::organization().plan(),
        Scenario::tls_server().plan(),
        Scenario::device().plan(),
        Scenario::client_ra().plan(),
        responder,
    ] {
        let der = Pieces::of(&plan, Some(&root()), "blank").der();
        assert_eq!(
            lint::certificate(&der, &root(), &plan),
            [],
            "{}",
            plan.profile
        );
    }
    let plan = root_plan();
    let der = Pieces::of(&plan, None, "blank-other-key").der();
    assert_eq!(lint::self_signed(&der, &plan), []);
}

type Spoil = fn(&mut Pieces);

/// A rule and how a TLS server's certificate breaks it.
const BROKEN: &[(&str, Spoil)] = &[
    ("serial-number", |p| p.serial = vec![1; 9]),
    ("serial-number", |p| p.serial = vec![0x8A; 18]),
    ("signature-algorithm", |p| {
        p.outer = SignatureAlgorithm::EcdsaSha384.identifier_der();
    }),
    ("issuer-name", |p| {
        p.issuer = name(&[(AttributeType::CommonName, "another CA with a longer name")]).to_der();
    }),
    ("certificate-der", |p| {
        p.validity[1] = general(at("2026-12-24T00:00:00Z"));
    }),
    ("validity", |p| p.validity.swap(0, 1)),
    ("validity-within-issuer", |p| {
        p.validity[1] = time(at("2049-12-24T00:00:00Z"));
    }),
    ("subject-name", |p| {
        p.subject = name(&[(AttributeType::CommonName, "www.example.org")]).to_der();
    }),
    ("subject-string-types", |p| {
        // CN as BMPString.
        let value = tlv(0x1E, &[&[0, 0x41]]);
        let attribute = tlv(0x30, &[&[6, 3, 0x55, 4, 3], &value]);
        p.subject = tlv(0x30, &[&tlv(0x31, &[&attribute])]);
    }),
    ("unique-identifiers", |p| p.unique_id = vec![0x81, 2, 0, 1]),
    ("extensions-unique", |p| {
        p.extensions.push(p.extensions[0].clone());
    }),
    ("extensions-known", |p| {
        p.extensions.push((CPS, false, vec![5, 0]));
    }),
    ("basic-constraints", |p| {
        let value = BasicConstraints {
            ca: true,
            path_len_constraint: None,
        }
        .to_der();
        p.extensions
            .push((BasicConstraints::OID, true, value.expect("DER")));
    }),
    ("key-usage", |p| p.remove(KEY_USAGE)),
    ("key-usage", |p| p.value(KEY_USAGE).1 = false),
    ("key-usage", |p| p.value(KEY_USAGE).2 = vec![3, 2, 2, 4]),
    ("key-usage", |p| p.value(KEY_USAGE).2 = vec![1]),
    ("extended-key-usage", |p| p.remove(ExtendedKeyUsage::OID)),
    ("extended-key-usage", |p| {
        p.value(ExtendedKeyUsage::OID).1 = true;
    }),
    ("extended-key-usage", |p| {
        p.value(ExtendedKeyUsage::OID).2 =
            ExtendedKeyUsage(vec![OCSP_SIGNING]).to_der().expect("DER");
    }),
    ("subject-key-identifier", |p| {
        p.remove(SubjectKeyIdentifier::OID);
    }),
    ("subject-key-identifier", |p| {
        p.value(SubjectKeyIdentifier::OID).2[3] ^= 1;
    }),
    ("authority-key-identifier", |p| {
        p.remove(AuthorityKeyIdentifier::OID);
    }),
    ("authority-key-identifier", |p| {
        p.value(AuthorityKeyIdentifier::OID).2[5] ^= 1;
    }),
    ("subject-alt-name", |p| p.remove(SubjectAltName::OID)),
    ("subject-alt-name", |p| {
        p.value(SubjectAltName::OID).1 = true;
    }),
    ("certificate-policies", |p| {
        p.remove(CertificatePolicies::OID);
    }),
    ("certificate-policies", |p| {
        p.value(CertificatePolicies::OID).1 = true;
    }),
    ("crl-distribution-points", |p| {
        p.remove(CrlDistributionPoints::OID);
    }),
    ("authority-information-access", |p| {
        p.remove(AuthorityInfoAccessSyntax::OID);
    }),
    ("authority-information-access", |p| {
        p.value(AuthorityInfoAccessSyntax::OID).1 = true;
    }),
    ("no-rev-avail", |p| {
        p.extensions.push((NO_REV_AVAIL, false, vec![5, 0]));
    }),
    ("ocsp-no-check", |p| {
        p.extensions.push((NO_CHECK, false, vec![5, 0]));
    }),
];

#[test]
fn every_break_is_found_by_its_rule() {
    let plan = Scenario::tls_server().plan();
    let good = Pieces::of(&plan, Some(&root()), "blank");
    for (rule, spoil) in BROKEN {
        let mut pieces = good.clone();
        spoil(&mut pieces);
        let found = rules(&pieces.der(), &plan);
        assert!(found.contains(rule), "{rule} is not in {found:?}");
    }
}

#[test]
fn the_distribution_point_is_the_shard_of_the_serial_number() {
    let plan = Scenario::individual().plan();
    let mut pieces = Pieces::of(&plan, Some(&root()), "blank");
    assert_eq!(rules(&pieces.der(), &plan), [""; 0]);
    pieces.serial[17] += 1;
    assert_eq!(rules(&pieces.der(), &plan), ["crl-distribution-points"]);
    pieces.serial[17] += 15;
    assert_eq!(rules(&pieces.der(), &plan), [""; 0]);
}

#[test]
fn what_is_not_der_is_one_finding() {
    let plan = Scenario::tls_server().plan();
    let mut der = Pieces::of(&plan, Some(&root()), "blank").der();
    der.push(0);
    assert_eq!(rules(&der, &plan), ["certificate-der"]);
}

#[test]
fn a_key_must_be_able_to_do_what_its_usage_says() {
    let mut plan = Scenario::tls_server().plan();
    plan.key_usage = [policy::KeyUsage::KeyEncipherment].into_iter().collect();
    let der = Pieces::of(&plan, Some(&root()), "blank").der();
    assert_eq!(rules(&der, &plan), ["key-usage-fits-key"]);
}

#[test]
fn every_rule_has_an_id_of_its_own_and_a_citation() {
    let mut ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    ids.sort_unstable();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count);
    assert!(RULES.iter().all(|rule| !rule.citation.is_empty()));
    // Each rule is broken above, but for those that a parsed certificate cannot break.
    for id in ids {
        let broken = BROKEN.iter().any(|(rule, _)| *rule == id);
        let elsewhere = ["key-usage-fits-key", "subject-public-key", "version-3"].contains(&id);
        assert!(broken || elsewhere, "{id}");
    }
}
