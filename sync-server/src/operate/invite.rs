//! `setup-code`: a new one-time code for the next facility's first device.

use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::handlers::push::setup_hash;
use crate::operate::init::make_code;
use crate::store::sqlite::{SqliteLimits, SqliteStore};
use crate::store::{self, Store};

/// Puts a new code in place of the old one, also while the relay runs.
///
/// # Errors
/// Input and output.
pub async fn invite(folder: &Path) -> io::Result<String> {
    let store = Arc::new(SqliteStore::open(folder, SqliteLimits::default())?);
    invite_into(store.as_ref()).await
}

/// As [`invite`], into an open store.
///
/// # Errors
/// Input and output.
pub async fn invite_into(store: &dyn Store) -> io::Result<String> {
    let code = make_code()?;
    let hash = setup_hash(&code);
    store::write(store, move |tx| tx.put_setup_code(Some(hash))).await?;
    Ok(code)
}
