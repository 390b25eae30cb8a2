//! Pictures: cleaned, sealed into the blob folder, uploaded before the item
//! that lists them, fetched when somebody looks. Plain bytes never touch the disk.

use super::{Device, META_RELAY};
use crate::profile::{storage, write_whole};
use meguri_commands::host::Host;
use meguri_commands::{Code, Failure, blob};
use meguri_picture::{PictureError, clean};
use meguri_replica::Replica;
use meguri_seal::Secret;
use meguri_wire::ids::BlobId;
use std::path::PathBuf;

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
        let url = replica.meta_get(META_RELAY).map_err(storage)?.ok_or(Code::BlobMissing)?;
        let url = String::from_utf8(url).map_err(|_| Code::DamagedProfile)?;
        let bytes = self.relay(replica, &url)?.get_blob(id)?;
        write_whole(&self.blob_path(id), &bytes)?;
        Ok(bytes)
    }

    /// The picture of an entry, opened in memory.
    ///
    /// # Errors
    /// `locked`, `not_found`, `blob_missing`, `offline`.
    pub fn open_picture(&self, id: &BlobId, entry: uuid::Uuid) -> Result<Vec<u8>, Failure> {
        let replica = self.replica()?;
        let key = blob_key(&replica, entry, id)?;
        let sealed = self.sealed(&replica, id)?;
        meguri_seal::blob::open_blob(&key, id, &sealed).map_err(|_| Code::BlobMissing.into())
    }

    /// Uploads every blob that items to be sent list. Blobs the relay has already cost one `HEAD`.
    pub(crate) fn upload_blobs(&self, relay: &crate::relay::Relay, ids: &[BlobId]) -> Result<(), Failure> {
        for id in ids {
            let bytes = std::fs::read(self.blob_path(id)).map_err(|_| Code::BlobMissing)?;
            relay.put_blob(id, &bytes)?;
        }
        Ok(())
    }
}

/// The key stands in the entry, beside hash, size and type.
fn blob_key(replica: &Replica, entry: uuid::Uuid, id: &BlobId) -> Result<Secret, Failure> {
    for space in replica.spaces().map_err(storage)? {
        let Some(row) = replica.entry(space.patient, entry).map_err(storage)? else { continue };
        let facts = meguri_clinical::entry_kind(&row.kind).and_then(|kind| kind.facts(&row.body).ok());
        let blobs = facts.map(|facts| facts.blobs).unwrap_or_default();
        let key = blobs.iter().find(|blob| blob.id == id.to_string()).and_then(|blob| hex::decode(&blob.key).ok());
        let key = key.and_then(|key| <[u8; 32]>::try_from(key).ok()).ok_or(Code::NotFound)?;
        return Ok(Secret::new(key));
    }
    Err(Code::NotFound.into())
}
