//! What a file is, by its first bytes and never by its name.

/// A picture format that can be told apart here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    Webp,
    /// GIF; its first frame is taken.
    Gif,
    /// Windows bitmap.
    Bmp,
    /// TIFF.
    Tiff,
    /// HEIC or HEIF; recognised in order to be named, not decoded.
    Heic,
}

/// Brands of ISO base media files (ISO/IEC 23008-12) that hold HEVC pictures.
const HEIF_BRANDS: [&[u8]; 8] = [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"];

/// The format of these bytes, if it is one of [`Format`].
#[must_use]
pub fn sniff(bytes: &[u8]) -> Option<Format> {
    let at = |start: usize, end: usize| bytes.get(start..end).unwrap_or_default();
    if at(0, 3) == [0xff, 0xd8, 0xff] {
        Some(Format::Jpeg)
    } else if at(0, 8) == *b"\x89PNG\r\n\x1a\n" {
        Some(Format::Png)
    } else if at(0, 4) == *b"RIFF" && at(8, 12) == *b"WEBP" {
        Some(Format::Webp)
    } else if at(0, 6) == *b"GIF87a" || at(0, 6) == *b"GIF89a" {
        Some(Format::Gif)
    } else if at(0, 4) == *b"II*\0" || at(0, 4) == *b"MM\0*" {
        Some(Format::Tiff)
    } else if at(4, 8) == *b"ftyp" && HEIF_BRANDS.contains(&at(8, 12)) {
        Some(Format::Heic)
    } else if at(0, 2) == *b"BM" && at(6, 10) == [0; 4] {
        Some(Format::Bmp)
    } else {
        None
    }
}

impl Format {
    /// Whether a claimed media type may stand for this format.
    #[must_use]
    pub fn agrees_with(self, claimed: &str) -> bool {
        let essence = claimed.split(';').next().unwrap_or_default().trim();
        let names: &[&str] = match self {
            Format::Jpeg => &["image/jpeg", "image/jpg", "image/pjpeg"],
            Format::Png => &["image/png", "image/x-png"],
            Format::Webp => &["image/webp"],
            Format::Gif => &["image/gif"],
            Format::Bmp => &["image/bmp", "image/x-ms-bmp"],
            Format::Tiff => &["image/tiff"],
            Format::Heic => &["image/heic", "image/heif"],
        };
        let nothing = ["", "application/octet-stream", "image/*"];
        names.iter().chain(&nothing).any(|name| name.eq_ignore_ascii_case(essence))
    }
}
