//! A JPEG that stands in for the camera: every frame is that picture.

use super::{Camera, Refusal, Stream};
use std::path::PathBuf;
use std::time::Duration;

/// As many frames a second as a slow camera has.
const FRAME_MS: u64 = 100;
const JPEG: [u8; 3] = [0xff, 0xd8, 0xff];

/// The file.
#[derive(Debug)]
pub struct Picture(pub PathBuf);

struct Still(Vec<u8>);

impl Camera for Picture {
    fn open(&self) -> Result<Box<dyn Stream>, Refusal> {
        match std::fs::read(&self.0) {
            Ok(bytes) if bytes.starts_with(&JPEG) => Ok(Box::new(Still(bytes))),
            Ok(_) => Err(Refusal::None),
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => Err(Refusal::NotAllowed),
            Err(_) => Err(Refusal::None),
        }
    }
}

impl Stream for Still {
    fn frame(&mut self) -> Result<Vec<u8>, Refusal> {
        std::thread::sleep(Duration::from_millis(FRAME_MS));
        Ok(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test may panic")]
    use super::{Camera, Picture, Refusal};

    #[test]
    fn only_a_jpeg_is_a_camera() {
        let path = std::env::temp_dir().join(format!("meguri-camera-{}", std::process::id()));
        assert_eq!(Picture(path.clone()).open().err(), Some(Refusal::None));
        std::fs::write(&path, b"not a picture").unwrap();
        assert_eq!(Picture(path.clone()).open().err(), Some(Refusal::None));
        std::fs::write(&path, [0xff, 0xd8, 0xff, 0xe0]).unwrap();
        let mut stream = Picture(path.clone()).open().unwrap();
        assert_eq!(stream.frame(), Ok(vec![0xff, 0xd8, 0xff, 0xe0]));
        assert_eq!(stream.frame(), Ok(vec![0xff, 0xd8, 0xff, 0xe0]));
        std::fs::remove_file(path).unwrap();
    }
}
