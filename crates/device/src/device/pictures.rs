//! Pictures: cleaned, sealed into the blob folder, uploaded before the item
//! that lists them, fetched when somebody looks. Plain bytes never touch the disk.

use super::Device;
use crate::profile::{storage, write_whole};
use meguri_commands::host::{Host, Needs};
use meguri_commands::{Code, Failure, blob};
use meguri_picture::{PictureError, clean};
use meguri_replica::Replica;
use meguri_seal::Secret;
use meguri_wire::Frame;
use meguri_wire::ids::{BlobId, SpaceId};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

fn refused(error: PictureError) -> Failure {
    match error {
        PictureError::TooLarge => Code::PictureTooLarge,
        PictureError::TooManyPixels => Code::PictureTooManyPixels,
        PictureError::NotAPicture => Code::NotAPicture,
        PictureError::Heic => Code::PictureHeic,
        PictureError::TypeMismatch => Code::PictureTypeMismatch,
        PictureError::Corrupt => Code::PictureCorrupt,
    }
    .into()
}

impl Device {
    fn blob_path(&self, id: &BlobId) -> PathBuf {
        self.profile.blobs().join(id.to_string())
    }

    /// The body of a photo without its caption.
    pub(super) fn keep_picture(&self, bytes: &[u8], media_type: &str) -> Result<blob::put::Res, Failure> {
        let picture = clean(bytes, Some(media_type)).map_err(refused)?;
        let blob = self.keep_blob(&picture.jpeg)?;
        let thumb = self.keep_blob(&picture.thumb_jpeg)?;
        Ok(blob::put::Res {
            photo: serde_json::json!({
                "blob": blob, "thumb": thumb, "width": picture.width, "height": picture.height,
            }),
        })
    }

    fn keep_blob(&self, jpeg: &[u8]) -> Result<serde_json::Value, Failure> {
        let key = Secret::make(&mut self.rng());
        let (id, sealed) = meguri_seal::blob::seal_blob(&key, jpeg).map_err(|_| Code::Bug)?;
        write_whole(&self.blob_path(&id), &sealed)?;
        Ok(serde_json::json!({
            "id": id.to_string(),
            "key": hex::encode(key.bytes()),
            "sha256": meguri_wire::ids::Hash::of(jpeg).to_string(),
            "size": jpeg.len(),
            "mediaType": "image/jpeg",
        }))
    }

    /// Sealed bytes of a blob, from the folder or from the relay.
    fn sealed(&self, replica: &Replica, id: &BlobId) -> Result<Vec<u8>, Failure> {
        if let Ok(bytes) = std::fs::read(self.blob_path(id)) {
            return Ok(bytes);
        }
        let bytes = self.own_relay(replica)?.get_blob(id)?;
        write_whole(&self.blob_path(id), &bytes)?;
        replica.blob_arrived(id).map_err(storage)?;
        Ok(bytes)
    }

    fn own_relay(&self, replica: &Replica) -> Result<std::sync::Arc<crate::relay::Relay>, Failure> {
        self.relay(replica)
    }

    /// Fetches pictures that entries name and that have not arrived, the newest first, a few in one go. What the relay
    /// does not have yet is asked for again at the next round; being offline is no error.
    pub(crate) fn fetch_pictures(&self) -> Result<(), Failure> {
        let replica = self.background()?;
        self.shared.pictures_wanted.store(false, Ordering::Release);
        let missing = replica.blobs_missing(ASKED_MAX).map_err(storage)?;
        if missing.is_empty() {
            self.shared.pictures_lacking.store(false, Ordering::Release);
            return Ok(());
        }
        let relay = self.own_relay(&replica)?;
        let (mut fetched, mut lacking) = (0, 0);
        for id in missing {
            if fetched == FETCHED_MAX {
                self.shared.pictures_wanted.store(true, Ordering::Release);
                break;
            }
            if self.blob_path(&id).is_file() {
                replica.blob_arrived(&id).map_err(storage)?;
                continue;
            }
            match relay.get_blob(&id) {
                Ok(bytes) => {
                    write_whole(&self.blob_path(&id), &bytes)?;
                    replica.blob_arrived(&id).map_err(storage)?;
                    fetched += 1;
                }
                Err(failure) if failure.code == Code::BlobMissing => lacking += 1,
                Err(failure) => {
                    self.log.failed(self.now_ms(), "picture", failure.code);
                    break;
                }
            }
        }
        self.log.note(self.now_ms(), "pictures", fetched);
        self.shared.pictures_lacking.store(lacking > 0, Ordering::Release);
        Ok(())
    }

    /// Takes a picture that did not come through a command: cleaned, sealed, kept.
    ///
    /// # Errors
    /// `locked`, `not_enrolled`, `removed`, picture codes, storage codes.
    pub fn put_picture(&self, bytes: &[u8], media_type: &str) -> Result<blob::put::Res, Failure> {
        self.gate(Needs::Enrolled)?;
        self.keep_picture(bytes, media_type)
    }

