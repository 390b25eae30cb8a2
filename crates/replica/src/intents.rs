//! What an administrator decided on this device and no feed holds yet. How it is signed is the device's; here it is kept.

use meguri_wire::cbor::{Cbor, In, Out};
use meguri_wire::control::{Admit, Fault, RemoveReason, Repudiate, Role, SetRole};
use meguri_wire::{Code, DeviceId, FeedId, FrameId, StaffId, TeamId};
use rusqlite::{Connection, params};

use crate::error::ReplicaError;
use crate::open::Replica;
use crate::sql::col16;

/// One decision about a team or a space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// A device of the own team goes.
    RemoveDevice(DeviceId, RemoveReason),
    /// A person of the own team goes, with all devices.
    RemoveStaff(StaffId, RemoveReason),
    /// A team comes into a space.
    AddMember(TeamId, Role),
    /// A team's role in a space.
    SetRole(SetRole),
    /// A team leaves a space.
    RemoveMember(TeamId),
    /// Late items are taken.
    Admit(Admit),
    /// Items are struck through.
    Repudiate(Repudiate),
    /// An epoch's key did not open here.
    Fault(Fault),
    /// A device of the own team is certified again: the record of this id, made here, is in no feed any more.
    Certify(FrameId),
    /// A generation of the own team's key, whose seed has not reached this administrator's device: another one follows it.
    Renew(u64),
}

impl Cbor for Intent {
    fn put(&self, out: &mut Out) {
        out.array(2);
        match self {
            Self::RemoveDevice(device, reason) => {
                out.u64(0);
                out.array(2);
                device.put(out);
                reason.put(out);
            }
            Self::RemoveStaff(staff, reason) => {
                out.u64(1);
                out.array(2);
                staff.put(out);
                reason.put(out);
            }
            Self::AddMember(team, role) => {
                out.u64(2);
                SetRole { team: *team, role: *role }.put(out);
            }
            Self::SetRole(body) => {
                out.u64(3);
                body.put(out);
            }
            Self::RemoveMember(team) => {
                out.u64(4);
                team.put(out);
            }
            Self::Admit(body) => {
                out.u64(5);
                body.put(out);
            }
            Self::Repudiate(body) => {
                out.u64(6);
                body.put(out);
            }
            Self::Fault(body) => {
                out.u64(7);
                body.put(out);
            }
            Self::Certify(record) => {
                out.u64(8);
                record.put(out);
            }
            Self::Renew(gen_no) => {
                out.u64(9);
                gen_no.put(out);
            }
        }
    }

    fn take(input: &mut In<'_>) -> Result<Self, Code> {
        input.array_of(2)?;
        Ok(match input.u64()? {
            0 => {
                input.array_of(2)?;
                Self::RemoveDevice(DeviceId::take(input)?, RemoveReason::take(input)?)
            }
            1 => {
                input.array_of(2)?;
                Self::RemoveStaff(StaffId::take(input)?, RemoveReason::take(input)?)
            }
            2 => {
                let SetRole { team, role } = SetRole::take(input)?;
                Self::AddMember(team, role)
            }
            3 => Self::SetRole(Cbor::take(input)?),
            4 => Self::RemoveMember(Cbor::take(input)?),
            5 => Self::Admit(Cbor::take(input)?),
            6 => Self::Repudiate(Cbor::take(input)?),
            7 => Self::Fault(Cbor::take(input)?),
            8 => Self::Certify(Cbor::take(input)?),
            9 => Self::Renew(input.u64()?),
            _ => return Err(Code::BadBytes),
        })
    }
}

/// A decision that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntentRow {
    /// Names it here.
    pub id: i64,
    /// The team or space it is about.
    pub feed: FeedId,
    /// What.
    pub intent: Intent,
    /// When it was made, by this device's clock, ms UTC.
    pub made_ms: i64,
    /// Why it can never be; `None` while it may.
    pub refused: Option<Code>,
}

