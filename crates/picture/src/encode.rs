//! From upright pixels to what is kept.

use crate::{Cleaned, EDGE_MAX_PX, PictureError, THUMB_EDGE_MAX_PX};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, Rgb, RgbImage, Rgba};

/// JPEG quality of the picture: wounds need their edges.
const QUALITY: u8 = 86;
/// JPEG quality of the thumbnail.
const THUMB_QUALITY: u8 = 78;

pub(crate) fn cleaned(upright: &DynamicImage) -> Result<Cleaned, PictureError> {
    let picture = within(upright, EDGE_MAX_PX);
    let thumb = within(upright, THUMB_EDGE_MAX_PX);
    Ok(Cleaned {
        jpeg: jpeg(&picture, QUALITY)?,
        width: picture.width(),
        height: picture.height(),
        thumb_jpeg: jpeg(&thumb, THUMB_QUALITY)?,
    })
}

/// The pixels on white, no larger than `edge_px` along either edge; never enlarged.
fn within(image: &DynamicImage, edge_px: u32) -> RgbImage {
    if image.width() <= edge_px && image.height() <= edge_px {
        return on_white(image);
    }
    // Far too many pixels are averaged first: the fine filter's cost grows with what it reads.
    let coarse = edge_px.saturating_mul(2);
    let fine = |image: &DynamicImage| image.resize(edge_px, edge_px, FilterType::CatmullRom);
    if image.width() > coarse || image.height() > coarse {
        on_white(&fine(&image.thumbnail(coarse, coarse)))
    } else {
        on_white(&fine(image))
    }
}

fn on_white(image: &DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.to_rgb8();
    }
    let rgba = image.to_rgba8();
    let mut out = RgbImage::new(rgba.width(), rgba.height());
    for (to, from) in out.pixels_mut().zip(rgba.pixels()) {
        let Rgba([r, g, b, alpha]) = *from;
        let over = |c: u8| {
            let (c, alpha) = (u32::from(c), u32::from(alpha));
            u8::try_from((c * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
        };
        *to = Rgb([over(r), over(g), over(b)]);
    }
    out
}

fn jpeg(pixels: &RgbImage, quality: u8) -> Result<Vec<u8>, PictureError> {
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, quality).encode_image(pixels).map_err(|_| PictureError::Corrupt)?;
    Ok(out)
}
