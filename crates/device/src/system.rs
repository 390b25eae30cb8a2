//! An installation's surroundings on a real machine, and where its profile lies unless somebody says otherwise. Terminal
//! and window begin here.

use crate::device::Outside;
use crate::env::SystemEnv;
use crate::keystore::{Keystore, NoKeystore, OsKeystore};
use crate::net::HttpNet;
use meguri_commands::{Code, Failure};
use std::path::{Path, PathBuf};
use std::sync::Arc;

impl Outside {
    /// The real clock, network and keystore. Certificates of `ca_file` (PEM) are trusted beside the system's.
    ///
    /// # Errors
    /// `bad_request` with `field` when the certificates cannot be read.
    pub fn system(ca_file: Option<&Path>) -> Result<Outside, Failure> {
        let net = HttpNet::new(ca_file).map_err(|_| Code::BadRequest.with("field", "ca-file"))?;
        let keystore: Arc<dyn Keystore> =
            if OsKeystore.present() { Arc::new(OsKeystore) } else { Arc::new(NoKeystore) };
        Ok(Outside { env: Arc::new(SystemEnv), net: Arc::new(net), keystore })
    }
}

/// The profile in the user's data folder; none where no such folder is known.
#[must_use]
pub fn user_folder() -> Option<PathBuf> {
    let data = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    let windows = std::env::var_os("APPDATA").map(PathBuf::from);
    Some(data.or(windows).or(home)?.join("meguri").join("profile"))
}
