//! Pictures as they come from cameras, and files that only look like pictures.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

use image::{ImageFormat, Rgb, RgbImage};
use meguri_picture::{EDGE_MAX_PX, INPUT_BYTES_MAX, PictureError, THUMB_EDGE_MAX_PX, clean};
use proptest::prelude::*;
use std::io::Cursor;

const RED: Rgb<u8> = Rgb([220, 20, 20]);
const BLUE: Rgb<u8> = Rgb([20, 20, 220]);

/// Red in the upper left quarter, blue elsewhere; wider than high.
fn scene(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| if x < width / 2 && y < height / 2 { RED } else { BLUE })
}

fn bytes(image: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    image.write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// A JPEG with an EXIF segment: the orientation and a GPS position in plain sight.
fn jpeg_with_exif(image: &RgbImage, orientation: u8) -> Vec<u8> {
    let plain = bytes(image, ImageFormat::Jpeg);
    let mut tiff = b"Exif\0\0MM\0*\0\0\0\x08\0\x02".to_vec();
    tiff.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]); // Orientation
    tiff.extend([0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0x26]); // GPS directory at 0x26
    tiff.extend([0; 4]);
    tiff.extend([0, 1, 0, 1, 0, 2, 0, 0, 0, 2, b'N', 0, 0, 0, 0, 0, 0, 0]); // GPSLatitudeRef
    tiff.extend(b"GPS 38.727 139.826 Minamihama");
    let mut out = plain[..2].to_vec();
    out.extend([0xff, 0xe1]);
    out.extend(u16::try_from(tiff.len() + 2).unwrap().to_be_bytes());
    out.extend(&tiff);
    out.extend(&plain[2..]);
    out
}

fn decoded(jpeg: &[u8]) -> RgbImage {
    image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg).unwrap().to_rgb8()
}

fn is_red(image: &RgbImage, x: u32, y: u32) -> bool {
    let Rgb([r, _, b]) = *image.get_pixel(x, y);
    r > b
}

/// EXIF 2.32, tag 0x0112: where the red quarter of an upright scene stands in the stored pixels.
#[test]
fn all_eight_orientations_come_out_upright() {
    let upright = scene(64, 32);
    for orientation in 1..=8u8 {
        let stored = match orientation {
            1 => upright.clone(),
            2 => image::imageops::flip_horizontal(&upright),
            3 => image::imageops::rotate180(&upright),
            4 => image::imageops::flip_vertical(&upright),
            5 => image::imageops::flip_horizontal(&image::imageops::rotate90(&upright)),
            6 => image::imageops::rotate270(&upright),
            7 => image::imageops::flip_horizontal(&image::imageops::rotate270(&upright)),
            _ => image::imageops::rotate90(&upright),
        };
        let cleaned = clean(&jpeg_with_exif(&stored, orientation), Some("image/jpeg")).unwrap();
        assert_eq!((cleaned.width, cleaned.height), (64, 32), "orientation {orientation}");
        let out = decoded(&cleaned.jpeg);
        assert!(is_red(&out, 8, 8), "orientation {orientation}");
        assert!(!is_red(&out, 56, 8) && !is_red(&out, 8, 26) && !is_red(&out, 56, 26));
    }
}

#[test]
fn nothing_of_the_source_but_pixels_remains() {
    let source = jpeg_with_exif(&scene(200, 100), 6);
    let holds = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|w| w == what);
    assert!(holds(&source, b"Exif") && holds(&source, b"Minamihama"), "the source has it");
    let cleaned = clean(&source, None).unwrap();
    for out in [&cleaned.jpeg, &cleaned.thumb_jpeg] {
        assert!(!holds(out, b"Exif") && !holds(out, b"GPS") && !holds(out, b"Minamihama"));
        let mut at = 2;
        while out[at + 1] != 0xda {
            assert!(!(0xe1..=0xef).contains(&out[at + 1]) && out[at + 1] != 0xfe, "segment {:x}", out[at + 1]);
            at += 2 + usize::from(u16::from_be_bytes([out[at + 2], out[at + 3]]));
        }
    }
}