    /// The picture of an entry or of a draft, opened in memory.
    ///
    /// # Errors
    /// `locked`, `not_found`, `blob_missing`, `offline`.
    pub fn open_picture(&self, id: &BlobId, entry: uuid::Uuid) -> Result<Vec<u8>, Failure> {
        let replica = self.replica()?;
        let key = blob_key(&replica, entry, id)?;
        let sealed = self.sealed(&replica, id)?;
        meguri_seal::blob::open_blob(&key, id, &sealed).map_err(|_| Code::BlobMissing.into())
    }

    /// The thumbnail that was made for a picture of an entry; nothing else is given as one.
    ///
    /// # Errors
    /// As [`Device::open_picture`]; `not_found` when `id` is neither a picture with a thumbnail nor a thumbnail.
    pub fn open_thumb(&self, id: &BlobId, entry: uuid::Uuid) -> Result<Vec<u8>, Failure> {
        let thumb = self.thumb_of(id, entry)?;
        self.open_picture(&thumb, entry)
    }

    /// The thumbnail's id, given its own or its picture's.
    pub(crate) fn thumb_of(&self, id: &BlobId, entry: uuid::Uuid) -> Result<BlobId, Failure> {
        let facts = facts_of(&*self.replica()?, entry)?;
        let id = id.to_string();
        let pair = facts.thumbs.into_iter().find(|(picture, thumb)| *picture == id || *thumb == id);
        pair.and_then(|(_, thumb)| thumb.parse().ok()).ok_or_else(|| Code::NotFound.into())
    }

    /// Uploads every blob that items to be sent list. Blobs the relay has already cost one `HEAD`.
    pub(crate) fn upload_blobs(&self, relay: &crate::relay::Relay, ids: &[BlobId]) -> Result<(), Failure> {
        for id in ids {
            match std::fs::read(self.blob_path(id)) {
                Ok(bytes) => relay.put_blob(id, &bytes)?,
                // Not here any more: an earlier upload may have been complete.
                Err(_) if relay.has_blob(id)? => {}
                Err(_) => return Err(Code::BlobMissing.into()),
            }
        }
        Ok(())
    }
}

impl Device {
    /// Uploads what the items list, then gives the items. A picture that is gone stops the rest of its own space only.
    pub(crate) fn after_their_blobs(
        &self,
        relay: &crate::relay::Relay,
        sealed: Vec<(SpaceId, Frame)>,
        refusals: &mut BTreeMap<SpaceId, meguri_wire::Code>,
    ) -> Result<Vec<(SpaceId, Frame)>, Failure> {
        let mut out = Vec::with_capacity(sealed.len());
        for (space, frame) in sealed {
            if refusals.contains_key(&space) {
                continue;
            }
            match frame.item().map_or(Ok(()), |item| self.upload_blobs(relay, &item.blob_ids)) {
                Ok(()) => out.push((space, frame)),
                Err(failure) if failure.code == Code::BlobMissing => {
                    self.log.failed(self.now_ms(), "upload", failure.code);
                    refusals.insert(space, meguri_wire::Code::MissingBlob);
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(out)
    }
}

/// Pictures asked for in one go.
const ASKED_MAX: u32 = 64;
/// Pictures fetched in one go.
const FETCHED_MAX: u64 = 8;

/// What an entry, or a draft that will become one, says of its pictures.
fn facts_of(replica: &Replica, id: uuid::Uuid) -> Result<meguri_clinical::Facts, Failure> {
    let (kind, body) = body_of(replica, id)?.ok_or(Code::NotFound)?;
    let facts = meguri_clinical::entry_kind(&kind).and_then(|kind| kind.facts(&body).ok());
    facts.ok_or_else(|| Code::NotFound.into())
}

/// Kind and stored bytes.
fn body_of(replica: &Replica, id: uuid::Uuid) -> Result<Option<(String, Vec<u8>)>, Failure> {
    for space in replica.spaces().map_err(storage)? {
        if let Some(row) = replica.entry(space.patient, id).map_err(storage)? {
            return Ok(Some((row.kind, row.body)));
        }
    }
    let Some(draft) = replica.draft(id).map_err(storage)? else { return Ok(None) };
    let body = serde_json::from_str(&draft.body_json).map_err(|_| Code::DamagedProfile)?;
    let bytes = meguri_clinical::entry_kind(&draft.kind).and_then(|kind| kind.encode(&body).ok());
    Ok(bytes.map(|bytes| (draft.kind, bytes)))
}

/// The key stands in the entry, beside hash, size and type.
fn blob_key(replica: &Replica, entry: uuid::Uuid, id: &BlobId) -> Result<Secret, Failure> {
    let blobs = facts_of(replica, entry)?.blobs;
    let key = blobs.iter().find(|blob| blob.id == id.to_string()).and_then(|blob| hex::decode(&blob.key).ok());
    let key = key.and_then(|key| <[u8; 32]>::try_from(key).ok()).ok_or(Code::NotFound)?;
    Ok(Secret::new(key))
}
