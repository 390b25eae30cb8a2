//! One random history: frames are made, judged by rules and model alike, and the
//! valid ones are taken in. A second reader, who knows less of the teams and learns
//! late, must come to the same verdicts and the same state.

use std::collections::{BTreeMap, BTreeSet};

use meguri_wire::cbor::Cbor;
use meguri_wire::control::*;
use meguri_wire::feed::admission::is_exempt;
use meguri_wire::feed::{DirectoryState, FeedState, Known, SpaceState, Stop, Tail, TeamState, Verdict};
use meguri_wire::ids::doc_id;
use meguri_wire::sign::{Ed25519Signer, Signer};
use meguri_wire::{Code, Control, DeviceId, Frame, FrameId, Hash, Item, Seen, StoreId};

use crate::dice::Dice;
use crate::space::{Cited, Fault, ItemEvent, Listed, Model, SpaceEvent};
use crate::team::{self, Made, TeamEvent};
use crate::world::*;

const STEPS: u64 = 32;
const NOBODY: u64 = 999;

/// What the histories held, so that a dull generator fails the test.
#[derive(Default, Debug)]
pub struct Told {
    pub valid: u64,
    pub waiting: u64,
    pub refused: BTreeMap<Code, u64>,
    /// Items that went to quarantine.
    pub late: u64,
    /// Why, where the feed's own rules refused them.
    pub late_because: BTreeMap<Code, u64>,
    /// Items appended behind their `Admit`.
    pub let_in: u64,
    /// Chains of which a part was let in and a part goes on waiting.
    pub parted: u64,
    /// Items let in although their epoch, or its author, would not have been.
    pub let_in_old: u64,
}

impl Told {
    pub fn add(&mut self, more: &Told) {
        self.valid += more.valid;
        self.waiting += more.waiting;
        self.late += more.late;
        self.let_in += more.let_in;
        self.parted += more.parted;
        self.let_in_old += more.let_in_old;
        for (code, n) in &more.late_because {
            *self.late_because.entry(*code).or_default() += n;
        }
        for (code, n) in &more.refused {
            *self.refused.entry(*code).or_default() += n;
        }
    }

    pub fn assert_wide(&self) {
        assert!(self.valid > 10_000 && self.waiting > 500, "{self:?}");
        assert!(self.late > 1_000 && self.let_in > 200 && self.parted > 20 && self.let_in_old > 50, "{self:?}");
        for code in [Code::Archived, Code::NotMember, Code::Removed] {
            assert!(self.late_because.contains_key(&code), "never late because {code}: {self:?}");
        }
        for code in [
            Code::AlreadySo,
            Code::Archived,
            Code::BadExpiry,
            Code::BadHeads,
            Code::BadNumber,
            Code::BadPrevious,
            Code::BadRecipients,
            Code::BadSignature,
            Code::BelowThreshold,
            Code::ChainConflict,
            Code::Compromised,
            Code::EpochUnknown,
            Code::KitSpent,
            Code::NoAdmin,
            Code::NoEpoch,
            Code::NotListed,
            Code::NotMember,
            Code::NotOwed,
            Code::Removed,
            Code::RemovedForEver,
            Code::RoleTooLow,
            Code::Stale,
            Code::Superseded,
            Code::UnknownAuthor,
            Code::UnknownTarget,
            Code::VersionTooOld,
            Code::WrongFeed,
        ] {
            assert!(self.refused.contains_key(&code), "never refused with {code}: {self:?}");
        }
    }
}

pub struct History {
    dice: Dice,
    known: Known,
    ids: Vec<meguri_wire::TeamId>,
    logs: Vec<(u64, Vec<(u64, TeamEvent)>)>,
    space: SpaceState,
    entries: Vec<(u64, SpaceEvent)>,
    /// Late items made before the `Admit` that names them, by mark.
    promised: BTreeMap<u64, (u64, ItemEvent, Frame)>,
    /// Frames of the space in order, for the second reader.
    frames: Vec<Frame>,
    /// For 30 days after a restore a relay takes an `Admit` before what it names; else it keeps late work and lets in
    /// what waits.
    rebuilding: bool,
    /// The relay's quarantine, by device.
    late: BTreeMap<u64, Vec<Late>>,
    listed: u64,
    fresh: u64,
    told: Told,
}

