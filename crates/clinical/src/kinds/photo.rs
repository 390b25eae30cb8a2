//! `photo` 画像: a cleaned picture in a sealed blob, with its place on the body.

use super::EntryKind;
use crate::fact::{BlobRef, Facts};
use crate::finding::{CheckContext, Finding};
use crate::time::Instant;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Most characters of a caption.
pub const CAPTION_CHARS_MAX: usize = 500;

/// Places on the body. Stored codes; more may be added, none changes its meaning.
pub const BODY_SITES: &[&str] = &[
    "head",
    "face",
    "eye",
    "mouth",
    "neck",
    "chest",
    "abdomen",
    "stoma",
    "back",
    "sacrum",
    "coccyx",
    "ischium-right",
    "ischium-left",
    "trochanter-right",
    "trochanter-left",
    "shoulder-right",
    "shoulder-left",
    "elbow-right",
    "elbow-left",
    "forearm-right",
    "forearm-left",
    "hand-right",
    "hand-left",
    "thigh-right",
    "thigh-left",
    "knee-right",
    "knee-left",
    "lower-leg-right",
    "lower-leg-left",
    "ankle-right",
    "ankle-left",
    "heel-right",
    "heel-left",
    "foot-right",
    "foot-left",
    "medication",
    "environment",
    "other",
];

/// The kind.
#[derive(Debug)]
pub struct Photo;

/// A picture.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields)]
pub struct PhotoBody {
    /// The picture: JPEG, upright, without metadata.
    pub blob: BlobRef,
    /// Its thumbnail.
    pub thumb: BlobRef,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// What it shows, in the person's words.
    #[serde(default)]
    pub caption: String,
    /// One of [`BODY_SITES`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_site: Option<String>,
    /// A ruler or another thing of known size is in view.
    #[serde(default)]
    pub scale_in_view: bool,
    /// When it was taken, if not at the entry's time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<Instant>,
}

impl std::fmt::Debug for PhotoBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PhotoBody").field("width", &self.width).field("height", &self.height).finish_non_exhaustive()
    }
}

impl EntryKind for Photo {
    type Body = PhotoBody;
    const TAG: &'static str = "photo";
    const VERSION: u32 = 1;

    fn normalise(body: &mut PhotoBody) {
        body.caption = body.caption.trim().to_owned();
    }

    fn check(body: &PhotoBody, context: &CheckContext) -> Vec<Finding> {
        let mut out = Vec::new();
        if !body.blob.is_well_formed() || !body.thumb.is_well_formed() || body.width == 0 || body.height == 0 {
            out.push(Finding::refuse("bad_blob", "blob"));
        }
        if body.caption.chars().count() > CAPTION_CHARS_MAX {
            out.push(Finding::refuse("too_long", "caption").with("max", CAPTION_CHARS_MAX));
        }
        if body.body_site.as_deref().is_some_and(|site| !BODY_SITES.contains(&site)) {
            out.push(Finding::refuse("unknown_code", "bodySite"));
        }
        if context.now_ms > 0 && body.taken_at.is_some_and(|t| t.ms > context.now_ms) {
            out.push(Finding::ask("in_the_future", "takenAt"));
        }
        out
    }

    fn facts(body: &PhotoBody) -> Facts {
        Facts {
            title: body.caption.lines().next().unwrap_or_default().chars().take(80).collect(),
            search: body.caption.clone(),
            measures: Vec::new(),
            blobs: vec![body.blob.clone(), body.thumb.clone()],
            thumbs: vec![(body.blob.id.clone(), body.thumb.id.clone())],
        }
    }
}
