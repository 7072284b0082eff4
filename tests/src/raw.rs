//! A TLS connection on which octets are written by hand.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::world::World;

/// A connection of `ra-1` to the API.
#[derive(Debug)]
pub struct RawConnection {
    stream: StreamOwned<ClientConnection, TcpStream>,
}

impl RawConnection {
    /// Connects and completes the handshake.
    pub fn open(world: &World) -> Self {
        let directory = world.run().join("ra");
        let mut roots = RootCertStore::empty();
        let management = CertificateDer::from_pem_file(world.management()).expect("a PEM file");
        roots.add(management).expect("a certificate");
        let certificate = CertificateDer::from_pem_file(directory.join("ra-1.pem"));
        let key = PrivateKeyDer::from_pem_file(directory.join("ra-1.key"));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("TLS versions")
            .with_root_certificates(roots)
            .with_client_auth_cert(
                vec![certificate.expect("a PEM file")],
                key.expect("a PEM file"),
            )
            .expect("certificate and key");
        let name = ServerName::try_from("127.0.0.1").expect("an address");
        let connection = ClientConnection::new(Arc::new(config), name).expect("a connection");
        let socket = TcpStream::connect(("127.0.0.1", world.ports().api)).expect("a socket");
        socket
            .set_read_timeout(Some(Duration::from_secs(20)))
            .expect("a time-out");
        let mut stream = StreamOwned::new(connection, socket);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock).expect("TLS");
        }
        Self { stream }
    }

    /// Writes octets.
    pub fn write(&mut self, octets: &[u8]) {
        self.stream.write_all(octets).expect("octets can be sent");
        self.stream.flush().expect("octets can be sent");
    }

    /// Reads until the other side ends the connection.
    pub fn read_to_end(&mut self) -> String {
        let mut octets = Vec::new();
        // A peer that ends without a closing alert is no fault here.
        self.stream.read_to_end(&mut octets).ok();
        String::from_utf8_lossy(&octets).into_owned()
    }
}