#[test]
fn large_pictures_are_made_smaller_and_small_ones_are_left() {
    let large = clean(&bytes(&scene(5000, 2500), ImageFormat::Png), Some("image/png")).unwrap();
    assert_eq!((large.width, large.height), (EDGE_MAX_PX, EDGE_MAX_PX / 2));
    let thumb = decoded(&large.thumb_jpeg);
    assert_eq!((thumb.width(), thumb.height()), (THUMB_EDGE_MAX_PX, THUMB_EDGE_MAX_PX / 2));
    assert!(is_red(&thumb, 40, 40) && !is_red(&thumb, 300, 40));
    let small = clean(&bytes(&scene(90, 60), ImageFormat::Png), Some("image/png")).unwrap();
    assert_eq!((small.width, small.height), (90, 60));
}

#[test]
fn every_format_that_is_taken() {
    for (format, claim) in [
        (ImageFormat::Jpeg, "image/jpeg"),
        (ImageFormat::Png, "IMAGE/PNG; x=1"),
        (ImageFormat::WebP, "image/webp"),
        (ImageFormat::Gif, "image/gif"),
        (ImageFormat::Bmp, "image/bmp"),
        (ImageFormat::Tiff, "application/octet-stream"),
    ] {
        let cleaned = clean(&bytes(&scene(40, 30), format), Some(claim)).unwrap();
        assert_eq!((cleaned.width, cleaned.height), (40, 30), "{format:?}");
    }
}

#[test]
fn transparent_becomes_white() {
    let clear = image::RgbaImage::from_pixel(20, 20, image::Rgba([0, 0, 0, 0]));
    let mut out = Cursor::new(Vec::new());
    clear.write_to(&mut out, ImageFormat::Png).unwrap();
    let cleaned = clean(&out.into_inner(), None).unwrap();
    let Rgb([r, g, b]) = *decoded(&cleaned.jpeg).get_pixel(10, 10);
    assert!(r > 250 && g > 250 && b > 250);
}

#[test]
fn what_is_not_taken_says_why() {
    let png = bytes(&scene(40, 30), ImageFormat::Png);
    assert_eq!(clean(&vec![0xff; INPUT_BYTES_MAX + 1], None), Err(PictureError::TooLarge));
    assert_eq!(clean(b"", None), Err(PictureError::NotAPicture));
    assert_eq!(clean(b"%PDF-1.7 and more", Some("image/jpeg")), Err(PictureError::NotAPicture));
    assert_eq!(clean(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Some("image/jpeg")), Err(PictureError::Heic));
    assert_eq!(clean(&png, Some("image/jpeg")), Err(PictureError::TypeMismatch));
    assert_eq!(clean(&png, Some("text/html")), Err(PictureError::TypeMismatch));
    assert_eq!(clean(&png[..png.len() / 2], None), Err(PictureError::Corrupt));
    assert_eq!(clean(&png[..9], None), Err(PictureError::Corrupt));
}

/// A PNG whose header promises 50,000 × 50,000 pixels in a few bytes.
#[test]
fn a_decompression_bomb_is_refused_from_its_header() {
    let mut bomb = bytes(&scene(40, 30), ImageFormat::Png);
    bomb[16..20].copy_from_slice(&50_000u32.to_be_bytes());
    bomb[20..24].copy_from_slice(&50_000u32.to_be_bytes());
    let crc = crc32(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&crc.to_be_bytes());
    assert_eq!(clean(&bomb, None), Err(PictureError::TooManyPixels));
}

/// CRC-32 of PNG chunks (ISO 3309).
fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { (c >> 1) ^ 0xedb8_8320 } else { c >> 1 })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    /// Damaged files end in a picture or an error, never in a panic.
    #[test]
    fn damaged_bytes_never_panic(kind in 0..4usize, hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12), cut in any::<prop::sample::Index>()) {
        let format = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif][kind];
        let mut file = bytes(&scene(48, 40), format);
        for (at, to) in hits {
            let at = at.index(file.len());
            file[at] = to;
        }
        file.truncate(cut.index(file.len()) + 1);
        let _ = clean(&file, None);
    }
}
