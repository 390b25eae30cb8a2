//! Where the profile lies and what surrounds it on a real machine.

use crate::answer::{Exit, fail};
use crate::passphrase;
use meguri_commands::Code;
use meguri_commands::host::Host;
use meguri_device::Device;
use meguri_device::device::Outside;
use meguri_device::env::SystemEnv;
use meguri_device::keystore::{Keystore, NoKeystore, OsKeystore};
use meguri_device::net::HttpNet;
use std::path::PathBuf;
use std::sync::Arc;

/// A profile folder and its surroundings.
pub struct Place {
    pub folder: PathBuf,
    pub outside: Outside,
}

impl Place {
    /// The folder told, else the user's data folder.
    pub fn new(folder: Option<PathBuf>, ca_file: Option<PathBuf>) -> Result<Place, Exit> {
        let folder = folder.or_else(user_folder).ok_or_else(|| fail(Code::NoProfile.with("hint", "--profile DIR")))?;
        let net = HttpNet::new(ca_file.as_deref()).map_err(|_| fail(Code::BadRequest.with("field", "ca-file")))?;
        let keystore: Arc<dyn Keystore> =
            if OsKeystore.present() { Arc::new(OsKeystore) } else { Arc::new(NoKeystore) };
        Ok(Place { folder, outside: Outside { env: Arc::new(SystemEnv), net: Arc::new(net), keystore } })
    }

    /// Takes the profile for this process.
    pub fn hold(&self) -> Result<Device, Exit> {
        Device::hold(&self.folder, self.outside.clone()).map_err(fail)
    }

    /// Unlocks by passphrase.
    pub fn unlock(&self, device: &Device) -> Result<(), Exit> {
        if !device.profile_status().map_err(fail)?.exists {
            return Err(Code::NoProfile.into());
        }
        device.unlock_passphrase(&passphrase::ask()?).map_err(fail)
    }
}

fn user_folder() -> Option<PathBuf> {
    let data = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    let windows = std::env::var_os("APPDATA").map(PathBuf::from);
    Some(data.or(windows).or(home)?.join("meguri").join("profile"))
}
