//! CAs of somebody else, with a client each, made by OpenSSL.

use std::path::Path;
use std::process::Command;

use crate::command::run_well;
use crate::key::{Key, KeyKind};

/// Makes two CAs with a client each in `RUN/others`: `other`, which ca-daemon is told to trust, and
/// `untrusted`. For `WorldBuilder::configure`.
pub fn trust_one(run: &Path) {
    let directory = run.join("others");
    std::fs::create_dir(&directory).expect("a directory can be made");
    for name in ["other", "untrusted"] {
        make(&directory, name);
    }
    let config = run.join("ca/ca-daemon.toml");
    let text = std::fs::read_to_string(&config).expect("the configuration");
    let trusted = directory.join("other-ca.pem");
    let both = format!("client_ca = [\"{}\", ", trusted.display());
    let text = text.replace("client_ca = [", &both);
    std::fs::write(config, text).expect("the configuration can be written");
}

fn make(directory: &Path, name: &str) {
    let ca_key = Key::new(directory, KeyKind::P256);
    let ca = directory.join(format!("{name}-ca.pem"));
    let mut command = Command::new("openssl");
    command
        .args(["req", "-x509", "-new", "-config", "/dev/null", "-days", "1"])
        .args(["-subj", &format!("/CN={name} CA"), "-key"])
        .arg(ca_key.path())
        .args(["-addext", "basicConstraints=critical,CA:TRUE", "-out"]);
    run_well(command.arg(&ca));

    let key = Key::new(directory, KeyKind::P256);
    let (csr, extensions) = (directory.join("csr"), directory.join("extensions"));
    let files = [
        (&csr, key.csr(&format!("/CN={name}"), &[])),
        (&extensions, "extendedKeyUsage=clientAuth\n".to_owned()),
    ];
    for (path, text) in files {
        std::fs::write(path, text).expect("a file can be written");
    }
    std::fs::rename(key.path(), directory.join(format!("{name}.key"))).expect("a key");
    let mut command = Command::new("openssl");
    command.args(["x509", "-req", "-days", "1", "-in"]).arg(csr);
    command.arg("-CA").arg(ca).arg("-CAkey").arg(ca_key.path());
    command.arg("-extfile").arg(extensions).arg("-out");
    run_well(command.arg(directory.join(format!("{name}.pem"))));
}
