//! Signing controls: a team's genesis, a chart's genesis, its epochs and its
//! members. Pure: states, keys and randomness in, frames with their attachments
//! out. Whether a control is valid is not decided here but by
//! `meguri_wire::feed`, at the relay and at every client.

use meguri_commands::{Code, Failure};
use meguri_seal::{DevicePublic, DeviceSecrets, EpochKey, EpochRecipient, Generation};
use meguri_wire::control::{
    AddDevice, AddMember, AddStaff as AddStaffBody, Body, CitedHead, DeviceKeys, DeviceRole, Envelope, Epoch,
    Generation as GenerationBody, Role, SpaceGenesis, SpaceKind, TeamGenesis, TeamKind, Wrapped,
};
use meguri_wire::feed::DirectoryState;
use meguri_wire::feed::SpaceState;
use meguri_wire::feed::TeamState;
use meguri_wire::feed::World;
use meguri_wire::sign::{Ed25519Signer, Signer};
use meguri_wire::{Attachment, Control, DeviceId, FeedId, Frame, FrameId, Hash, SpaceId, StaffId, TeamId};
use rand_core::CryptoRng;

/// A control with what travels beside it.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The frame.
    pub frame: Frame,
    /// Envelopes and KEM keys its record names.
    pub attachments: Vec<Attachment>,
}

fn bug<E>(_: E) -> Failure {
    Code::Bug.into()
}

fn random<const N: usize>(rng: &mut dyn CryptoRng) -> [u8; N] {
    let mut out = [0; N];
    rng.fill_bytes(&mut out);
    out
}

/// The genesis of a team with its first person, device and generation.
///
/// # Errors
/// `bug` when the keys cannot be used.
pub fn team_genesis(
    kind: TeamKind,
    staff: StaffId,
    name: &str,
    secrets: &DeviceSecrets,
    generation: &Generation,
    rng: &mut dyn CryptoRng,
) -> Result<Signed, Failure> {
    let public = secrets.public().map_err(bug)?;
    let recipient = public.key_id().0;
    let envelope = generation.seal_envelope(None, recipient, &public.kem_key, recipient, rng).map_err(bug)?;
    let keys: DeviceKeys = public.keys();
    let body = TeamGenesis {
        nonce: random(rng),
        team_kind: kind,
        staff,
        name: generation.seal_name(&staff, name, random(rng)).map_err(bug)?,
        keys,
        generation: GenerationBody {
            gen_no: generation.gen_no,
            public_key: generation.public_key().map_err(bug)?,
            previous: Vec::new(),
            envelopes: vec![Envelope { recipient, hash: Hash::of(&envelope) }],
        },
    };
    let control = Control { feed: None, cseq: 1, prev_hash: None, body: body.into() };
    let frame = control.sign(&secrets.genesis_signer().map_err(bug)?).map_err(bug)?;
    let attachments =
        vec![Attachment { recipient, bytes: envelope }, Attachment { recipient, bytes: public.kem_key.clone() }];
    Ok(Signed { frame, attachments })
}

/// A device to be added, with its person's name if the person is new.
#[derive(Debug)]
pub struct Newcomer<'a> {
    /// Whose it is.
    pub staff: StaffId,
    /// The name of a person who is not in the team yet.
    pub name: Option<&'a str>,
    /// The device's keys.
    pub keys: &'a DevicePublic,
}

