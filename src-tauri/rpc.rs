//! The commands of `meguri_commands` by name, and pictures on their way in. Everything that waits runs on a thread that
//! may wait.

use crate::held::Held;
use meguri_commands::code::ErrorBody;
use meguri_commands::{Code, Failure, blob};
use serde_json::Value;
use std::sync::Arc;
use tauri::State;
use tauri::ipc::{InvokeBody, Request};

/// What the file says it is. `content-type` is taken by the bridge itself.
const MEDIA_TYPE: &str = "meguri-media-type";

/// Runs one command.
#[tauri::command]
pub async fn rpc(held: State<'_, Arc<Held>>, name: String, req: Value) -> Result<Value, ErrorBody> {
    let held = held.inner().clone();
    apart(move || meguri_commands::call(held.device()?.as_ref(), &name, req)).await
}

/// Takes a picture's bytes; answers the body of a photo without caption.
#[tauri::command]
pub async fn put_blob(held: State<'_, Arc<Held>>, request: Request<'_>) -> Result<blob::put::Res, ErrorBody> {
    let held = held.inner().clone();
    let media_type = request.headers().get(MEDIA_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.unwrap_or_default().to_owned();
    let bytes = match request.body() {
        InvokeBody::Raw(bytes) => Some(bytes.clone()),
        // Bridges without raw bodies bring the bytes as numbers.
        InvokeBody::Json(numbers) => serde_json::from_value(numbers.clone()).ok(),
    };
    apart(move || held.device()?.put_picture(&bytes.ok_or(Code::BadRequest)?, &media_type)).await
}

/// Away from the window's own thread. A panic there is a defect the screens can name.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> Result<T, Failure> + Send + 'static) -> Result<T, ErrorBody> {
    match tauri::async_runtime::spawn_blocking(work).await {
        Ok(done) => done.map_err(|failure| failure.body()),
        Err(_) => Err(Failure::from(Code::Bug).body()),
    }
}
