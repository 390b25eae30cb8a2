//! The window under WebKitWebDriver: each step waits until the page shows what it needs, and fails with what it shows.

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const WAIT: Duration = Duration::from_secs(20);
const APP: &str = env!("CARGO_BIN_EXE_meguri-app");

/// Where the web view may write.
pub struct Folders {
    pub all: PathBuf,
}

impl Folders {
    pub fn new(all: &Path) -> Folders {
        for name in ["data", "cache", "config", "tmp", "state"] {
            std::fs::create_dir_all(all.join(name)).unwrap();
        }
        Folders { all: all.to_owned() }
    }

    fn lead<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command
            .env("XDG_DATA_HOME", self.all.join("data"))
            .env("XDG_CACHE_HOME", self.all.join("cache"))
            .env("XDG_CONFIG_HOME", self.all.join("config"))
            .env("XDG_STATE_HOME", self.all.join("state"))
            .env("TMPDIR", self.all.join("tmp"))
            .env("LC_ALL", "C.UTF-8")
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
    client: Client,
    driver: Child,
}

impl Drop for Driven {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

impl Driven {
    pub async fn open(folders: &Folders, profile: &Path, camera: &Path) -> Driven {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new("WebKitWebDriver");
        let command = folders.lead(&mut command).env("TAURI_WEBVIEW_AUTOMATION", "true");
        let driver = command.arg(format!("--port={port}")).spawn().expect("WebKitWebDriver");
        let args =
            ["--profile".into(), profile.display().to_string(), "--camera-file".into(), camera.display().to_string()];
        let wanted = json!({"webkitgtk:browserOptions": {"binary": APP, "args": args}});
        let Value::Object(wanted) = wanted else { unreachable!() };
        let begun = Instant::now();
        let client = loop {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            match builder.capabilities(wanted.clone()).connect(&format!("http://127.0.0.1:{port}")).await {
                Ok(client) => break client,
                Err(error) => assert!(begun.elapsed() < WAIT, "no session: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        let window = Driven { client, driver };
        window.client.set_window_size(1280, 900).await.unwrap();
        window
    }

    pub async fn close(self) {
        self.client.clone().close().await.unwrap();
    }

    pub async fn title(&self) -> String {
        self.client.title().await.unwrap()
    }

    /// A custom property of the page's root.
    pub async fn style(&self, name: &str) -> String {
        let script = "return getComputedStyle(document.documentElement).getPropertyValue(arguments[0])";
        let value = self.client.execute(script, vec![name.into()]).await.unwrap();
        value.as_str().unwrap_or_default().to_owned()
    }

    /// Runs `script`, a function body, until it gives true.
    async fn until(&self, what: &str, script: &str, args: Vec<Value>) {
        let begun = Instant::now();
        while self.client.execute(script, args.clone()).await.ok() != Some(Value::Bool(true)) {
            if begun.elapsed() > WAIT {
                self.shot("failed").await;
                let page = self.client.execute("return document.body.innerText", vec![]).await.unwrap();
                panic!("{what} did not come; the page shows: {}", page.as_str().unwrap_or_default());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits for words anywhere on the page, also in names that only a screen reader says.
    pub async fn sees(&self, words: &str) {
        let script = "const all = document.body.innerText + [...document.querySelectorAll('[aria-label],[title]')]\
            .map(e => e.ariaLabel + e.title).join(' '); return all.includes(arguments[0])";
        self.until(words, script, vec![words.into()]).await;
    }

    /// Waits for a picture that has been drawn.
    pub async fn shows(&self, css: &str) {
        let script =
            "const e = document.querySelector(arguments[0]); return e !== null && e.complete && e.naturalWidth > 0";
        self.until(css, script, vec![css.into()]).await;
    }

    pub async fn click(&self, css: &str) {
        self.until(
            css,
            "const e = document.querySelector(arguments[0]); return e !== null && !e.disabled",
            vec![css.into()],
        )
        .await;
        self.client.find(Locator::Css(css)).await.unwrap().click().await.unwrap();
    }

    /// A link by its address.
    pub async fn follow(&self, path: &str) {
        self.click(&format!("a[href='{path}']")).await;
    }

    pub async fn type_into(&self, css: &str, text: &str) {
        self.until(css, "return document.querySelector(arguments[0]) !== null", vec![css.into()]).await;
        self.client.find(Locator::Css(css)).await.unwrap().send_keys(text).await.unwrap();
    }

    /// A button by its words.
    pub async fn press(&self, words: &str) {
        self.button(&format!("//button[contains(normalize-space(.), '{words}') and not(@disabled)]")).await;
    }

    /// A step of the visit by its words.
    pub async fn step(&self, words: &str) {
        self.button(&format!("//nav//button[contains(normalize-space(.), '{words}') and not(@disabled)]")).await;
    }

    async fn button(&self, xpath: &str) {
        let script = "return document.evaluate(arguments[0], document, null, 9, null).singleNodeValue !== null";
        self.until(xpath, script, vec![xpath.into()]).await;
        self.client.find(Locator::XPath(xpath)).await.unwrap().click().await.unwrap();
    }

    /// Keeps a picture of the window in `MEGURI_SHOTS`, if that is set.
    pub async fn shot(&self, name: &str) {
        let Some(folder) = std::env::var_os("MEGURI_SHOTS") else { return };
        // Without two frames in between the picture is of the page before.
        let frames = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(true)))";
        let _ = self.client.execute_async(frames, vec![]).await;
        if let Ok(png) = self.client.screenshot().await {
            std::fs::write(Path::new(&folder).join(format!("{name}.png")), png).unwrap();
        }
    }
}
