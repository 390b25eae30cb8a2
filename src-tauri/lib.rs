//! The shell of Meguri: a window and a camera around one installation. It has
//! no rule of its own: `rpc` hands JSON to the command list, as the terminal
//! does, and pictures pass as bytes.
//!
//! The only Rust that names Tauri or nokhwa. It deliberately knows no command,
//! no kind of entry and no relay.

mod camera;
mod diagnostics;
mod held;
mod pictures;
mod rpc;
mod window;

use camera::Finder;
use held::Held;
use std::path::PathBuf;
use std::sync::Arc;
use tauri::{App, AppHandle, RunEvent};

/// What the person who starts the window may choose. Everything has a usual answer.
#[derive(Debug, Default, Clone)]
pub struct Options {
    /// Folder of the profile; the user's data folder unless told.
    pub profile: Option<PathBuf>,
    /// Certificates (PEM) trusted beside the system's.
    pub ca_file: Option<PathBuf>,
    /// A picture that stands in for the camera.
    pub camera_file: Option<PathBuf>,
}

/// Opens the window and returns when it is closed; false if it could not be opened.
#[must_use]
pub fn run(options: Options) -> bool {
    meguri_device::panic::keep_quiet();
    let made = tauri::Builder::default()
        .register_asynchronous_uri_scheme_protocol(pictures::SCHEME, pictures::answer)
        .invoke_handler(tauri::generate_handler![
            rpc::rpc,
            rpc::put_blob,
            camera::commands::camera_open,
            camera::commands::camera_frame,
            camera::commands::camera_close,
            diagnostics::keep_diagnostics,
        ])
        .setup(move |app| begin(app, &options))
        .build(tauri::generate_context!());
    match made {
        Ok(app) => {
            app.run(ended);
            true
        }
        Err(_) => false,
    }
}

fn begin(app: &mut App, options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    use tauri::Manager;
    let folder = match &options.profile {
        Some(folder) => Some(folder.clone()),
        None => own_folder(app.handle()),
    };
    app.manage(Arc::new(Held::new(folder, options.ca_file.clone())));
    app.manage(Arc::new(Finder::new(camera::of(options.camera_file.clone()))));
    window::open(app)?;
    Ok(())
}

/// On a desktop the terminal and the window share one profile.
#[cfg(desktop)]
fn own_folder(_: &AppHandle) -> Option<PathBuf> {
    meguri_device::system::user_folder()
}

#[cfg(mobile)]
fn own_folder(app: &AppHandle) -> Option<PathBuf> {
    use tauri::Manager;
    app.path().app_data_dir().ok().map(|folder| folder.join("profile"))
}

fn ended(app: &AppHandle, event: RunEvent) {
    use tauri::Manager;
    if let RunEvent::Exit = event {
        app.state::<Arc<Finder>>().close();
        app.state::<Arc<Held>>().let_go();
    }
}

/// Where Android and iOS begin.
#[cfg(mobile)]
#[allow(unsafe_code, reason = "the macro writes the platform's entry symbol")]
mod mobile {
    #[tauri::mobile_entry_point]
    fn begin() {
        let _ = super::run(super::Options::default());
    }
}
