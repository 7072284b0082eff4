use std::io;
use std::net::SocketAddr;

use rustls::{AlertDescription, ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::*;
use crate::testing::{Dates, TestPki};

/// Accepts one connection and tells which certificate the client showed.
async fn accept_one(
    listener: TcpListener,
    config: Arc<rustls::ServerConfig>,
) -> io::Result<Vec<u8>> {
    let (stream, _) = listener.accept().await?;
    let mut stream = TlsAcceptor::from(config).accept(stream).await?;
    stream.write_all(b"welcome").await?;
    stream.shutdown().await?;
    let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
    Ok(chain
        .first()
        .map(|certificate| certificate.to_vec())
        .unwrap_or_default())
}

/// Connects and reads: in TLS 1.3 the server's refusal comes after the client's handshake.
async fn connect(address: SocketAddr, config: ClientConfig) -> io::Result<String> {
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await?;
    let mut text = String::new();
    stream.read_to_string(&mut text).await?;
    Ok(text)
}

async fn meet(server: TlsFiles, client: ClientConfig) -> (io::Result<Vec<u8>>, io::Result<String>) {
    let config = Arc::new(server_config(&server, ClientAuth::Required).unwrap());
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::join!(accept_one(listener, config), connect(address, client))
}

fn alert(outcome: io::Result<String>) -> AlertDescription {
    let error = outcome.unwrap_err();
    let inner = error.into_inner().unwrap();
    match inner.downcast_ref::<rustls::Error>() {
        Some(rustls::Error::AlertReceived(alert)) => *alert,
        other => panic!("{other:?}"),
    }
}

fn management_pki() -> TestPki {
    let pki = TestPki::new();
    pki.ca("management");
    pki.ca("foreign");
    pki.leaf("management", "server", Dates::Current);
    pki
}

fn server(pki: &TestPki) -> TlsFiles {
    pki.server_files("server", &["management"])
}

fn client(pki: &TestPki, name: &str) -> ClientConfig {
    client_config(&pki.client_files(name, "management")).unwrap()
}

#[tokio::test]
async fn a_certificate_of_the_management_ca_passes_in_date_and_expired() {
    let pki = management_pki();
    for (name, dates) in [("current", Dates::Current), ("expired", Dates::Past)] {
        pki.leaf("management", name, dates);
        let (seen, welcome) = meet(server(&pki), client(&pki, name)).await;
        assert_eq!(welcome.unwrap(), "welcome", "{name}");
        let shown = files::read_certificates(&pki.path(&format!("{name}.pem"))).unwrap();
        assert_eq!(seen.unwrap(), shown[0].to_vec(), "{name}");
    }
}

#[tokio::test]
async fn a_foreign_certificate_gets_an_alert_in_date_and_expired() {
    let pki = management_pki();
    for (name, dates) in [("stranger", Dates::Current), ("old-stranger", Dates::Past)] {
        pki.leaf("foreign", name, dates);
        let (seen, welcome) = meet(server(&pki), client(&pki, name)).await;
        assert!(seen.is_err(), "{name}");
        // Same name of the CA, another key: only the signature tells.
        assert_eq!(alert(welcome), AlertDescription::DecryptError, "{name}");
    }
}

#[tokio::test]
async fn a_certificate_from_the_future_gets_an_alert() {
    let pki = management_pki();
    pki.leaf("management", "early", Dates::Future);
    let (_, welcome) = meet(server(&pki), client(&pki, "early")).await;
    assert_eq!(alert(welcome), AlertDescription::CertificateExpired);
}

#[tokio::test]
async fn no_certificate_gets_an_alert() {
    let pki = management_pki();
    let config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(files::read_roots(&[pki.path("management.pem")]).unwrap())
        .with_no_client_auth();
    let (_, welcome) = meet(server(&pki), config).await;
    assert_eq!(alert(welcome), AlertDescription::CertificateRequired);
}

#[tokio::test]
async fn certificates_of_several_cas_can_be_let_in() {
    let pki = management_pki();
    pki.leaf("foreign", "pinned", Dates::Current);
    let server = pki.server_files("server", &["management", "foreign"]);
    let (_, welcome) = meet(server, client(&pki, "pinned")).await;
    assert_eq!(welcome.unwrap(), "welcome");
}

#[tokio::test]
async fn tls_1_2_is_refused() {
    let pki = management_pki();
    pki.leaf("management", "current", Dates::Current);
    let old = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .with_root_certificates(files::read_roots(&[pki.path("management.pem")]).unwrap())
        .with_client_auth_cert(
            files::read_certificates(&pki.path("current.pem")).unwrap(),
            files::read_key(&pki.path("current.key")).unwrap(),
        )
        .unwrap();
    let (_, welcome) = meet(server(&pki), old).await;
    assert_eq!(alert(welcome), AlertDescription::ProtocolVersion);
}

#[tokio::test]
async fn a_server_of_another_ca_is_not_believed() {
    let pki = management_pki();
    pki.leaf("foreign", "impostor", Dates::Current);
    pki.leaf("management", "current", Dates::Current);
    let impostor = pki.server_files("impostor", &["management"]);
    let (_, welcome) = meet(impostor, client(&pki, "current")).await;
    assert!(
        welcome
            .unwrap_err()
            .to_string()
            .contains("invalid peer certificate")
    );
}

#[test]
fn a_reload_that_fails_keeps_what_was_there() {
    let pki = management_pki();
    let files = server(&pki);
    let tls = Reloadable::new(files.clone(), ClientAuth::Required).unwrap();
    let first = tls.current();
    pki.leaf("management", "server", Dates::Current);
    tls.reload().unwrap();
    let second = tls.current();
    assert!(!Arc::ptr_eq(&first, &second));
    std::fs::write(&files.certificate, "no certificate").unwrap();
    assert!(matches!(tls.reload(), Err(TlsError::Certificates { .. })));
    assert!(Arc::ptr_eq(&second, &tls.current()));
}

#[test]
fn tells_what_is_wrong_with_the_files() {
    let pki = management_pki();
    let config = |files: &TlsFiles| server_config(files, ClientAuth::Required).map(|_| ());
    let good = server(&pki);
    let no_ca = TlsFiles {
        client_ca: Vec::new(),
        ..good.clone()
    };
    assert!(matches!(config(&no_ca), Err(TlsError::NoClientCa)));
    let no_key = TlsFiles {
        key: good.certificate.clone(),
        ..good.clone()
    };
    std::fs::set_permissions(
        &no_key.key,
        std::os::unix::fs::PermissionsExt::from_mode(0o600),
    )
    .unwrap();
    assert!(matches!(config(&no_key), Err(TlsError::NoKey { .. })));
    let wrong_key = TlsFiles {
        key: pki.path("foreign.key"),
        ..good.clone()
    };
    assert!(matches!(config(&wrong_key), Err(TlsError::Pair(_))));
    let missing = TlsFiles {
        certificate: pki.path("none.pem"),
        ..good
    };
    assert!(matches!(config(&missing), Err(TlsError::Unreadable { .. })));
}

#[test]
fn roots_are_taken_from_files_of_several_certificates() {
    let pki = management_pki();
    let both = ["management.pem", "foreign.pem"]
        .map(|file| std::fs::read_to_string(pki.path(file)).unwrap())
        .concat();
    std::fs::write(pki.path("both.pem"), both).unwrap();
    let roots: RootCertStore = files::read_roots(&[pki.path("both.pem")]).unwrap();
    assert_eq!(roots.len(), 2);
}
