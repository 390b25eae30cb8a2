//! Where the relay is, and who it is. The directory's roots say both: a relay that moved is followed, one that has
//! another key must be named by them, and one that lost everything is brought what makes this device known to it.

use super::{Engine, SEAL_BYTES_MAX, pinned_key, verified};
use crate::device::{Device, META_RELAY};
use crate::local;
use crate::profile::storage;
use crate::relay::Relay;
use meguri_commands::{Code, Failure};
use meguri_replica::{Beside, Replica};
use meguri_sync::Event;
use meguri_wire::Frame;
use meguri_wire::api::{PullFeed, PullKind, PullRequest, PushFrame, PushRequest};
use meguri_wire::control::{Body, DirectoryBody};
use meguri_wire::feed::DirectoryState;
use meguri_wire::ids::{FrameId, Hash};
use meguri_wire::limits::PULL_BYTES_MAX;
use meguri_wire::sign::Signer;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The hash of the `Relay` record that was acted on last.
const META_RECORD: &str = "relay-record";
/// A key that the directory's roots name in a record this device has not taken in yet: the record's number, the key.
const META_PROVED: &str = "relay-proved";
/// Pages of a directory at most; a relay that sends more is none.
const DIRECTORY_PAGES_MAX: usize = 256;

impl Device {
    /// The relay as this device: by the address in use, and where that fails by those of the directory.
    pub(crate) fn relay(&self, replica: &Replica) -> Result<Arc<Relay>, Failure> {
        let member = Self::member(replica)?;
        let signer: Arc<dyn Signer + Send + Sync> =
            Arc::new(member.secrets.signer(&member.info.team).map_err(|_| Code::Bug)?);
        let url = replica.meta_get(META_RELAY).map_err(storage)?.ok_or(Code::NotEnrolled)?;
        let mut bases = vec![String::from_utf8(url).map_err(|_| Code::DamagedProfile)?];
        let listed = replica.directory().map_err(storage)?.and_then(|directory| directory.relay);
        bases.extend(listed.map(|listed| listed.urls).unwrap_or_default());
        Ok(Arc::new(Relay::new(self.outside.net.clone(), &bases, signer)))
    }

    /// Goes where a new `Relay` record says. The record that was there when this device came is no move: whoever invited it
    /// may know a nearer way.
    pub(super) fn follow_record(&self, engine: &mut Engine, replica: &Replica) -> Result<(), Failure> {
        let directory = replica.directory().map_err(storage)?;
        let Some(listed) = directory.and_then(|directory| directory.relay) else { return Ok(()) };
        let mark = Hash::of([listed.urls.join("\n").as_bytes(), &listed.key].concat().as_slice());
        let acted = replica.meta_get(META_RECORD).map_err(storage)?;
        if acted.as_deref() == Some(mark.0.as_slice()) {
            return Ok(());
        }
        if let (Some(_), Some(url)) = (acted, listed.urls.first()) {
            replica.meta_put(META_RELAY, url.as_bytes()).map_err(storage)?;
            engine.relay = Some(self.relay(replica)?);
            engine.since = Vec::new();
            // The hints of the old place end; the machine opens the new ones.
            self.shared.events_wanted.store(false, Ordering::Release);
            self.log.note(self.now_ms(), "relay moved", 1);
        }
        replica.meta_put(META_RECORD, &mark.0).map_err(storage)
    }

