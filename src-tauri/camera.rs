//! Pictures from a camera of this machine, behind a trait: the real one, and a file for machines without. It knows
//! nothing of charts; a frame is a JPEG in memory and goes to whoever asked.

pub mod commands;
mod file;
#[cfg(desktop)]
mod native;

use parking_lot::Mutex;
use serde::Serialize;
use std::path::PathBuf;

/// Why there is no picture. The screens own the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// No camera here, or none that gives pictures.
    None,
    /// Another program has it.
    Busy,
    /// The person or the system does not allow it.
    NotAllowed,
    /// Here the device takes pictures with an app of its own, which the page calls.
    #[cfg_attr(desktop, expect(dead_code, reason = "only tablets have such an app"))]
    Elsewhere,
}

/// Where frames can come from.
pub trait Camera: Send + Sync {
    /// Begins.
    ///
    /// # Errors
    /// A [`Refusal`].
    fn open(&self) -> Result<Box<dyn Stream>, Refusal>;
}

/// An open camera; it goes off when dropped.
pub trait Stream: Send {
    /// The next frame as JPEG; waits for it.
    ///
    /// # Errors
    /// A [`Refusal`].
    fn frame(&mut self) -> Result<Vec<u8>, Refusal>;
}

/// The file if there is one, else the machine's own camera.
pub fn of(file: Option<PathBuf>) -> Box<dyn Camera> {
    match file {
        Some(path) => Box::new(file::Picture(path)),
        None => own(),
    }
}

#[cfg(desktop)]
fn own() -> Box<dyn Camera> {
    Box::new(native::Native)
}

#[cfg(mobile)]
fn own() -> Box<dyn Camera> {
    struct Pages;
    impl Camera for Pages {
        fn open(&self) -> Result<Box<dyn Stream>, Refusal> {
            Err(Refusal::Elsewhere)
        }
    }
    Box::new(Pages)
}

/// The one camera of the window, open while somebody looks through it.
pub struct Finder {
    camera: Box<dyn Camera>,
    stream: Mutex<Option<Box<dyn Stream>>>,
}

impl std::fmt::Debug for Finder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Finder").field("open", &self.stream.lock().is_some()).finish_non_exhaustive()
    }
}

impl Finder {
    /// Closed.
    pub fn new(camera: Box<dyn Camera>) -> Finder {
        Finder { camera, stream: Mutex::new(None) }
    }

    /// Opens it, unless it is open.
    pub fn open(&self) -> Result<(), Refusal> {
        let mut stream = self.stream.lock();
        if stream.is_none() {
            *stream = Some(self.camera.open()?);
        }
        Ok(())
    }

    /// The next frame. A camera that fails is closed.
    pub fn frame(&self) -> Result<Vec<u8>, Refusal> {
        let mut stream = self.stream.lock();
        let frame = stream.as_mut().ok_or(Refusal::None)?.frame();
        if frame.is_err() {
            *stream = None;
        }
        frame
    }

    /// Closes it.
    pub fn close(&self) {
        *self.stream.lock() = None;
    }
}

#[cfg(test)]
mod tests {
    use super::{Camera, Finder, Refusal, Stream};

    struct Two;
    struct Left(u8);
    impl Camera for Two {
        fn open(&self) -> Result<Box<dyn Stream>, Refusal> {
            Ok(Box::new(Left(2)))
        }
    }
    impl Stream for Left {
        fn frame(&mut self) -> Result<Vec<u8>, Refusal> {
            self.0 = self.0.checked_sub(1).ok_or(Refusal::Busy)?;
            Ok(vec![self.0])
        }
    }

    #[test]
    fn a_camera_that_fails_is_closed_and_can_be_opened_again() {
        let finder = Finder::new(Box::new(Two));
        assert_eq!(finder.frame(), Err(Refusal::None));
        assert_eq!(finder.open(), Ok(()));
        assert_eq!([finder.frame(), finder.frame()], [Ok(vec![1]), Ok(vec![0])]);
        assert_eq!(finder.frame(), Err(Refusal::Busy));
        assert_eq!(finder.frame(), Err(Refusal::None));
        assert_eq!((finder.open(), finder.frame()), (Ok(()), Ok(vec![1])));
        finder.close();
        assert_eq!(finder.frame(), Err(Refusal::None));
    }
}
