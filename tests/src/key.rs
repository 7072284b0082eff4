//! Subscribers' keys and CSRs, made by OpenSSL.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::command::run_well;

/// A kind of key, and what `openssl genpkey` needs to make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA of so many bits.
    Rsa(u32),
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521, which the shipped policies do not permit.
    P521,
    /// Ed25519.
    Ed25519,
}

/// A private key in a file.
#[derive(Debug, Clone)]
pub struct Key {
    path: PathBuf,
}

impl KeyKind {
    /// The kinds that every shipped profile permits; RSA at its shortest.
    pub const PERMITTED: [Self; 4] = [Self::Rsa(3072), Self::P256, Self::P384, Self::Ed25519];

    fn arguments(self) -> Vec<String> {
        let curve = |name: &str| {
            let option = format!("ec_paramgen_curve:{name}");
            ["-algorithm", "EC", "-pkeyopt", &option]
                .map(str::to_owned)
                .to_vec()
        };
        match self {
            Self::Rsa(bits) => {
                let option = format!("rsa_keygen_bits:{bits}");
                ["-algorithm", "RSA", "-pkeyopt", &option]
                    .map(str::to_owned)
                    .to_vec()
            }
            Self::P256 => curve("P-256"),
            Self::P384 => curve("P-384"),
            Self::P521 => curve("P-521"),
            Self::Ed25519 => ["-algorithm", "ED25519"].map(str::to_owned).to_vec(),
        }
    }
}

impl Key {
    /// Makes a key in `directory`.
    pub fn new(directory: &Path, kind: KeyKind) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = directory.join(format!("{number}.key"));
        let mut command = Command::new("openssl");
        command.args(["genpkey", "-quiet"]).args(kind.arguments());
        run_well(command.arg("-out").arg(&path));
        Self { path }
    }

    /// A key that is in a file already.
    pub fn from_file(path: PathBuf) -> Self {
        Self { path }
    }

    /// The file, PKCS#8 PEM.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A CSR (PEM) with a subject as `openssl req -subj` takes it, UTF-8; `/` for an empty one.
    /// `extensions` are options of `-addext`, such as `subjectAltName=DNS:www.example.com`.
    pub fn csr(&self, subject: &str, extensions: &[&str]) -> String {
        run_well(&mut self.csr_command(subject, extensions))
    }

    /// The same CSR in DER.
    pub fn csr_der(&self, subject: &str, extensions: &[&str]) -> Vec<u8> {
        let mut command = self.csr_command(subject, extensions);
        let output = command.args(["-outform", "DER"]).output();
        output.expect("openssl can be run").stdout
    }

    fn csr_command(&self, subject: &str, extensions: &[&str]) -> Command {
        let mut command = Command::new("openssl");
        command
            .args(["req", "-new", "-utf8", "-config", "/dev/null"])
            .args(["-nameopt", "utf8", "-subj", subject, "-key"])
            .arg(&self.path);
        for extension in extensions {
            command.args(["-addext", extension]);
        }
        command
    }

    /// SHA-256 of the SubjectPublicKeyInfo, hexadecimal.
    pub fn spki_sha256(&self) -> String {
        let der = self.path.with_extension("spki");
        let mut command = Command::new("openssl");
        command.args(["pkey", "-pubout", "-outform", "DER", "-in"]);
        run_well(command.arg(&self.path).arg("-out").arg(&der));
        let mut command = Command::new("openssl");
        let said = run_well(command.args(["dgst", "-sha256", "-r"]).arg(&der));
        said.split(' ').next().expect("a digest").to_owned()
    }
}
