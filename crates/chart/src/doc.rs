//! One document: how it begins, what is put in, how it is read and saved.

use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::transaction::{CommitOptions, Transactable};
use automerge::{
    ActorId, Automerge, AutomergeError, ChangeHash, ExpandedChange, ObjId, ObjType, ReadDoc, ScalarValue, Value,
};
use std::collections::HashSet;
use std::num::NonZeroU64;

use crate::rules::{Ahead, CHANGE_BYTES_MAX, Known, undamaged};
use crate::scan::{parse_uuid, uuid_text};
use crate::{Actor, Change, ChartError, guarded};

/// Years of which a log document may be.
const YEARS: std::ops::RangeInclusive<i32> = 1950..=2150;
/// The genesis makes one map; this is its operation.
pub(crate) const ROOT_MAP_OP: u64 = 1;

pub(crate) fn genesis_actor_suffix() -> &'static [u8] {
    b"/meguri/v1/genesis"
}

/// The documents of a space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DocName {
    /// Current state, by key.
    Core,
    /// The entries of one year, by clinical time in the region (+09:00).
    Log(i32),
}

impl DocName {
    /// Every document a space may have.
    pub fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::Core).chain(YEARS.map(Self::Log))
    }
}

impl std::fmt::Display for DocName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Core => f.write_str("core"),
            Self::Log(year) => write!(f, "log-{year:04}"),
        }
    }
}

impl std::str::FromStr for DocName {
    type Err = ChartError;
    fn from_str(text: &str) -> Result<Self, ChartError> {
        let name = match text.strip_prefix("log-") {
            Some(year) => Self::Log(year.parse().map_err(|_| ChartError::Damaged)?),
            None => Self::Core,
        };
        if name.to_string() == text { Ok(name) } else { Err(ChartError::Damaged) }
    }
}

/// One value of a state key; more than one is a conflict.
#[derive(Clone, PartialEq, Eq)]
pub struct StateRead {
    /// Bytes as put.
    pub bytes: Vec<u8>,
    /// Actor that wrote it: device id ‖ incarnation.
    pub actor: Vec<u8>,
    /// Change that wrote it.
    pub change: [u8; 32],
}

impl std::fmt::Debug for StateRead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StateRead({} bytes)", self.bytes.len())
    }
}

/// One put of an entry.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryRead {
    /// UUID v7.
    pub id: [u8; 16],
    /// Stored tag.
    pub kind: String,
    /// Clinical time, ms UTC.
    pub at_ms: i64,
    /// Bytes.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for EntryRead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EntryRead({} bytes)", self.body.len())
    }
}

/// A document in memory.
#[derive(Clone)]
pub struct Doc {
    pub(crate) name: DocName,
    pub(crate) am: Automerge,
    pub(crate) known: Known,
    root_map: ObjId,
    genesis: [u8; 32],
    genesis_actor: ActorId,
}

impl std::fmt::Debug for Doc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Doc({}, {} changes)", self.name, self.known.max_ops.len())
    }
}

impl Doc {
    /// A document with its genesis change: the same bytes on every device, made
    /// locally and never sent.
    ///
    /// # Errors
    /// [`ChartError::Refused`] if Automerge cannot make it.
    pub fn new(space: [u8; 16], name: DocName) -> Result<Self, ChartError> {
        let mut actor = space.to_vec();
        actor.extend_from_slice(b"/");
        actor.extend_from_slice(name.to_string().as_bytes());
        actor.extend_from_slice(genesis_actor_suffix());
        let mut am = Automerge::new().with_actor(ActorId::from(actor.clone()));
        let map = match name {
            DocName::Core => "state",
            DocName::Log(_) => "entries",
        };
        let made = am
            .transact_with::<_, _, AutomergeError, _>(
                |_| CommitOptions::default().with_time(0),
                |tx| tx.put_object(automerge::ROOT, map, ObjType::Map),
            )
            .map_err(|_| ChartError::Refused)?;
        let genesis = made.hash.ok_or(ChartError::Refused)?.0;
        let mut known = Known::default();
        known.add(&actor, 1, genesis, ROOT_MAP_OP);
        Ok(Self { name, am, known, root_map: made.result, genesis, genesis_actor: ActorId::from(actor) })
    }

