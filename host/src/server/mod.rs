//! The page over HTTP: a few static files from memory.
//!
//! - [`site`]: the files, with what a browser must be told about each.
//! - [`serve`]: answers requests for them until told to stop.

pub mod site;

use std::future::Future;
use std::io;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

use site::{Asset, Site};

/// What the page may do: run its own scripts and WebAssembly, start its own workers, fetch from its own origin. The same
/// policy is in the page itself, for hosts that send no headers; only `frame-ancestors` works in a header alone.
pub const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
                          connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; \
                          frame-ancestors 'none'";

/// Browsers keep the files and ask each time whether they changed: an update is seen at once.
const CACHING: &str = "no-cache";

/// Headers of every answer.
const HEADERS: [(HeaderName, &str); 4] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Serves a site until `shutdown` is done; requests under way are answered first.
pub async fn serve(
    site: &'static Site,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let router = Router::new().fallback(answer).with_state(site);
    axum::serve(listener, router).with_graceful_shutdown(shutdown).await
}

async fn answer(State(site): State<&'static Site>, request: Request) -> Response {
    let mut response = match (request.method(), site.get(request.uri().path())) {
        (&Method::GET | &Method::HEAD, Some(asset)) => found(asset, request.headers()),
        (&Method::GET | &Method::HEAD, None) => (StatusCode::NOT_FOUND, "not found\n").into_response(),
        _ => (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET, HEAD")]).into_response(),
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn found(asset: &'static Asset, asked: &HeaderMap) -> Response {
    let cached = [(ETAG, asset.etag.as_str()), (CACHE_CONTROL, CACHING)];
    let known = asked.get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    if known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == asset.etag)) {
        return (StatusCode::NOT_MODIFIED, cached).into_response();
    }
    (cached, [(CONTENT_TYPE, asset.mime)], &*asset.bytes).into_response()
}
