//! Decisions that a new store of the relay lacks. A removal is never undone by that: nobody it removed may go on in the
//! feed, and where another control took its place it is decided again.

use std::collections::{BTreeMap, BTreeSet};

use meguri_wire::api::PullRecord;
use meguri_wire::cbor::Cbor;
use meguri_wire::control::{Body, DeviceKeys, DeviceRole, RemoveMemberReason, SpaceBody, TeamBody};
use meguri_wire::{DeviceId, FeedId, Frame, FrameId, StaffId, ids};
use rusqlite::{Connection, params};

use crate::error::ReplicaError;
use crate::intents::Intent;
use crate::introduction::in_place;
use crate::open::{Inner, Replica};

/// A control in a team's feed by a device that a record held here removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UndoneRemoval {
    /// The team.
    pub feed: FeedId,
    /// The removal held here, which the relay does not show.
    pub held: FrameId,
    /// What it shows instead.
    pub shown: FrameId,
}

impl Replica {
    /// Whether a page continues a team's feed by the hand of somebody whose removal is set aside here.
    ///
    /// # Errors
    /// Storage codes.
    pub fn undone_removal(&self, page: &[PullRecord]) -> Result<Option<UndoneRemoval>, ReplicaError> {
        let inner = self.lock();
        let mut known: BTreeMap<FeedId, Option<Known>> = BTreeMap::new();
        for record in page {
            let kept = match known.get_mut(&record.feed) {
                Some(kept) => kept,
                None => known.entry(record.feed).or_insert(Known::of(&inner.conn, &record.feed)?),
            };
            let Some(kept) = kept else { continue };
            let Ok(frame) = Frame::decode(&record.frame) else { continue };
            if let Some(held) = kept.held_against(&frame) {
                return Ok(Some(UndoneRemoval { feed: record.feed, held, shown: frame.id }));
            }
            kept.learn(&frame);
        }
        Ok(None)
    }
}

/// A team's feed as far as set-aside removals need it.
#[derive(Default)]
struct Known {
    ids: BTreeSet<FrameId>,
    staff: BTreeMap<DeviceId, StaffId>,
    devices: BTreeMap<DeviceId, FrameId>,
    people: BTreeMap<StaffId, FrameId>,
}

impl Known {
    /// `None` where no removal is set aside.
    fn of(conn: &Connection, feed: &FeedId) -> Result<Option<Known>, ReplicaError> {
        let mut known = Known::default();
        let mut statement = conn.prepare_cached("SELECT raw FROM former WHERE feed = ?1")?;
        let mut rows = statement.query([feed.as_bytes()])?;
        while let Some(row) = rows.next()? {
            let frame = Frame::decode(row.get_ref(0)?.as_blob().map_err(|_| ReplicaError::Corrupt)?)?;
            let id = frame.id;
            match frame.control().map(|control| &control.body) {
                Some(Body::Team(TeamBody::RemoveDevice(body))) => drop(known.devices.insert(body.device, id)),
                Some(Body::Team(TeamBody::RemoveStaff(body))) => drop(known.people.insert(body.staff, id)),
                Some(Body::Team(_)) => {}
                // No feed of a team.
                Some(Body::Directory(_) | Body::Space(_) | Body::Unknown { .. }) | None => return Ok(None),
            }
            known.learn(&frame);
        }
        if known.devices.is_empty() && known.people.is_empty() {
            return Ok(None);
        }
        let mut here = Vec::new();
        in_place(conn, feed, &mut here)?;
        here.iter().for_each(|(frame, _)| known.learn(frame));
        Ok(Some(known))
    }

    fn learn(&mut self, frame: &Frame) {
        self.ids.insert(frame.id);
        let mut add = |staff: StaffId, keys: &DeviceKeys| {
            let device = ids::device_id(&frame.feed(), &keys.signing_key, &keys.kem_key_hash);
            self.staff.insert(device, staff);
        };
        match frame.control().map(|control| &control.body) {
            Some(Body::Team(TeamBody::Genesis(body))) => add(body.staff, &body.keys),
            Some(Body::Team(TeamBody::AddDevice(body))) => add(body.staff, &body.keys),
            Some(_) | None => {}
        }
    }

    /// The removal of a new control's author.
    fn held_against(&self, frame: &Frame) -> Option<FrameId> {
        if self.ids.contains(&frame.id) {
            return None;
        }
        let author = frame.author()?;
        let person = self.staff.get(&author).and_then(|staff| self.people.get(staff));
        self.devices.get(&author).or(person).copied()
    }
}

/// Another control has taken the place of one that was set aside: a removal is decided again by those who may.
pub(crate) fn decide_again(inner: &mut Inner, frame: &Frame, now_ms: i64) -> Result<(), ReplicaError> {
    let Some(own) = inner.own()? else { return Ok(()) };
    let feed = frame.feed();
    let intent = match frame.control().map(|control| &control.body) {
        Some(Body::Team(TeamBody::RemoveDevice(body))) => Intent::RemoveDevice(body.device, body.reason),
        Some(Body::Team(TeamBody::RemoveStaff(body))) => Intent::RemoveStaff(body.staff, body.reason),
        // Whoever took a facility off knows whether it came back later; others do not.
        Some(Body::Space(SpaceBody::RemoveMember(body)))
            if body.reason == RemoveMemberReason::Removed && frame.author() == Some(own.device) =>
        {
            Intent::RemoveMember(body.team)
        }
        Some(_) | None => return Ok(()),
    };
    inner.feeds.load(&inner.conn)?;
    let team = inner.feeds.world.teams.get(&own.team);
    let device = team.and_then(|team| team.device(&own.device));
    let admin = device.is_some_and(|device| device.role == DeviceRole::Admin && device.removed.is_none());
    if matches!(intent, Intent::RemoveDevice(..) | Intent::RemoveStaff(..)) && (feed != own.team || !admin) {
        return Ok(());
    }
    let bytes = intent.to_bytes();
    let sql = "INSERT INTO intent (feed, intent, made_ms) SELECT ?1, ?2, ?3
        WHERE NOT EXISTS (SELECT 1 FROM intent WHERE feed = ?1 AND intent = ?2)";
    inner.conn.prepare_cached(sql)?.execute(params![feed.as_bytes(), bytes, now_ms])?;
    Ok(())
}
