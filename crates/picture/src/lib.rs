//! Image bytes in; a cleaned picture, a thumbnail and the size out.
//!
//! A picture leaves here as a JPEG that carries pixels alone: upright, at most [`EDGE_MAX_PX`] along its longer edge,
//! without EXIF, GPS, colour profile or any other segment of its source. This crate deliberately does not know whose
//! picture it is, where it is kept or that it will be sealed.

mod decode;
mod encode;
mod sniff;

pub use sniff::{Format, sniff};

/// The largest file that is taken: 64 MiB.
pub const INPUT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// The most pixels that are taken: 120 megapixels.
pub const INPUT_PIXELS_MAX: u64 = 120_000_000;
/// The longer edge of what is stored, in pixels.
pub const EDGE_MAX_PX: u32 = 4096;
/// The longer edge of a thumbnail, in pixels.
pub const THUMB_EDGE_MAX_PX: u32 = 320;

/// What is kept of a picture.
#[derive(Clone, PartialEq, Eq)]
pub struct Cleaned {
    /// The picture, JPEG, upright.
    pub jpeg: Vec<u8>,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// The thumbnail, JPEG.
    pub thumb_jpeg: Vec<u8>,
}

impl std::fmt::Debug for Cleaned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cleaned")
            .field("jpeg_bytes", &self.jpeg.len())
            .field("width", &self.width)
            .field("height", &self.height)
            .finish_non_exhaustive()
    }
}

/// Why a file is not taken. None of these changes anything; the file is still where it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// More than [`INPUT_BYTES_MAX`].
    #[error("picture_too_large")]
    TooLarge,
    /// More than [`INPUT_PIXELS_MAX`], read from the header before anything is allocated.
    #[error("picture_too_many_pixels")]
    TooManyPixels,
    /// No picture format that is known here.
    #[error("not_a_picture")]
    NotAPicture,
    /// HEIC or HEIF: the device must hand it over as JPEG.
    #[error("picture_heic")]
    Heic,
    /// The content is a picture of another type than it was said to be.
    #[error("picture_type_mismatch")]
    TypeMismatch,
    /// The beginning is right and the rest is not: cut off or damaged.
    #[error("picture_corrupt")]
    Corrupt,
}

/// Cleans a picture. `claimed` is the media type the file came with (`image/jpeg`), if it came with one; parameters
/// and case are ignored, and `application/octet-stream` claims nothing.
///
/// # Errors
/// See [`PictureError`].
pub fn clean(bytes: &[u8], claimed: Option<&str>) -> Result<Cleaned, PictureError> {
    if bytes.len() > INPUT_BYTES_MAX {
        return Err(PictureError::TooLarge);
    }
    let format = sniff(bytes).ok_or(PictureError::NotAPicture)?;
    if format == Format::Heic {
        return Err(PictureError::Heic);
    }
    if !claimed.is_none_or(|claim| format.agrees_with(claim)) {
        return Err(PictureError::TypeMismatch);
    }
    let upright = decode::upright(bytes, format)?;
    encode::cleaned(&upright)
}
