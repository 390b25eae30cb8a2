//! The built screens. The page gets a policy with a fresh nonce; everything
//! else is a file below the folder, or nothing.

use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::path::{Component, Path, PathBuf};

/// Placeholder in `index.html` that the nonce replaces.
const NONCE: &str = "__CSP_NONCE__";

fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; \
         img-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// A path below `root`, or none for anything that would leave it.
fn below(root: &Path, path: &str) -> Option<PathBuf> {
    let relative = Path::new(path.trim_start_matches('/'));
    let plain = relative.components().all(|part| matches!(part, Component::Normal(_)));
    plain.then(|| root.join(relative))
}

fn media_type(path: &Path) -> &'static str {
    match path.extension().and_then(|e| e.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "wasm" => "application/wasm",
        "json" | "webmanifest" => "application/json",
        _ => "application/octet-stream",
    }
}

/// A file, or the page for every address without a dot.
pub async fn answer(root: &Path, path: &str, nonce: &str) -> Response {
    let wants_page = !path.rsplit('/').next().unwrap_or_default().contains('.');
    if wants_page {
        return page(root, nonce).await;
    }
    let Some(file) = below(root, path) else { return StatusCode::NOT_FOUND.into_response() };
    match tokio::fs::read(&file).await {
        Ok(bytes) if file.file_name().is_some_and(|name| name != "index.html") => {
            ([(header::CONTENT_TYPE, media_type(&file))], bytes).into_response()
        }
        Ok(_) => page(root, nonce).await,
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn page(root: &Path, nonce: &str) -> Response {
    let Ok(html) = tokio::fs::read_to_string(root.join("index.html")).await else {
        return (StatusCode::NOT_FOUND, "The screens are not built: ui/dist/index.html is missing.\n").into_response();
    };
    let headers: [(HeaderName, String); 2] = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (header::CONTENT_SECURITY_POLICY, policy(nonce)),
    ];
    (headers, html.replace(NONCE, nonce)).into_response()
}

#[cfg(test)]
mod tests {
    use super::below;
    use std::path::Path;

    #[test]
    fn nothing_above_the_folder_is_reached() {
        let root = Path::new("/ui");
        assert_eq!(below(root, "/assets/a.js").as_deref(), Some(Path::new("/ui/assets/a.js")));
        for bad in ["/../etc/passwd", "//etc/../../x.js", "/a/../../b.js", "/./../x"] {
            assert!(below(root, bad).is_none(), "{bad}");
        }
    }
}
