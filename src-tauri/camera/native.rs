//! The machine's first camera, by nokhwa, at its highest resolution. Most give JPEG; the rest is made into one here.

use super::{Camera, Refusal, Stream};
use image::codecs::jpeg::JpegEncoder;
use nokhwa::NokhwaError;
use nokhwa::pixel_format::RgbFormat;
use nokhwa::utils::{ApiBackend, FrameFormat, RequestedFormat, RequestedFormatType};
use std::sync::mpsc::{SyncSender, sync_channel};

const QUALITY: u8 = 92;

/// The machine's own camera.
#[derive(Debug)]
pub struct Native;

/// Systems want a camera used by the thread that opened it: that thread gives a frame to each who asks.
struct Open {
    ask: SyncSender<Answer>,
}

type Answer = SyncSender<Result<Vec<u8>, Refusal>>;

impl Camera for Native {
    fn open(&self) -> Result<Box<dyn Stream>, Refusal> {
        let (ask, asked) = sync_channel::<Answer>(1);
        let (ready, began) = sync_channel(1);
        std::thread::spawn(move || {
            let mut camera = match begin() {
                Ok(camera) => camera,
                Err(refusal) => {
                    let _ = ready.send(Err(refusal));
                    return;
                }
            };
            if ready.send(Ok(())).is_ok() {
                asked.iter().for_each(|answer| drop(answer.send(frame(&mut camera))));
            }
            let _ = camera.stop_stream();
        });
        began.recv().unwrap_or(Err(Refusal::None))?;
        Ok(Box::new(Open { ask }))
    }
}

impl Stream for Open {
    fn frame(&mut self) -> Result<Vec<u8>, Refusal> {
        let (answer, answered) = sync_channel(1);
        self.ask.send(answer).map_err(|_| Refusal::None)?;
        answered.recv().unwrap_or(Err(Refusal::None))
    }
}

fn begin() -> Result<nokhwa::Camera, Refusal> {
    allowed()?;
    let found = nokhwa::query(ApiBackend::Auto).map_err(|error| refused(&error))?;
    let first = found.first().ok_or(Refusal::None)?;
    let wanted = RequestedFormat::new::<RgbFormat>(RequestedFormatType::AbsoluteHighestResolution);
    let mut camera = nokhwa::Camera::new(first.index().clone(), wanted).map_err(|error| refused(&error))?;
    camera.open_stream().map_err(|error| refused(&error))?;
    Ok(camera)
}

fn frame(camera: &mut nokhwa::Camera) -> Result<Vec<u8>, Refusal> {
    let frame = camera.frame().map_err(|error| refused(&error))?;
    if frame.source_frame_format() == FrameFormat::MJPEG {
        return Ok(frame.buffer().to_vec());
    }
    let picture = frame.decode_image::<RgbFormat>().map_err(|error| refused(&error))?;
    let mut jpeg = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, QUALITY)).map_err(|_| Refusal::None)?;
    Ok(jpeg)
}

/// macOS asks the person first; the answer may take a while.
#[cfg(target_os = "macos")]
fn allowed() -> Result<(), Refusal> {
    const ANSWER_SECONDS: u64 = 60;
    if nokhwa::nokhwa_check() {
        return Ok(());
    }
    let (answer, answered) = std::sync::mpsc::sync_channel(1);
    nokhwa::nokhwa_initialize(move |granted| {
        let _ = answer.try_send(granted);
    });
    match answered.recv_timeout(std::time::Duration::from_secs(ANSWER_SECONDS)) {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(Refusal::NotAllowed),
    }
}

#[cfg(not(target_os = "macos"))]
fn allowed() -> Result<(), Refusal> {
    Ok(())
}

/// The library has words, not codes; the systems' own words stand in them.
fn refused(error: &NokhwaError) -> Refusal {
    let words = error.to_string().to_lowercase();
    let says = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    if says(&["busy", "in use", "0xc00d3704"]) {
        Refusal::Busy
    } else if says(&["denied", "permission", "not permitted", "0x80070005"]) {
        Refusal::NotAllowed
    } else {
        Refusal::None
    }
}

#[cfg(test)]
mod tests {
    use super::{Refusal, refused};
    use nokhwa::NokhwaError;

    #[test]
    fn a_machine_without_a_camera_says_so() {
        use super::{Camera, Native};
        if std::fs::read_dir("/dev")
            .into_iter()
            .flatten()
            .flatten()
            .any(|f| f.file_name().to_string_lossy().starts_with("video"))
        {
            return;
        }
        assert_eq!(Native.open().err(), Some(Refusal::None));
    }

    #[test]
    fn the_systems_words_become_codes() {
        let open = |words: &str| refused(&NokhwaError::OpenDeviceError("/dev/video0".into(), words.into()));
        assert_eq!(open("Device or resource busy (os error 16)"), Refusal::Busy);
        assert_eq!(open("Permission denied (os error 13)"), Refusal::NotAllowed);
        assert_eq!(open("No such file or directory (os error 2)"), Refusal::None);
    }
}
