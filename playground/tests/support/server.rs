//! A static server on 127.0.0.1: the page under a path of some depth, and files that a test adds.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The page's path: it has to work below any.
const PAGE: &str = "/some/where/mote/";

/// A running server.
pub(crate) struct Server {
    origin: String,
    files: Arc<Files>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

struct Files {
    page: PathBuf,
    policy: String,
    added: Mutex<HashMap<String, Vec<u8>>>,
    asked: Mutex<Vec<Asked>>,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// `GET` or another.
    pub(crate) method: String,
    /// The path with its query.
    pub(crate) path: String,
    /// What came with it.
    pub(crate) body: Vec<u8>,
}

impl Server {
    /// Serves the page in a folder.
    pub(crate) async fn start(page: &Path) -> Self {
        let index = std::fs::read_to_string(page.join("index.html")).expect("the built page has an index.html");
        let files = Arc::new(Files {
            page: page.into(),
            policy: policy_of(&index),
            added: Mutex::default(),
            asked: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let app = Router::new().fallback(serve).with_state(files.clone());
        let task = tokio::spawn(async move {
            let shutdown = async {
                // The sender may be dropped without a word; that ends the server too.
                let _ = stopped.await;
            };
            axum::serve(listener, app).with_graceful_shutdown(shutdown).await.unwrap();
        });
        Self { origin, files, stop, task }
    }

    /// Scheme, host and port.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// The page's address.
    pub(crate) fn page(&self) -> String {
        format!("{}{PAGE}", self.origin)
    }

    /// Serves bytes at a path of their own.
    pub(crate) fn add(&self, path: &str, bytes: Vec<u8>) {
        self.files.added.lock().unwrap().insert(path.into(), bytes);
    }

    /// Serves other bytes for a file of the page.
    pub(crate) fn replace(&self, file: &str, bytes: Vec<u8>) {
        self.add(&format!("{PAGE}{file}"), bytes);
    }

    /// Every request so far, whoever in the browser made it.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.files.asked.lock().unwrap().clone()
    }

    /// Takes no more requests.
    pub(crate) async fn stop(self) {
        self.stop.send(()).expect("the server runs");
        self.task.await.unwrap();
    }
}

/// The policy that the page states itself, which a careful host also sends as a header.
fn policy_of(index: &str) -> String {
    let (_, rest) = index.split_once("http-equiv=\"Content-Security-Policy\" content=\"").expect("a policy");
    rest.split_once('"').expect("an end of the policy").0.into()
}

async fn serve(State(files): State<Arc<Files>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default().to_vec();
    let asked = Asked { method: head.method.to_string(), path: head.uri.to_string(), body };
    files.asked.lock().unwrap().push(asked);
    let path = head.uri.path();
    let added = files.added.lock().unwrap().get(path).cloned();
    let name = path.strip_prefix(PAGE).map(|name| if name.is_empty() { "index.html" } else { name });
    let clean = name.filter(|name| !name.split('/').any(|part| part == ".."));
    let bytes = added.or_else(|| std::fs::read(files.page.join(clean?)).ok());
    let Some(bytes) = bytes else { return StatusCode::NOT_FOUND.into_response() };
    let kind = match name.unwrap_or_default().rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("webmanifest") => "application/manifest+json",
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, files.policy.as_str()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, bytes).into_response()
}
