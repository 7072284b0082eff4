//! Certificates for tests, made by the openssl command.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tls::{ClientTlsFiles, TlsFiles};

const CONFIG: &str = "
[ca]
default_ca = default
[default]
new_certs_dir = .
database = index.txt
rand_serial = yes
unique_subject = no
default_md = sha256
policy = policy
[policy]
commonName = supplied
[req]
distinguished_name = name
x509_extensions = root
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = IP:127.0.0.1, DNS:localhost
";
const EC_KEY: [&str; 5] = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
];

/// A directory in which CAs and leaves are made.
pub(crate) struct TestPki {
    directory: tempfile::TempDir,
}

/// From when to when a test certificate is in date.
#[derive(Clone, Copy)]
pub(crate) enum Dates {
    Current,
    Past,
    Future,
}

impl TestPki {
    pub(crate) fn new() -> Self {
        let pki = Self {
            directory: tempfile::tempdir().unwrap(),
        };
        std::fs::write(pki.path("openssl.cnf"), CONFIG).unwrap();
        std::fs::write(pki.path("index.txt"), "").unwrap();
        pki
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.directory.path().join(file)
    }

    /// A root; all of them have the same name, so that only signatures tell them apart.
    pub(crate) fn ca(&self, ca: &str) {
        let (key, certificate) = (format!("{ca}.key"), format!("{ca}.pem"));
        let mut arguments = vec!["req", "-x509", "-config", "openssl.cnf", "-days", "3650"];
        arguments.extend(EC_KEY);
        arguments.extend([
            "-subj",
            "/CN=Test CA",
            "-keyout",
            &key,
            "-out",
            &certificate,
        ]);
        openssl(self.directory.path(), &arguments);
    }

    /// A certificate for both ends of TLS, in `name.pem` and `name.key`.
    pub(crate) fn leaf(&self, ca: &str, name: &str, dates: Dates) {
        let (key, request) = (format!("{name}.key"), format!("{name}.csr"));
        let subject = format!("/CN={name}");
        let mut arguments = vec!["req", "-new", "-config", "openssl.cnf"];
        arguments.extend(EC_KEY);
        arguments.extend(["-subj", &subject, "-keyout", &key, "-out", &request]);
        openssl(self.directory.path(), &arguments);

        let (start, end) = match dates {
            Dates::Current => ("20200101000000Z", "20991231000000Z"),
            Dates::Past => ("20200101000000Z", "20210101000000Z"),
            Dates::Future => ("20980101000000Z", "20991231000000Z"),
        };
        let (ca_key, ca_certificate) = (format!("{ca}.key"), format!("{ca}.pem"));
        let certificate = format!("{name}.pem");
        let mut arguments = vec!["ca", "-config", "openssl.cnf", "-batch", "-notext"];
        arguments.extend([
            "-keyfile",
            &ca_key,
            "-cert",
            &ca_certificate,
            "-extensions",
            "leaf",
        ]);
        arguments.extend(["-startdate", start, "-enddate", end]);
        arguments.extend(["-in", &request, "-out", &certificate]);
        openssl(self.directory.path(), &arguments);
    }

    pub(crate) fn server_files(&self, name: &str, client_cas: &[&str]) -> TlsFiles {
        TlsFiles {
            certificate: self.path(&format!("{name}.pem")),
            key: self.path(&format!("{name}.key")),
            client_ca: client_cas
                .iter()
                .map(|ca| self.path(&format!("{ca}.pem")))
                .collect(),
        }
    }

    pub(crate) fn client_files(&self, name: &str, root: &str) -> ClientTlsFiles {
        ClientTlsFiles {
            certificate: self.path(&format!("{name}.pem")),
            key: self.path(&format!("{name}.key")),
            roots: self.path(&format!("{root}.pem")),
        }
    }
}

fn openssl(directory: &Path, arguments: &[&str]) {
    let output = Command::new("openssl")
        .args(arguments)
        .current_dir(directory)
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "openssl {arguments:?}: {complaint}"
    );
}
