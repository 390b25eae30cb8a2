//! Whether the region's relay is at another address now, and this one was left behind: it goes on answering, so that devices
//! find the record that names the new one, and takes nothing more. Two relays that take records are two histories.

use meguri_wire::control::{Body, DirectoryBody, Relay};
use meguri_wire::{Code, Frame};
use parking_lot::Mutex;

use crate::app::App;
use crate::refusal::Answered;
use crate::store::{self, FeedKind, PageOf, Read, StoreError, Stored};

/// Bytes of the directory read at once.
const PAGE_BYTES: usize = 1024 * 1024;

/// What the directory said when it was last looked at: how many controls it had, and whether it led away from here.
#[derive(Debug, Default)]
pub(crate) struct Whereabouts(Mutex<(u64, bool)>);

/// Refuses what would be written here and be missing at the new address.
pub(crate) async fn takes_records(app: &App) -> Answered<()> {
    let controls = app.memory.teams().directory_controls();
    let (looked_at, mut left) = *app.whereabouts.0.lock();
    if looked_at != controls {
        let authority = app.settings.authority.clone();
        left = store::read(app.store.as_ref(), move |rows| is_left_behind(rows, &authority)).await?;
        *app.whereabouts.0.lock() = (controls, left);
    }
    if left { Err(Code::Storage.into()) } else { Ok(()) }
}

/// A record named this address once, and the newest does not. Where none ever did, devices know it by another name.
fn is_left_behind(rows: &dyn Read, authority: &str) -> Stored<bool> {
    let (mut here, mut left) = (false, false);
    for row in rows.feeds_of(FeedKind::Directory)? {
        let mut at = 0;
        while at < row.ssn {
            let page = PageOf { feed_no: row.feed_no, after: at, upto: row.ssn, sparse: false, bytes_max: PAGE_BYTES };
            let frames = rows.frames(page)?;
            at = frames.last().ok_or(StoreError::Damaged)?.ssn;
            for stored in frames {
                let frame = Frame::decode(&stored.raw).map_err(|_| StoreError::Damaged)?;
                if let Some(Body::Directory(DirectoryBody::Relay(relay))) = frame.control().map(|control| &control.body)
                {
                    let named = names(relay, authority);
                    left = here && !named;
                    here |= named;
                }
            }
        }
    }
    Ok(left)
}

fn names(relay: &Relay, authority: &str) -> bool {
    let is_it = |url: &String| {
        let url: Option<http::Uri> = url.parse().ok();
        url.as_ref().and_then(http::Uri::authority).is_some_and(|found| found.as_str().eq_ignore_ascii_case(authority))
    };
    relay.urls.iter().any(is_it)
}
