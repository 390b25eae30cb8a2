//! Decisions that a new store of the relay lacks. A removal is never undone by that: nobody it removed may go on in the
//! feed, and where another control took its place it is decided again. So is the certificate of a device, by whoever gave it.

use std::collections::{BTreeMap, BTreeSet};

use meguri_wire::api::PullRecord;
use meguri_wire::cbor::Cbor;
use meguri_wire::control::{AddDevice, Body, DeviceKeys, DeviceRole, RemoveMemberReason, SpaceBody, TeamBody};
use meguri_wire::{Attachment, DeviceId, FeedId, Frame, FrameId, Hash, StaffId, TeamId, ids};
use rusqlite::{Connection, params};

use crate::error::ReplicaError;
use crate::former;
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

/// The device that a team's control certifies, and for whom.
fn certified(frame: &Frame) -> Option<(DeviceId, StaffId)> {
    let named = |staff: StaffId, keys: &DeviceKeys| {
        Some((ids::device_id(&frame.feed(), &keys.signing_key, &keys.kem_key_hash), staff))
    };
    match frame.control().map(|control| &control.body) {
        Some(Body::Team(TeamBody::Genesis(body))) => named(body.staff, &body.keys),
        Some(Body::Team(TeamBody::AddDevice(body))) => named(body.staff, &body.keys),
        Some(_) | None => None,
    }
}

/// Devices that only set-aside controls certify, with team and person: what they wrote stays theirs meanwhile.
pub(crate) fn people(conn: &Connection) -> Result<BTreeMap<DeviceId, (TeamId, StaffId)>, ReplicaError> {
    let mut set_aside = Vec::new();
    former::of_team(conn, &mut set_aside)?;
    let named = |frame: &Frame| certified(frame).map(|(device, staff)| (device, (frame.feed(), staff)));
    Ok(set_aside.iter().filter_map(|(frame, _)| named(frame)).collect())
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
        self.staff.extend(certified(frame));
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

/// A device's certificate that is in no feed any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostCertificate {
    /// What it said.
    pub body: AddDevice,
    /// The device's X-Wing public key.
    pub kem_key: Vec<u8>,
    /// The person's name as the team's feed had it, if the person is lost with it.
    pub sealed_name: Option<Vec<u8>>,
}

impl Replica {
    /// The certificate of this id, while it is set aside.
    ///
    /// # Errors
    /// Storage codes.
    pub fn lost_certificate(&self, record: &FrameId) -> Result<Option<LostCertificate>, ReplicaError> {
        let inner = self.lock();
        let mut set_aside = Vec::new();
        former::of_team(&inner.conn, &mut set_aside)?;
        let Some((frame, beside)) = set_aside.iter().find(|(frame, _)| frame.id == *record) else { return Ok(None) };
        let Some(Body::Team(TeamBody::AddDevice(body))) = frame.control().map(|control| &control.body) else {
            return Ok(None);
        };
        let key = beside.iter().find(|beside| Hash::of(&beside.bytes) == body.keys.kem_key_hash);
        let name = set_aside.iter().find_map(|(of, _)| match of.control().map(|control| &control.body) {
            Some(Body::Team(TeamBody::AddStaff(person))) if of.feed() == frame.feed() && person.staff == body.staff => {
                Some(person.name.clone())
            }
            Some(_) | None => None,
        });
        let found = |key: &Attachment| LostCertificate {
            body: body.clone(),
            kem_key: key.bytes.clone(),
            sealed_name: name.clone(),
        };
        Ok(key.map(found))
    }
}

/// A team's feed moved: whoever a removal held here took away may have come back by the hand of somebody who had not heard
/// of it, and is removed again.
pub(crate) fn remove_again(inner: &mut Inner, team: &TeamId, now_ms: i64) -> Result<(), ReplicaError> {
    let mut removals = Vec::new();
    {
        let sql = "SELECT raw FROM former WHERE feed = ?1 AND lost = ?2 ORDER BY ord";
        let mut statement = inner.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params![team.as_bytes(), former::LOST])?;
        while let Some(row) = rows.next()? {
            removals.push(Frame::decode(row.get_ref(0)?.as_blob().map_err(|_| ReplicaError::Corrupt)?)?);
        }
    }
    let Some(state) = inner.feeds.world.teams.get(team) else { return Ok(()) };
    let here = |frame: &Frame| match frame.control().map(|control| &control.body) {
        Some(Body::Team(TeamBody::RemoveDevice(body))) => state.active.contains(&body.device),
        Some(Body::Team(TeamBody::RemoveStaff(body))) => {
            state.staff.get(&body.staff).is_some_and(|found| found.removed.is_none())
        }
        Some(_) | None => false,
    };
    removals.retain(here);
    removals.iter().try_for_each(|frame| decide_again(inner, frame, now_ms))
}

/// Whether no removal is known of the device that this control of the own hand certified, or of its person.
fn stays(conn: &Connection, frame: &Frame, own: &DeviceId) -> Result<bool, ReplicaError> {
    let Some((device, staff)) = certified(frame).filter(|_| frame.author() == Some(*own)) else { return Ok(false) };
    let known = Known::of(conn, &frame.feed())?;
    Ok(known.is_none_or(|known| !known.devices.contains_key(&device) && !known.people.contains_key(&staff)))
}

/// Another control has taken the place of one that was set aside: a removal is decided again by those who may, the certificate
/// of a device by whoever gave it.
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
        Some(Body::Team(TeamBody::AddDevice(_))) if stays(&inner.conn, frame, &own.device)? => {
            Intent::Certify(frame.id)
        }
        Some(_) | None => return Ok(()),
    };
    inner.feeds.load(&inner.conn)?;
    let team = inner.feeds.world.teams.get(&own.team);
    let device = team.and_then(|team| team.device(&own.device));
    let admin = device.is_some_and(|device| device.role == DeviceRole::Admin && device.removed.is_none());
    let of_team = matches!(intent, Intent::RemoveDevice(..) | Intent::RemoveStaff(..) | Intent::Certify(_));
    if of_team && (feed != own.team || !admin) {
        return Ok(());
    }
    let bytes = intent.to_bytes();
    let sql = "INSERT INTO intent (feed, intent, made_ms) SELECT ?1, ?2, ?3
        WHERE NOT EXISTS (SELECT 1 FROM intent WHERE feed = ?1 AND intent = ?2)";
    inner.conn.prepare_cached(sql)?.execute(params![feed.as_bytes(), bytes, now_ms])?;
    Ok(())
}
