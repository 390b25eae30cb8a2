//! From bytes to upright pixels, with every limit checked before memory is taken.

use crate::{Format, INPUT_PIXELS_MAX, PictureError};
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Memory one decoder may take: 120 megapixels of four bytes, and working space.
const DECODE_BYTES_MAX: u64 = INPUT_PIXELS_MAX * 4 + 64 * 1024 * 1024;

/// Decodes and turns by the EXIF orientation.
pub(crate) fn upright(bytes: &[u8], format: Format) -> Result<DynamicImage, PictureError> {
    let format = match format {
        Format::Jpeg => ImageFormat::Jpeg,
        Format::Png => ImageFormat::Png,
        Format::Webp => ImageFormat::WebP,
        Format::Gif => ImageFormat::Gif,
        Format::Bmp => ImageFormat::Bmp,
        Format::Tiff => ImageFormat::Tiff,
        Format::Heic => return Err(PictureError::Heic),
    };
    // A decoder that panics on damaged bytes must not take the app with it.
    catch_unwind(AssertUnwindSafe(|| decode(bytes, format))).unwrap_or(Err(PictureError::Corrupt))
}

fn decode(bytes: &[u8], format: ImageFormat) -> Result<DynamicImage, PictureError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(DECODE_BYTES_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| PictureError::Corrupt)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > INPUT_PIXELS_MAX {
        return Err(PictureError::TooManyPixels);
    }
    if width == 0 || height == 0 {
        return Err(PictureError::Corrupt);
    }
    let orientation = decoder.orientation().map_err(|_| PictureError::Corrupt)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(|_| PictureError::Corrupt)?;
    image.apply_orientation(orientation);
    Ok(image)
}
