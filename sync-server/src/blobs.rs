//! Sealed blobs by their hash, through `object_store` on disk. Parts of an
//! upload are kept per device, so nobody can spoil another's.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path as FolderPath, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use meguri_wire::{BlobId, Code, DeviceId, limits};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt};
use parking_lot::Mutex;
use ring::digest::{Context, SHA256};

use crate::refusal::{Answered, Refusal};

/// Uploads whose running hash is remembered.
const RUNNING_MAX: usize = 256;

type Upload = (DeviceId, BlobId);
type Running = Arc<tokio::sync::Mutex<Option<(u64, Context)>>>;

/// The blob folder.
pub struct Blobs {
    root: PathBuf,
    objects: LocalFileSystem,
    running: Mutex<HashMap<Upload, Running>>,
}

/// How far an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// Bytes held.
    pub offset: u64,
    /// Whether the whole matches its hash now.
    pub complete: bool,
}

fn storage(error: object_store::Error) -> Refusal {
    let missing = matches!(error, object_store::Error::NotFound { .. });
    if !missing {
        tracing::error!(code = "blob_storage", "blob storage refused");
    }
    if missing { Code::NotFound.into() } else { Code::Storage.into() }
}

fn whole(blob: &BlobId) -> Path {
    let text = blob.to_string();
    Path::from(format!("whole/{}/{text}", text.get(..2).unwrap_or("00")))
}

fn parts(upload: &Upload) -> Path {
    Path::from(format!("parts/{}/{}", upload.0, upload.1))
}

fn part(upload: &Upload, offset: u64) -> Path {
    Path::from(format!("parts/{}/{}/{offset:012}", upload.0, upload.1))
}

/// A file is written under its name with `#` and a number behind it and then renamed; listings leave these out.
fn drop_staged(folder: &FolderPath, before: SystemTime) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            drop_staged(&entry.path(), before)?;
        } else if entry.file_name().to_string_lossy().contains('#')
            && entry.metadata().is_ok_and(|meta| meta.modified().is_ok_and(|at| at < before))
        {
            // Renamed in between, it is gone under this name.
            let _ = std::fs::remove_file(entry.path());
        }
    }
    Ok(())
}

impl Blobs {
    /// Opens or makes `blobs/` in a data folder.
    ///
    /// # Errors
    /// Input and output.
    pub fn open(folder: &FolderPath) -> std::io::Result<Self> {
        let root = folder.join("blobs");
        std::fs::create_dir_all(&root)?;
        let objects = LocalFileSystem::new_with_prefix(&root).map_err(std::io::Error::other)?;
        Ok(Self { root, objects: objects.with_fsync(true), running: Mutex::default() })
    }

    fn running(&self, upload: &Upload) -> Running {
        let mut all = self.running.lock();
        if all.len() >= RUNNING_MAX {
            all.retain(|_, running| Arc::strong_count(running) > 1);
        }
        all.entry(*upload).or_default().clone()
    }

    async fn parts_of(&self, upload: &Upload) -> Answered<Vec<(Path, u64)>> {
        let prefix = parts(upload);
        let mut found: Vec<(Path, u64)> = self
            .objects
            .list(Some(&prefix))
            .map_ok(|meta| (meta.location, meta.size))
            .try_collect()
            .await
            .map_err(storage)?;
        found.sort();
        Ok(found)
    }

    /// Bytes of an unfinished upload held so far.
    ///
    /// # Errors
    /// Storage.
    pub async fn offset(&self, device: DeviceId, blob: BlobId) -> Answered<u64> {
        Ok(self.parts_of(&(device, blob)).await?.iter().map(|(_, size)| size).sum())
    }

    /// Takes one part. A part that was taken before is taken again without effect.
    ///
    /// # Errors
    /// `bad_offset`, `too_large`, storage.
    pub async fn put(&self, device: DeviceId, blob: BlobId, offset: u64, bytes: Bytes) -> Answered<Reached> {
        let upload = (device, blob);
        let running = self.running(&upload);
        let mut held = running.lock().await;
        if offset == 0 && BlobId::of(&bytes) == blob {
            let size = bytes.len() as u64;
            self.objects.put(&whole(&blob), bytes.into()).await.map_err(storage)?;
            self.drop_parts(&upload).await?;
            return Ok(Reached { offset: size, complete: true });
        }
        let (reached, mut context) = match held.take() {
            Some(held) => held,
            None => self.hash_parts(&upload).await?,
        };
        let end = offset.saturating_add(bytes.len() as u64);
        if offset != reached {
            *held = Some((reached, context));
            if end <= reached {
                return Ok(Reached { offset: reached, complete: false });
            }
            return Err(Refusal::with(Code::BadOffset, "offset", reached));
        }
        if end > limits::BLOB_BYTES_MAX {
            self.drop_parts(&upload).await?;
            return Err(Code::TooLarge.into());
        }
        self.objects.put(&part(&upload, offset), bytes.clone().into()).await.map_err(storage)?;
        context.update(&bytes);
        if context.clone().finish().as_ref() == blob.as_bytes() {
            self.join(&upload).await?;
            return Ok(Reached { offset: end, complete: true });
        }
        *held = Some((end, context));
        Ok(Reached { offset: end, complete: false })
    }

