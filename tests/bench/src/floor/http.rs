//! A bare hyper server that answers with octets that it has.

use std::{
    convert::Infallible,
    fs,
    net::SocketAddr,
    path::Path,
    process::{Child, Command, ExitCode, Stdio},
};

use anyhow::bail;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// A running server; killed with this value.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts a server in a process of its own, as the daemon has one.
    ///
    /// # Errors
    /// It cannot be started.
    pub(crate) fn start(answer: &Path, port: u16) -> anyhow::Result<Self> {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let child = Command::new(std::env::current_exe()?)
            .arg("http-floor")
            .arg("--listen")
            .arg(address.to_string())
            .arg("--answer")
            .arg(answer)
            .stdin(Stdio::null())
            .spawn()?;
        let mut server = Self { child, address };
        while std::net::TcpStream::connect(address).is_err() {
            if let Some(ended) = server.child.try_wait()? {
                bail!("the bare server on {address} ended with {ended}: is the port taken?");
            }
            std::thread::yield_now();
        }
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Answers until it is killed.
///
/// # Errors
/// The address is taken, or the file is not there.
pub(crate) fn serve(listen: SocketAddr, answer: &Path) -> anyhow::Result<ExitCode> {
    let body = Bytes::from(fs::read(answer)?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async move {
        let listener = TcpListener::bind(listen).await?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let body = body.clone();
            let service = service_fn(move |request| respond(request, body.clone()));
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    })
}

/// Reads what was sent, as any server has to.
async fn respond(
    request: Request<Incoming>,
    body: Bytes,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let _ = request.into_body().collect().await;
    let mut response = Response::new(Full::new(body));
    for (name, value) in [
        (hyper::header::CONTENT_TYPE, "application/ocsp-response"),
        (
            hyper::header::CACHE_CONTROL,
            "max-age=300, public, no-transform, must-revalidate",
        ),
    ] {
        let value = hyper::header::HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}
