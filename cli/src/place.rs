//! Where the profile lies and what surrounds it on a real machine.

use crate::answer::{Exit, fail};
use crate::passphrase;
use meguri_commands::Code;
use meguri_commands::host::Host;
use meguri_device::Device;
use meguri_device::device::Outside;
use meguri_device::system::user_folder;
use std::path::PathBuf;

/// A profile folder and its surroundings.
pub struct Place {
    pub folder: PathBuf,
    pub outside: Outside,
}

impl Place {
    /// The folder told, else the user's data folder.
    pub fn new(folder: Option<PathBuf>, ca_file: Option<PathBuf>) -> Result<Place, Exit> {
        let folder = folder.or_else(user_folder).ok_or_else(|| fail(Code::NoProfile.with("hint", "--profile DIR")))?;
        let outside = Outside::system(ca_file.as_deref()).map_err(fail)?;
        Ok(Place { folder, outside })
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
