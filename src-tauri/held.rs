//! The installation behind the window. Somebody else may have the profile: then every command says so, and the next one
//! tries again.

use meguri_commands::host::Host;
use meguri_commands::{Code, Failure};
use meguri_device::Device;
use meguri_device::device::Outside;
use parking_lot::Mutex;
use std::path::PathBuf;
use std::sync::Arc;

/// A profile folder, and the installation in it once it could be taken.
#[derive(Debug)]
pub struct Held {
    folder: Option<PathBuf>,
    ca_file: Option<PathBuf>,
    device: Mutex<Option<Arc<Device>>>,
}

impl Held {
    /// Nothing is taken yet.
    pub fn new(folder: Option<PathBuf>, ca_file: Option<PathBuf>) -> Held {
        Held { folder, ca_file, device: Mutex::new(None) }
    }

    /// The installation; taken, and its synchronisation begun, by whoever asks first.
    pub fn device(&self) -> Result<Arc<Device>, Failure> {
        let mut held = self.device.lock();
        if let Some(device) = held.as_ref() {
            return Ok(device.clone());
        }
        let folder = self.folder.as_ref().ok_or(Code::NoProfile)?;
        let device = Arc::new(Device::hold(folder, Outside::system(self.ca_file.as_deref())?)?);
        meguri_device::panic::watch(&device);
        device.clone().keep_syncing();
        *held = Some(device.clone());
        Ok(device)
    }

    /// Forgets the key and lets the profile go.
    pub fn let_go(&self) {
        if let Some(device) = self.device.lock().take() {
            let _ = device.lock(true);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test may panic")]
    use super::Held;
    use meguri_commands::Code;

    #[test]
    fn a_busy_profile_is_a_sentence_and_can_be_tried_again() {
        let folder = std::env::temp_dir().join(format!("meguri-held-{}", std::process::id()));
        let first = Held::new(Some(folder.clone()), None);
        let second = Held::new(Some(folder.clone()), None);
        first.device().unwrap();
        assert_eq!(second.device().unwrap_err().code, Code::Busy);
        first.let_go();
        let begun = std::time::Instant::now();
        while second.device().is_err() {
            assert!(begun.elapsed().as_secs() < 5, "the profile is free again");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        assert_eq!(Held::new(None, None).device().unwrap_err().code, Code::NoProfile);
        second.let_go();
        let _ = std::fs::remove_dir_all(folder);
    }
}
