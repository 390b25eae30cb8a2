//! `meguri serve`: the screens in a browser on this machine. It binds
//! 127.0.0.1 only, lets in whoever holds the printed one-time token, checks
//! Host and Origin, and still needs unlocking. Nothing is cached.

mod door;
mod files;

use crate::answer::Exit;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path as UrlPath, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use door::Door;
use files::Screens;
use meguri_commands::host::Host;
use meguri_commands::{Code, Failure};
use meguri_device::Device;
use serde::Deserialize;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;

const RPC_BYTES_MAX: usize = 1024 * 1024;
const PICTURE_BYTES_MAX: usize = 64 * 1024 * 1024;

#[derive(Clone)]
struct Serving {
    device: Arc<Device>,
    door: Arc<Door>,
    ui: Arc<Screens>,
}

/// Serves until the process is told to end.
pub fn run(device: Device, port: u16, ui: Option<PathBuf>) -> Result<(), Exit> {
    let screens = Screens::new(ui)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(|_| Code::Bug)?;
    let device = Arc::new(device);
    meguri_device::panic::watch(&device);
    device.clone().keep_syncing();
    runtime.block_on(async move {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|_| Code::Busy)?;
        let port = listener.local_addr().map_err(|_| Code::Bug)?.port();
        let door = Arc::new(Door::new(device.as_ref(), port));
        println!("http://127.0.0.1:{port}/#{}", door.token());
        let app = router(Serving { device: device.clone(), door, ui: Arc::new(screens) });
        let served = axum::serve(listener, app).with_graceful_shutdown(ended()).await;
        device.lock(true).map_err(crate::answer::fail)?;
        served.map_err(|_| Exit::from(Code::Bug))
    })
}

async fn ended() {
    let _ = tokio::signal::ctrl_c().await;
}

fn router(serving: Serving) -> Router {
    let inside = Router::new()
        .route("/rpc/{name}", post(rpc).layer(DefaultBodyLimit::max(RPC_BYTES_MAX)))
        .route("/blob", axum::routing::put(put_blob).layer(DefaultBodyLimit::max(PICTURE_BYTES_MAX + 1)))
        .route("/blob/{id}", get(get_blob))
        .layer(middleware::from_fn_with_state(serving.clone(), only_inside));
    Router::new()
        .route("/session", post(enter))
        .merge(inside)
        .fallback(file)
        .layer(middleware::from_fn_with_state(serving.clone(), only_here))
        .with_state(serving)
}

/// Host must be this address; a state-changing request must come from this origin.
async fn only_here(State(serving): State<Serving>, request: Request, next: Next) -> Response {
    let safe = matches!(request.method().as_str(), "GET" | "HEAD");
    if !serving.door.is_here(request.headers(), safe) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    response
}

async fn only_inside(State(serving): State<Serving>, request: Request, next: Next) -> Response {
    if serving.door.is_inside(request.headers()) {
        next.run(request).await
    } else {
        StatusCode::UNAUTHORIZED.into_response()
    }
}

/// Trades the one-time token for a cookie.
async fn enter(State(serving): State<Serving>, token: String) -> Response {
    match serving.door.enter(serving.device.as_ref(), token.trim()) {
        Some(cookie) => (StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response(),
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}

async fn rpc(State(serving): State<Serving>, UrlPath(name): UrlPath<String>, body: Bytes) -> Response {
    let request = if body.is_empty() { Ok(serde_json::json!({})) } else { serde_json::from_slice(&body) };
    let Ok(request) = request else { return refusal(&Code::BadRequest.into()) };
    let device = serving.device;
    let answer = tokio::task::spawn_blocking(move || meguri_commands::call(device.as_ref(), &name, request)).await;
    match answer {
        Ok(Ok(answer)) => axum::Json(answer).into_response(),
        Ok(Err(failure)) => refusal(&failure),
        Err(_) => refusal(&Code::Bug.into()),
    }
}

async fn put_blob(State(serving): State<Serving>, headers: HeaderMap, body: Bytes) -> Response {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let device = serving.device;
    match tokio::task::spawn_blocking(move || device.put_picture(&body, &media_type)).await {
        Ok(Ok(res)) => axum::Json(res).into_response(),
        Ok(Err(failure)) => refusal(&failure),
        Err(_) => refusal(&Code::Bug.into()),
    }
}

#[derive(Deserialize)]
struct Wanted {
    entry: String,
    #[serde(default)]
    thumb: u8,
}

async fn get_blob(
    State(serving): State<Serving>,
    UrlPath(id): UrlPath<String>,
    Query(wanted): Query<Wanted>,
) -> Response {
    let (Ok(id), Ok(entry)) = (id.parse(), uuid::Uuid::parse_str(&wanted.entry)) else {
        return refusal(&Code::NotFound.into());
    };
    let device = serving.device;
    let opened = tokio::task::spawn_blocking(move || match wanted.thumb {
        0 => device.open_picture(&id, entry),
        _ => device.open_thumb(&id, entry),
    })
    .await;
    match opened {
        Ok(Ok(bytes)) => ([(header::CONTENT_TYPE, "image/jpeg")], bytes).into_response(),
        Ok(Err(failure)) => refusal(&failure),
        Err(_) => refusal(&Code::Bug.into()),
    }
}

async fn file(State(serving): State<Serving>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let nonce = serving.door.nonce(serving.device.as_ref());
    files::answer(&serving.ui, &path, &nonce)
}

/// The status tells proxies and tests; screens read the code.
fn refusal(failure: &Failure) -> Response {
    let status = match failure.code.exit() {
        2 => StatusCode::BAD_REQUEST,
        3 => StatusCode::UNPROCESSABLE_ENTITY,
        4 => StatusCode::LOCKED,
        5 => StatusCode::NOT_FOUND,
        6 => StatusCode::FORBIDDEN,
        7 => StatusCode::BAD_GATEWAY,
        8 => StatusCode::INSUFFICIENT_STORAGE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, axum::Json(failure.body())).into_response()
}
