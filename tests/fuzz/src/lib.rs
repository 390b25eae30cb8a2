//! What every decoder must do with any bytes: one function per family, shared by the fuzz targets beside it and by
//! the stable test `tests/tests/decoders.rs`. A function returns or panics; it asserts beyond that whatever must hold
//! of bytes that were taken.
//!
//! Not here: where inputs come from (the corpus, libFuzzer, the test's mutations).

mod chart;
mod clinical;
mod export;
mod picture;
mod replica;
mod seal;
mod wire;

pub use chart::{change, document, start};
pub use clinical::{clinical, clinical_text};
pub use export::{export, sealed_export};
pub use picture::picture;
pub use replica::{draft, intent};
pub use seal::{blob, changes, enrolment, envelope, item, key_file, sealed_key, sealed_text};
pub use wire::{api, control, frame, head, payload, pull_stream, request, snapshot, text};

use meguri_wire::cbor::Cbor;

/// A body, with what it may allocate.
pub struct Family {
    /// As the target's file and the corpus folder are called.
    pub name: &'static str,
    /// The body.
    pub body: fn(&[u8]),
    /// Bytes it may hold at once, besides [`HELD_PER_BYTE`] for each byte of the input.
    pub held_max: usize,
}

/// What a decoder may hold for each byte it is given: an empty byte string is one byte on the wire and 24 in memory,
/// and a list that grows holds itself twice and half.
pub const HELD_PER_BYTE: usize = 96;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// Every family. Sealed ones open what the body itself seals, so they hold a few copies. Changes unpack to 4 MiB, which
/// may be 800,000 empty ones of 56 bytes in memory, read twice here. A picture's decoder may hold what `crates/picture`
/// allows the largest, whatever the file's size.
pub const FAMILIES: &[Family] = &[
    Family { name: "api", body: api, held_max: 64 * KIB },
    Family { name: "blob", body: blob, held_max: 4 * MIB },
    Family { name: "change", body: change, held_max: 4 * MIB },
    Family { name: "changes", body: changes, held_max: 128 * MIB },
    Family { name: "clinical", body: clinical, held_max: MIB },
    Family { name: "clinical_text", body: clinical_text, held_max: MIB },
    Family { name: "control", body: control, held_max: 64 * KIB },
    Family { name: "document", body: document, held_max: 4 * MIB },
    Family { name: "draft", body: draft, held_max: 64 * KIB },
    Family { name: "enrolment", body: enrolment, held_max: 64 * KIB },
    Family { name: "envelope", body: envelope, held_max: 64 * KIB },
    Family { name: "export", body: export, held_max: 4 * MIB },
    Family { name: "frame", body: frame, held_max: 64 * KIB },
    Family { name: "head", body: head, held_max: 64 * KIB },
    Family { name: "intent", body: intent, held_max: 64 * KIB },
    Family { name: "item", body: item, held_max: 128 * MIB },
    Family { name: "key_file", body: key_file, held_max: 64 * KIB },
    Family { name: "payload", body: payload, held_max: 64 * KIB },
    Family { name: "picture", body: picture, held_max: 640 * MIB },
    Family { name: "pull_stream", body: pull_stream, held_max: 64 * KIB },
    Family { name: "request", body: request, held_max: 64 * KIB },
    Family { name: "sealed_key", body: sealed_key, held_max: 64 * KIB },
    Family { name: "sealed_text", body: sealed_text, held_max: 64 * KIB },
    Family { name: "snapshot", body: snapshot, held_max: 64 * KIB },
    Family { name: "text", body: text, held_max: 64 * KIB },
];

/// Bytes that are taken are the one encoding of what they gave.
fn canonical<T: Cbor + PartialEq + std::fmt::Debug>(bytes: &[u8]) -> Option<T> {
    let value = T::from_bytes(bytes).ok()?;
    let again = value.to_bytes();
    assert_eq!(again, bytes, "taken in another encoding");
    assert_eq!(T::from_bytes(&again).as_ref(), Ok(&value), "not what was encoded");
    Some(value)
}

/// Panics of libraries that are caught where they are called: neither printed nor, under libFuzzer, the end.
fn quietly() {
    static HOOK: std::sync::Once = std::sync::Once::new();
    HOOK.call_once(|| {
        let former = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let library = |file: &str| file.contains("/registry/") || file.starts_with("/rustc/");
            if !info.location().is_some_and(|at| library(at.file())) {
                former(info);
            }
        }));
    });
}
