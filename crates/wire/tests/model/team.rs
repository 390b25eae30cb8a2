//! A team as its list of events, and what is wrong with a next one.

use std::collections::{BTreeMap, BTreeSet};

use meguri_wire::Code;
use meguri_wire::control::{DeviceRole, RemoveReason};

/// How a generation in a removal is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    Right,
    WrongNumber,
    MissingOne,
    OneTooMany,
}

#[derive(Clone, Copy, Debug)]
pub enum TeamEvent {
    Genesis,
    AddStaff(u8),
    RemoveStaff(u8, RemoveReason, Made),
    AddDevice { n: u64, staff: u8, role: DeviceRole },
    RemoveDevice(u64, RemoveReason, Made),
    Kit(u64),
    Unknown(u64),
}

/// Number of the key that signs: a device's or a Kit's.
pub type TeamLog = Vec<(u64, TeamEvent)>;

#[derive(Clone, Copy, Debug)]
pub struct Found {
    pub staff: u8,
    pub role: DeviceRole,
    pub added: u64,
    pub removed: Option<(u64, RemoveReason)>,
}

/// Every device, by reading the log from its beginning.
pub fn devices(first: u64, log: &[(u64, TeamEvent)]) -> BTreeMap<u64, Found> {
    let mut found = BTreeMap::new();
    for (at, (_, event)) in log.iter().enumerate() {
        let cseq = at as u64 + 1;
        match event {
            TeamEvent::Genesis => {
                found.insert(first, Found { staff: 1, role: DeviceRole::Admin, added: 1, removed: None });
            }
            TeamEvent::AddDevice { n, staff, role } => {
                found.insert(*n, Found { staff: *staff, role: *role, added: cseq, removed: None });
            }
            TeamEvent::RemoveDevice(n, reason, _) => {
                if let Some(device) = found.get_mut(n) {
                    device.removed = Some((cseq, *reason));
                }
            }
            TeamEvent::RemoveStaff(staff, reason, _) => {
                for device in found.values_mut().filter(|d| d.staff == *staff && d.removed.is_none()) {
                    device.removed = Some((cseq, *reason));
                }
            }
            TeamEvent::AddStaff(_) | TeamEvent::Kit(_) | TeamEvent::Unknown(_) => {}
        }
    }
    found
}

/// People, each with whether they left.
pub fn people(log: &[(u64, TeamEvent)]) -> BTreeMap<u8, bool> {
    let mut people = BTreeMap::from([(1, false)]);
    for (_, event) in log {
        match event {
            TeamEvent::AddStaff(staff) => drop(people.insert(*staff, false)),
            TeamEvent::RemoveStaff(staff, ..) => drop(people.insert(*staff, true)),
            _ => {}
        }
    }
    people
}

/// The newest Kit and whether its one frame was written.
pub fn kit(log: &[(u64, TeamEvent)]) -> Option<(u64, bool)> {
    let at = log.iter().rposition(|(_, event)| matches!(event, TeamEvent::Kit(_)))?;
    let TeamEvent::Kit(n) = log[at].1 else { return None };
    Some((n, log[at..].iter().any(|(author, _)| *author == n)))
}

/// Removals between two controls, the first excluded.
pub fn removed_between(log: &[(u64, TeamEvent)], after: u64, upto: u64) -> bool {
    log.iter().enumerate().any(|(at, (_, event))| {
        let cseq = at as u64 + 1;
        let removal = matches!(event, TeamEvent::RemoveDevice(..) | TeamEvent::RemoveStaff(..));
        removal && cseq > after && cseq <= upto
    })
}

fn refusal(reason: RemoveReason) -> Code {
    if reason == RemoveReason::Compromised { Code::Compromised } else { Code::Removed }
}

/// Everything wrong with the next event; nothing if it is valid.
pub fn faults(first: u64, log: &[(u64, TeamEvent)], author: u64, event: &TeamEvent) -> BTreeSet<Code> {
    let mut wrong = BTreeSet::new();
    let all = devices(first, log);
    let people = people(log);
    let newest_kit = kit(log);
    let by_kit = newest_kit.filter(|(n, _)| *n == author);
    match (all.get(&author), by_kit) {
        (Some(device), _) => {
            wrong.extend(device.removed.map(|(_, reason)| refusal(reason)));
            let anyone = matches!(event, TeamEvent::Unknown(_));
            wrong.extend((device.role != DeviceRole::Admin && !anyone).then_some(Code::RoleTooLow));
        }
        (None, Some((_, spent))) => {
            let adds_admin = matches!(event, TeamEvent::AddDevice { .. });
            wrong.extend((spent || !adds_admin).then_some(Code::KitSpent));
        }
        (None, None) => drop(wrong.insert(Code::UnknownAuthor)),
    }
    let active = |found: &&Found| found.removed.is_none();
    let removal = |gone: &dyn Fn(u64, &Found) -> bool, made: Made, wrong: &mut BTreeSet<Code>| {
        let stays = all.iter().filter(|(n, found)| active(found) && !gone(**n, found));
        let admins = stays.filter(|(_, found)| found.role == DeviceRole::Admin).count();
        wrong.extend((admins == 0).then_some(Code::NoAdmin));
        match made {
            Made::Right => {}
            Made::WrongNumber => drop(wrong.insert(Code::BadNumber)),
            Made::MissingOne | Made::OneTooMany => drop(wrong.insert(Code::BadRecipients)),
        }
    };
    match event {
        TeamEvent::Genesis => drop(wrong.insert(Code::WrongFeed)),
        TeamEvent::AddStaff(staff) => match people.get(staff) {
            Some(true) => drop(wrong.insert(Code::RemovedForEver)),
            Some(false) => drop(wrong.insert(Code::AlreadySo)),
            None => {}
        },
        TeamEvent::RemoveStaff(staff, _, made) => {
            match people.get(staff) {
                Some(true) => drop(wrong.insert(Code::AlreadySo)),
                Some(false) => {}
                None => drop(wrong.insert(Code::UnknownTarget)),
            }
            removal(&|_, found| found.staff == *staff, *made, &mut wrong);
        }
        TeamEvent::AddDevice { n, staff, role } => {
            match people.get(staff) {
                Some(true) => drop(wrong.insert(Code::RemovedForEver)),
                Some(false) => {}
                None => drop(wrong.insert(Code::UnknownTarget)),
            }
            wrong.extend((by_kit.is_some() && *role != DeviceRole::Admin).then_some(Code::RoleTooLow));
            match all.get(n) {
                Some(found) if found.removed.is_some() => drop(wrong.insert(Code::RemovedForEver)),
                Some(_) => drop(wrong.insert(Code::AlreadySo)),
                None => {}
            }
        }
        TeamEvent::RemoveDevice(n, _, made) => {
            match all.get(n) {
                Some(found) if found.removed.is_some() => drop(wrong.insert(Code::AlreadySo)),
                Some(_) => {}
                None => drop(wrong.insert(Code::UnknownTarget)),
            }
            removal(&|other, _| other == *n, *made, &mut wrong);
        }
        TeamEvent::Kit(n) => {
            wrong.extend(newest_kit.is_some_and(|(newest, _)| newest == *n).then_some(Code::AlreadySo));
        }
        TeamEvent::Unknown(kind) => wrong.extend((*kind < 64).then_some(Code::VersionTooOld)),
    }
    wrong
}
