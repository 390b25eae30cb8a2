//! What the sync machine wants to know of this device, read from the replica.

use crate::profile::storage;
use meguri_commands::{Code, Failure};
use meguri_replica::{Replica, SpaceRow};
use meguri_sync::{FeedClass, Local, LocalFeed};
use meguri_wire::control::Role;
use meguri_wire::feed::Known;
use meguri_wire::ids::{DeviceId, FeedId, SpaceId, StoreId, TeamId};

const META_STORE: &str = "replica/store";

/// The store that positions refer to.
pub(crate) fn store(replica: &Replica) -> Result<Option<StoreId>, Failure> {
    let bytes = replica.meta_get(META_STORE).map_err(storage)?;
    Ok(bytes.and_then(|bytes| StoreId::from_slice(&bytes).ok()))
}

/// Teams and directory as far as `teams` need them.
pub(crate) fn known(replica: &Replica, teams: impl IntoIterator<Item = TeamId>) -> Result<Known, Failure> {
    let mut known = Known { directory: replica.directory().map_err(storage)?, ..Known::default() };
    for team in teams {
        if let Some(state) = replica.team(&team).map_err(storage)? {
            known.teams.insert(team, state);
        }
    }
    Ok(known)
}

/// Spaces with entries no relay has accepted, and how many; at least one each.
pub(crate) fn unsent(replica: &Replica) -> Result<Vec<(SpaceId, u64)>, Failure> {
    let spaces = replica.spaces().map_err(storage)?;
    let mut out = Vec::new();
    for space in replica.unsent_spaces().map_err(storage)? {
        let row = spaces.iter().find(|row| row.space == space);
        let entries = match row {
            Some(row) => replica.unsent_entries(row.patient).map_err(storage)?.len() as u64,
            None => 0,
        };
        out.push((space, entries.max(1)));
    }
    Ok(out)
}

/// Everything, with the feeds that moved (all when `moved` is none).
pub(crate) fn local(replica: &Replica, moved: Option<&[FeedId]>) -> Result<Local, Failure> {
    let (own, _) = replica.device().map_err(storage)?.ok_or(Code::NotEnrolled)?;
    let directory = replica.directory().map_err(storage)?.map(|directory| directory.feed());
    let mut feeds = Vec::new();
    for (feed, ssn, h) in replica.cursors().map_err(storage)? {
        if moved.is_some_and(|moved| !moved.contains(&feed)) {
            continue;
        }
        let class = if Some(feed) == directory {
            FeedClass::Directory
        } else if feed == own.team {
            FeedClass::OwnTeam
        } else if replica.team(&feed).map_err(storage)?.is_some() {
            FeedClass::Team
        } else {
            FeedClass::Space
        };
        feeds.push(LocalFeed { feed, class, ssn, h });
    }
    let parked = replica.parked().map_err(storage)?;
    let newest = parked.first().map(|row| row.reason.parse().unwrap_or(meguri_wire::Code::BadBytes));
    Ok(Local {
        feeds,
        unsent: unsent(replica)?,
        owed: owed(replica, &own.device)?,
        parked: newest.map(|reason| (parked.len() as u64, reason)),
        ..Local::default()
    })
}

/// Which of these spaces owe a control this device may sign.
pub(crate) fn owed_among(replica: &Replica, unsent: &[(SpaceId, u64)]) -> Result<Vec<(SpaceId, bool)>, Failure> {
    let (own, _) = replica.device().map_err(storage)?.ok_or(Code::NotEnrolled)?;
    let mut out = Vec::new();
    for row in replica.spaces().map_err(storage)?.iter().filter(|row| unsent.iter().any(|(s, _)| *s == row.space)) {
        if let Some(manager) = owes(replica, row, &own.device)? {
            out.push((row.space, manager));
        }
    }
    Ok(out)
}

/// Spaces that owe a control this device may sign: a genesis, an epoch, wanted members.
fn owed(replica: &Replica, device: &DeviceId) -> Result<Vec<(SpaceId, bool)>, Failure> {
    let mut out = Vec::new();
    for row in replica.spaces().map_err(storage)? {
        if let Some(manager) = owes(replica, &row, device)? {
            out.push((row.space, manager));
        }
    }
    Ok(out)
}

fn owes(replica: &Replica, row: &SpaceRow, device: &DeviceId) -> Result<Option<bool>, Failure> {
    if replica.pending_genesis(&row.space).map_err(storage)?.is_some() {
        return Ok(Some(true));
    }
    let Some(state) = replica.space(&row.space).map_err(storage)? else { return Ok(None) };
    let known = known(replica, state.members.keys().copied())?;
    let manager = match state.authority(&known, device) {
        Ok(Role::Manager) => true,
        Ok(Role::Writer) => false,
        Ok(Role::Reader) | Err(_) => return Ok(None),
    };
    let lacking =
        manager && row.members_wanted.iter().any(|team| !state.members.contains_key(team) && listed(&known, team));
    Ok((state.owed(&known) || lacking).then_some(manager))
}

fn listed(known: &Known, team: &TeamId) -> bool {
    known.directory.as_ref().is_some_and(|directory| directory.facilities.contains_key(team))
}
