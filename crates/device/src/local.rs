//! What the sync machine wants to know of this device, read from the replica.

use crate::profile::storage;
use meguri_commands::{Code, Failure};
use meguri_replica::{Replica, Wait};
use meguri_sync::{FeedClass, Local, LocalFeed, WaitingFor};
use meguri_wire::feed::Known;
use meguri_wire::ids::{FeedId, SpaceId, StoreId, TeamId};
use std::collections::BTreeMap;

fn uint(ms: i64) -> u64 {
    u64::try_from(ms).unwrap_or(0)
}

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

/// Where feeds stand here: those that moved, or all.
pub(crate) fn feeds(replica: &Replica, moved: Option<&[FeedId]>) -> Result<Vec<LocalFeed>, Failure> {
    let own = replica.device_info().map_err(storage)?.ok_or(Code::NotEnrolled)?;
    let cursors = match moved {
        Some(moved) => replica.cursors_of(moved),
        None => replica.cursors(),
    };
    let cursors = cursors.map_err(storage)?;
    replica
        .with_world(|world| {
            let directory = world.directory().map(|directory| directory.feed());
            let class = |feed: &FeedId| {
                if Some(*feed) == directory {
                    FeedClass::Directory
                } else if *feed == own.team {
                    FeedClass::OwnTeam
                } else if world.team(feed).is_some() {
                    FeedClass::Team
                } else {
                    FeedClass::Space
                }
            };
            cursors.into_iter().map(|(feed, ssn, h)| LocalFeed { feed, class: class(&feed), ssn, h }).collect()
        })
        .map_err(storage)
}

/// Which spaces owe a control that this device may sign. Only what moved is asked again; when a directory or team
/// moved, every space is.
#[derive(Debug, Default)]
pub(crate) struct Owed(Option<BTreeMap<SpaceId, bool>>);

impl Owed {
    /// After writing: these spaces are asked again; what they owe.
    pub(crate) fn ask(&mut self, replica: &Replica, spaces: &[SpaceId]) -> Result<Vec<(SpaceId, bool)>, Failure> {
        let found = replica.owed(Some(spaces)).map_err(storage)?;
        if let Some(owed) = &mut self.0 {
            owed.retain(|space, _| !spaces.contains(space));
            owed.extend(found.iter().copied());
        }
        Ok(found)
    }

    fn update(&mut self, replica: &Replica, moved: &[LocalFeed]) -> Result<Vec<(SpaceId, bool)>, Failure> {
        let spaces_only = moved.iter().all(|feed| matches!(feed.class, FeedClass::Space | FeedClass::SpaceToday));
        match &mut self.0 {
            Some(owed) if spaces_only => {
                let moved: Vec<SpaceId> = moved.iter().map(|feed| feed.feed).collect();
                owed.retain(|space, _| !moved.contains(space));
                owed.extend(replica.owed(Some(&moved)).map_err(storage)?);
            }
            owed => *owed = Some(replica.owed(None).map_err(storage)?.into_iter().collect()),
        }
        Ok(self.0.iter().flatten().map(|(space, manager)| (*space, *manager)).collect())
    }
}

/// Everything, with the feeds that moved (all when `moved` is none).
pub(crate) fn local(replica: &Replica, owed: &mut Owed, moved: Option<&[FeedId]>) -> Result<Local, Failure> {
    let feeds = feeds(replica, moved)?;
    let owed = match moved {
        Some(_) => owed.update(replica, &feeds)?,
        None => {
            *owed = Owed::default();
            owed.update(replica, &feeds)?
        }
    };
    let parked = replica.parked().map_err(storage)?;
    let newest = parked.first().map(|row| row.reason.parse().unwrap_or(meguri_wire::Code::BadBytes));
    Ok(Local {
        feeds,
        unsent: replica.unsent_by_space().map_err(storage)?,
        owed,
        parked: newest.map(|reason| (parked.len() as u64, reason)),
        intents: replica.open_intents().map_err(storage)?,
        late: replica.late_counts().map_err(storage)?,
        to_offer: replica.to_offer().map_err(storage)?,
        waiting: replica.first_wait().map_err(storage)?.map(|wait| match wait {
            Wait::Feed(feed) => WaitingFor::Feed(feed),
            Wait::Key(feed) => WaitingFor::Key(feed),
            Wait::Item(feed) => WaitingFor::ItemBefore(feed),
        }),
        removed: replica.own_removal().map_err(storage)?.map(|removal| (removal.by, uint(removal.at_ms))),
        ..Local::default()
    })
}
