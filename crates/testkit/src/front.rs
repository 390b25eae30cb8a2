//! A socket in front of a simulated line, for devices that are processes of their own.

use crate::router_net::RouterNet;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use meguri_device::net::{Net, NetRequest, NetResponse};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::runtime::Runtime;

const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Serves until it is dropped. The line's weather is this socket's weather; an answer that is lost breaks the connection.
pub struct Front {
    address: SocketAddr,
    runtime: Option<Runtime>,
    /// The line behind it.
    pub line: Arc<RouterNet>,
}

impl std::fmt::Debug for Front {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Front").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Front {
    pub(crate) fn open(line: Arc<RouterNet>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = axum::Router::new().fallback(forward).with_state(line.clone());
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { address, runtime: Some(runtime), line }
    }

    /// Where it is reached.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn forward(State(line): State<Arc<RouterNet>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, BODY_BYTES_MAX).await.map(|body| body.to_vec()).unwrap_or_default();
    let method = ["GET", "POST", "PUT", "HEAD"].into_iter().find(|name| parts.method == *name).unwrap_or("GET");
    let path = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str).to_owned();
    let headers = parts.headers.iter().filter(|(name, _)| *name != http::header::CONTENT_LENGTH);
    let headers =
        headers.filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))).collect();
    let request = NetRequest { method, base: String::new(), path, headers, body };
    let answer = tokio::task::spawn_blocking(move || line.request(request)).await;
    match answer {
        Ok(Ok(answer)) => response(answer),
        // A handler that ends like this closes its connection without an answer.
        Ok(Err(_)) | Err(_) => std::panic::resume_unwind(Box::new("the line is down")),
    }
}

fn response(answer: NetResponse) -> Response {
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        // The body may have been cut on the way.
        if !["content-length", "transfer-encoding"].contains(&name.as_str()) {
            response = response.header(name, value);
        }
    }
    response.body(Body::from(answer.body)).expect("a response")
}
