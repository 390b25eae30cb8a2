//! Blobs, in the STREAM construction (Hoang et al., CRYPTO 2015): chunks of
//! 1 MiB under ChaCha20-Poly1305 with a random key of their own, nonce =
//! chunk counter (11 bytes, big-endian, from 0) ‖ last flag (0 or 1), no AAD.
//! The content is padded as items are; the id is SHA-256 of all sealed bytes.
//! The streaming forms hold one chunk.

use std::io::{Read, Write};

use meguri_wire::BlobId;
use meguri_wire::limits::BLOB_BYTES_MAX;

use crate::derive::{Secret, TAG_BYTES, open, seal};
use crate::error::SealError;
use crate::pad::{MARK, padded_length};

/// Plaintext bytes of every chunk but the last.
pub const CHUNK_BYTES: usize = 1024 * 1024;
const SEALED_CHUNK_BYTES: usize = CHUNK_BYTES + TAG_BYTES;

/// The sealed length of a blob of `length` bytes.
#[must_use]
pub fn sealed_length(length: u64) -> u64 {
    let padded = padded_length(length);
    let chunks = padded.div_ceil(CHUNK_BYTES as u64);
    padded.saturating_add(chunks.saturating_mul(TAG_BYTES as u64))
}

/// Seals bytes in memory. `key` is random and seals nothing else.
///
/// # Errors
/// [`SealError::TooLarge`].
pub fn seal_blob(key: &Secret, content: &[u8]) -> Result<(BlobId, Vec<u8>), SealError> {
    let length = content.len() as u64;
    let mut sealed = Vec::new();
    sealed.reserve_exact(usize::try_from(sealed_length(length)).unwrap_or_default());
    let mut content = content;
    let id = seal_blob_stream(key, length, &mut content, &mut sealed)?;
    Ok((id, sealed))
}

/// Opens a whole blob in memory and checks that it is `id`.
///
/// # Errors
/// [`SealError::DoesNotOpen`], [`SealError::BadBytes`], [`SealError::TooLarge`].
pub fn open_blob(key: &Secret, id: &BlobId, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
    let mut content = Vec::new();
    let mut sealed = sealed;
    open_blob_stream(key, id, &mut sealed, &mut content)?;
    Ok(content)
}

/// Seals exactly `length` bytes of `content` into `sealed`.
///
/// # Errors
/// [`SealError::TooLarge`], [`SealError::Stream`], also when `content` has
/// fewer or more bytes.
pub fn seal_blob_stream(
    key: &Secret,
    length: u64,
    content: &mut dyn Read,
    sealed: &mut dyn Write,
) -> Result<BlobId, SealError> {
    if sealed_length(length) > BLOB_BYTES_MAX {
        return Err(SealError::TooLarge);
    }
    let mut padded = Padded { content, left: length, padding: padded_length(length) - length, marked: false };
    let mut hash = Hasher::new();
    let mut counter = 0;
    let mut left = padded_length(length);
    while left > 0 {
        let size = usize::try_from(left).unwrap_or(usize::MAX).min(CHUNK_BYTES);
        left -= size as u64;
        let chunk = seal(key.bytes(), nonce(counter, left == 0), &[], padded.next(size)?)?;
        hash.update(&chunk);
        sealed.write_all(&chunk).map_err(|_| SealError::Stream)?;
        counter += 1;
    }
    padded.finish()?;
    Ok(hash.finish())
}

/// Opens `sealed` into `content` chunk by chunk and answers the content's
/// length. Each chunk is authentic when written, but the whole is only after
/// `Ok`: the caller discards what was written on an error.
///
/// # Errors
/// [`SealError::DoesNotOpen`] for changed, missing or other bytes, also when
/// the whole is not `id`; [`SealError::BadBytes`] for wrong padding;
/// [`SealError::TooLarge`]; [`SealError::Stream`].
pub fn open_blob_stream(
    key: &Secret,
    id: &BlobId,
    sealed: &mut dyn Read,
    content: &mut dyn Write,
) -> Result<u64, SealError> {
    let mut unpadded = Unpadded { content, written: 0, held: None };
    let mut hash = Hasher::new();
    let mut total = 0;
    let mut counter = 0;
    let mut chunk = read_chunk(sealed, SEALED_CHUNK_BYTES)?;
    loop {
        let next = if chunk.len() == SEALED_CHUNK_BYTES { read_chunk(sealed, SEALED_CHUNK_BYTES)? } else { Vec::new() };
        total += chunk.len() as u64;
        if total > BLOB_BYTES_MAX {
            return Err(SealError::TooLarge);
        }
        hash.update(&chunk);
        let plaintext = open(key.bytes(), nonce(counter, next.is_empty()), &[], chunk)?;
        unpadded.push(&plaintext)?;
        if next.is_empty() {
            break;
        }
        chunk = next;
        counter += 1;
    }
    if hash.finish() != *id {
        return Err(SealError::DoesNotOpen);
    }
    let length = unpadded.finish()?;
    if sealed_length(length) == total { Ok(length) } else { Err(SealError::BadBytes) }
}

