//! A space's rules: members, roles, and who may author what at a position.

use std::collections::{BTreeMap, BTreeSet};

use crate::cbor::{array, number};
use crate::codes::Code;
use crate::control::{
    Admit, Body, CitedHead, Envelope, Listing, RemoveMember, RemoveMemberReason, Role, SpaceBody, SpaceGenesis,
    SpaceKind,
};
use crate::feed::effects::apply_event;
use crate::feed::items::{ItemStep, Tail};
use crate::feed::{DeviceState, Stop, TeamState, WaitFor, World, chained, ensure, hash_at};
use crate::frame::{Control, Frame, Payload};
use crate::ids::{DeviceId, FrameId, SpaceId, TeamId};
use crate::limits::{CONTROL_TEXT_MAX, SPACE_TEAMS_MAX};

number! {
    /// What a member event did.
    pub enum MemberChange {
        /// Genesis, `AddMember`, `BreakGlass`.
        Added = 0,
        /// `SetRole`.
        Role = 1,
        /// `RemoveMember`.
        Removed = 2,
    }
}

array! {
    /// A member team.
    pub struct MemberState {
        /// What it may do.
        pub role: Role,
        /// The control that added it.
        pub since: u64,
        /// Ms UTC after which anyone may remove it.
        pub expires: Option<u64>,
        /// The team control up to which removals are paid for by an Epoch.
        pub paid: u64,
    }

    /// One change of membership; kept to undo a compromised device's grants.
    pub struct MemberEvent {
        /// Its control.
        pub cseq: u64,
        /// Who signed it.
        pub author: DeviceId,
        /// Which team.
        pub team: TeamId,
        /// What happened.
        pub change: MemberChange,
        /// The role from then on.
        pub role: Role,
        /// The expiry, where added.
        pub expires: Option<u64>,
        /// The newcomer's cited head, where added.
        pub head: u64,
        /// Whether an Epoch voided it.
        pub void: bool,
    }

    /// One epoch.
    pub struct EpochEntry {
        /// Its control.
        pub cseq: u64,
        /// Who signed it.
        pub author: DeviceId,
        /// Its key check value.
        pub kcv: [u8; 32],
    }

    /// One `Admit`.
    pub struct AdmitEntry {
        /// Its control.
        pub cseq: u64,
        /// Who signed it.
        pub author: DeviceId,
        /// The last `dseq` taken.
        pub upto: u64,
        /// The id of that item.
        pub last: FrameId,
    }

    /// One break-glass.
    pub struct BreakGlassEntry {
        /// Who came in.
        pub team: TeamId,
        /// Which device opened.
        pub author: DeviceId,
        /// Ms UTC.
        pub expires: u64,
        /// Whether a manager has reviewed it.
        pub reviewed: bool,
    }

    /// One `Repudiate`.
    pub struct Repudiation {
        /// Its control.
        pub cseq: u64,
        /// Whose items.
        pub device: DeviceId,
        /// The first `dseq`.
        pub from: u64,
        /// The last `dseq`.
        pub upto: u64,
    }

    /// A space after its frames so far. Its size grows with controls, teams and
    /// devices, not with items.
    pub struct SpaceState {
        /// The ids of its controls, in order.
        pub hashes: Vec<FrameId>,
        /// What it is.
        pub space_kind: SpaceKind,
        /// The teams in it.
        pub members: BTreeMap<TeamId, MemberState>,
        /// The newest head cited for each team that ever was a member: whole
        /// Genesis id, control, frame id.
        pub heads: BTreeMap<TeamId, CitedHead>,
        /// Every change of membership.
        pub events: Vec<MemberEvent>,
        /// Epoch 1, 2, …
        pub epochs: Vec<EpochEntry>,
        /// The envelopes of the newest epoch, and those of teams added since.
        pub recipients: BTreeMap<TeamId, Envelope>,
        /// Whether a `RemoveMember` or a counting `Fault` follows the newest Epoch.
        pub owed_by_event: bool,
        /// Faults raised.
        pub faults: BTreeSet<(u64, TeamId)>,
        /// Late work taken, by device.
        pub admits: BTreeMap<DeviceId, Vec<AdmitEntry>>,
        /// Break-glass by control.
        pub break_glass: BTreeMap<u64, BreakGlassEntry>,
        /// Items struck through.
        pub repudiations: Vec<Repudiation>,
        /// Whether it is closed for items.
        pub archived: bool,
        /// The last item of each device.
        pub tails: BTreeMap<DeviceId, Tail>,
    }
}