    /// Loads a snapshot that [`Doc::save`] made.
    ///
    /// # Errors
    /// [`ChartError::Damaged`] for anything that is not that document, whole.
    pub fn load(space: [u8; 16], name: DocName, snapshot: &[u8]) -> Result<Self, ChartError> {
        let mut doc = Self::new(space, name)?;
        let loaded = guarded(|| Automerge::load(snapshot)).and_then(Result::ok).ok_or(ChartError::Damaged)?;
        let known = guarded(|| known_of(&loaded)).ok_or(ChartError::Damaged)?;
        if !known.max_ops.contains_key(&doc.genesis) {
            return Err(ChartError::Damaged);
        }
        doc.root_map =
            guarded(|| loaded.import_obj(&doc.root_map.to_string())).and_then(Result::ok).ok_or(ChartError::Damaged)?;
        doc.am = loaded;
        doc.known = known;
        Ok(doc)
    }

    /// Applies changes which were accepted before and stored beside the
    /// snapshot, in whatever order. They are checked for damage, not for the rules.
    ///
    /// # Errors
    /// [`ChartError::Damaged`]; the document is then as before.
    pub fn replay(&mut self, changes: &[Vec<u8>]) -> Result<(), ChartError> {
        let mut ahead = Ahead::of(&self.known);
        let mut decoded = Vec::with_capacity(changes.len());
        let mut left = Vec::new();
        for bytes in changes {
            left.push(undamaged(bytes).map_err(|_| ChartError::Damaged)?);
        }
        // Nearly always one pass: what others wrote and what was written here lie in two lists.
        while !left.is_empty() {
            let before = left.len();
            let mut later = Vec::new();
            for change in left {
                if ahead.max_op(&change.hash().0).is_some() {
                    continue;
                }
                if change.deps().iter().any(|dep| ahead.max_op(&dep.0).is_none()) {
                    later.push(change);
                    continue;
                }
                ahead.add(change.actor_id().to_bytes(), change.seq(), change.hash().0, change.max_op());
                decoded.push(change);
            }
            if later.len() == before {
                return Err(ChartError::Damaged);
            }
            left = later;
        }
        ahead.keep_item();
        let known = ahead.into_batch();
        self.am = crate::apply::on_copy(&self.am, decoded).ok_or(ChartError::Damaged)?;
        self.known.extend(known);
        Ok(())
    }

    /// Bytes of the whole document, loaded back before they are handed out.
    ///
    /// # Errors
    /// [`ChartError::Unloadable`].
    pub fn save(&self) -> Result<Vec<u8>, ChartError> {
        let (bytes, again) = guarded(|| {
            let bytes = self.am.save();
            let again = Automerge::load(&bytes).ok();
            (bytes, again)
        })
        .ok_or(ChartError::Unloadable)?;
        match again {
            Some(again) if sorted(&again) == sorted(&self.am) => Ok(bytes),
            Some(_) | None => Err(ChartError::Unloadable),
        }
    }

    /// Which document this is.
    #[must_use]
    pub fn name(&self) -> DocName {
        self.name
    }

    pub(crate) fn genesis(&self) -> [u8; 32] {
        self.genesis
    }

    pub(crate) fn genesis_actor(&self) -> &ActorId {
        &self.genesis_actor
    }

    /// Hashes of the newest changes, ascending.
    #[must_use]
    pub fn heads(&self) -> Vec<[u8; 32]> {
        sorted(&self.am)
    }

    /// Hashes of the newest changes if these, with which nothing else was written since, were not inside; ascending.
    ///
    /// # Errors
    /// [`ChartError::Damaged`] when one is no change.
    pub fn heads_without(&self, changes: &[Vec<u8>]) -> Result<Vec<[u8; 32]>, ChartError> {
        let mut out = HashSet::new();
        for bytes in changes {
            out.insert(undamaged(bytes).map_err(|_| ChartError::Damaged)?.hash());
        }
        let mut metas = guarded(|| self.am.get_changes_meta(&[])).ok_or(ChartError::Damaged)?;
        metas.retain(|meta| !out.contains(&meta.hash));
        let followed: HashSet<ChangeHash> = metas.iter().flat_map(|meta| meta.deps.iter().copied()).collect();
        let heads = metas.iter().filter(|meta| !followed.contains(&meta.hash));
        let mut heads: Vec<[u8; 32]> = heads.map(|meta| meta.hash.0).collect();
        heads.sort_unstable();
        Ok(heads)
    }

    /// How many changes it holds, genesis included.
    #[must_use]
    pub fn changes(&self) -> usize {
        self.known.max_ops.len()
    }