struct Late {
    event: ItemEvent,
    frame: Frame,
    tail: Tail,
}

fn both(verdict: &Verdict<impl std::fmt::Debug>) -> Option<Fault> {
    match verdict {
        Verdict::Valid(_) => None,
        Verdict::Waiting(_) => Some(Fault::Wait),
        Verdict::Invalid(code) => Some(Fault::Wrong(*code)),
    }
}

impl History {
    pub fn new(seed: u64) -> Self {
        static BASE: std::sync::OnceLock<Region> = std::sync::OnceLock::new();
        let region = BASE.get_or_init(Region::new);
        let logs = [10, 20, 30].map(|first| {
            let add = TeamEvent::AddDevice { n: first + 1, staff: 1, role: DeviceRole::Member };
            (first, vec![(first, TeamEvent::Genesis), (first, add)])
        });
        let genesis = space_genesis(region.state(0), 10, SpaceKind::Chart);
        let head = region.state(0).tip();
        Self {
            dice: Dice::new(seed),
            ids: region.teams.to_vec(),
            known: region.known.clone(),
            logs: logs.to_vec(),
            space: region.space.clone(),
            entries: vec![(10, SpaceEvent::Genesis { team: 0, head })],
            promised: Default::default(),
            rebuilding: seed.is_multiple_of(2),
            late: BTreeMap::new(),
            frames: vec![genesis],
            listed: 4,
            fresh: 100,
            told: Told::default(),
        }
    }

    pub fn run(mut self) -> Told {
        for _ in 0..STEPS {
            match self.dice.below(20) {
                0 => self.directory_step(),
                1..6 => self.team_step(),
                _ => self.space_step(),
            }
        }
        self.second_reader();
        self.told
    }

    fn settle(&mut self, what: impl std::fmt::Debug, verdict: Option<Fault>, faults: &BTreeSet<Fault>) -> bool {
        let agree = verdict.map_or(faults.is_empty(), |fault| faults.contains(&fault));
        assert!(agree, "{what:?}: the rules say {verdict:?}, the model {faults:?}, after {:?}", self.entries);
        match verdict {
            None => self.told.valid += 1,
            Some(Fault::Wait) => self.told.waiting += 1,
            Some(Fault::Wrong(code)) => *self.told.refused.entry(code).or_default() += 1,
        }
        verdict.is_none()
    }

    // ---- the directory

    fn directory_step(&mut self) {
        let directory = self.known.directory.clone().unwrap();
        let mut signers: BTreeSet<u64> = (0..self.dice.below(3) + 1).map(|_| 1001 + self.dice.below(3)).collect();
        if self.dice.percent(15) {
            signers.insert(NOBODY);
        }
        let mut faults = BTreeSet::new();
        let roots = signers.iter().filter(|n| **n != NOBODY).count();
        if roots < 2 || signers.contains(&NOBODY) {
            faults.insert(Fault::Wrong(Code::BelowThreshold));
        }
        let team = self.known.teams[&self.ids[self.dice.below(3) as usize]].genesis();
        let facility = &directory.facilities[&team.feed()];
        let body: Body = match self.dice.below(5) {
            0 => {
                let suspended = self.dice.percent(50);
                if facility.suspended == suspended {
                    faults.insert(Fault::Wrong(Code::AlreadySo));
                }
                SuspendFacility { team, suspended }.into()
            }
            1 => {
                faults.insert(Fault::Wrong(Code::UnknownTarget));
                SuspendFacility { team: FrameId([7; 32]), suspended: true }.into()
            }
            2 => {
                let threshold = self.dice.below(2) * 5;
                faults.insert(Fault::Wrong(Code::BelowThreshold));
                RootChange { threshold, roots: directory.roots.clone() }.into()
            }
            3 => Notice { text: "x".into() }.into(),
            _ => MinVersion { version: self.dice.below(9) }.into(),
        };
        let signers: Vec<u64> = signers.into_iter().collect();
        let frame = directory_control(&directory, &signers, body);
        let state = FeedState::Directory(directory);
        let verdict = state.check(&self.known, &frame);
        if self.settle("directory", both(&verdict), &faults)
            && let (Verdict::Valid(step), mut state) = (verdict, state)
        {
            state.apply(step);
            let FeedState::Directory(state) = again(state) else { panic!("another kind") };
            self.known.directory = Some(state);
        }
    }

