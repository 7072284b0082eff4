//! `check-config`: every fault of the configuration and the files that it names.

use std::path::Path;

use pki::Certificate;
use service::config::ConfigFaults;

use super::print;
use crate::config::CaConfig;
use crate::open;

/// Runs the command. The configuration itself was parsed before.
///
/// # Errors
/// Every fault found, each with its key path.
pub fn check(path: &Path, config: &CaConfig) -> anyhow::Result<()> {
    let mut faults = Vec::new();
    for (name, issuer) in &config.issuers {
        if let Err(error) = open::policy(&issuer.policy) {
            faults.push(format!("issuer.{name}.policy: {error:#}"));
        }
        faults.extend(certificate_fault(
            &format!("issuer.{name}"),
            &issuer.certificate,
        ));
    }
    for (name, offline) in &config.offline_cas {
        faults.extend(certificate_fault(
            &format!("offline_ca.{name}"),
            &offline.certificate,
        ));
    }
    if let Err(error) = open::weak_keys(config) {
        faults.push(format!("{error:#}"));
    }
    ConfigFaults::check(path, faults)?;
    print(&format!("{}: no fault found", path.display()));
    Ok(())
}

fn certificate_fault(key_path: &str, file: &Path) -> Option<String> {
    let not_a_ca = |certificate: &Certificate| {
        (!certificate.is_ca()).then(|| format!("{key_path}.certificate: not a CA certificate"))
    };
    match open::certificate(file) {
        Ok(certificate) => not_a_ca(&certificate),
        Err(error) => Some(format!("{key_path}.certificate: {error:#}")),
    }
}
