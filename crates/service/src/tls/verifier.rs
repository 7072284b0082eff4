//! Client certificates: good but expired ones pass.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

/// Each step goes back before the end of one more certificate; webpki's paths are no longer.
const MAX_STEPS_BACK: usize = 8;

/// Leaves every check to `webpki`, and forgives one fault: that a certificate is expired.
///
/// webpki looks at the dates before it looks for an issuer, so "expired" alone does not say that
/// the certificate is one of ours. It is therefore verified once more, as of the last moment at
/// which it was in date.
#[derive(Debug)]
pub(super) struct PassExpired {
    webpki: Arc<dyn ClientCertVerifier>,
}

impl PassExpired {
    pub(super) fn new(webpki: Arc<dyn ClientCertVerifier>) -> Self {
        Self { webpki }
    }
}

impl ClientCertVerifier for PassExpired {
    fn offer_client_auth(&self) -> bool {
        self.webpki.offer_client_auth()
    }

    fn client_auth_mandatory(&self) -> bool {
        self.webpki.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.webpki.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let mut as_of = now;
        let mut outcome = self
            .webpki
            .verify_client_cert(end_entity, intermediates, as_of);
        for _ in 0..MAX_STEPS_BACK {
            match outcome {
                Err(Error::InvalidCertificate(CertificateError::ExpiredContext {
                    not_after,
                    ..
                })) if not_after < as_of => as_of = not_after,
                other => return other,
            }
            outcome = self
                .webpki
                .verify_client_cert(end_entity, intermediates, as_of);
        }
        outcome
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.webpki
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.webpki
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.webpki.supported_verify_schemes()
    }
}