    // ---- teams

    fn team_step(&mut self) {
        let index = self.dice.below(3) as usize;
        let (first, log) = self.logs[index].clone();
        let state = self.known.teams[&self.ids[index]].clone();
        let devices: Vec<u64> = team::devices(first, &log).into_keys().collect();
        let kit = team::kit(&log).map(|(n, _)| n);
        let mut author = if self.dice.percent(65) { first } else { self.dice.pick(&devices).unwrap() };
        if let Some(kit) = kit.filter(|_| self.dice.percent(25)) {
            author = kit;
        }
        if self.dice.percent(4) {
            author = NOBODY;
        }
        let event = self.team_event(&devices, kit);
        let body = self.team_body(&state, &event);
        let (control, chain) = self.misplace(next(state.id(), &state.hashes, body));
        let signer = team_signer(&state, author, kit);
        let Ok(frame) = control.sign(&signer) else { return };
        let mut faults: BTreeSet<Fault> =
            team::faults(first, &log, author, &event).into_iter().map(Fault::Wrong).collect();
        faults.extend(chain);
        let state = FeedState::Team(state);
        let verdict = state.check(&self.known, &frame);
        if self.settle((first, author, event), both(&verdict), &faults)
            && let (Verdict::Valid(step), mut state) = (verdict, state)
        {
            state.apply(step);
            let FeedState::Team(state) = again(state) else { panic!("another kind") };
            self.known.teams.insert(self.ids[index], state);
            self.logs[index].1.push((author, event));
        }
    }

    fn team_event(&mut self, devices: &[u64], kit: Option<u64>) -> TeamEvent {
        let reasons = [RemoveReason::Lost, RemoveReason::Retired, RemoveReason::Compromised];
        let reason = self.dice.pick(&reasons).unwrap();
        let made = match self.dice.below(8) {
            0 => Made::WrongNumber,
            1 => Made::MissingOne,
            2 => Made::OneTooMany,
            _ => Made::Right,
        };
        let staff = self.dice.below(4) as u8 + 1;
        match self.dice.below(12) {
            0 => TeamEvent::AddStaff(staff),
            1 => TeamEvent::RemoveStaff(staff, reason, made),
            2..6 => {
                self.fresh += 1;
                let n = if self.dice.percent(15) { self.dice.pick(devices).unwrap() } else { self.fresh };
                let role = if self.dice.percent(60) { DeviceRole::Admin } else { DeviceRole::Member };
                let staff = if self.dice.percent(70) { 1 } else { staff };
                TeamEvent::AddDevice { n, staff, role }
            }
            6..10 => {
                let n = if self.dice.percent(8) { NOBODY } else { self.dice.pick(devices).unwrap() };
                TeamEvent::RemoveDevice(n, reason, made)
            }
            10 => {
                self.fresh += 1;
                TeamEvent::Kit(kit.filter(|_| self.dice.percent(20)).unwrap_or(self.fresh))
            }
            _ => TeamEvent::Unknown(self.dice.pick(&[30, 31, 64, 99]).unwrap()),
        }
    }

