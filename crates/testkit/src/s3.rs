//! A real S3 server, for programs that publish to one.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use crate::{command::repository, port::free_port, wait::wait_for};

/// moto's S3 server from `.venv`, in memory, on loopback; it ends with this value. It takes any
/// credentials.
#[derive(Debug)]
pub struct S3Server {
    child: Child,
    port: u16,
}

impl S3Server {
    /// Starts a server with one empty bucket. Panics when it is not installed.
    pub fn start(bucket: &str) -> Self {
        let program = repository().join(".venv/bin/moto_server");
        assert!(
            program.exists(),
            "moto is not installed: scripts/install-prerequisites.sh test"
        );
        let port = free_port();
        let child = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("moto_server can be run");
        let server = Self { child, port };
        let created = wait_for("the S3 server", || server.ask("PUT", &format!("/{bucket}")));
        assert!(created.contains(" 200 "), "no bucket: {created}");
        server
    }

    /// `http://127.0.0.1:port`.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Asks as anybody; gives the whole answer as text, or nothing if there is none.
    pub fn ask(&self, method: &str, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: 0\r\n\
             Authorization: {ANYBODY}\r\nConnection: close\r\n\r\n",
            self.port
        );
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        Some(String::from_utf8_lossy(&answer).into_owned())
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The form is what the server asks for, not who it is.
const ANYBODY: &str = "AWS4-HMAC-SHA256 \
     Credential=anybody/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";