    /// Creates an entry, by one change.
    ///
    /// # Errors
    /// [`ChartError::TooLarge`] above 128 KiB (nothing is written), [`ChartError::Refused`].
    pub fn put_entry(
        &mut self,
        actor: &Actor,
        id: [u8; 16],
        kind: &str,
        at_ms: i64,
        body: &[u8],
    ) -> Result<Change, ChartError> {
        if body.len() + kind.len() + 512 > CHANGE_BYTES_MAX {
            return Err(ChartError::TooLarge);
        }
        let map = self.root_map.clone();
        let expected = guarded(|| self.creation(actor, id, kind, at_ms, body)).flatten();
        let change = self.write(actor, expected, |tx| {
            let entry = tx.put_object(&map, uuid_text(&id), ObjType::Map)?;
            tx.put(&entry, "k", kind)?;
            tx.put(&entry, "t", ScalarValue::Timestamp(at_ms))?;
            tx.put(&entry, "b", ScalarValue::Bytes(body.to_vec()))?;
            Ok(())
        })?;
        change.ok_or(ChartError::Refused)
    }

    /// Writes state keys by one change, one operation per key; a key in conflict
    /// is resolved by it, as it replaces every value known here. `None` deletes.
    /// `Ok(None)`: nothing would change.
    ///
    /// # Errors
    /// [`ChartError::TooLarge`] above 128 KiB (nothing is written), [`ChartError::Refused`].
    pub fn put_state(
        &mut self,
        actor: &Actor,
        values: &[(String, Option<Vec<u8>>)],
    ) -> Result<Option<Change>, ChartError> {
        self.put_keys(actor, values, false)
    }

    /// [`Doc::put_state`] that also writes what stands there already: whoever says so stands for it from then on.
    ///
    /// # Errors
    /// As [`Doc::put_state`].
    pub fn put_state_again(
        &mut self,
        actor: &Actor,
        values: &[(String, Option<Vec<u8>>)],
    ) -> Result<Option<Change>, ChartError> {
        self.put_keys(actor, values, true)
    }

    fn put_keys(
        &mut self,
        actor: &Actor,
        values: &[(String, Option<Vec<u8>>)],
        again: bool,
    ) -> Result<Option<Change>, ChartError> {
        let size: usize = values.iter().map(|(key, value)| key.len() + value.as_ref().map_or(0, Vec::len) + 64).sum();
        if size + 512 > CHANGE_BYTES_MAX {
            return Err(ChartError::TooLarge);
        }
        let map = self.root_map.clone();
        self.write(actor, None, |tx| {
            for (key, value) in values {
                // Automerge takes a put of the value that stands for none.
                if again && value.is_some() && tx.get(&map, key.as_str())?.is_some() {
                    tx.delete(&map, key.as_str())?;
                }
                match value {
                    Some(bytes) => tx.put(&map, key.as_str(), ScalarValue::Bytes(bytes.clone()))?,
                    // Nothing stands there, and shall not: said by a write that leaves nothing.
                    None if again && tx.get(&map, key.as_str())?.is_none() => {
                        tx.put(&map, key.as_str(), ScalarValue::Bytes(Vec::new()))?;
                        tx.delete(&map, key.as_str())?;
                    }
                    None if tx.get(&map, key.as_str())?.is_some() => tx.delete(&map, key.as_str())?,
                    None => {}
                }
            }
            Ok(())
        })
    }

    /// The change that creating an entry here must give. Automerge finds the bytes of a change only by walking the
    /// whole document; these are put together from what is known, and used when their hash is the one committed.
    fn creation(&self, actor: &Actor, id: [u8; 16], kind: &str, at_ms: i64, body: &[u8]) -> Option<automerge::Change> {
        let actor_id = ActorId::from(actor.0.as_slice());
        let mut deps = self.am.get_heads();
        let start_op = deps.iter().filter_map(|dep| self.known.max_ops.get(&dep.0)).max()? + 1;
        let last = self.known.last.get(actor.0.as_slice());
        if let Some((_, hash)) = last.filter(|(_, hash)| deps.iter().all(|dep| dep.0 != *hash)) {
            deps.push(ChangeHash(*hash));
        }
        deps.sort_unstable();
        let op = |action, obj, key: &str| Op {
            action,
            obj,
            key: Key::Map(key.into()),
            pred: Vec::new().into(),
            insert: false,
        };
        let entry = ObjectId::Id(OpId::new(start_op, &actor_id));
        let entries = ObjectId::Id(OpId::new(ROOT_MAP_OP, &self.genesis_actor));
        let put = |key, value| op(OpType::Put(value), entry.clone(), key);
        let operations = vec![
            op(OpType::Make(ObjType::Map), entries, &uuid_text(&id)),
            put("k", ScalarValue::Str(kind.into())),
            put("t", ScalarValue::Timestamp(at_ms)),
            put("b", ScalarValue::Bytes(body.to_vec())),
        ];
        let expanded = ExpandedChange {
            operations,
            actor_id,
            hash: None,
            seq: last.map_or(0, |(seq, _)| *seq) + 1,
            start_op: NonZeroU64::new(start_op)?,
            time: 0,
            message: None,
            deps,
            extra_bytes: Vec::new(),
            author: None,
        };
        Some(automerge::Change::from(expanded))
    }

