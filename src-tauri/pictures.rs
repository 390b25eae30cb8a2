//! `meguri://localhost/blob/<id>?entry=<id>[&thumb=1]`: pictures for the screens, opened in memory and kept by nobody.

use crate::held::Held;
use meguri_commands::{Code, Failure};
use std::sync::Arc;
use tauri::http::{Request, Response, StatusCode, header};
use tauri::{Manager, Runtime, UriSchemeContext, UriSchemeResponder};
use uuid::Uuid;

/// The scheme of the addresses.
pub const SCHEME: &str = "meguri";

/// Answers one request, away from the window's thread.
pub fn answer<R: Runtime>(context: UriSchemeContext<'_, R>, request: Request<Vec<u8>>, responder: UriSchemeResponder) {
    let held = context.app_handle().state::<Arc<Held>>().inner().clone();
    let asked = wanted(request.uri().path(), request.uri().query().unwrap_or_default());
    tauri::async_runtime::spawn_blocking(move || responder.respond(picture(&held, asked)));
}

struct Wanted {
    blob: String,
    entry: Uuid,
    thumb: bool,
}

fn wanted(path: &str, query: &str) -> Option<Wanted> {
    let blob = path.strip_prefix("/blob/")?.to_owned();
    let entry = query.split('&').find_map(|part| part.strip_prefix("entry="))?;
    Some(Wanted { blob, entry: Uuid::parse_str(entry).ok()?, thumb: query.split('&').any(|part| part == "thumb=1") })
}

fn open(held: &Held, asked: Option<Wanted>) -> Result<Vec<u8>, Failure> {
    let Wanted { blob, entry, thumb } = asked.ok_or(Code::NotFound)?;
    let (device, blob) = (held.device()?, blob.parse().map_err(|_| Code::NotFound)?);
    if thumb { device.open_thumb(&blob, entry) } else { device.open_picture(&blob, entry) }
}

fn picture(held: &Held, asked: Option<Wanted>) -> Response<Vec<u8>> {
    let (status, bytes) = match open(held, asked) {
        Ok(bytes) => (StatusCode::OK, bytes),
        Err(_) => (StatusCode::NOT_FOUND, Vec::new()),
    };
    let mut response = Response::new(bytes);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("image/jpeg"));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, header::HeaderValue::from_static("nosniff"));
    response
}

#[cfg(test)]
mod tests {
    use super::{picture, wanted};
    use crate::held::Held;
    use tauri::http::header;

    #[test]
    fn only_a_blob_of_an_entry_is_understood() {
        let entry = "entry=01980000-0000-7000-8000-000000000001";
        assert!(wanted("/blob/ab", entry).is_some_and(|asked| asked.blob == "ab" && !asked.thumb));
        assert!(wanted("/blob/ab", &format!("{entry}&thumb=1")).is_some_and(|asked| asked.thumb));
        for (path, query) in [("/blob/ab", ""), ("/other/ab", entry), ("/blob/ab", "entry=x"), ("", "")] {
            assert!(wanted(path, query).is_none(), "{path}?{query}");
        }
    }

    #[test]
    fn no_answer_may_be_kept() {
        let refused = picture(&Held::new(None, None), None);
        assert_eq!(refused.status(), 404);
        assert!(refused.body().is_empty());
        assert_eq!(refused.headers().get(header::CACHE_CONTROL).map(|value| value.as_bytes()), Some(&b"no-store"[..]));
    }
}
