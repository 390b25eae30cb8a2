//! The relay's own secrets: the seed that signs heads and the key of nonces.
//! A file of two hex lines, readable by its owner alone.

use std::io::Write;
use std::path::Path;

/// Name of the file inside the data folder.
pub const FILE: &str = "relay.keys";

/// The relay's secrets.
#[derive(Clone)]
pub struct Keys {
    /// Ed25519 seed.
    pub signing_seed: [u8; 32],
    /// HMAC key, shared by replicas.
    pub nonce_key: [u8; 32],
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(redacted)")
    }
}

impl Keys {
    /// Makes new keys.
    ///
    /// # Errors
    /// The system has no randomness.
    pub fn make() -> std::io::Result<Self> {
        Ok(Self { signing_seed: random()?, nonce_key: random()? })
    }

    /// Writes the file; refuses to replace one.
    ///
    /// # Errors
    /// Input and output.
    pub fn write(&self, folder: &Path) -> std::io::Result<()> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(folder.join(FILE))?;
        writeln!(file, "{}", hex::encode(self.signing_seed))?;
        writeln!(file, "{}", hex::encode(self.nonce_key))?;
        file.sync_all()
    }

    /// Reads the file.
    ///
    /// # Errors
    /// Input and output, or another content.
    pub fn read(folder: &Path) -> std::io::Result<Self> {
        let text = std::fs::read_to_string(folder.join(FILE))?;
        let mut lines = text.lines().filter_map(|line| {
            let mut key = [0; 32];
            hex::decode_to_slice(line.trim(), &mut key).ok().map(|()| key)
        });
        match (lines.next(), lines.next()) {
            (Some(signing_seed), Some(nonce_key)) => Ok(Self { signing_seed, nonce_key }),
            (_, _) => Err(std::io::Error::new(std::io::ErrorKind::InvalidData, FILE)),
        }
    }
}

/// Random bytes from the system.
///
/// # Errors
/// The system has none.
pub fn random<const N: usize>() -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| std::io::Error::other("no randomness"))?;
    Ok(bytes)
}
