//! Who may come in: the printed token, once and for ten minutes, then a cookie.

use axum::http::{HeaderMap, header};
use meguri_commands::host::Host;
use std::sync::Mutex;

const TOKEN_MS: i64 = 10 * 60_000;
const COOKIES_MAX: usize = 8;

/// Token and cookies of one run.
pub struct Door {
    authority: String,
    token: String,
    until_ms: i64,
    state: Mutex<Entered>,
}

#[derive(Default)]
struct Entered {
    used: bool,
    cookies: Vec<String>,
}

fn secret(host: &dyn Host) -> String {
    let mut bytes = [0u8; 32];
    host.fill_random(&mut bytes);
    hex::encode(bytes)
}

/// Compares without telling how far the guess was right.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |sum, (x, y)| sum | (x ^ y)) == 0
}

impl Door {
    /// A door with a fresh token.
    pub fn new(host: &dyn Host, port: u16) -> Door {
        Door {
            authority: format!("127.0.0.1:{port}"),
            token: secret(host),
            until_ms: host.now_ms() + TOKEN_MS,
            state: Mutex::default(),
        }
    }

    /// For the printed address.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// A nonce for one page's policy.
    pub fn nonce(&self, host: &dyn Host) -> String {
        secret(host).chars().take(32).collect()
    }

    /// Trades the token for a cookie, once.
    pub fn enter(&self, host: &dyn Host, token: &str) -> Option<String> {
        let mut state = self.state.lock().ok()?;
        if state.used || host.now_ms() > self.until_ms || !same(token, &self.token) {
            return None;
        }
        state.used = true;
        let cookie = secret(host);
        state.cookies.truncate(COOKIES_MAX - 1);
        state.cookies.push(cookie.clone());
        Some(format!("meguri={cookie}; Path=/; HttpOnly; SameSite=Strict"))
    }

    /// Whether a request carries a cookie of this run.
    pub fn is_inside(&self, headers: &HeaderMap) -> bool {
        let given = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut given = given.flat_map(|text| text.split(';')).filter_map(|part| part.trim().strip_prefix("meguri="));
        let Ok(state) = self.state.lock() else { return false };
        given.any(|cookie| state.cookies.iter().any(|kept| same(kept, cookie)))
    }

    /// Whether a request is meant for this address and, unless `safe`, comes from its own pages.
    pub fn is_here(&self, headers: &HeaderMap, safe: bool) -> bool {
        let text = |name| headers.get(name).and_then(|value: &axum::http::HeaderValue| value.to_str().ok());
        let host = text(header::HOST) == Some(self.authority.as_str());
        let origin = match text(header::ORIGIN) {
            Some(origin) => origin.strip_prefix("http://") == Some(self.authority.as_str()),
            None => safe,
        };
        host && origin
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn door() -> Door {
        Door {
            authority: "127.0.0.1:4000".to_owned(),
            token: "t".repeat(64),
            until_ms: i64::MAX,
            state: Mutex::default(),
        }
    }

    fn headers(host: &'static str, origin: Option<&'static str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static(host));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
        }
        headers
    }

    #[test]
    fn other_hosts_and_origins_stay_outside() {
        let door = door();
        assert!(door.is_here(&headers("127.0.0.1:4000", None), true));
        assert!(door.is_here(&headers("127.0.0.1:4000", Some("http://127.0.0.1:4000")), false));
        assert!(!door.is_here(&headers("127.0.0.1:4000", None), false));
        assert!(!door.is_here(&headers("rebound.example:4000", None), true));
        assert!(!door.is_here(&headers("127.0.0.1:4000", Some("http://evil.example")), true));
        assert!(!door.is_here(&headers("127.0.0.1:4000", Some("https://127.0.0.1:4000")), false));
        assert!(!door.is_here(&HeaderMap::new(), true));
    }

    #[test]
    fn without_a_cookie_of_this_run_nobody_is_inside() {
        let door = door();
        let mut headers = headers("127.0.0.1:4000", None);
        assert!(!door.is_inside(&headers));
        headers.insert(header::COOKIE, HeaderValue::from_static("other=1; meguri=abc"));
        assert!(!door.is_inside(&headers));
        if let Ok(mut state) = door.state.lock() {
            state.cookies.push("abc".to_owned());
        }
        assert!(door.is_inside(&headers));
    }
}
