//! Writes a visit with the commands a screen uses: drafts, their questions answered, one confirmation.

use super::past::Past;
use super::plan::{Visit, Writing};
use super::wound;
use meguri_commands::host::{Host, new_id};
use meguri_commands::{Code, Failure, call};
use meguri_device::Device;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A visit is written down this long after it began.
const WRITTEN_AFTER_MS: i64 = 25 * 60_000;
/// A wound is photographed at most once in this time.
const PICTURE_EVERY_MS: i64 = 13 * 86_400_000;

/// How much was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Visits.
    pub visits: usize,
    /// Entries.
    pub entries: usize,
    /// Pictures among them.
    pub pictures: usize,
}

/// Writes these visits, in order, as the person of `device`. `ids` are the patients' by index.
pub fn visits<'a>(device: &Device, ids: &[String], visits: impl Iterator<Item = &'a Visit>) -> Result<Count, Failure> {
    let mut count = Count::default();
    let mut pictured: BTreeMap<usize, i64> = BTreeMap::new();
    for visit in visits {
        let patient = ids.get(visit.patient).ok_or(Code::Bug)?;
        let host = Past { device, at_ms: visit.at_ms + WRITTEN_AFTER_MS };
        let mut bodies = Vec::new();
        for writing in &visit.writings {
            match writing {
                Writing::Entry { kind, body } => bodies.push((*kind, body.clone())),
                Writing::Wound(length, width) => {
                    let due = pictured.get(&visit.patient).is_none_or(|at| visit.at_ms - at >= PICTURE_EVERY_MS);
                    if due {
                        pictured.insert(visit.patient, visit.at_ms);
                        bodies.push(("photo", photo(&host, *length, *width, visit.at_ms)?));
                        count.pictures += 1;
                    }
                }
            }
        }
        count.entries += confirm(&host, patient, visit.at_ms, &bodies)?;
        count.visits += 1;
    }
    Ok(count)
}

fn photo(host: &dyn Host, length_mm: i64, width_mm: i64, seed: i64) -> Result<Value, Failure> {
    let pixels = wound::draw(length_mm, width_mm, seed.unsigned_abs());
    let kept = host.blob_put(&bitmap(&pixels), "image/bmp")?;
    let mut photo = kept.photo;
    if let Value::Object(fields) = &mut photo {
        fields.insert("caption".into(), json!("仙骨部の褥瘡（処置前）"));
        fields.insert("scaleInView".into(), json!(true));
    }
    Ok(photo)
}

/// Drafts and their confirmation; every question is answered with yes. How many entries.
fn confirm(host: &dyn Host, patient: &str, at_ms: i64, bodies: &[(&str, Value)]) -> Result<usize, Failure> {
    let visit = new_id(host).to_string();
    let at = json!({"ms": at_ms, "zoneMin": 540});
    let mut drafts = Vec::new();
    let mut accepted = Vec::new();
    for (kind, body) in bodies {
        let req = json!({"patientId": patient, "visitId": visit, "kind": kind, "body": body, "at": at});
        let saved = call(host, "draft.save", req)?;
        let id = saved.get("id").cloned().ok_or(Code::Bug)?;
        for finding in saved.get("findings").and_then(Value::as_array).into_iter().flatten() {
            accepted.push(json!({"draftId": id, "code": finding.get("code"), "field": finding.get("field")}));
        }
        drafts.push(id);
    }
    let req = json!({"patientId": patient, "draftIds": drafts, "at": at, "accepted": accepted});
    call(host, "entry.confirm", req)?;
    Ok(bodies.len())
}

/// Drawn pixels as a Windows bitmap of 24 bits, the one picture file that needs no packing.
fn bitmap(pixels: &[u8]) -> Vec<u8> {
    const HEADER: u32 = 54;
    let mut out = Vec::with_capacity(pixels.len() + 54);
    out.extend(b"BM");
    for word in [HEADER + wound::WIDTH * wound::HEIGHT * 3, 0, HEADER, 40, wound::WIDTH, wound::HEIGHT] {
        out.extend(word.to_le_bytes());
    }
    out.extend([1, 0, 24, 0]);
    out.extend([0; 24]);
    // Rows stand from the bottom up, blue first; their length is a multiple of four already.
    for row in pixels.chunks_exact((wound::WIDTH * 3) as usize).rev() {
        for pixel in row.chunks_exact(3) {
            out.extend(pixel.iter().rev());
        }
    }
    out
}