/// A checked frame of a space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpaceStep(pub(crate) StepKind);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StepKind {
    Item(ItemStep),
    Control {
        id: FrameId,
        author: DeviceId,
        body: Box<Body>,
        fault_owes: bool,
        voided: Vec<(DeviceId, u64)>,
        author_team: TeamId,
    },
}

impl SpaceState {
    /// Checks a space Genesis.
    ///
    /// # Errors
    /// [`Stop`]; waiting while the founding team's head is not here.
    pub fn begin(world: &dyn World, frame: &Frame) -> Result<Self, Stop> {
        let Payload::Control(Control { body: Body::Space(SpaceBody::Genesis(body)), .. }) = &frame.payload else {
            return Err(Code::WrongFeed.into());
        };
        let author = frame.author().ok_or(Code::WrongFeed)?;
        check_founder(world, frame, body, &author)?;
        let event = MemberEvent {
            cseq: 1,
            author,
            team: body.team,
            change: MemberChange::Added,
            role: Role::Manager,
            expires: None,
            head: body.head.cseq,
            void: false,
        };
        let mut state = Self {
            hashes: vec![frame.id],
            space_kind: body.space_kind,
            members: BTreeMap::new(),
            heads: BTreeMap::from([(body.team, body.head.clone())]),
            events: Vec::new(),
            epochs: Vec::new(),
            recipients: BTreeMap::new(),
            owed_by_event: false,
            faults: BTreeSet::new(),
            admits: BTreeMap::new(),
            break_glass: BTreeMap::new(),
            repudiations: Vec::new(),
            archived: false,
            tails: BTreeMap::new(),
        };
        apply_event(&mut state.members, &event);
        state.events.push(event);
        Ok(state)
    }

    /// The space.
    #[must_use]
    pub fn id(&self) -> SpaceId {
        self.hashes.first().map(FrameId::feed).unwrap_or_default()
    }

    /// The number of the last control.
    #[must_use]
    pub fn tip(&self) -> u64 {
        self.hashes.len() as u64
    }

    /// The id of a control.
    #[must_use]
    pub fn hash_at(&self, cseq: u64) -> Option<&FrameId> {
        hash_at(&self.hashes, cseq)
    }

    /// The newest epoch; 0 before the first.
    #[must_use]
    pub fn newest_epoch(&self) -> u64 {
        self.epochs.len() as u64
    }

    /// An epoch by its number.
    #[must_use]
    pub fn epoch(&self, n: u64) -> Option<&EpochEntry> {
        self.epochs.get(usize::try_from(n).ok()?.checked_sub(1)?)
    }

