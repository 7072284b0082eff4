//! Reading what the user names and writing what the user asked for.

use std::{
    fs::{self, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use pki::{Certificate, CertificationRequest, PublicKey};
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::failure::Failure;

/// Reads a file of at most 64 MiB; `-` is standard input. `what` is `the statement`, `the CSR` ….
pub(crate) fn read(path: &Path, what: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(MAX_BYTES).read_to_end(&mut bytes)
    } else {
        fs::File::open(path).and_then(|file| file.take(MAX_BYTES).read_to_end(&mut bytes))
    };
    read.map_err(|error| {
        Failure::input(format!("{what} cannot be read"))
            .in_file(path)
            .because(&error)
    })?;
    Ok(bytes)
}

/// Reads a text file; `-` is standard input.
pub(crate) fn read_text(path: &Path, what: &str) -> Result<String, Failure> {
    String::from_utf8(read(path, what)?).map_err(|error| {
        Failure::input(format!("{what} is not UTF-8 text"))
            .in_file(path)
            .because(&error)
    })
}

/// Reads a document, TOML where the name ends in `.toml` and JSON otherwise.
pub(crate) fn read_document<T: DeserializeOwned>(path: &Path, what: &str) -> Result<T, Failure> {
    let text = read_text(path, what)?;
    let malformed = || Failure::input(format!("{what} is malformed")).in_file(path);
    if path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("toml"))
    {
        toml::from_str(&text).map_err(|error| malformed().because(&error))
    } else {
        serde_json::from_str(&text).map_err(|error| {
            malformed()
                .because(&error)
                .remedy("write JSON, or TOML in a file named *.toml")
        })
    }
}

/// Reads a certification request, PEM or DER, and verifies it as the CA will.
pub(crate) fn read_csr(path: &Path) -> Result<CertificationRequest, Failure> {
    let bytes = read(path, "the CSR")?;
    CertificationRequest::parse_pem_or_der(&bytes).map_err(|error| {
        Failure::refused("the CSR is not acceptable")
            .in_file(path)
            .rule(format!("{} (RFC 2986)", error.code()))
            .because(&error)
            .remedy("make one with `chancery key new`, or with `openssl req -new`")
    })
}

/// Reads a certification request and gives it as PEM.
pub(crate) fn read_csr_pem(path: &Path) -> Result<String, Failure> {
    Ok(pki::pem::encode(
        "CERTIFICATE REQUEST",
        read_csr(path)?.der(),
    ))
}

/// Reads one certificate, PEM.
pub(crate) fn read_certificate(path: &Path) -> Result<Certificate, Failure> {
    let text = read_text(path, "the certificate")?;
    Certificate::parse_pem(&text).map_err(|error| {
        Failure::input("this is no certificate in PEM")
            .in_file(path)
            .because(&error)
    })
}

/// Reads one certificate and gives it as clean PEM.
pub(crate) fn read_certificate_pem(path: &Path) -> Result<String, Failure> {
    Ok(read_certificate(path)?.to_pem())
}

/// Reads a public key, PEM SubjectPublicKeyInfo.
pub(crate) fn read_public_key(path: &Path) -> Result<PublicKey, Failure> {
    let der = read_der(path, "PUBLIC KEY", "the public key")?;
    PublicKey::parse(&der).map_err(|error| {
        Failure::refused("the public key is not acceptable")
            .in_file(path)
            .rule("RSA, ECDSA on P-256, P-384 or P-521, Ed25519 (RFC 5280 section 4.1.2.7)")
            .because(&error)
    })
}

/// Reads DER, in PEM under `label` or bare.
pub(crate) fn read_der(path: &Path, label: &'static str, what: &str) -> Result<Vec<u8>, Failure> {
    let bytes = read(path, what)?;
    match std::str::from_utf8(&bytes) {
        Ok(text) if text.contains("-----BEGIN") => pki::pem::decode(label, text).map_err(|error| {
            Failure::input(format!("{what} is malformed"))
                .in_file(path)
                .because(&error)
        }),
        _ => Ok(bytes),
    }
}

/// Reads a secret from a file that only its owner (or root's group) may read; one line feed at
/// the end is not part of it.
pub(crate) fn read_secret(path: &Path, what: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
    service::fs::read_secret(path).map_err(|error| {
        Failure::input(format!("{what} cannot be read"))
            .in_file(path)
            .because(&error)
            .remedy("keep it in a file of its own with mode 0600")
    })
}

/// Reads a password from a file.
pub(crate) fn read_password(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let bytes = read_secret(path, "the password")?;
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        Failure::input("the password is not UTF-8 text")
            .in_file(path)
            .because(&error)
    })?;
    if text.is_empty() {
        return Err(Failure::input("the password is empty").in_file(path));
    }
    Ok(Zeroizing::new(text.to_owned()))
}

/// Replaces the file `path` at once and durably.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    service::fs::write_atomic(path, bytes).map_err(|error| unwritable(path, &error))
}

/// Creates the file `path` with mode 0600. Never replaces one: a private key that is lost is lost.
pub(crate) fn write_new_secret(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let write = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|error: io::Error| {
        let failure = unwritable(path, &error);
        if error.kind() == io::ErrorKind::AlreadyExists {
            return failure.remedy("a private key is never overwritten: name another file");
        }
        failure
    })
}

/// Replaces the file `path` at once, readable by its owner alone.
pub(crate) fn write_secret(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    service::fs::write_atomic_private(path, bytes).map_err(|error| unwritable(path, &error))
}

/// Refuses early, before anything is asked of the CA, an output file that cannot be created.
pub(crate) fn check_new(path: &Path) -> Result<(), Failure> {
    if path.exists() {
        return Err(Failure::output("the file is there already")
            .in_file(path)
            .remedy("a private key is never overwritten: name another file"));
    }
    check_directory(path)
}

/// Refuses early an output file whose directory is missing.
pub(crate) fn check_directory(path: &Path) -> Result<(), Failure> {
    match path.parent() {
        Some(parent) if parent != Path::new("") && !parent.is_dir() => {
            Err(Failure::output("the directory of the output file does not exist").in_file(parent))
        }
        _ => Ok(()),
    }
}

fn unwritable(path: &Path, error: &dyn std::error::Error) -> Failure {
    Failure::output("the file cannot be written")
        .in_file(path)
        .because(error)
}

const MAX_BYTES: u64 = 64 * 1024 * 1024;
