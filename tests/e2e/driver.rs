//! The window under WebKitWebDriver: each step waits until the page shows what it needs, and fails with what it shows.

use crate::region::LET_GO;
use base64::Engine;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const WAIT: Duration = Duration::from_secs(60);
const APP: &str = env!("CARGO_BIN_EXE_meguri-app");

/// Where the web view may write.
pub struct Folders {
    pub all: PathBuf,
}

impl Folders {
    pub fn new(all: &Path) -> Folders {
        for name in ["home", "data", "cache", "config", "tmp", "state"] {
            std::fs::create_dir_all(all.join(name)).unwrap();
        }
        Folders { all: all.to_owned() }
    }

    fn lead<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command
            .env("HOME", self.all.join("home"))
            .env("XDG_DATA_HOME", self.all.join("data"))
            .env("XDG_CACHE_HOME", self.all.join("cache"))
            .env("XDG_CONFIG_HOME", self.all.join("config"))
            .env("XDG_STATE_HOME", self.all.join("state"))
            .env("TMPDIR", self.all.join("tmp"))
            .env("LC_ALL", "C.UTF-8")
            // Its thread has the lowest priority, and on a busy machine a killed window goes no faster than it.
            .env("MESA_SHADER_CACHE_DISABLE", "true")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
    }
}

/// The window as a person starts it.
pub fn undriven(folders: &Folders, profile: &Path) -> Child {
    let mut command = Command::new(APP);
    folders.lead(&mut command).arg("--profile").arg(profile).spawn().unwrap()
}

/// Files below the folders but for the system's own caches of fonts and shaders, and what a web view makes before it has
/// shown anything: its salts and an empty list of hosts.
pub fn kept(folders: &Folders) -> Vec<String> {
    let mut left = Vec::new();
    let mut open = vec![folders.all.clone()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir()
                && !["fontconfig", "mesa_shader_cache", "mesa_shader_cache_db", "dconf"].contains(&name.as_str())
            {
                open.push(path);
            } else if path.is_file() && name != "salt" && !name.starts_with("hsts-storage.sqlite") {
                left.push(path.display().to_string());
            }
        }
    }
    left
}

/// A driven window.
pub struct Driven {
    port: u16,
    session: String,
    driver: Child,
}

impl Drop for Driven {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// How an element is found.
enum Found<'a> {
    Css(&'a str),
    XPath(&'a str),
}

/// One request of the WebDriver protocol to the driver at `port`: the value it answers, or what it says is wrong.
fn wire(port: u16, method: &str, path: &str, body: &Value) -> Result<Value, String> {
    let exchange = || {
        let mut line = TcpStream::connect(("127.0.0.1", port))?;
        let body = if method == "POST" { body.to_string() } else { String::new() };
        let length = body.len();
        write!(line, "{method} {path} HTTP/1.0\r\nhost: 127.0.0.1\r\ncontent-length: {length}\r\n\r\n{body}")?;
        let mut answer = String::new();
        line.read_to_string(&mut answer).map(|_| answer)
    };
    let answer = exchange().map_err(|error: std::io::Error| error.to_string())?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    let value = serde_json::from_str::<Value>(body).map_err(|_| answer.clone())?["value"].take();
    if head.split(' ').nth(1) == Some("200") { Ok(value) } else { Err(value["message"].to_string()) }
}

impl Driven {
    /// Opens the window on a profile.
    pub fn open(folders: &Folders, profile: &Path, camera: &Path) -> Driven {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new("WebKitWebDriver");
        let command = folders.lead(&mut command).env("TAURI_WEBVIEW_AUTOMATION", "true");
        let driver = command.arg(format!("--port={port}")).spawn().expect("WebKitWebDriver");
        let mut window = Driven { port, session: String::new(), driver };
        let wanted = json!({"binary": APP, "args": ["--profile", profile, "--camera-file", camera]});
        let wanted = json!({"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": wanted}}});
        let begun = Instant::now();
        let made = loop {
            match wire(port, "POST", "/session", &wanted) {
                Ok(made) => break made,
                Err(error) => assert!(begun.elapsed() < WAIT, "no session: {error}"),
            }
            std::thread::sleep(Duration::from_millis(100));
        };
        window.session = format!("/session/{}", made["sessionId"].as_str().unwrap());
        window.ask("POST", "/window/rect", &json!({"width": 1280, "height": 900})).unwrap();
        window
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        wire(self.port, method, &format!("{}{path}", self.session), body)
    }

    /// What `script`, a function body, gives for `arguments[0]`.
    fn run(&self, script: &str, argument: &str) -> Result<Value, String> {
        self.ask("POST", "/execute/sync", &json!({"script": script, "args": [argument]}))
    }