    fn team_body(&self, state: &TeamState, event: &TeamEvent) -> Body {
        let generation_without = |gone: &BTreeSet<DeviceId>, made: Made| {
            let mut recipients = state.recipients();
            recipients.retain(|recipient| !gone.contains(&DeviceId(*recipient)));
            match made {
                Made::MissingOne => drop(recipients.pop_last()),
                Made::OneTooMany => drop(recipients.insert([0xee; 16])),
                Made::Right | Made::WrongNumber => {}
            }
            let step = if made == Made::WrongNumber { 2 } else { 1 };
            generation(state.generations.len() as u64 + step, recipients)
        };
        match event {
            TeamEvent::Genesis => unreachable!("never made here"),
            TeamEvent::AddStaff(n) => AddStaff { staff: staff(*n), name: vec![1] }.into(),
            TeamEvent::RemoveStaff(n, reason, made) => {
                let of = state.devices.iter().filter(|(_, device)| device.staff == staff(*n));
                let gone = of.map(|(id, _)| *id).collect();
                RemoveStaff { staff: staff(*n), reason: *reason, generation: generation_without(&gone, *made) }.into()
            }
            TeamEvent::AddDevice { n, staff: of, role } => {
                AddDevice { staff: staff(*of), role: *role, keys: keys(*n), envelope: Hash::of(b"e") }.into()
            }
            TeamEvent::RemoveDevice(n, reason, made) => {
                let device = device_of(state, *n);
                let generation = generation_without(&BTreeSet::from([device]), *made);
                RemoveDevice { device, reason: *reason, generation }.into()
            }
            TeamEvent::Kit(n) => {
                let keys = keys(*n);
                Kit { signing_key: keys.signing_key, kem_key_hash: keys.kem_key_hash, envelope: Hash::of(b"k") }.into()
            }
            TeamEvent::Unknown(kind) => Body::Unknown { kind: *kind, raw: vec![0x80] },
        }
    }

    /// Sometimes a control stands at the wrong place of its feed.
    fn misplace(&mut self, mut control: Control) -> (Control, Option<Fault>) {
        let code = match self.dice.below(30) {
            0 if control.cseq > 2 => {
                control.cseq -= 1;
                Fault::Wrong(Code::Stale)
            }
            1 => {
                control.cseq += 1;
                Fault::Wait
            }
            2 => {
                control.prev_hash = Some(FrameId([9; 32]));
                Fault::Wrong(Code::BadPrevious)
            }
            3 => {
                control.feed = Some(FrameId([9; 32]).feed());
                Fault::Wrong(Code::WrongFeed)
            }
            _ => return (control, None),
        };
        (control, Some(code))
    }

    // ---- the space