fn nonce(counter: u64, last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    let counter = counter.to_be_bytes();
    for (to, from) in nonce.iter_mut().skip(3).zip(counter) {
        *to = from;
    }
    if let Some(flag) = nonce.last_mut() {
        *flag = u8::from(last);
    }
    nonce
}

fn read_chunk(from: &mut dyn Read, size: usize) -> Result<Vec<u8>, SealError> {
    let mut chunk = Vec::new();
    chunk.reserve_exact(size);
    from.take(size as u64).read_to_end(&mut chunk).map_err(|_| SealError::Stream)?;
    Ok(chunk)
}

struct Hasher(ring::digest::Context);

impl Hasher {
    fn new() -> Self {
        Self(ring::digest::Context::new(&ring::digest::SHA256))
    }
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
    fn finish(self) -> BlobId {
        BlobId::from_slice(self.0.finish().as_ref()).unwrap_or_default()
    }
}

/// Content, then mark and zeros.
struct Padded<'a> {
    content: &'a mut dyn Read,
    left: u64,
    padding: u64,
    marked: bool,
}

impl Padded<'_> {
    fn next(&mut self, size: usize) -> Result<Vec<u8>, SealError> {
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(size);
        let mut chunk = Vec::new();
        chunk.reserve_exact(size + TAG_BYTES);
        (&mut self.content).take(wanted as u64).read_to_end(&mut chunk).map_err(|_| SealError::Stream)?;
        if chunk.len() != wanted {
            return Err(SealError::Stream);
        }
        self.left -= wanted as u64;
        if chunk.len() < size && !self.marked {
            chunk.push(MARK);
            self.marked = true;
            self.padding -= 1;
        }
        self.padding = self.padding.saturating_sub((size - chunk.len()) as u64);
        chunk.resize(size, 0);
        Ok(chunk)
    }

    fn finish(self) -> Result<(), SealError> {
        let mut more = [0];
        match self.content.read(&mut more) {
            Ok(0) if self.left == 0 && self.padding == 0 => Ok(()),
            Ok(_) | Err(_) => Err(SealError::Stream),
        }
    }
}

/// Writes content through, holding a mark and zeros that may be the padding.
struct Unpadded<'a> {
    content: &'a mut dyn Write,
    written: u64,
    held: Option<u64>,
}

impl Unpadded<'_> {
    fn push(&mut self, chunk: &[u8]) -> Result<(), SealError> {
        let last = chunk.iter().rposition(|b| *b != 0);
        if last.is_none() && self.held.is_some() {
            self.held = self.held.map(|zeros| zeros + chunk.len() as u64);
            return Ok(());
        }
        self.release()?;
        match last.filter(|at| chunk.get(*at) == Some(&MARK)) {
            Some(at) => {
                self.write(chunk.get(..at).unwrap_or_default())?;
                self.held = Some((chunk.len() - at - 1) as u64);
            }
            None => self.write(chunk)?,
        }
        Ok(())
    }

    fn release(&mut self) -> Result<(), SealError> {
        let Some(mut zeros) = self.held.take() else {
            return Ok(());
        };
        self.write(&[MARK])?;
        let block = [0; 4096];
        while zeros > 0 {
            let size = usize::try_from(zeros).unwrap_or(usize::MAX).min(block.len());
            self.write(block.get(..size).unwrap_or_default())?;
            zeros -= size as u64;
        }
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), SealError> {
        self.written += bytes.len() as u64;
        self.content.write_all(bytes).map_err(|_| SealError::Stream)
    }

    fn finish(self) -> Result<u64, SealError> {
        self.held.map(|_| self.written).ok_or(SealError::BadBytes)
    }
}
