//! Bakes configuration, capabilities and icons into the window.

fn main() {
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    // Without it the binary offers SQLCipher's sqlite3_* to everybody in the process, and WebKit's own SQLite is mixed
    // with ours. Not for binaries alone: tests link the same libraries.
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux" || os == "android") {
        println!("cargo:rustc-link-arg=-Wl,--exclude-libs,ALL");
    }
    let attributes = tauri_build::Attributes::new().capabilities_path_pattern("./src-tauri/capabilities/**/*");
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo:error={error:#}");
    }
}