    fn model(&self) -> Model<'_> {
        Model { teams: &self.logs, entries: &self.entries }
    }

    fn space_step(&mut self) {
        // Mostly a member's device; now and then a stranger's.
        let members: Vec<usize> =
            self.space.members.keys().filter_map(|id| self.ids.iter().position(|i| i == id)).collect();
        let anybody = self.dice.below(3) as usize;
        let index = if self.dice.percent(85) { self.dice.pick(&members).unwrap_or(anybody) } else { anybody };
        let (first, log) = &self.logs[index];
        let devices: Vec<u64> = team::devices(*first, log).into_keys().collect();
        let lead = *first;
        let author = if self.dice.percent(60) { lead } else { self.dice.pick(&devices).unwrap() };
        let event = if self.dice.percent(40) { self.item_event(author) } else { self.control_event() };
        let forged = self.dice.percent(3);
        let state = self.known.teams[&self.ids[index]].clone();
        let mut signer = as_device(&state, author);
        if forged {
            signer = signer_of_another(signer.kid());
        }
        let (frame, chain) = match &event {
            SpaceEvent::Item(item) => match self.promised.get(&item.mark).filter(|_| !forged) {
                Some((_, _, frame)) => (Ok(frame.clone()), None),
                None => (self.item(author, item, &state).sign(&signer), None),
            },
            control => {
                let body = self.space_body(control);
                let (control, chain) = self.misplace(next(self.space.id(), &self.space.hashes, body));
                (control.sign(&signer), chain)
            }
        };
        let Ok(frame) = frame else { return };
        if let SpaceEvent::Item(item) = &event
            && self.late.get(&author).is_some_and(|waiting| !waiting.is_empty())
        {
            self.keep_late(author, item, forged, &frame);
            return;
        }
        let mut faults = self.model().faults(author, &event, forged, true);
        faults.extend(chain);
        let verdict = self.space.check(&self.known, &frame).into();
        if self.settle((author, &event), both(&verdict), &faults)
            && let Verdict::Valid(step) = verdict
        {
            if !self.rebuilding && self.relay_keeps_out(author, &event, &frame) {
                return;
            }
            self.space.apply(step);
            let FeedState::Space(space) = again(FeedState::Space(self.space.clone())) else { panic!("another kind") };
            self.space = space;
            self.frames.push(frame);
            let admitted = if let SpaceEvent::Admit { device, upto, .. } = event { Some((device, upto)) } else { None };
            self.entries.push((author, event));
            if let Some((device, upto)) = admitted.filter(|_| !self.rebuilding) {
                self.let_in(device, upto);
            }
        } else if let (SpaceEvent::Item(item), false) = (&event, self.rebuilding) {
            let why = self.space.check(&self.known, &frame).map(drop);
            if self.keep_late(author, item, forged, &frame)
                && let Err(Stop::Invalid(code)) = why
            {
                *self.told.late_because.entry(code).or_default() += 1;
            }
        }
    }

    // ---- the relay's quarantine

    /// What the relay does not append although it is valid: items of a device that its team removed, which wait, and an
    /// `Admit` of anything but the end of a chain that waits.
    fn relay_keeps_out(&mut self, author: u64, event: &SpaceEvent, frame: &Frame) -> bool {
        match event {
            SpaceEvent::Item(item) => {
                let device = frame.author().unwrap();
                let exempt = is_exempt(&self.space, &device, frame.item().unwrap(), &StoreId([1; 16]));
                let cut_off = !exempt && self.model().is_cut_off(author);
                if cut_off {
                    self.keep_late(author, item, false, frame);
                }
                cut_off
            }
            SpaceEvent::Admit { device, upto, last } => {
                let waiting = self.late.get(device).map(Vec::as_slice).unwrap_or_default();
                let ends = waiting.iter().any(|late| late.event.dseq == *upto && late.event.mark == *last);
                if !ends {
                    *self.told.refused.entry(Code::UnknownTarget).or_default() += 1;
                }
                !ends
            }
            _ => false,
        }
    }

    /// Quarantine takes an item or not, rules and model alike.
    fn keep_late(&mut self, author: u64, item: &ItemEvent, forged: bool, frame: &Frame) -> bool {
        let device = frame.author().unwrap();
        if self.space.team_of(&self.known, &device).is_err() {
            return false; // nobody's: the relay does not even keep it
        }
        let waiting = self.late.get(&author).map(Vec::as_slice).unwrap_or_default();
        let tail = waiting.last().map(|late| late.tail.clone()).or_else(|| self.space.tail(&device).cloned());
        let mut chain = self.model().chain_of(author);
        chain.extend(waiting.iter().map(|late| late.event));
        let faults = self.model().late_faults(author, item, forged, &chain);
        let found = self.space.check_late(&self.known, frame, tail.as_ref());
        let verdict = match &found {
            Ok(_) => None,
            Err(Stop::Waiting(_)) => Some(Fault::Wait),
            Err(Stop::Invalid(code)) => Some(Fault::Wrong(*code)),
        };
        if !self.settle(("late", author, item), verdict, &faults) {
            return false;
        }
        self.told.late += 1;
        self.promised.insert(item.mark, (author, *item, frame.clone()));
        let kept = Late { event: *item, frame: frame.clone(), tail: found.unwrap() };
        self.late.entry(author).or_default().push(kept);
        true
    }

    /// What waits up to the number goes into the feed, right behind the `Admit`; each frame is valid there for everybody,
    /// whatever its epoch and whoever its author is by now. The rest of the chain waits on.
    fn let_in(&mut self, device: u64, upto: u64) {
        let waiting = self.late.remove(&device).unwrap_or_default();
        let (taken, rest): (Vec<Late>, Vec<Late>) = waiting.into_iter().partition(|late| late.event.dseq <= upto);
        self.told.parted += u64::from(!taken.is_empty() && !rest.is_empty());
        if !rest.is_empty() {
            self.late.insert(device, rest);
        }
        for late in taken {
            let event = SpaceEvent::Item(late.event);
            let faults = self.model().faults(device, &event, false, true);
            let verdict: Verdict<_> = self.space.check(&self.known, &late.frame).into();
            assert!(self.settle(("let in", device, &event), both(&verdict), &faults), "{verdict:?} {:?}", self.entries);
            let Verdict::Valid(step) = verdict else { panic!("not let in") };
            self.space.apply(step);
            self.told.let_in += 1;
            self.told.let_in_old += u64::from(late.event.epoch != self.space.newest_epoch());
            self.entries.push((device, event));
            self.frames.push(late.frame);
        }
    }

    fn item_event(&mut self, author: u64) -> SpaceEvent {
        let model = Model { teams: &self.logs, entries: &self.entries };
        let waiting = self.late.get(&author).map_or(0, |waiting| waiting.len() as u64);
        let (own, epochs) = (model.count_of(author) + waiting, model.fair().epochs);
        let mut promised = self.promised.values().filter(|(by, item, _)| *by == author && item.dseq == own + 1);
        if let Some(item) = promised.next_back().map(|(_, item, _)| *item)
            && self.rebuilding
            && self.dice.percent(70)
        {
            return SpaceEvent::Item(item);
        }
        self.fresh += 1;
        let dseq = match self.dice.below(12) {
            0 => own + 2,
            1 if own > 0 => own,
            _ => own + 1,
        };
        let epoch = if self.dice.percent(8) { epochs + 1 } else { epochs };
        SpaceEvent::Item(ItemEvent {
            class: self.dice.pick(&[0, 0, 0, 1, 2, 5]).unwrap(),
            dseq,
            epoch: epoch.max(1),
            store: self.dice.below(2) as u8 + 1,
            right_previous: dseq == 1 || !self.dice.percent(6),
            mark: self.fresh,
        })
    }

    fn item(&self, author: u64, event: &ItemEvent, team: &TeamState) -> Item {
        let waiting = self.late.get(&author).and_then(|waiting| waiting.last()).map(|late| late.tail.id);
        let before = waiting.or_else(|| self.space.tail(&device_of(team, author)).map(|tail| tail.id));
        let previous = if event.right_previous { before.or(Some(FrameId([8; 32]))) } else { Some(FrameId([9; 32])) };
        let feed = self.space.id();
        Item {
            feed,
            class: event.class,
            doc: (event.class != 1).then(|| doc_id(&feed, "core")),
            dseq: event.dseq,
            prev_item_hash: (event.dseq > 1).then_some(previous).flatten(),
            epoch: event.epoch,
            seen: Seen::at([event.store; 8], 1, Hash([1; 32])),
            blob_ids: vec![],
            salt: [1; 32],
            ciphertext: event.mark.to_be_bytes().to_vec(),
        }
    }

    /// The teams' heads, mostly the newest and right.
    fn heads(&mut self, teams: &[usize], cited: &[Option<u64>]) -> Vec<Cited> {
        let mut teams = teams.to_vec();
        if self.dice.percent(5) {
            teams.pop();
        }
        if self.dice.percent(5) {
            teams.push(self.dice.below(3) as usize);
        }
        teams.sort_by_key(|team| self.ids[*team]);
        teams.dedup();
        let mut heads = Vec::new();
        for team in teams {
            let tip = self.logs[team].1.len() as u64;
            let cseq = match self.dice.below(24) {
                0 => tip + 1,
                1 => cited[team].unwrap_or(1).saturating_sub(1).max(1),
                2 | 3 => cited[team].unwrap_or(1).max(1),
                _ => tip,
            };
            heads.push(Cited { team, cseq, right: !self.dice.percent(3) });
        }
        heads
    }

    fn control_event(&mut self) -> SpaceEvent {
        let with_late: Vec<u64> = self.late.keys().copied().collect();
        if !with_late.is_empty() && self.dice.percent(15) {
            // Some piece of a chain that waits, mostly by the name of its last item.
            let device = self.dice.pick(&with_late).unwrap();
            let waiting = &self.late[&device];
            let event = waiting[self.dice.below(waiting.len() as u64) as usize].event;
            let last = if self.dice.percent(90) { event.mark } else { 0 };
            return SpaceEvent::Admit { device, upto: event.dseq, last };
        }
        let fair = self.model().fair();
        let team = self.dice.below(3) as usize;
        let role = self.dice.pick(&[Role::Reader, Role::Writer, Role::Manager, Role::Manager]).unwrap();
        let number = self.dice.below(fair.epochs + 2);
        let mut newcomers = fair.members.clone();
        if !newcomers.contains(&team) {
            newcomers.push(team);
        }
        let listing = match self.dice.below(16) {
            0 => Listed::No,
            1 => Listed::Wrong,
            2 => Listed::Future,
            _ => Listed::Right,
        };
        let device = {
            let (first, log) = &self.logs[team];
            let all: Vec<u64> = team::devices(*first, log).into_keys().collect();
            self.dice.pick(&all).unwrap()
        };
        match self.dice.below(22) {
            0..5 => SpaceEvent::AddMember { team, role, heads: self.heads(&newcomers, &fair.cited), listing },
            5 => SpaceEvent::BreakGlass { team, heads: self.heads(&newcomers, &fair.cited), listing },
            6 => SpaceEvent::SetRole(team, role),
            7 => SpaceEvent::RemoveMember(team, RemoveMemberReason::Removed),
            8 => SpaceEvent::RemoveMember(team, RemoveMemberReason::Expired),
            9..15 => {
                let n = if self.dice.percent(7) { fair.epochs } else { fair.epochs + 1 };
                let teams = if self.dice.percent(90) { fair.stay.clone() } else { fair.members.clone() };
                let heads = self.heads(&teams, &fair.cited);
                let mut recipients = teams;
                if self.dice.percent(6) {
                    recipients.pop();
                }
                recipients.sort_by_key(|team| self.ids[*team]);
                let wrapped = match self.dice.below(10) {
                    0 => vec![n],
                    1 => vec![2, 1],
                    2 => vec![],
                    _ => (n.saturating_sub(1)..n).filter(|m| *m > 0).collect(),
                };
                SpaceEvent::Epoch { n: n.max(1), heads, recipients, wrapped }
            }
            15 => SpaceEvent::Review(self.dice.below(self.space.tip() + 2)),
            16 | 17 => SpaceEvent::Fault(number),
            18 | 19 => {
                let count = self.model().count_of(device);
                if self.rebuilding && self.dice.percent(70) {
                    let last = self.promise(device, team, count + 1, fair.epochs.max(1));
                    return SpaceEvent::Admit { device, upto: count + 1, last };
                }
                let upto = if self.dice.percent(40) { count } else { count + 1 + self.dice.below(2) };
                SpaceEvent::Admit { device, upto, last: 0 }
            }
            20 => SpaceEvent::Repudiate { device, from: self.dice.below(3), upto: self.dice.below(4) },
            _ if self.dice.percent(25) => SpaceEvent::Archive,
            _ => SpaceEvent::Unknown(self.dice.pick(&[45, 64, 70]).unwrap()),
        }
    }

    fn cite(&self, head: &Cited) -> CitedHead {
        let state = &self.known.teams[&self.ids[head.team]];
        let hash = state.hash_at(head.cseq).copied().filter(|_| head.right).unwrap_or(FrameId([6; 32]));
        CitedHead { team: state.genesis(), cseq: head.cseq, hash }
    }

    fn listing(&self, team: usize, listed: Listed) -> Option<Listing> {
        let directory: &DirectoryState = self.known.directory.as_ref().unwrap();
        let right = directory.facilities[&self.ids[team]].listing.clone();
        match listed {
            Listed::No => None,
            Listed::Right => Some(right),
            Listed::Wrong => Some(directory.facilities[&self.ids[(team + 1) % 3]].listing.clone()),
            Listed::Future => Some(Listing { cseq: directory.tip() + 1, hash: right.hash }),
        }
    }

    fn space_body(&self, event: &SpaceEvent) -> Body {
        let heads = |heads: &[Cited]| heads.iter().map(|head| self.cite(head)).collect::<Vec<_>>();
        let device = |n: u64| {
            let team = self.logs.iter().position(|(first, log)| team::devices(*first, log).contains_key(&n));
            device_of(&self.known.teams[&self.ids[team.unwrap_or(0)]], n)
        };
        let envelope = Hash::of(b"e");
        match event {
            SpaceEvent::Genesis { .. } | SpaceEvent::Item(_) => unreachable!("never made here"),
            SpaceEvent::AddMember { team, role, heads: cited, listing } => AddMember {
                team: self.ids[*team],
                role: *role,
                heads: heads(cited),
                listing: self.listing(*team, *listing),
                envelope,
                expires: None,
            }
            .into(),
            SpaceEvent::BreakGlass { team, heads: cited, listing } => BreakGlass {
                team: self.ids[*team],
                heads: heads(cited),
                listing: self.listing(*team, *listing),
                envelope,
                expires: 5,
                reason: vec![1],
            }
            .into(),
            SpaceEvent::SetRole(team, role) => SetRole { team: self.ids[*team], role: *role }.into(),
            SpaceEvent::RemoveMember(team, reason) => RemoveMember { team: self.ids[*team], reason: *reason }.into(),
            SpaceEvent::Epoch { n, heads: cited, recipients, wrapped } => Epoch {
                n: *n,
                kcv: [*n as u8; 32],
                heads: heads(cited),
                recipients: recipients.iter().map(|team| crate::world::envelope(self.ids[*team].0)).collect(),
                wrapped: wrapped.iter().map(|m| Wrapped { m: *m, sealed: [1; 48] }).collect(),
            }
            .into(),
            SpaceEvent::Review(cseq) => Review { break_glass: *cseq }.into(),
            SpaceEvent::Fault(epoch) => meguri_wire::control::Fault { epoch: *epoch }.into(),
            SpaceEvent::Admit { device: n, upto, last } => {
                let last = self.promised.get(last).map_or(FrameId([5; 32]), |(_, _, frame)| frame.id);
                Admit { device: device(*n), upto: *upto, last }.into()
            }
            SpaceEvent::Repudiate { device: n, from, upto } => {
                Repudiate { device: device(*n), from: *from, upto: *upto }.into()
            }
            SpaceEvent::Archive => Archive {}.into(),
            SpaceEvent::Unknown(kind) => Body::Unknown { kind: *kind, raw: vec![0x80] },
        }
    }

    /// Makes an item that is late, to be named by an `Admit`.
    fn promise(&mut self, device: u64, team: usize, dseq: u64, epoch: u64) -> u64 {
        self.fresh += 1;
        let event = ItemEvent { class: 0, dseq, epoch, store: 1, right_previous: true, mark: self.fresh };
        let state = &self.known.teams[&self.ids[team]];
        let frame = self.item(device, &event, state).sign(&as_device(state, device)).unwrap();
        self.promised.insert(self.fresh, (device, event, frame));
        self.fresh
    }

    // ---- the second reader

    /// A device that gets the chart first and the teams piece by piece: a verdict
    /// that is not *waiting* never changes with what it learns, and in the end it
    /// stands where the relay stands.
    fn second_reader(&mut self) {
        let mut known = Known { teams: Default::default(), directory: None };
        let mut state: Option<FeedState> = None;
        let mut missing: Vec<meguri_wire::TeamId> = self.ids.clone();
        let mut directory = self.known.directory.clone();
        for frame in &self.frames {
            loop {
                let verdict = match &state {
                    None => both(&FeedState::begin(&known, frame)),
                    Some(state) => both(&state.check(&known, frame)),
                };
                match verdict {
                    None => break,
                    Some(Fault::Wait) => match missing.pop() {
                        Some(id) => drop(known.teams.insert(id, self.known.teams[&id].clone())),
                        None => known.directory = Some(directory.take().expect("it waits for nothing it lacks")),
                    },
                    Some(Fault::Wrong(code)) => panic!("a reader who knows less says {code}"),
                }
            }
            state = Some(match state {
                None => match FeedState::begin(&known, frame) {
                    Verdict::Valid(state) => state,
                    other => panic!("{other:?}"),
                },
                Some(mut state) => {
                    let Verdict::Valid(step) = state.check(&known, frame) else { panic!("it was valid") };
                    state.apply(step);
                    state
                }
            });
        }
        assert!(state == Some(FeedState::Space(self.space.clone())), "two readers stand apart");
    }
}

/// As stored and read again.
fn again(state: FeedState) -> FeedState {
    let read = FeedState::from_bytes(&state.to_bytes()).unwrap();
    assert!(read == state, "a snapshot is the state");
    read
}

fn team_signer(state: &TeamState, author: u64, kit: Option<u64>) -> Ed25519Signer {
    if Some(author) == kit { signer(author) } else { as_device(state, author) }
}

fn signer_of_another(kid: [u8; 16]) -> Ed25519Signer {
    signer(777).as_device(DeviceId(kid))
}
