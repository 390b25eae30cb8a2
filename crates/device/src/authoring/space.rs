//! Controls of a space: its genesis, its epochs and its members.

use super::{Signed, bug, random};
use meguri_commands::{Code, Failure};
use meguri_seal::{EpochKey, EpochRecipient};
use meguri_wire::control::{
    AddMember, Body, CitedHead, Envelope, Epoch, Listing, Role, SpaceGenesis, SpaceKind, Wrapped,
};
use meguri_wire::feed::{DirectoryState, SpaceState, TeamState, World};
use meguri_wire::sign::{Ed25519Signer, Signer};
use meguri_wire::{Attachment, Control, DeviceId, FeedId, Frame, FrameId, Hash, SpaceId, TeamId};
use rand_core::CryptoRng;
use std::collections::BTreeSet;

/// The genesis of a chart, founded by a device that is active in its team at `head`.
///
/// # Errors
/// `bug`.
pub fn space_genesis(
    kind: SpaceKind,
    head: CitedHead,
    signer: &Ed25519Signer,
    rng: &mut dyn CryptoRng,
) -> Result<Frame, Failure> {
    let body = SpaceGenesis { nonce: random(rng), space_kind: kind, team: head.team.feed(), head };
    let control = Control { feed: None, cseq: 1, prev_hash: None, body: body.into() };
    control.sign(signer).map_err(bug)
}

/// What the controls of one space are built on.
pub struct Space<'a> {
    /// Its state as validated here.
    pub state: &'a SpaceState,
    /// Teams and directory.
    pub world: &'a dyn World,
    /// Who signs.
    pub signer: &'a Ed25519Signer,
}

impl std::fmt::Debug for Space<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Space").field("id", &self.state.id()).finish_non_exhaustive()
    }
}

/// Where the next control of a space stands.
#[derive(Debug, Clone, Copy)]
pub struct Tip {
    /// Position of the last control.
    pub cseq: u64,
    /// Its id.
    pub hash: FrameId,
}

impl Space<'_> {
    /// The tip of the validated state.
    ///
    /// # Errors
    /// `bug`.
    pub fn tip(&self) -> Result<Tip, Failure> {
        let cseq = self.state.tip();
        let hash = *self.state.hash_at(cseq).ok_or(Code::Bug)?;
        Ok(Tip { cseq, hash })
    }

    fn team(&self, team: &TeamId) -> Result<&TeamState, Failure> {
        self.world.team(team).ok_or_else(|| Code::RelayRefused.with("reason", "waiting"))
    }

    /// The newest heads of these teams, ascending.
    fn heads<'t>(&self, teams: impl Iterator<Item = &'t TeamId>) -> Result<Vec<CitedHead>, Failure> {
        let teams: BTreeSet<&TeamId> = teams.collect();
        teams.into_iter().map(|team| Ok(self.team(team)?.head())).collect()
    }

    fn sign(&self, tip: Tip, body: Body) -> Result<(Frame, Tip), Failure> {
        let control = Control { feed: Some(self.state.id()), cseq: tip.cseq + 1, prev_hash: Some(tip.hash), body };
        let frame = control.sign(self.signer).map_err(bug)?;
        let tip = Tip { cseq: tip.cseq + 1, hash: frame.id };
        Ok((frame, tip))
    }

    fn envelope(&self, key: &EpochKey, team: &TeamId, rng: &mut dyn CryptoRng) -> Result<Vec<u8>, Failure> {
        let state = self.team(team)?;
        let (gen_no, generation) = state.generation_at(state.tip()).ok_or(Code::Bug)?;
        let (feed, author) = (self.state.id(), DeviceId(self.signer.kid()));
        let to = EpochRecipient { feed: &feed, team, gen_no, public_key: &generation.public_key, author: &author };
        key.seal_envelope(&to, rng).map_err(bug)
    }

    /// A new epoch to every member team, without those a compromised device let in. Each of the `older` keys is wrapped:
    /// the newest, or in a healing epoch all that are held.
    ///
    /// # Errors
    /// `relay_refused{waiting}` while a member team's feed is not here; `bug`.
    pub fn epoch(
        &self,
        tip: Tip,
        older: &[EpochKey],
        rng: &mut dyn CryptoRng,
    ) -> Result<(Signed, EpochKey, Tip), Failure> {
        let feed = self.state.id();
        let key = EpochKey::make(self.state.newest_epoch() + 1, rng);
        let teams = self.state.next_recipients(self.world);
        let mut recipients = Vec::new();
        let mut attachments = Vec::new();
        for team in &teams {
            let bytes = self.envelope(&key, team, rng)?;
            recipients.push(Envelope { recipient: team.0, hash: Hash::of(&bytes) });
            attachments.push(Attachment { recipient: team.0, bytes });
        }
        let wrap =
            |older: &EpochKey| Ok::<_, Failure>(Wrapped { m: older.n, sealed: key.wrap(&feed, older).map_err(bug)? });
        let wrapped = older.iter().map(wrap).collect::<Result<_, _>>()?;
        let heads = self.heads(teams.iter())?;
        let body = Epoch { n: key.n, kcv: key.kcv().map_err(bug)?, heads, recipients, wrapped };
        let (frame, tip) = self.sign(tip, body.into())?;
        Ok((Signed { frame, attachments }, key, tip))
    }

    /// A control that names no head and carries no key.
    ///
    /// # Errors
    /// `bug`.
    pub fn plain(&self, tip: Tip, body: Body) -> Result<(Signed, Tip), Failure> {
        let (frame, tip) = self.sign(tip, body)?;
        Ok((Signed { frame, attachments: Vec::new() }, tip))
    }

    /// Adds a team and seals the current key to it.
    ///
    /// # Errors
    /// `not_found` when the directory does not list the team; as [`Space::epoch`].
    pub fn add_member(
        &self,
        tip: Tip,
        team: &TeamId,
        role: Role,
        added: &[TeamId],
        key: &EpochKey,
        rng: &mut dyn CryptoRng,
    ) -> Result<(Signed, Tip), Failure> {
        let listing = listing(self.world.directory(), team)?;
        let bytes = self.envelope(key, team, rng)?;
        let heads = self.heads(self.state.members.keys().chain(added).chain([team]))?;
        let body =
            AddMember { team: *team, role, heads, listing: Some(listing), envelope: Hash::of(&bytes), expires: None };
        let (frame, tip) = self.sign(tip, body.into())?;
        Ok((Signed { frame, attachments: vec![Attachment { recipient: team.0, bytes }] }, tip))
    }
}

fn listing(directory: Option<&DirectoryState>, team: &TeamId) -> Result<Listing, Failure> {
    let listed = directory.and_then(|d| d.facilities.get(team)).ok_or(Code::NotFound)?;
    Ok(listed.listing.clone())
}

/// The id a space will have from its genesis.
#[must_use]
pub fn space_id(genesis: &Frame) -> SpaceId {
    let id: FeedId = genesis.id.feed();
    id
}