    /// Ends the window, then its driver: one that is ended before it has stopped the window leaves it standing.
    pub fn close(self) {
        self.ask("DELETE", "", &Value::Null).unwrap();
        let driver = self.driver.id();
        let children = format!("/proc/{driver}/task/{driver}/children");
        let begun = Instant::now();
        while std::fs::read_to_string(&children).is_ok_and(|list| !list.trim().is_empty()) {
            assert!(begun.elapsed() < LET_GO, "the window stays");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The title in the window's frame.
    pub fn title(&self) -> String {
        self.ask("GET", "/title", &Value::Null).unwrap().as_str().unwrap().to_owned()
    }

    /// A custom property of the page's root.
    pub fn style(&self, name: &str) -> String {
        let script = "return getComputedStyle(document.documentElement).getPropertyValue(arguments[0])";
        self.run(script, name).unwrap().as_str().unwrap_or_default().to_owned()
    }

    fn text(&self) -> String {
        let page = self.run("return document.body.innerText", "").unwrap();
        page.as_str().unwrap_or_default().to_owned()
    }

    /// Runs `script` until it gives true.
    fn until(&self, script: &str, argument: &str) {
        let begun = Instant::now();
        while self.run(script, argument) != Ok(Value::Bool(true)) {
            if begun.elapsed() > WAIT {
                self.shot("failed");
                panic!("{argument} did not come; the page shows: {}", self.text());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits for words anywhere on the page, also in names that only a screen reader says.
    pub fn sees(&self, words: &str) {
        let script = "const all = document.body.innerText + [...document.querySelectorAll('[aria-label],[title]')]\
            .map(e => e.ariaLabel + e.title).join(' '); return all.includes(arguments[0])";
        self.until(script, words);
    }

    /// From now on every screen throws that is drawn with a time; the link is pressed at once, before another does.
    pub fn break_times(&self, link: &str) {
        let script = "const link = document.querySelector(arguments[0]); setTimeout(() => {\
            Date.prototype.getUTCMinutes = () => { throw new TypeError('on purpose') }; link.click() })";
        self.run(script, link).unwrap();
    }

    /// Whether words can be read at this moment.
    pub fn reads(&self, words: &str) -> bool {
        self.text().contains(words)
    }

    /// Waits for a picture that has been drawn.
    pub fn shows(&self, css: &str) {
        let script =
            "const e = document.querySelector(arguments[0]); return e !== null && e.complete && e.naturalWidth > 0";
        self.until(script, css);
    }

    /// Clicks what can be clicked.
    pub fn click(&self, css: &str) {
        self.until("const e = document.querySelector(arguments[0]); return e !== null && !e.disabled", css);
        self.touch(Found::Css(css), "click", &json!({}));
    }

    /// A link by its address.
    pub fn follow(&self, path: &str) {
        self.click(&format!("a[href='{path}']"));
    }

    /// Types into a field.
    pub fn type_into(&self, css: &str, text: &str) {
        self.until("return document.querySelector(arguments[0]) !== null", css);
        self.touch(Found::Css(css), "value", &json!({"text": text}));
    }

    /// A button by its words.
    pub fn press(&self, words: &str) {
        self.button(&format!("//button[contains(normalize-space(.), '{words}') and not(@disabled)]"));
    }

    /// A step of the visit by its words.
    pub fn step(&self, words: &str) {
        self.button(&format!("//nav//button[contains(normalize-space(.), '{words}') and not(@disabled)]"));
    }

    fn button(&self, xpath: &str) {
        self.until("return document.evaluate(arguments[0], document, null, 9, null).singleNodeValue !== null", xpath);
        self.touch(Found::XPath(xpath), "click", &json!({}));
    }

    /// Does something with an element. One that moves or is drawn anew in this moment is looked for again.
    fn touch(&self, found: Found<'_>, what: &str, with: &Value) {
        let (using, value) = match found {
            Found::Css(css) => ("css selector", css),
            Found::XPath(xpath) => ("xpath", xpath),
        };
        let touch = || {
            let element = self.ask("POST", "/element", &json!({"using": using, "value": value}))?;
            let id = element.as_object().and_then(|e| e.values().next()).and_then(Value::as_str).ok_or("no element")?;
            self.ask("POST", &format!("/element/{id}/{what}"), with).map(drop)
        };
        let begun = Instant::now();
        while let Err(error) = touch() {
            assert!(begun.elapsed() < WAIT, "{what} {value}: {error}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Keeps a picture of the window in `MEGURI_SHOTS`, if that is set.
    pub fn shot(&self, name: &str) {
        let Some(folder) = std::env::var_os("MEGURI_SHOTS") else { return };
        // Without two frames in between the picture is of the page before.
        let frames = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(true)))";
        let _ = self.ask("POST", "/execute/async", &json!({"script": frames, "args": []}));
        let Ok(png) = self.ask("GET", "/screenshot", &Value::Null) else { return };
        let png = base64::engine::general_purpose::STANDARD.decode(png.as_str().unwrap()).unwrap();
        std::fs::write(Path::new(&folder).join(format!("{name}.png")), png).unwrap();
    }
}
