//! The camera for the screens. Frames are bytes, never JSON.

use super::{Finder, Refusal};
use std::sync::Arc;
use tauri::State;
use tauri::ipc::Response;

/// Opens the camera.
#[tauri::command]
pub async fn camera_open(finder: State<'_, Arc<Finder>>) -> Result<(), Refusal> {
    apart(&finder, Finder::open).await
}

/// The next frame, a JPEG.
#[tauri::command]
pub async fn camera_frame(finder: State<'_, Arc<Finder>>) -> Result<Response, Refusal> {
    apart(&finder, Finder::frame).await.map(Response::new)
}

/// Closes the camera.
#[tauri::command]
pub async fn camera_close(finder: State<'_, Arc<Finder>>) -> Result<(), Refusal> {
    apart(&finder, |finder| {
        finder.close();
        Ok(())
    })
    .await
}

async fn apart<T: Send + 'static>(
    finder: &Arc<Finder>,
    work: impl FnOnce(&Finder) -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let finder = finder.clone();
    tauri::async_runtime::spawn_blocking(move || work(&finder)).await.unwrap_or(Err(Refusal::None))
}