/// `AddStaff`, if the person is new, and `AddDevice` with the current seed sealed to it.
///
/// # Errors
/// `bug` when the keys cannot be used.
pub fn add_device(
    team: &TeamState,
    generation: &Generation,
    signer: &Ed25519Signer,
    newcomer: &Newcomer<'_>,
    rng: &mut dyn CryptoRng,
) -> Result<Vec<Signed>, Failure> {
    let Newcomer { staff, name, keys } = *newcomer;
    let mut tip = Tip { cseq: team.tip(), hash: *team.hash_at(team.tip()).ok_or(Code::Bug)? };
    let mut sign = |body: Body| {
        let control = Control { feed: Some(team.id()), cseq: tip.cseq + 1, prev_hash: Some(tip.hash), body };
        let frame = control.sign(signer).map_err(bug)?;
        tip = Tip { cseq: tip.cseq + 1, hash: frame.id };
        Ok::<_, Failure>(frame)
    };
    let mut out = Vec::new();
    if let Some(name) = name {
        let name = generation.seal_name(&staff, name, random(rng)).map_err(bug)?;
        out.push(Signed { frame: sign(AddStaffBody { staff, name }.into())?, attachments: Vec::new() });
    }
    let recipient = keys.id(&team.id()).0;
    let author = signer.kid();
    let envelope = generation.seal_envelope(Some(&team.id()), recipient, &keys.kem_key, author, rng).map_err(bug)?;
    let body = AddDevice { staff, role: DeviceRole::Member, keys: keys.keys(), envelope: Hash::of(&envelope) };
    let attachments =
        vec![Attachment { recipient, bytes: envelope }, Attachment { recipient, bytes: keys.kem_key.clone() }];
    out.push(Signed { frame: sign(body.into())?, attachments });
    Ok(out)
}

/// The genesis of a chart, founded by a device of `team`.
///
/// # Errors
/// `bug`.
pub fn space_genesis(
    kind: SpaceKind,
    team: &TeamState,
    signer: &Ed25519Signer,
    rng: &mut dyn CryptoRng,
) -> Result<Frame, Failure> {
    let body = SpaceGenesis { nonce: random(rng), space_kind: kind, team: team.id(), head: team.head() };
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

    /// Heads of every member team, with a newcomer's; ascending.
    fn heads(&self, newcomers: &[TeamId]) -> Result<Vec<CitedHead>, Failure> {
        let mut teams: Vec<&TeamId> = self.state.members.keys().chain(newcomers).collect();
        teams.sort();
        teams.dedup();
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

    /// A new epoch to every member team. `older` is the newest key held.
    ///
    /// # Errors
    /// `relay_refused{waiting}` while a member team's feed is not here; `bug`.
    pub fn epoch(
        &self,
        tip: Tip,
        older: Option<&EpochKey>,
        rng: &mut dyn CryptoRng,
    ) -> Result<(Signed, EpochKey, Tip), Failure> {
        let feed = self.state.id();
        let key = EpochKey::make(self.state.newest_epoch() + 1, rng);
        let mut recipients = Vec::new();
        let mut attachments = Vec::new();
        for team in self.state.members.keys() {
            let bytes = self.envelope(&key, team, rng)?;
            recipients.push(Envelope { recipient: team.0, hash: Hash::of(&bytes) });
            attachments.push(Attachment { recipient: team.0, bytes });
        }
        let wrapped = match older {
            Some(older) => vec![Wrapped { m: older.n, sealed: key.wrap(&feed, older).map_err(bug)? }],
            None => Vec::new(),
        };
        let body = Epoch { n: key.n, kcv: key.kcv().map_err(bug)?, heads: self.heads(&[])?, recipients, wrapped };
        let (frame, tip) = self.sign(tip, body.into())?;
        Ok((Signed { frame, attachments }, key, tip))
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
        let mut newcomers = added.to_vec();
        newcomers.push(*team);
        let body = AddMember {
            team: *team,
            role,
            heads: self.heads(&newcomers)?,
            listing: Some(listing),
            envelope: Hash::of(&bytes),
            expires: None,
        };
        let (frame, tip) = self.sign(tip, body.into())?;
        Ok((Signed { frame, attachments: vec![Attachment { recipient: team.0, bytes }] }, tip))
    }
}

fn listing(directory: Option<&DirectoryState>, team: &TeamId) -> Result<meguri_wire::control::Listing, Failure> {
    let listed = directory.and_then(|d| d.facilities.get(team)).ok_or(Code::NotFound)?;
    Ok(listed.listing.clone())
}

/// The id a space will have from its genesis.
#[must_use]
pub fn space_id(genesis: &Frame) -> SpaceId {
    let id: FeedId = genesis.id.feed();
    id
}