    async fn hash_parts(&self, upload: &Upload) -> Answered<(u64, Context)> {
        let (mut reached, mut context) = (0, Context::new(&SHA256));
        for (path, size) in self.parts_of(upload).await? {
            let bytes = self.objects.get(&path).await.map_err(storage)?;
            context.update(&bytes.bytes().await.map_err(storage)?);
            reached += size;
        }
        Ok((reached, context))
    }

    async fn join(&self, upload: &Upload) -> Answered<()> {
        let mut target = self.objects.put_multipart(&whole(&upload.1)).await.map_err(storage)?;
        for (path, _) in self.parts_of(upload).await? {
            let bytes = self.objects.get(&path).await.map_err(storage)?;
            let bytes = bytes.bytes().await.map_err(storage)?;
            target.put_part(bytes.into()).await.map_err(storage)?;
        }
        target.complete().await.map_err(storage)?;
        self.drop_parts(upload).await
    }

    async fn drop_parts(&self, upload: &Upload) -> Answered<()> {
        for (path, _) in self.parts_of(upload).await? {
            self.objects.delete(&path).await.map_err(storage)?;
        }
        Ok(())
    }

    /// The bytes of a complete blob, or a range of them.
    ///
    /// # Errors
    /// `not_found`, storage.
    pub async fn get(
        &self,
        blob: &BlobId,
        range: Option<Range<u64>>,
    ) -> Answered<BoxStream<'static, Result<Bytes, object_store::Error>>> {
        let range = range.map(GetRange::Bounded);
        let options = GetOptions { range, ..GetOptions::default() };
        let found = self.objects.get_opts(&whole(blob), options).await.map_err(storage)?;
        Ok(found.into_stream())
    }

    /// Forgets a blob.
    ///
    /// # Errors
    /// Storage.
    pub async fn delete(&self, blob: &BlobId) -> Answered<()> {
        self.objects.delete(&whole(blob)).await.map_err(storage)
    }

    /// Complete blobs whose files nobody wrote since a time, ms.
    ///
    /// # Errors
    /// Storage.
    pub async fn untouched_since(&self, before_ms: u64) -> Answered<Vec<BlobId>> {
        let paths = self.paths_before("whole", before_ms).await?;
        let id = |path: &Path| path.filename().and_then(|name| name.parse().ok());
        Ok(paths.iter().filter_map(id).collect())
    }

    /// Forgets parts of uploads that nobody went on with since a time, ms, and files whose writing a stop cut off.
    ///
    /// # Errors
    /// Storage.
    pub async fn drop_untouched_parts(&self, before_ms: u64) -> Answered<()> {
        for path in self.paths_before("parts", before_ms).await? {
            self.objects.delete(&path).await.map_err(storage)?;
        }
        let (root, before) = (self.root.clone(), SystemTime::UNIX_EPOCH + Duration::from_millis(before_ms));
        match tokio::task::spawn_blocking(move || drop_staged(&root, before)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Code::Storage.into()),
        }
    }

    async fn paths_before(&self, prefix: &str, before_ms: u64) -> Answered<Vec<Path>> {
        let before = i64::try_from(before_ms).unwrap_or(i64::MAX);
        let old = self.objects.list(Some(&Path::from(prefix))).try_filter_map(|meta| async move {
            Ok((meta.last_modified.timestamp_millis() < before).then_some(meta.location))
        });
        old.try_collect().await.map_err(storage)
    }

    /// Writes something, to learn whether the folder still takes blobs.
    ///
    /// # Errors
    /// Storage.
    pub async fn probe(&self) -> Answered<()> {
        self.objects.put(&Path::from("probe"), Bytes::from_static(&[0; 4096]).into()).await.map_err(storage)?;
        Ok(())
    }

    /// Whether the stored bytes still have their hash.
    ///
    /// # Errors
    /// Storage.
    pub async fn verify(&self, blob: &BlobId) -> Answered<bool> {
        let mut bytes = self.get(blob, None).await?;
        let mut context = Context::new(&SHA256);
        while let Some(chunk) = bytes.try_next().await.map_err(storage)? {
            context.update(&chunk);
        }
        Ok(context.finish().as_ref() == blob.as_bytes())
    }
}
