//! Who may read what (protocol §6).

use meguri_wire::control::TeamKind;
use meguri_wire::feed::World;
use meguri_wire::{BlobId, Code, DeviceId, TeamId};

use crate::feeds::Teams;
use crate::store::{FeedKind, FeedRow, Read, Stored};

/// A device that signed a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// Which device.
    pub device: DeviceId,
    /// Its team.
    pub team: TeamId,
    /// The team's control that removed it.
    pub removed: Option<u64>,
}

impl Caller {
    /// Refuses a removed device.
    ///
    /// # Errors
    /// [`Code::Removed`].
    pub fn active(&self) -> Result<(), Code> {
        if self.removed.is_some() { Err(Code::Removed) } else { Ok(()) }
    }
}

/// Up to which position a caller may read a feed.
///
/// # Errors
/// Outer: the store failed. Inner: the refusal.
pub fn readable(
    rows: &dyn Read,
    teams: &Teams,
    caller: &Caller,
    row: &FeedRow,
    now_ms: u64,
) -> Stored<Result<u64, Code>> {
    match (row.feed_kind, caller.removed) {
        // It says where the relay is, to those as well who have something to hand in.
        (FeedKind::Directory, _) => Ok(Ok(u64::MAX)),
        // A team's feed holds controls only, so its positions are control numbers.
        (FeedKind::Team, Some(cseq)) if row.feed == caller.team => Ok(Ok(cseq)),
        (FeedKind::Team | FeedKind::Space, Some(_)) => Ok(Err(Code::Removed)),
        (FeedKind::Team, None) => {
            let may = may_read_team(rows, teams, caller, row)?;
            Ok(if may { Ok(u64::MAX) } else { Err(Code::NotMember) })
        }
        (FeedKind::Space, None) => {
            let Some(member) = rows.membership(&caller.team, row.feed_no)? else {
                return Ok(Err(Code::NotMember));
            };
            if member.expires_ms.is_some_and(|expires| expires <= now_ms) {
                return Ok(Err(Code::NotMember));
            }
            Ok(Ok(member.until_ssn.unwrap_or(u64::MAX)))
        }
    }
}

fn may_read_team(rows: &dyn Read, teams: &Teams, caller: &Caller, row: &FeedRow) -> Stored<bool> {
    let listed = |team: &TeamId| teams.directory().is_some_and(|d| d.facilities.contains_key(team));
    if row.feed == caller.team || listed(&row.feed) || row.sponsor == Some(caller.team) {
        return Ok(true);
    }
    rows.share_a_space(&row.feed, &caller.team)
}

/// What a caller hears of: its feeds, and those it has left.
#[derive(Debug, Default)]
pub struct Heard {
    /// Feeds that moved.
    pub feeds: Vec<FeedRow>,
    /// Feeds its team was taken off, with the frame that did it; told until the caller has heard of that.
    pub left: Vec<(FeedRow, u64)>,
}

/// Feeds a caller may hear of that moved after `since`.
///
/// # Errors
/// The store failed.
pub fn moved(rows: &dyn Read, teams: &Teams, caller: &Caller, since: u64, now_ms: u64) -> Stored<Heard> {
    let mut left = Vec::new();
    let mut feeds = rows.feeds_of(FeedKind::Directory)?;
    for row in rows.feeds_of(FeedKind::Team)? {
        if row.moved > since && may_read_team(rows, teams, caller, &row)? {
            feeds.push(row);
        }
    }
    for (row, member) in rows.spaces_of(&caller.team, since)? {
        let expired = member.expires_ms.is_some_and(|expires| expires <= now_ms);
        match member.until_ssn {
            None if !expired => feeds.push(row),
            Some(until) if member.until_move > since => left.push((row, until)),
            Some(_) | None => {}
        }
    }
    feeds.retain(|row| row.moved > since && row.ssn > 0);
    Ok(Heard { feeds, left })
}

/// Whether a caller may fetch a blob: it brought it, or may read an item that lists it.
///
/// # Errors
/// The store failed.
pub fn may_fetch(rows: &dyn Read, caller: &Caller, blob: &BlobId, now_ms: u64) -> Stored<bool> {
    if rows.uploaded(blob, &caller.device)? {
        return Ok(true);
    }
    for (feed_no, ssn) in rows.listings(blob)? {
        let Some(member) = rows.membership(&caller.team, feed_no)? else {
            continue;
        };
        let expired = member.expires_ms.is_some_and(|expires| expires <= now_ms);
        if !expired && member.until_ssn.is_none_or(|until| ssn <= until) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What a new team's Genesis needs: a listed sponsor, or the setup code.
///
/// # Errors
/// [`Code::NotSponsored`], [`Code::Suspended`].
pub fn may_sponsor(teams: &dyn World, sponsor: &TeamId, kind: TeamKind) -> Result<(), Code> {
    let facility = teams.directory().and_then(|d| d.facilities.get(sponsor));
    match (facility, kind) {
        (None, TeamKind::Facility | TeamKind::Household) => Err(Code::NotSponsored),
        (Some(facility), _) if facility.suspended => Err(Code::Suspended),
        (Some(_), _) => Ok(()),
    }
}
