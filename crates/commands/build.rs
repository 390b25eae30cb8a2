//! What `about.show` says of this build: the commit, and the list of others' parts from `THIRD-PARTY-LICENSES.md`.

use std::path::Path;
use std::process::Command;

fn main() -> std::io::Result<()> {
    let root = Path::new("../..");
    println!("cargo:rerun-if-env-changed=MEGURI_COMMIT");
    let given = std::env::var("MEGURI_COMMIT").ok().filter(|commit| !commit.is_empty());
    println!("cargo:rustc-env=MEGURI_COMMIT={}", given.or_else(|| head(root)).unwrap_or_default());
    let table = root.join("THIRD-PARTY-LICENSES.md");
    println!("cargo:rerun-if-changed={}", table.display());
    let out = std::env::var_os("OUT_DIR").ok_or(std::io::ErrorKind::NotFound)?;
    std::fs::write(Path::new(&out).join("licences.tsv"), rows(&std::fs::read_to_string(table)?))
}

/// The commit that is checked out; cargo looks again when it moves.
fn head(root: &Path) -> Option<String> {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").current_dir(root).args(arguments).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    let log = root.join(git(&["rev-parse", "--git-path", "logs/HEAD"])?);
    if log.exists() {
        println!("cargo:rerun-if-changed={}", log.display());
    }
    git(&["rev-parse", "HEAD"])
}

/// `| name | version | licence |` to tab-separated, without the head of the table.
fn rows(markdown: &str) -> String {
    let mut out = String::new();
    for line in markdown.lines().filter(|line| line.starts_with("| ")).skip(1) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        if let [name, version, licence, ..] = cells.as_slice() {
            out.push_str(&format!("{name}\t{version}\t{licence}\n"));
        }
    }
    out
}