    /// The relay does not know this device, or signs with a key that is not pinned.
    pub(super) fn introduce(&self, replica: &Replica, relay: &Relay) -> Result<Event, Failure> {
        let nothing = Event::Introduced { heads: Vec::new() };
        let info = relay.info_anew()?;
        let (held, pinned) = (replica.directory().map_err(storage)?, crate::pins::directory(replica)?);
        let first = held.as_ref().and_then(|directory| directory.hashes.first().copied()).or(pinned);
        let Some(first) = first else { return Ok(nothing) };
        if info.directory.is_some_and(|feed| feed != first.feed()) {
            return Err(Code::RelayRefused.into());
        }
        let brings = held.is_some();
        if info.relay_key != pinned_key(replica, relay)? {
            prove_key(replica, relay, held, &first, &info.relay_key)?;
        }
        // Who has just come in has nothing to bring: whoever invited it does.
        if !brings || local::store(replica)? == Some(info.store_id) {
            return Ok(nothing);
        }
        let key = pinned_key(replica, relay)?;
        let mut heads = Vec::new();
        for frames in parts(replica.introduction().map_err(storage)?) {
            let reply = relay.push(&PushRequest { frames }, None)?;
            heads.extend(verified(&reply.heads, &key)?);
        }
        Ok(Event::Introduced { heads })
    }
}

/// Follows the directory that the relay shows, from what is held of it here or from its Genesis, which is pinned: only a
/// record of its roots that names this key makes it the relay's. What is read is not kept but for that; it comes again as a
/// feed of the new store.
fn prove_key(
    replica: &Replica,
    relay: &Relay,
    mut held: Option<DirectoryState>,
    first: &FrameId,
    key: &[u8; 32],
) -> Result<(), Failure> {
    let refused = || Failure::from(Code::RelayRefused);
    let (feed, mut after_ssn, mut named) = (first.feed(), 0, None);
    for _ in 0..DIRECTORY_PAGES_MAX {
        let feeds = vec![PullFeed { feed, after_ssn, kind: PullKind::All }];
        let page = relay.pull(&PullRequest { feeds, bytes_max: PULL_BYTES_MAX })?;
        let Some(last) = page.last() else { break };
        after_ssn = last.ssn;
        for record in &page {
            let frame = Frame::decode(&record.frame).map_err(|_| refused())?;
            let control = frame.control().ok_or_else(refused)?;
            let Some(directory) = &mut held else {
                if frame.id != *first {
                    return Err(refused());
                }
                held = Some(DirectoryState::begin(&frame).map_err(|_| refused())?);
                continue;
            };
            if control.cseq <= directory.tip() {
                // Known already, or another history.
                if directory.hash_at(control.cseq) != Some(&frame.id) {
                    return Err(refused());
                }
                continue;
            }
            if let Body::Directory(DirectoryBody::Relay(listed)) = &control.body {
                named = Some((control.cseq, listed.key));
            }
            let step = directory.check(&frame).map_err(|_| refused())?;
            directory.apply(step);
        }
    }
    match named {
        Some((cseq, named)) if named == *key => {
            let kept = [cseq.to_be_bytes().as_slice(), &named].concat();
            replica.meta_put(META_PROVED, &kept).map_err(storage)
        }
        Some(_) | None => Err(refused()),
    }
}

/// The key that was proved by a record beyond those taken in.
pub(super) fn proved_key(replica: &Replica, tip: u64) -> Result<Option<[u8; 32]>, Failure> {
    let kept = replica.meta_get(META_PROVED).map_err(storage)?.unwrap_or_default();
    let Some((cseq, key)) = kept.split_first_chunk::<8>() else { return Ok(None) };
    let key = <[u8; 32]>::try_from(key).ok();
    Ok(key.filter(|_| u64::from_be_bytes(*cseq) > tip))
}

/// As many push requests as it takes.
fn parts(all: Vec<Beside>) -> Vec<Vec<PushFrame>> {
    let (mut out, mut bytes) = (vec![Vec::new()], 0);
    for (frame, attachments) in all {
        let size = frame.raw.len() + attachments.iter().map(|beside| beside.bytes.len()).sum::<usize>();
        bytes += size;
        if bytes > SEAL_BYTES_MAX && bytes > size {
            bytes = size;
            out.push(Vec::new());
        }
        if let Some(part) = out.last_mut() {
            part.push(PushFrame { frame: frame.raw, attachments });
        }
    }
    out
}