    /// The team a device writes for here: a member's, or a former member's.
    ///
    /// # Errors
    /// [`Stop::Waiting`] for the author.
    pub fn team_of<'w>(&self, world: &'w dyn World, device: &DeviceId) -> Result<(TeamId, &'w DeviceState), Stop> {
        let known = self.tails.get(device).map(|tail| &tail.team);
        let former = self.heads.keys().filter(|t| !self.members.contains_key(*t));
        for team in known.into_iter().chain(self.members.keys()).chain(former) {
            if let Some(found) = world.team(team).and_then(|state| state.device(device)) {
                return Ok((*team, found));
            }
        }
        Err(Stop::Waiting(WaitFor::Author(*device)))
    }

    /// The role in which a device may author at the next position.
    ///
    /// # Errors
    /// [`Stop`]: removed, compromised, no member, or waiting for its team's feed.
    pub fn authority(&self, world: &dyn World, device: &DeviceId) -> Result<Role, Stop> {
        let (team, found) = self.team_of(world, device)?;
        self.authority_of(&team, found)
    }

    pub(crate) fn authority_of(&self, team: &TeamId, device: &DeviceState) -> Result<Role, Stop> {
        let cited = self.heads.get(team).map_or(0, |head| head.cseq);
        if let Some(removal) = device.removed.as_ref().filter(|r| r.cseq <= cited) {
            return Err(removal.code().into());
        }
        let member = self.members.get(team).ok_or(Code::NotMember)?;
        Ok(member.role)
    }

    /// Checks the next frame, an item or a control.
    ///
    /// # Errors
    /// [`Stop`].
    pub fn check(&self, world: &dyn World, frame: &Frame) -> Result<SpaceStep, Stop> {
        match &frame.payload {
            Payload::Item(item) => {
                let tail = |device: &DeviceId| self.tails.get(device).cloned();
                let step = self.check_item(world, frame, item, tail)?;
                Ok(SpaceStep(StepKind::Item(step)))
            }
            Payload::Control(_) => self.check_control(world, frame),
        }
    }

    fn check_control(&self, world: &dyn World, frame: &Frame) -> Result<SpaceStep, Stop> {
        let control = chained(frame, &self.id(), &self.hashes)?;
        let author = frame.author().ok_or(Code::WrongFeed)?;
        let (author_team, device) = self.team_of(world, &author)?;
        frame.verify(&device.keys.signing_key)?;
        let role = self.authority_of(&author_team, device)?;
        let mut fault_owes = false;
        let mut voided = Vec::new();
        match &control.body {
            Body::Space(SpaceBody::Epoch(body)) => {
                voided = self.check_epoch(world, body, role)?;
            }
            Body::Space(SpaceBody::Fault(body)) => {
                ensure(self.epoch(body.epoch).is_some(), Code::EpochUnknown)?;
                let raised = self.faults.contains(&(body.epoch, author_team));
                ensure(!raised, Code::AlreadySo)?;
                fault_owes = self.fault_owes(body.epoch, &author_team);
            }
            Body::Space(body) => self.check_body(world, body, role, &author_team)?,
            Body::Unknown { .. } => {
                ensure(!control.body.is_critical_unknown(), Code::VersionTooOld)?;
            }
            Body::Directory(_) | Body::Team(_) => return Err(Code::WrongFeed.into()),
        }
        Ok(SpaceStep(StepKind::Control {
            id: frame.id,
            author,
            body: Box::new(control.body.clone()),
            fault_owes,
            voided,
            author_team,
        }))
    }

    fn check_body(&self, world: &dyn World, body: &SpaceBody, role: Role, author_team: &TeamId) -> Result<(), Stop> {
        match body {
            SpaceBody::Genesis(_) => Err(Code::WrongFeed.into()),
            // Checked by the caller, which needs their results.
            SpaceBody::Epoch(_) | SpaceBody::Fault(_) => Ok(()),
            SpaceBody::AddMember(body) => {
                needs(role, Role::Manager)?;
                self.check_newcomer(world, &body.team, &body.heads, body.listing.as_ref())
            }
            SpaceBody::BreakGlass(body) => {
                needs(role, Role::Writer)?;
                ensure(body.reason.len() <= CONTROL_TEXT_MAX, Code::TooLarge)?;
                self.check_newcomer(world, &body.team, &body.heads, body.listing.as_ref())
            }
            SpaceBody::SetRole(body) => {
                needs(role, Role::Manager)?;
                let member = self.members.get(&body.team).ok_or(Code::UnknownTarget)?;
                ensure(member.role != body.role, Code::AlreadySo)
            }
            SpaceBody::RemoveMember(body) => self.check_remove(body, role, author_team),
            SpaceBody::Review(body) => {
                needs(role, Role::Manager)?;
                let entry = self.break_glass.get(&body.break_glass);
                let entry = entry.ok_or(Code::UnknownTarget)?;
                ensure(!entry.reviewed, Code::AlreadySo)
            }
            SpaceBody::Admit(body) => {
                needs(role, Role::Manager)?;
                self.check_admit(body)
            }
            SpaceBody::Repudiate(body) => {
                needs(role, Role::Manager)?;
                ensure(body.from >= 1 && body.from <= body.upto, Code::BadNumber)
            }
            SpaceBody::Archive(_) => {
                needs(role, Role::Manager)?;
                ensure(!self.archived, Code::AlreadySo)
            }
        }
    }

    fn check_admit(&self, body: &Admit) -> Result<(), Stop> {
        let last = self.tails.get(&body.device).map_or(0, |tail| tail.dseq);
        ensure(body.upto > last, Code::AlreadySo)
    }

    fn check_remove(&self, body: &RemoveMember, role: Role, author_team: &TeamId) -> Result<(), Stop> {
        let member = self.members.get(&body.team).ok_or(Code::UnknownTarget)?;
        match body.reason {
            RemoveMemberReason::Removed => {
                let allowed = role == Role::Manager || body.team == *author_team;
                ensure(allowed, Code::RoleTooLow)
            }
            RemoveMemberReason::Expired => {
                needs(role, Role::Writer)?;
                ensure(member.expires.is_some(), Code::BadExpiry)
            }
        }
    }

    fn check_newcomer(
        &self,
        world: &dyn World,
        team: &TeamId,
        heads: &[CitedHead],
        listing: Option<&Listing>,
    ) -> Result<(), Stop> {
        ensure(self.space_kind != SpaceKind::Office, Code::Forbidden)?;
        ensure(!self.epochs.is_empty(), Code::NoEpoch)?;
        ensure(!self.members.contains_key(team), Code::AlreadySo)?;
        ensure(self.members.len() < SPACE_TEAMS_MAX, Code::TooLarge)?;
        let must_be_listed = self.space_kind == SpaceKind::Chart;
        ensure(!must_be_listed || listing.is_some(), Code::NotListed)?;
        if let Some(listing) = listing {
            check_listing(world, listing, team)?;
        }
        let mut teams: BTreeSet<TeamId> = self.members.keys().copied().collect();
        teams.insert(*team);
        self.check_heads(world, heads, &teams)
    }

    /// Heads are exactly those of `teams`, ascending, known here, and never go back.
    pub(crate) fn check_heads(
        &self,
        world: &dyn World,
        heads: &[CitedHead],
        teams: &BTreeSet<TeamId>,
    ) -> Result<(), Stop> {
        let cited = heads.iter().map(|head| head.team.feed());
        ensure(cited.eq(teams.iter().copied()), Code::BadHeads)?;
        for head in heads {
            let before = self.heads.get(&head.team.feed());
            let back = before.is_some_and(|before| before.cseq > head.cseq);
            ensure(!back, Code::BadHeads)?;
            check_cited(world, head)?;
        }
        Ok(())
    }
}

