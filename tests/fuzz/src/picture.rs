//! Pictures from cameras, files and other people.

use super::quietly;
use image::ImageReader;
use meguri_picture::{EDGE_MAX_PX, Format, THUMB_EDGE_MAX_PX, clean, sniff};
use std::io::Cursor;

/// Larger ones cost seconds and find nothing that small ones do not; `crates/picture` holds the real limit.
const PIXELS_MAX: u64 = 1 << 18;

/// A picture is cleaned or refused.
pub fn picture(bytes: &[u8]) {
    quietly();
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let size = reader.ok().and_then(|reader| reader.into_dimensions().ok());
    if size.is_some_and(|(width, height)| u64::from(width) * u64::from(height) > PIXELS_MAX) {
        return;
    }
    let Ok(cleaned) = clean(bytes, None) else { return };
    assert!(sniff(bytes).is_some_and(|format| format != Format::Heic));
    assert!(cleaned.width.max(cleaned.height) <= EDGE_MAX_PX);
    for (jpeg, edge_max) in [(&cleaned.jpeg, EDGE_MAX_PX), (&cleaned.thumb_jpeg, THUMB_EDGE_MAX_PX)] {
        assert_eq!(sniff(jpeg), Some(Format::Jpeg));
        let (width, height) = ImageReader::with_format(Cursor::new(jpeg), image::ImageFormat::Jpeg)
            .into_dimensions()
            .expect("what was written");
        assert!(width > 0 && height > 0 && width.max(height) <= edge_max);
    }
}
