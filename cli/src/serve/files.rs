//! The built screens: those in this program, or a folder that is being worked on. The page gets a policy with a fresh
//! nonce; everything else is a built file, or nothing.

use crate::answer::{Exit, fail};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use meguri_commands::Code;
use rust_embed::Embed;
use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

/// `ui/dist` as it was when this program was built; empty when the screens had not been built.
#[derive(Embed)]
#[folder = "../ui/dist"]
#[allow_missing = true]
struct Built;

/// Where the screens come from.
#[derive(Debug)]
pub enum Screens {
    /// This program.
    Built,
    /// A folder.
    Folder(PathBuf),
}

const PAGE: &str = "index.html";

impl Screens {
    /// The folder told, else what is in this program.
    ///
    /// # Errors
    /// `not_found` when there are no screens at all; the parameter says what to do.
    pub fn new(folder: Option<PathBuf>) -> Result<Screens, Exit> {
        let screens = folder.map_or(Screens::Built, Screens::Folder);
        match screens.read(PAGE) {
            Some(_) => Ok(screens),
            None => {
                Err(fail(Code::NotFound.with("missing", "ui/dist/index.html").with("hint", "make run, or --ui DIR")))
            }
        }
    }

    fn read(&self, path: &str) -> Option<Cow<'static, [u8]>> {
        let relative = path.trim_start_matches('/');
        if !below(relative) {
            return None;
        }
        match self {
            Screens::Built => Built::get(relative).map(|file| file.data),
            Screens::Folder(root) => std::fs::read(root.join(relative)).ok().map(Cow::Owned),
        }
    }
}

/// Whether a path stays below the folder it is meant for.
fn below(relative: &str) -> bool {
    Path::new(relative).components().all(|part| matches!(part, Component::Normal(_)))
}

/// Placeholder in `index.html` that the nonce replaces.
const NONCE: &str = "__CSP_NONCE__";

fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; \
         img-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
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
pub fn answer(screens: &Screens, path: &str, nonce: &str) -> Response {
    let name = path.rsplit('/').next().unwrap_or_default();
    if !name.contains('.') || name == PAGE {
        return page(screens, nonce);
    }
    match screens.read(path) {
        Some(bytes) => ([(header::CONTENT_TYPE, media_type(Path::new(path)))], bytes.into_owned()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn page(screens: &Screens, nonce: &str) -> Response {
    let html = screens.read(PAGE).and_then(|bytes| String::from_utf8(bytes.into_owned()).ok());
    let Some(html) = html else {
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
    #![allow(clippy::unwrap_used, reason = "a failing test may panic")]
    use super::{Screens, below};

    #[test]
    fn nothing_above_the_folder_is_reached() {
        assert!(below("assets/a.js"));
        for bad in ["../etc/passwd", "a/../../b.js", "/etc/passwd", "./../x"] {
            assert!(!below(bad), "{bad}");
        }
    }

    #[test]
    fn a_folder_takes_the_place_of_what_is_built_in() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Screens::new(Some(folder.path().to_owned())).is_err(), "no page, no screens");
        std::fs::write(folder.path().join("index.html"), "<p>here</p>").unwrap();
        let screens = Screens::new(Some(folder.path().to_owned())).unwrap();
        assert_eq!(screens.read("/index.html").unwrap().as_ref(), b"<p>here</p>");
        assert!(screens.read("/../index.html").is_none());
    }
}