pub(crate) fn needs(role: Role, at_least: Role) -> Result<(), Stop> {
    ensure(role >= at_least, Code::RoleTooLow)
}

/// The team a head cites, once it is known up to there.
pub(crate) fn check_cited<'w>(world: &'w dyn World, head: &CitedHead) -> Result<&'w TeamState, Stop> {
    let wait = Stop::Waiting(WaitFor::Feed(head.team.feed(), head.cseq));
    let team = world.team(&head.team.feed()).ok_or(wait)?;
    if head.cseq > team.tip() {
        return Err(wait);
    }
    let known = team.genesis() == head.team && team.hash_at(head.cseq) == Some(&head.hash);
    ensure(known, Code::BadHeads)?;
    Ok(team)
}

fn check_listing(world: &dyn World, listing: &Listing, team: &TeamId) -> Result<(), Stop> {
    let wait = Stop::Waiting(WaitFor::Directory(listing.cseq));
    let directory = world.directory().ok_or(wait)?;
    if listing.cseq > directory.tip() {
        return Err(wait);
    }
    ensure(directory.lists(listing, team), Code::NotListed)
}

fn check_founder(world: &dyn World, frame: &Frame, body: &SpaceGenesis, author: &DeviceId) -> Result<(), Stop> {
    ensure(body.head.team.feed() == body.team, Code::BadHeads)?;
    let team = check_cited(world, &body.head)?;
    let device = team.device(author).ok_or(Code::UnknownAuthor)?;
    ensure(device.added <= body.head.cseq, Code::UnknownAuthor)?;
    frame.verify(&device.keys.signing_key)?;
    match device.removed.as_ref().filter(|r| r.cseq <= body.head.cseq) {
        Some(removal) => Err(removal.code().into()),
        None => Ok(()),
    }
}
