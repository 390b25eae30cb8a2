//! JSON lines on stdin and stdout, as `peers/lib/rpc.mjs` speaks them.

use serde_json::{Value, json};
use std::io::{BufRead, Write};
use std::sync::Arc;

/// `CLOCK_MONOTONIC` in ms, comparable between processes.
pub fn now() -> f64 {
    let t = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    t.tv_sec as f64 * 1e3 + (t.tv_nsec / 1000) as f64 / 1e3
}

/// Waits so many ms.
pub fn sleep(ms: f64) {
    std::thread::sleep(std::time::Duration::from_secs_f64(ms.max(0.0) / 1e3));
}

/// A number from 0 up to 1.
pub fn random() -> f64 {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).expect("randomness");
    f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
}

fn say(value: &Value) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{value}").and_then(|()| out.flush()).expect("a reader");
}

/// Answers every line with `handle`, each on a thread of its own; ends with stdin or after `close`.
pub fn serve(handle: impl Fn(&str, &Value) -> Value + Send + Sync + 'static) {
    let handle = Arc::new(handle);
    say(&json!({"ev": "ready", "t": now()}));
    for line in std::io::stdin().lock().lines() {
        let ask: Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
        let handle = handle.clone();
        std::thread::spawn(move || {
            let cmd = ask["cmd"].as_str().unwrap_or_default().to_owned();
            let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| handle(&cmd, &ask)));
            let mut answer = match done {
                Ok(answer) => answer,
                Err(panic) => {
                    let text = panic.downcast_ref::<String>().map(String::as_str);
                    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("panic");
                    json!({"ok": false, "error": format!("{cmd}: {text}")})
                }
            };
            answer["id"] = ask["id"].clone();
            if answer.get("ok").is_none() {
                answer["ok"] = json!(true);
            }
            say(&answer);
            if cmd == "close" {
                std::process::exit(0);
            }
        });
    }
    std::process::exit(0);
}
