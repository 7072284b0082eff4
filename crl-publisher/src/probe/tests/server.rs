//! A web server that serves what it is told, right or wrong.

use std::{
    collections::HashMap,
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request, Response, body::Incoming, header::CONTENT_TYPE, server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// What stands under a path.
#[derive(Clone)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Page {
    pub(crate) fn new(media_type: &str, body: &[u8]) -> Self {
        Self {
            status: 200,
            headers: vec![(CONTENT_TYPE_NAME, media_type.to_owned())],
            body: body.to_vec(),
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.to_owned()));
        self
    }
}

pub(crate) const CONTENT_TYPE_NAME: &str = "content-type";

/// Answers an OCSP request, DER, with a page.
type Responder = Box<dyn Fn(&[u8]) -> Page + Send>;

/// The pages by path, and the responder under `/ocsp`.
#[derive(Default)]
pub(crate) struct Site {
    pub(crate) pages: HashMap<String, Page>,
    pub(crate) responder: Option<Responder>,
    /// Accepted connections.
    pub(crate) connections: usize,
}

#[derive(Clone, Default)]
pub(crate) struct Server {
    pub(crate) site: Arc<Mutex<Site>>,
}

impl Server {
    /// Listens on a port of its own.
    pub(crate) async fn start(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                server.site.lock().unwrap().connections += 1;
                let server = server.clone();
                let service = service_fn(move |request| server.clone().answer(request));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        address
    }

    pub(crate) fn put(&self, path: &str, page: Page) {
        self.site
            .lock()
            .unwrap()
            .pages
            .insert(path.to_owned(), page);
    }

    async fn answer(self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        let path = request.uri().path().to_owned();
        let posted = request.into_body().collect().await.unwrap().to_bytes();
        let site = self.site.lock().unwrap();
        let page = match (path.strip_prefix("/ocsp"), &site.responder) {
            (Some(""), Some(responder)) => Some(responder(&posted)),
            (Some(asked), Some(responder)) => Some(responder(&from_path(&asked[1..]))),
            _ => site.pages.get(&path).cloned(),
        };
        Ok(response(page))
    }
}

fn response(page: Option<Page>) -> Response<Full<Bytes>> {
    let Some(page) = page else {
        return Response::builder()
            .status(404)
            .body(Full::default())
            .unwrap();
    };
    let mut response = Response::builder().status(page.status);
    for (name, value) in &page.headers {
        response = response.header(*name, value);
    }
    debug_assert!(CONTENT_TYPE == CONTENT_TYPE_NAME);
    response.body(Full::new(page.body.into())).unwrap()
}

fn from_path(path: &str) -> Vec<u8> {
    use base64::Engine as _;
    let text = path
        .replace("%2B", "+")
        .replace("%2F", "/")
        .replace("%3D", "=");
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .unwrap()
}
