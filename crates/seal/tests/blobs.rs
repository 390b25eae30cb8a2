//! Blobs: whole and streamed forms agree; no piece can be changed, cut or moved.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test may panic")]

use meguri_seal::blob::{CHUNK_BYTES, sealed_length};
use meguri_seal::{SealError, Secret, open_blob, open_blob_stream, seal_blob, seal_blob_stream};
use meguri_wire::BlobId;
use meguri_wire::limits::BLOB_BYTES_MAX;
use proptest::prelude::*;

const KEY: [u8; 32] = [5; 32];

fn round(content: &[u8]) -> (BlobId, Vec<u8>) {
    let (id, sealed) = seal_blob(&Secret::new(KEY), content).unwrap();
    assert_eq!(sealed.len() as u64, sealed_length(content.len() as u64));
    assert_eq!(id, BlobId::of(&sealed));
    assert!(open_blob(&Secret::new(KEY), &id, &sealed).unwrap() == content);
    (id, sealed)
}

#[test]
fn every_length_around_a_chunk_opens_again() {
    for near in [0, 1, 2, 127, 128, 4096, CHUNK_BYTES, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES] {
        for length in [near.saturating_sub(1), near, near + 1] {
            round(&vec![0x5a; length]);
        }
    }
}

#[test]
fn content_that_looks_like_padding_opens_again() {
    for pattern in [&[0x80][..], &[0], &[0x80, 0], &[0, 0x80], &[0x80, 0, 0, 0, 0, 0, 0, 1]] {
        for length in [1, 100, CHUNK_BYTES - 1, CHUNK_BYTES, 2 * CHUNK_BYTES + 9] {
            let content: Vec<u8> = pattern.iter().copied().cycle().take(length).collect();
            round(&content);
        }
    }
    let mut marked = vec![0; 3 * CHUNK_BYTES];
    marked[10] = 0x80;
    round(&marked);
}

#[test]
fn chunks_cannot_be_cut_moved_or_joined() {
    let content: Vec<u8> = (0..3 * CHUNK_BYTES).map(|i| (i % 251) as u8).collect();
    let (_, sealed) = round(&content);
    let chunk = CHUNK_BYTES + 16;
    let shut = |bytes: &[u8]| open_blob(&Secret::new(KEY), &BlobId::of(bytes), bytes).unwrap_err();
    assert_eq!(shut(&sealed[..chunk]), SealError::DoesNotOpen);
    assert_eq!(shut(&sealed[..2 * chunk]), SealError::DoesNotOpen);
    assert_eq!(shut(&sealed[..sealed.len() - 1]), SealError::DoesNotOpen);
    assert_eq!(shut(&sealed[chunk..]), SealError::DoesNotOpen);
    let swapped = [&sealed[chunk..2 * chunk], &sealed[..chunk], &sealed[2 * chunk..]].concat();
    assert_eq!(shut(&swapped), SealError::DoesNotOpen);
    assert_eq!(shut(&[&sealed[..], &sealed[..]].concat()), SealError::DoesNotOpen);
    assert_eq!(shut(&[]), SealError::DoesNotOpen);
}

#[test]
fn another_id_or_key_does_not_open() {
    let (id, sealed) = round(b"a wound, 3 cm");
    assert_eq!(open_blob(&Secret::new(KEY), &BlobId([0; 32]), &sealed), Err(SealError::DoesNotOpen));
    assert_eq!(open_blob(&Secret::new([6; 32]), &id, &sealed), Err(SealError::DoesNotOpen));
}

#[test]
fn a_stream_must_have_exactly_the_announced_length() {
    for announced in [9, 11] {
        let result = seal_blob_stream(&Secret::new(KEY), announced, &mut &[1u8; 10][..], &mut Vec::new());
        assert_eq!(result, Err(SealError::Stream));
    }
    let too_large = seal_blob_stream(&Secret::new(KEY), BLOB_BYTES_MAX, &mut std::io::empty(), &mut std::io::sink());
    assert_eq!(too_large, Err(SealError::TooLarge));
}

#[test]
fn a_reader_that_gives_one_byte_at_a_time_changes_nothing() {
    struct Slow<'a>(&'a [u8]);
    impl std::io::Read for Slow<'_> {
        fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
            let most = to.len().min(4093);
            self.0.read(&mut to[..most])
        }
    }
    let content = vec![0x80; CHUNK_BYTES + 77];
    let (id, sealed) = round(&content);
    let mut again = Vec::new();
    let length = content.len() as u64;
    assert_eq!(seal_blob_stream(&Secret::new(KEY), length, &mut Slow(&content), &mut again).unwrap(), id);
    assert!(again == sealed);
    let mut opened = Vec::new();
    assert_eq!(open_blob_stream(&Secret::new(KEY), &id, &mut Slow(&sealed), &mut opened).unwrap(), length);
    assert!(opened == content);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_flipped_byte_shuts_a_blob(content in proptest::collection::vec(any::<u8>(), 0..5_000), at in any::<usize>(), bit in 0..8u32) {
        let (id, mut sealed) = round(&content);
        let at = at % sealed.len();
        sealed[at] ^= 1 << bit;
        prop_assert_eq!(open_blob(&Secret::new(KEY), &id, &sealed), Err(SealError::DoesNotOpen));
        prop_assert_eq!(open_blob(&Secret::new(KEY), &BlobId::of(&sealed), &sealed), Err(SealError::DoesNotOpen));
    }
}
