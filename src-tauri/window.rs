//! The one window. It shows its own pages, asks for nothing, keeps nothing, and closes only after the page has put away
//! what was typed last.

use crate::camera::Finder;
use crate::held::Held;
use parking_lot::Mutex;
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tauri::webview::{NewWindowResponse, PageLoadEvent, PermissionResponse};
use tauri::{App, Manager, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent};

/// Keys may still be on their way to the page when the window is told to close; a hidden page gets none.
const CATCH_UP: Duration = Duration::from_millis(250);
/// What the page gets to save what was typed a moment ago.
const LEAVE: Duration = Duration::from_millis(250);
/// Whoever goes from window to window does not ask the relay each time.
const TRY_AGAIN: Duration = Duration::from_secs(10);

/// A machine whose language is none (`LANG=C`) calls it `C`, on which libraries of the pages fail.
const LANGUAGE: &str = "try { new Intl.Locale(navigator.language) } catch {
  Object.defineProperty(navigator, 'language', { value: 'ja' })
  Object.defineProperty(navigator, 'languages', { value: ['ja'] })
}";

/// Opens it.
pub fn open(app: &App) -> tauri::Result<()> {
    let dev_url = app.config().build.dev_url.clone();
    let builder = WebviewWindowBuilder::new(app, "main", WebviewUrl::default())
        // Nothing of the pages is written to disk. A driven window cannot be so; its test looks at the disk instead.
        .incognito(!is_driven())
        .initialization_script(LANGUAGE)
        .on_navigation(move |url| is_own(url, dev_url.as_ref()))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .on_permission_request(|_, _| PermissionResponse::Deny)
        .general_autofill_enabled(false)
        .on_page_load(|window, load| {
            if load.event() == PageLoadEvent::Started {
                window.state::<Arc<Finder>>().close();
            }
        });
    #[cfg(desktop)]
    let builder = builder.title("Meguri").inner_size(1180.0, 820.0).min_inner_size(360.0, 560.0);
    let window = builder.build()?;
    close_in_order(&window);
    try_again_in_hand(&window);
    Ok(())
}

/// Somebody takes the device into their hands: what waits for the network is tried at once.
fn try_again_in_hand(window: &WebviewWindow) {
    let held = window.state::<Arc<Held>>().inner().clone();
    let last = Mutex::new(None::<Instant>);
    window.on_window_event(move |event| {
        if !matches!(event, WindowEvent::Focused(true)) {
            return;
        }
        let mut last = last.lock();
        if last.is_some_and(|at| at.elapsed() < TRY_AGAIN) {
            return;
        }
        *last = Some(Instant::now());
        let held = held.clone();
        // Locked, busy or without a profile there is nothing to try.
        tauri::async_runtime::spawn_blocking(move || {
            held.device().and_then(|device| meguri_commands::call(device.as_ref(), "sync.now", json!({}))).ok()
        });
    });
}

/// Whether a test drives the pages.
fn is_driven() -> bool {
    std::env::var_os("TAURI_WEBVIEW_AUTOMATION").is_some()
}

fn is_own(url: &Url, dev_url: Option<&Url>) -> bool {
    let own = url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost");
    own || url.as_str() == "about:blank" || dev_url.is_some_and(|dev| dev.origin() == url.origin())
}

/// The page is told that it will go, as a browser would tell it; the window goes a moment later.
fn close_in_order(window: &WebviewWindow) {
    let leaving = window.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::CloseRequested { api, .. } = event {
            api.prevent_close();
            let leaving = leaving.clone();
            std::thread::spawn(move || {
                let tell = || leaving.eval("dispatchEvent(new Event('pagehide'))");
                let _ = tell();
                std::thread::sleep(CATCH_UP);
                let _ = tell();
                let _ = leaving.hide();
                std::thread::sleep(LEAVE);
                let _ = leaving.destroy();
            });
        }
    });
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test may panic")]
    use super::is_own;

    #[test]
    fn no_other_page_is_shown() {
        let url = |text: &str| text.parse().unwrap();
        let dev = url("http://127.0.0.1:5173");
        assert!(is_own(&url("tauri://localhost/patients/1"), None));
        assert!(is_own(&url("http://tauri.localhost/"), None));
        assert!(is_own(&url("http://127.0.0.1:5173/x"), Some(&dev)));
        for other in ["https://example.com/", "http://127.0.0.1:5173/x", "file:///etc/passwd", "data:text/html,x"] {
            assert!(!is_own(&url(other), None), "{other}");
        }
    }
}
