//! The changes of a device written again under another one: the same operations at the same places of the history.

use std::collections::HashMap;

use automerge::legacy::{ElementId, Key, ObjectId, OpId};
use automerge::{ActorId, ChangeHash};

use crate::doc::{Doc, DocName};
use crate::rules::undamaged;
use crate::{Actor, ChartError, guarded};

/// Whose changes of which document become whose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Writer {
    /// The space of the document.
    pub space: [u8; 16],
    /// The device.
    pub device: [u8; 16],
}

/// Writes the changes of one document again, in their order.
pub struct Again {
    to: Writer,
    /// Changes by their former hash.
    became: HashMap<ChangeHash, ChangeHash>,
    /// Operations by their former name.
    ops: HashMap<OpId, ActorId>,
    genesis: (ActorId, ActorId),
    /// The newest number of each actor.
    seqs: HashMap<ActorId, u64>,
    from: Writer,
}

impl std::fmt::Debug for Again {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Again({} changes)", self.became.len())
    }
}

impl Again {
    /// Nothing is written yet. The new device has no change in the document.
    ///
    /// # Errors
    /// [`ChartError::Refused`] if Automerge cannot make a genesis.
    pub fn new(name: DocName, from: Writer, to: Writer) -> Result<Self, ChartError> {
        let (old, new) = (Doc::new(from.space, name)?, Doc::new(to.space, name)?);
        let became = HashMap::from([(ChangeHash(old.genesis()), ChangeHash(new.genesis()))]);
        let genesis = (old.genesis_actor().clone(), new.genesis_actor().clone());
        Ok(Self { to, became, ops: HashMap::new(), genesis, seqs: HashMap::new(), from })
    }

    /// The bytes of one change as the new device writes it; `None` for one that was written again already. Its
    /// incarnation is kept, so that two lives of the old device stay two actors.
    ///
    /// # Errors
    /// [`ChartError::Damaged`] for what is no change of the old device.
    pub fn change(&mut self, bytes: &[u8]) -> Result<Option<Vec<u8>>, ChartError> {
        let change = undamaged(bytes).map_err(|_| ChartError::Damaged)?;
        if self.became.contains_key(&change.hash()) {
            return Ok(None);
        }
        let actor = self.actor(change.actor_id()).ok_or(ChartError::Damaged)?;
        let mut expanded = guarded(|| change.decode()).ok_or(ChartError::Damaged)?;
        for (_, counter) in expanded.operations.iter().zip(change.start_op().get()..) {
            self.ops.insert(OpId::new(counter, change.actor_id()), actor.clone());
        }
        for op in &mut expanded.operations {
            if let ObjectId::Id(id) = &op.obj {
                op.obj = ObjectId::Id(self.op(id));
            }
            if let Key::Seq(ElementId::Id(id)) = &op.key {
                op.key = Key::Seq(ElementId::Id(self.op(id)));
            }
            op.pred = op.pred.iter().map(|id| self.op(id)).collect::<Vec<_>>().into();
        }
        let seq = self.seqs.entry(actor.clone()).or_default();
        *seq += 1;
        expanded.seq = *seq;
        expanded.actor_id = actor;
        expanded.hash = None;
        for dep in &mut expanded.deps {
            *dep = self.became.get(dep).copied().unwrap_or(*dep);
        }
        expanded.deps.sort_unstable();
        let again = guarded(|| automerge::Change::from(expanded)).ok_or(ChartError::Refused)?;
        self.became.insert(change.hash(), again.hash());
        Ok(Some(again.raw_bytes().to_vec()))
    }

    /// The new device in the life of the old one.
    fn actor(&self, old: &ActorId) -> Option<ActorId> {
        let life = old.to_bytes().strip_prefix(&self.from.device)?;
        let actor = Actor::new(self.to.device, life.try_into().ok()?);
        Some(ActorId::from(actor.0.as_slice()))
    }

    fn op(&self, id: &OpId) -> OpId {
        let OpId(counter, actor) = id;
        let (old, new) = &self.genesis;
        let actor = if actor == old { new } else { self.ops.get(id).unwrap_or(actor) };
        OpId::new(*counter, actor)
    }
}