/// How an answered decision stands in its row.
fn sent(control: &FrameId) -> String {
    format!("sent:{control}")
}

/// An own control is in its feed: what it makes so is no decision to keep any more.
pub(crate) fn is_in_feed(conn: &Connection, control: &FrameId) -> Result<(), ReplicaError> {
    conn.prepare_cached("DELETE FROM intent WHERE refused = ?1")?.execute([sent(control)])?;
    Ok(())
}

impl Replica {
    /// Keeps a decision; one that is open already is not made twice.
    ///
    /// # Errors
    /// Storage codes.
    pub fn add_intent(&self, feed: &FeedId, intent: &Intent, made_ms: i64) -> Result<(), ReplicaError> {
        self.lock().write(|inner| {
            let bytes = intent.to_bytes();
            let sql = "SELECT 1 FROM intent WHERE feed = ?1 AND intent = ?2 AND refused = ''";
            if inner.conn.prepare_cached(sql)?.exists(params![feed.as_bytes(), bytes])? {
                return Ok(());
            }
            let sql = "INSERT INTO intent (feed, intent, made_ms) VALUES (?1, ?2, ?3)";
            inner.conn.prepare_cached(sql)?.execute(params![feed.as_bytes(), bytes, made_ms])?;
            Ok(())
        })
    }

    /// Every decision that is kept, in the order made.
    ///
    /// # Errors
    /// Storage codes.
    pub fn intents(&self) -> Result<Vec<IntentRow>, ReplicaError> {
        let inner = self.lock();
        let sql = "SELECT ord, feed, intent, made_ms, refused FROM intent WHERE refused NOT LIKE 'sent:%' ORDER BY ord";
        let mut statement = inner.conn.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let bytes = row.get_ref(2)?.as_blob().map_err(|_| ReplicaError::Corrupt)?;
            let refused: String = row.get(4)?;
            out.push(IntentRow {
                id: row.get(0)?,
                feed: FeedId(col16(row, 1)?),
                intent: Intent::from_bytes(bytes).map_err(|_| ReplicaError::Corrupt)?,
                made_ms: row.get(3)?,
                refused: refused.parse().ok(),
            });
        }
        Ok(out)
    }

    /// How many decisions may still come to be.
    ///
    /// # Errors
    /// Storage codes.
    pub fn open_intents(&self) -> Result<u64, ReplicaError> {
        let sql = "SELECT count(*) FROM intent WHERE refused = ''";
        Ok(self.lock().conn.prepare_cached(sql)?.query_row([], |row| Ok(crate::sql::uint(row.get(0)?)))?)
    }

    /// The relay has taken the control that makes it so. The decision is kept, unseen, until the control comes back in its
    /// feed: the relay may be lost before that, and then it is decided again.
    ///
    /// # Errors
    /// Storage codes.
    pub fn intent_sent(&self, id: i64, control: &FrameId) -> Result<(), ReplicaError> {
        let sql = "UPDATE intent SET refused = ?2 WHERE ord = ?1";
        self.lock().conn.prepare_cached(sql)?.execute(params![id, sent(control)])?;
        Ok(())
    }

    /// A decision can never be; it stays listed.
    ///
    /// # Errors
    /// Storage codes.
    pub fn refuse_intent(&self, id: i64, code: Code) -> Result<(), ReplicaError> {
        let sql = "UPDATE intent SET refused = ?2 WHERE ord = ?1";
        self.lock().conn.prepare_cached(sql)?.execute(params![id, code.text()])?;
        Ok(())
    }

    /// A decision is in its feed, is so already, or was looked at and put away.
    ///
    /// # Errors
    /// Storage codes.
    pub fn drop_intent(&self, id: i64) -> Result<(), ReplicaError> {
        self.lock().conn.prepare_cached("DELETE FROM intent WHERE ord = ?1")?.execute([id])?;
        Ok(())
    }
}
