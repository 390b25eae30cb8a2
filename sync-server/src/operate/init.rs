//! `init`: the data folder, the relay's keys, the store's identity, the directory's
//! Genesis and the one-time setup code.

use std::io;
use std::path::Path;
use std::sync::Arc;

use meguri_wire::FeedId;
use meguri_wire::sign::{Ed25519Signer, Signer};

use crate::handlers::push::setup_hash;
use crate::keys::{Keys, random};
use crate::operate::system_clock;
use crate::store::sqlite::{SqliteLimits, SqliteStore};
use crate::{App, Settings};

const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// What `init` made.
pub struct Made {
    /// Sponsors the first facility's team, once.
    pub setup_code: String,
    /// The key that signs heads, for the directory's `Relay` record.
    pub relay_key: [u8; 32],
}

/// 20 characters in groups of five: 100 random bits.
pub(crate) fn make_code() -> io::Result<String> {
    let random: [u8; 20] = random()?;
    let mut code = String::new();
    for (at, byte) in random.iter().enumerate() {
        if at > 0 && at % 5 == 0 {
            code.push('-');
        }
        let digit = CROCKFORD.get(usize::from(byte & 31)).copied().unwrap_or(b'0');
        code.push(char::from(digit));
    }
    Ok(code)
}

/// Makes a data folder; with a directory Genesis, takes it in.
///
/// # Errors
/// The folder holds a relay already, input and output, or a refused Genesis.
pub async fn init(folder: &Path, genesis: Option<&Path>) -> io::Result<Made> {
    std::fs::create_dir_all(folder)?;
    let clock = system_clock();
    let (keys, setup_code) = (Keys::make()?, make_code()?);
    keys.write(folder)?;
    let store_id = random::<16>()?.into();
    SqliteStore::create(folder, store_id, Some(setup_hash(&setup_code)), clock())?;
    let store = Arc::new(SqliteStore::open(folder, SqliteLimits::default())?);
    let app = App::open(store, folder, &keys, Settings::default(), clock).await?;
    if let Some(path) = genesis {
        let frame = std::fs::read(path)?;
        let refused = |refusal: crate::Refusal| {
            io::Error::new(io::ErrorKind::InvalidData, format!("directory: {}", refusal.error.code))
        };
        app.bring_in(frame).await.map_err(refused)?;
    }
    Ok(Made { setup_code, relay_key: app.relay_key() })
}

/// Makes an empty data folder that devices fill again, the directory first: the way back when no backup is left. With
/// the folder of the old keys the relay stays who it was; otherwise the roots must sign a `Relay` record.
///
/// # Errors
/// The folder holds a relay already, there are no such keys, or input and output.
pub fn rebuild(folder: &Path, directory: FeedId, keys: Option<&Path>, now_ms: u64) -> io::Result<Made> {
    let keys = keys.map_or_else(Keys::make, Keys::read)?;
    std::fs::create_dir_all(folder)?;
    let setup_code = make_code()?;
    keys.write(folder)?;
    SqliteStore::create(folder, random::<16>()?.into(), Some(setup_hash(&setup_code)), now_ms)?;
    SqliteStore::await_devices(folder, directory, now_ms)?;
    let signer = Ed25519Signer::own_id(&keys.signing_seed).map_err(|code| io::Error::other(code.text()))?;
    Ok(Made { setup_code, relay_key: signer.public_key() })
}

/// Lays a directory record beside the data; a running relay takes it in at once,
/// another when it starts.
///
/// # Errors
/// Input and output.
pub fn leave_record(folder: &Path, record: &Path) -> io::Result<()> {
    let inbox = folder.join("directory");
    std::fs::create_dir_all(&inbox)?;
    let bytes = std::fs::read(record)?;
    let name = format!("{:020}-{}", system_clock()(), meguri_wire::FrameId::of(&bytes));
    let draft = inbox.join(format!("{name}.draft"));
    std::fs::write(&draft, bytes)?;
    std::fs::rename(draft, inbox.join(format!("{name}.frame")))
}

/// Takes in what [`leave_record`] left, in order.
pub async fn take_records(app: &Arc<App>, folder: &Path) {
    let Ok(found) = std::fs::read_dir(folder.join("directory")) else {
        return;
    };
    let frames = found.filter_map(Result::ok).map(|entry| entry.path());
    let mut frames: Vec<_> = frames.filter(|p| p.extension().is_some_and(|e| e == "frame")).collect();
    frames.sort();
    for path in frames {
        let Ok(bytes) = std::fs::read(&path) else {
            continue;
        };
        let (end, code) = match app.bring_in(bytes).await {
            Ok(()) => ("taken", "ok"),
            Err(refusal) => ("refused", refusal.error.code.text()),
        };
        tracing::info!(code, "directory record");
        drop(std::fs::rename(&path, path.with_extension(end)));
    }
}
