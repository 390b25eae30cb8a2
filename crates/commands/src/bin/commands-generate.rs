//! Writes what is generated from the command list, or with `--check` fails when it is stale.

use meguri_commands::generate;
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut check = false;
    let mut root = PathBuf::from(".");
    for arg in std::env::args().skip(1) {
        if arg == "--check" {
            check = true;
        } else {
            root = PathBuf::from(arg);
        }
    }
    let files = [("ui/src/api/generated.ts", generate::typescript()), ("docs/commands.md", generate::markdown())];
    let mut stale = false;
    for (path, text) in files {
        let path = root.join(path);
        if check {
            if std::fs::read_to_string(&path).is_ok_and(|old| old == text) {
                continue;
            }
            eprintln!("stale: {}; run `cargo run -p meguri-commands --bin commands-generate`", path.display());
            stale = true;
            continue;
        }
        let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        if made.and_then(|()| std::fs::write(&path, text)).is_err() {
            eprintln!("cannot write {}", path.display());
            return ExitCode::from(8);
        }
    }
    if stale { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
