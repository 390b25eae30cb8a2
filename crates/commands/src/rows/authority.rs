//! Whether this device may write into a chart, before anything is written: the relay and every colleague's device would
//! refuse it later, and by then the person has gone home.

use super::storage;
use crate::{Code, Failure};
use meguri_replica::Replica;
use meguri_wire::control::Role;
use meguri_wire::feed::Stop;
use meguri_wire::ids::SpaceId;

/// Only a manager decides who shares a chart and what late work it takes.
///
/// # Errors
/// `not_allowed{reason}`, `removed`, storage codes.
pub(crate) fn may_manage(replica: &Replica, space: &SpaceId) -> Result<(), Failure> {
    let Some(state) = replica.space(space).map_err(storage)? else { return Ok(()) };
    let (own, _) = replica.device().map_err(storage)?.ok_or(Code::NotEnrolled)?;
    match replica.with_world(|world| state.authority(world, &own.device)).map_err(storage)? {
        Ok(Role::Manager) => Ok(()),
        Ok(Role::Writer | Role::Reader) | Err(Stop::Waiting(_)) => Err(Code::NotAllowed.with("reason", "manager")),
        Err(Stop::Invalid(meguri_wire::Code::Removed)) => Err(Code::Removed.into()),
        Err(Stop::Invalid(code)) => Err(Code::NotAllowed.with("reason", code)),
    }
}

/// The role in a space must allow writing, and the space must not be archived. What this device cannot know yet, because
/// a team's feed has not arrived, it does not refuse.
///
/// # Errors
/// `not_allowed{reason}`, `removed`, storage codes.
pub(crate) fn may_write(replica: &Replica, space: &SpaceId) -> Result<(), Failure> {
    // A chart founded here and not sent yet has its founder alone.
    let Some(state) = replica.space(space).map_err(storage)? else { return Ok(()) };
    if state.archived {
        return Err(Code::NotAllowed.with("reason", "archived"));
    }
    let (own, _) = replica.device().map_err(storage)?.ok_or(Code::NotEnrolled)?;
    match replica.with_world(|world| state.authority(world, &own.device)).map_err(storage)? {
        Ok(Role::Manager | Role::Writer) | Err(Stop::Waiting(_)) => Ok(()),
        Ok(Role::Reader) => Err(Code::NotAllowed.with("reason", "reader")),
        Err(Stop::Invalid(meguri_wire::Code::Removed)) => Err(Code::Removed.into()),
        Err(Stop::Invalid(code)) => Err(Code::NotAllowed.with("reason", code)),
    }
}