    fn write(
        &mut self,
        actor: &Actor,
        expected: Option<automerge::Change>,
        work: impl FnOnce(&mut automerge::transaction::Transaction<'_>) -> Result<(), AutomergeError>,
    ) -> Result<Option<Change>, ChartError> {
        self.am.set_actor(ActorId::from(actor.0.as_slice()));
        let done =
            self.am.transact_with(|()| CommitOptions::default().with_time(0), work).map_err(|_| ChartError::Refused)?;
        let Some(hash) = done.hash else {
            return Ok(None);
        };
        let change = match expected.filter(|change| change.hash() == hash) {
            Some(change) => change,
            None => self.am.get_change_by_hash(&hash).ok_or(ChartError::Refused)?,
        };
        self.known.add(&actor.0, change.seq(), hash.0, change.max_op());
        Ok(Some(Change { hash: hash.0, bytes: change.raw_bytes().to_vec() }))
    }

    /// Every value of one state key; none when absent or deleted.
    #[must_use]
    pub fn read_key(&self, key: &str) -> Vec<StateRead> {
        let values = guarded(|| self.am.get_all(&self.root_map, key)).and_then(Result::ok).unwrap_or_default();
        let mut read: Vec<_> = values.iter().filter_map(|(value, id)| self.state_read(value, id)).collect();
        read.sort_by_key(|value| value.change);
        read
    }

    pub(crate) fn root_map(&self) -> &ObjId {
        &self.root_map
    }

    pub(crate) fn state_read(&self, value: &Value<'_>, id: &ObjId) -> Option<StateRead> {
        let bytes = value.as_bytes()?.to_vec();
        let change = self.am.hash_for_opid(id)?.0;
        match id {
            ObjId::Id(_, actor, _) => Some(StateRead { bytes, actor: actor.to_bytes().to_vec(), change }),
            ObjId::Root => None,
        }
    }

    /// Every state key that begins with `prefix`, ascending, with its values.
    #[must_use]
    pub fn read_state(&self, prefix: &str) -> Vec<(String, Vec<StateRead>)> {
        let keys = guarded(|| self.am.keys(&self.root_map).filter(|key| key.starts_with(prefix)).collect::<Vec<_>>());
        keys.unwrap_or_default().into_iter().map(|key| (key.clone(), self.read_key(&key))).collect()
    }

    /// Every put of every entry, ascending by id.
    #[must_use]
    pub fn entries(&self) -> Vec<EntryRead> {
        let mut out = Vec::new();
        let keys: Vec<String> = self.am.keys(&self.root_map).collect();
        for key in keys {
            let Some(id) = parse_uuid(&key) else { continue };
            for (_, entry) in self.am.get_all(&self.root_map, key.as_str()).unwrap_or_default() {
                out.extend(self.entry(id, &entry));
            }
        }
        out.sort();
        out
    }

    fn entry(&self, id: [u8; 16], entry: &ObjId) -> Option<EntryRead> {
        let field = |key: &str| self.am.get(entry, key).ok().flatten().map(|(value, _)| value);
        let kind = field("k")?.as_str()?.to_string();
        let time = field("t")?;
        let ScalarValue::Timestamp(at_ms) = time.as_scalar()? else {
            return None;
        };
        let at_ms = *at_ms;
        let body = scalar_bytes(field("b")?)?;
        Some(EntryRead { id, kind, at_ms, body })
    }
}

fn scalar_bytes(value: Value<'_>) -> Option<Vec<u8>> {
    value.as_bytes().map(<[u8]>::to_vec)
}

fn sorted(am: &Automerge) -> Vec<[u8; 32]> {
    let mut heads: Vec<[u8; 32]> = am.get_heads().iter().map(|hash| hash.0).collect();
    heads.sort_unstable();
    heads
}

fn known_of(am: &Automerge) -> Known {
    let mut known = Known::default();
    for meta in am.get_changes_meta(&[]) {
        known.add(meta.actor.to_bytes(), meta.seq, meta.hash.0, meta.max_op);
    }
    known
}
