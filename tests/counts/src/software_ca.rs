//! CAs and responders with keys in memory that are the same in every run.

use anyhow::anyhow;
use aws_lc_rs::{
    encoding::{AsDer as _, PublicKeyX509Der},
    signature::{Ed25519KeyPair, KeyPair as _},
};
use issuance::{IssuedCertificate, Issuer, PreparedCertificate};
use jiff::{SignedDuration, Timestamp};
use pki::{AttributeType, DistinguishedName, PublicKey, SerialNumber, SignatureAlgorithm};
use policy::{BasicConstraintsPlan, CertificatePlan, KeyUsage};

/// A key that depends on its number alone.
pub(crate) struct SoftwareKey {
    pair: Ed25519KeyPair,
    pub(crate) public_key: PublicKey,
}

impl SoftwareKey {
    pub(crate) fn new(number: u8) -> anyhow::Result<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[number; 32])
            .map_err(|_| anyhow!("no key from a seed"))?;
        let spki: PublicKeyX509Der<'_> = pair
            .public_key()
            .as_der()
            .map_err(|_| anyhow!("the key has no DER"))?;
        let public_key = PublicKey::parse(spki.as_ref())?;
        Ok(Self { pair, public_key })
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

/// A self-signed issuing CA.
pub(crate) struct SoftwareCa {
    pub(crate) key: SoftwareKey,
    pub(crate) issuer: Issuer,
}

impl SoftwareCa {
    pub(crate) fn new(name: &str) -> anyhow::Result<Self> {
        let key = SoftwareKey::new(7)?;
        let mut plan = plan("Test CA")?;
        plan.not_after = now() + SignedDuration::from_hours(24 * 3650);
        plan.not_before = now() - SignedDuration::from_hours(24 * 365);
        plan.basic_constraints = BasicConstraintsPlan::Ca { path_len: None };
        plan.key_usage = [KeyUsage::KeyCertSign, KeyUsage::CrlSign]
            .into_iter()
            .collect();
        let prepared = PreparedCertificate::self_signed(
            name.parse()?,
            serial(1)?,
            &key.public_key,
            SignatureAlgorithm::Ed25519,
            &plan,
        )?;
        let (message, awaiting) = prepared.release();
        let issued = awaiting.complete(&key.sign(&message))?;
        let issuer = Issuer::new(
            name.parse()?,
            issued.certificate().clone(),
            &key.public_key,
            SignatureAlgorithm::Ed25519,
        )?;
        Ok(Self { key, issuer })
    }

    /// Issues a certificate.
    pub(crate) fn issue(
        &self,
        number: u8,
        key: &PublicKey,
        plan: &CertificatePlan,
    ) -> anyhow::Result<IssuedCertificate> {
        let prepared = PreparedCertificate::new(&self.issuer, serial(number)?, key, plan)?;
        let (message, awaiting) = prepared.release();
        Ok(awaiting.complete(&self.key.sign(&message))?)
    }
}

/// An end entity's plan with a name and nothing else.
pub(crate) fn plan(common_name: &str) -> anyhow::Result<CertificatePlan> {
    let subject = vec![
        (AttributeType::CountryName, "CN".to_owned()),
        (AttributeType::CommonName, common_name.to_owned()),
    ];
    Ok(CertificatePlan {
        profile: "counted".to_owned(),
        subject: DistinguishedName::new(subject).map_err(|faults| anyhow!("{faults:?}"))?,
        subject_alt_names: Vec::new(),
        not_before: now() - SignedDuration::from_hours(24),
        not_after: now() + SignedDuration::from_hours(24 * 14),
        basic_constraints: BasicConstraintsPlan::EndEntity,
        key_usage: [KeyUsage::DigitalSignature].into_iter().collect(),
        extended_key_usage: Vec::new(),
        policies: Vec::new(),
        crl_distribution_point: None,
        ocsp_uri: None,
        ca_issuers_uri: None,
        no_rev_avail: false,
        ocsp_no_check: false,
    })
}

/// A serial number of the form that the daemon gives.
pub(crate) fn serial(last: u8) -> anyhow::Result<SerialNumber> {
    let mut octets = [0x51; 18];
    let [high, low, .., end] = &mut octets;
    [*high, *low, *end] = [0x0a, 0xd5, last];
    Ok(SerialNumber::from_bytes(&octets)?)
}

/// 2026-11-22T12:00:00Z: when everything here takes place.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_795_348_800).unwrap_or(Timestamp::UNIX_EPOCH)
}
