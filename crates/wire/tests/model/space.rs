//! A chart as its list of entries, and what is wrong with a next one.

use std::collections::{BTreeMap, BTreeSet};

use meguri_wire::Code;
use meguri_wire::control::{RemoveMemberReason, RemoveReason, Role};

use crate::team::{self, TeamEvent};

/// A head as cited: team, control, and whether the hash is that control's.
#[derive(Clone, Copy, Debug)]
pub struct Cited {
    pub team: usize,
    pub cseq: u64,
    pub right: bool,
}

#[derive(Clone, Debug)]
pub enum SpaceEvent {
    Genesis { team: usize, head: u64 },
    AddMember { team: usize, role: Role, heads: Vec<Cited>, listing: Listed },
    BreakGlass { team: usize, heads: Vec<Cited>, listing: Listed },
    SetRole(usize, Role),
    RemoveMember(usize, RemoveMemberReason),
    Epoch { n: u64, heads: Vec<Cited>, recipients: Vec<usize>, wrapped: Vec<u64> },
    Review(u64),
    Fault(u64),
    Admit { device: u64, upto: u64, last: u64 },
    Repudiate { device: u64, from: u64, upto: u64 },
    Archive,
    Unknown(u64),
    Item(ItemEvent),
}

/// The listing cited: none, right, of another team, or beyond the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    No,
    Right,
    Wrong,
    Future,
}

#[derive(Clone, Copy, Debug)]
pub struct ItemEvent {
    pub class: u64,
    pub dseq: u64,
    pub epoch: u64,
    pub store: u8,
    pub right_previous: bool,
    /// Tells two items apart that share a `dseq`.
    pub mark: u64,
}

/// What a frame waits for, or what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    Wait,
    Wrong(Code),
}

/// All there is to know: the teams' logs and the chart's entries with their authors.
pub struct Model<'m> {
    pub teams: &'m [(u64, Vec<(u64, TeamEvent)>)],
    pub entries: &'m [(u64, SpaceEvent)],
}

#[derive(Clone, Copy, Debug)]
struct Member {
    role: Role,
    expires: bool,
    /// Index of the entry that added it.
    since: usize,
}

impl Model<'_> {
    fn upto(&self, end: usize) -> Model<'_> {
        Model { teams: self.teams, entries: &self.entries[..end] }
    }

    fn controls(&self) -> impl Iterator<Item = (usize, &(u64, SpaceEvent))> {
        self.entries.iter().enumerate().filter(|(_, (_, event))| !matches!(event, SpaceEvent::Item(_)))
    }

    /// The number of the control at an index.
    fn cseq_of(&self, index: usize) -> u64 {
        self.upto(index + 1).controls().count() as u64
    }

    fn epochs(&self) -> Vec<usize> {
        self.controls().filter(|(_, (_, e))| matches!(e, SpaceEvent::Epoch { .. })).map(|(at, _)| at).collect()
    }

    /// Grants undone by an Epoch that shows their author removed as compromised.
    fn void(&self) -> BTreeSet<usize> {
        let mut void = BTreeSet::new();
        for epoch in self.epochs() {
            let SpaceEvent::Epoch { heads, .. } = &self.entries[epoch].1 else { continue };
            void.extend(self.upto(epoch).voided_by(heads, &void));
        }
        void
    }

    /// What an Epoch with these heads, as the next entry, would undo.
    fn voided_by(&self, heads: &[Cited], void: &BTreeSet<usize>) -> BTreeSet<usize> {
        let members = self.members_but(void);
        let mut more = BTreeSet::new();
        for head in heads.iter().filter(|head| members.contains_key(&head.team)) {
            let paid = self.paid(head.team, &members);
            let (first, log) = &self.teams[head.team];
            for (device, found) in team::devices(*first, log) {
                let Some((cseq, RemoveReason::Compromised)) = found.removed else { continue };
                if cseq <= paid || cseq > head.cseq {
                    continue;
                }
                let others = self.epochs().into_iter().filter(|at| self.entries[*at].0 != device);
                let cut = others.max().unwrap_or(0);
                let grants = self.entries.iter().enumerate().filter(|(at, (author, event))| {
                    let grant = matches!(
                        event,
                        SpaceEvent::AddMember { .. }
                            | SpaceEvent::BreakGlass { .. }
                            | SpaceEvent::SetRole(..)
                            | SpaceEvent::Admit { .. }
                    );
                    grant && *author == device && *at > cut
                });
                more.extend(grants.map(|(at, _)| at));
            }
        }
        more
    }

    fn members_but(&self, void: &BTreeSet<usize>) -> BTreeMap<usize, Member> {
        let mut members = BTreeMap::new();
        for (at, (_, event)) in self.entries.iter().enumerate().filter(|(at, _)| !void.contains(at)) {
            match event {
                SpaceEvent::Genesis { team, .. } => {
                    members.insert(*team, Member { role: Role::Manager, expires: false, since: at });
                }
                SpaceEvent::AddMember { team, role, .. } => {
                    members.insert(*team, Member { role: *role, expires: false, since: at });
                }
                SpaceEvent::BreakGlass { team, .. } => {
                    members.insert(*team, Member { role: Role::Reader, expires: true, since: at });
                }
                SpaceEvent::SetRole(team, role) => {
                    if let Some(member) = members.get_mut(team) {
                        member.role = *role;
                    }
                }
                SpaceEvent::RemoveMember(team, _) => drop(members.remove(team)),
                _ => {}
            }
        }
        members
    }

    fn members(&self) -> BTreeMap<usize, Member> {
        self.members_but(&self.void())
    }

    fn heads_of(event: &SpaceEvent) -> Vec<(usize, u64)> {
        match event {
            SpaceEvent::Genesis { team, head } => vec![(*team, *head)],
            SpaceEvent::AddMember { heads, .. }
            | SpaceEvent::BreakGlass { heads, .. }
            | SpaceEvent::Epoch { heads, .. } => heads.iter().map(|head| (head.team, head.cseq)).collect(),
            _ => Vec::new(),
        }
    }

    /// The head the newest citing control cites for a team.
    fn cited(&self, team: usize) -> Option<u64> {
        let all = self.entries.iter().rev().flat_map(|(_, event)| Self::heads_of(event));
        all.into_iter().find(|(of, _)| *of == team).map(|(_, cseq)| cseq)
    }

    /// Up to where a member's removals are paid for.
    fn paid(&self, team: usize, members: &BTreeMap<usize, Member>) -> u64 {
        let newest = self.epochs().pop();
        let since = members.get(&team).map_or(0, |member| member.since);
        let from = newest.map_or(since, |epoch| epoch.max(since));
        Self::heads_of(&self.entries[from].1).into_iter().find(|(of, _)| *of == team).map_or(0, |(_, cseq)| cseq)
    }

    /// The team whose feed names a device, if the chart ever cited that team.
    fn team_of(&self, device: u64) -> Option<(usize, team::Found)> {
        (0..self.teams.len()).filter(|team| self.cited(*team).is_some()).find_map(|team| {
            let (first, log) = &self.teams[team];
            team::devices(*first, log).get(&device).map(|found| (team, *found))
        })
    }

    fn owed_at(&self, heads: &[Cited]) -> bool {
        let Some(newest) = self.epochs().pop() else { return true };
        let members = self.members();
        let removal = heads.iter().any(|head| {
            let member = members.contains_key(&head.team);
            member && team::removed_between(&self.teams[head.team].1, self.paid(head.team, &members), head.cseq)
        });
        removal
            || (newest..self.entries.len()).any(|at| match &self.entries[at].1 {
                SpaceEvent::RemoveMember(..) => true,
                SpaceEvent::Fault(epoch) => self.upto(at).fault_counts(self.entries[at].0, *epoch),
                _ => false,
            })
    }

    fn faulted(&self, team: usize, epoch: u64) -> bool {
        self.controls().any(|(_, (author, event))| {
            matches!(event, SpaceEvent::Fault(of) if *of == epoch)
                && self.team_of(*author).is_some_and(|(of, _)| of == team)
        })
    }

    fn fault_counts(&self, author: u64, epoch: u64) -> bool {
        let epochs = self.epochs();
        let by = |n: u64| (n >= 1).then(|| epochs.get(n as usize - 1)).flatten().map(|at| self.entries[*at].0);
        let Some((team, _)) = self.team_of(author) else { return true };
        let before = epoch.saturating_sub(1);
        let other_author = by(before).is_some() && by(before) != by(epoch);
        !(other_author && self.faulted(team, before))
    }

    fn items_of(&self, device: u64) -> Vec<&ItemEvent> {
        let own = self.entries.iter().filter(|(author, _)| *author == device);
        own.filter_map(|(_, event)| if let SpaceEvent::Item(item) = event { Some(item) } else { None }).collect()
    }

    /// Everything wrong with the next entry; nothing if it is valid.
    pub fn faults(&self, author: u64, event: &SpaceEvent, forged: bool, directory_known: bool) -> BTreeSet<Fault> {
        let mut wrong = BTreeSet::new();
        let Some((team, found)) = self.team_of(author) else {
            return BTreeSet::from([Fault::Wait]);
        };
        wrong.extend(forged.then_some(Fault::Wrong(Code::BadSignature)));
        let mut standing = BTreeSet::new();
        let members = self.members();
        let role = members.get(&team).map(|member| member.role);
        let cited = self.cited(team).unwrap_or(0);
        if let Some((_, reason)) = found.removed.filter(|(cseq, _)| *cseq <= cited) {
            let compromised = reason == RemoveReason::Compromised;
            standing.insert(Fault::Wrong(if compromised { Code::Compromised } else { Code::Removed }));
        }
        standing.extend(role.is_none().then_some(Fault::Wrong(Code::NotMember)));
        if let SpaceEvent::Item(item) = event {
            wrong.extend(self.item_faults(author, item, role, &standing));
            return wrong;
        }
        wrong.extend(standing);
        let role = role.unwrap_or(Role::Reader);
        wrong.extend(self.control_faults(event, team, role, &members, directory_known));
        wrong
    }

    /// Everything that keeps an item out of quarantine; nothing if it is late. `chain` is its author's, with what waits.
    pub fn late_faults(&self, author: u64, item: &ItemEvent, forged: bool, chain: &[ItemEvent]) -> BTreeSet<Fault> {
        let Some((team, found)) = self.team_of(author) else { return BTreeSet::from([Fault::Wait]) };
        if forged {
            return BTreeSet::from([Fault::Wrong(Code::BadSignature)]);
        }
        let mut wrong = BTreeSet::new();
        let last = chain.len() as u64;
        match chain.last() {
            _ if item.dseq > last + 1 => drop(wrong.insert(Fault::Wait)),
            Some(taken) if item.dseq <= last => drop(wrong.insert(Fault::Wrong(if taken.mark == item.mark {
                Code::AlreadySo
            } else if taken.store == item.store {
                Code::ChainConflict
            } else {
                Code::Superseded
            }))),
            _ => wrong.extend((!item.right_previous).then_some(Fault::Wrong(Code::BadPrevious))),
        }
        let role = self.members().get(&team).map(|member| member.role);
        let archived = self.entries.iter().any(|(_, event)| matches!(event, SpaceEvent::Archive));
        let refused = match (found.removed, role) {
            (Some((_, RemoveReason::Compromised)), _) => Some(Code::Compromised),
            (Some(_), _) | (None, None) => None,
            (None, Some(role)) if item.class != 1 && role < Role::Writer => Some(Code::RoleTooLow),
            (None, Some(_)) => (!archived).then_some(Code::AlreadySo),
        };
        wrong.extend(refused.map(Fault::Wrong));
        wrong
    }

    /// Whether a device is removed in its team's newest record, cited or not.
    pub fn is_cut_off(&self, author: u64) -> bool {
        self.team_of(author).is_some_and(|(_, found)| found.removed.is_some())
    }

    /// The items of a device in the chart.
    pub fn chain_of(&self, device: u64) -> Vec<ItemEvent> {
        self.items_of(device).into_iter().copied().collect()
    }

    fn item_faults(
        &self,
        author: u64,
        item: &ItemEvent,
        role: Option<Role>,
        standing: &BTreeSet<Fault>,
    ) -> BTreeSet<Fault> {
        let mut wrong = BTreeSet::new();
        let own = self.items_of(author);
        let last = own.len() as u64;
        if item.dseq > last + 1 {
            wrong.insert(Fault::Wait);
        } else if item.dseq <= last {
            let taken = own[item.dseq as usize - 1];
            wrong.insert(Fault::Wrong(if taken.mark == item.mark {
                Code::AlreadySo
            } else if taken.store == item.store {
                Code::ChainConflict
            } else {
                Code::Superseded
            }));
        } else if !item.right_previous {
            wrong.insert(Fault::Wrong(Code::BadPrevious));
        }
        let void = self.void();
        let covering = self.entries.iter().enumerate().find_map(|(at, (_, event))| match event {
            SpaceEvent::Admit { device, upto, last } if *device == author && item.dseq <= *upto => {
                (!void.contains(&at)).then_some((*upto, *last))
            }
            _ => None,
        });
        match covering {
            Some((upto, last)) => {
                let closes = item.dseq < upto || item.mark == last;
                wrong.extend((!closes).then_some(Fault::Wrong(Code::ChainConflict)));
            }
            None => {
                wrong.extend(standing);
                let writes = role.is_some_and(|role| role >= Role::Writer);
                wrong.extend((item.class != 1 && !writes).then_some(Fault::Wrong(Code::RoleTooLow)));
                let archived = self.entries.iter().any(|(_, event)| matches!(event, SpaceEvent::Archive));
                wrong.extend(archived.then_some(Fault::Wrong(Code::Archived)));
                let newest = self.epochs().len() as u64;
                wrong.extend((item.epoch > newest).then_some(Fault::Wrong(Code::EpochUnknown)));
            }
        }
        wrong
    }

    fn head_faults(&self, heads: &[Cited], expected: &BTreeSet<usize>, wrong: &mut BTreeSet<Fault>) {
        let named: BTreeSet<usize> = heads.iter().map(|head| head.team).collect();
        wrong.extend((named != *expected).then_some(Fault::Wrong(Code::BadHeads)));
        for head in heads {
            let back = self.cited(head.team).is_some_and(|before| before > head.cseq);
            wrong.extend((back || !head.right).then_some(Fault::Wrong(Code::BadHeads)));
            wrong.extend((head.cseq > self.teams[head.team].1.len() as u64).then_some(Fault::Wait));
        }
    }

    fn newcomer_faults(
        &self,
        team: usize,
        heads: &[Cited],
        listing: Listed,
        members: &BTreeMap<usize, Member>,
        directory_known: bool,
        wrong: &mut BTreeSet<Fault>,
    ) {
        wrong.extend(self.epochs().is_empty().then_some(Fault::Wrong(Code::NoEpoch)));
        wrong.extend(members.contains_key(&team).then_some(Fault::Wrong(Code::AlreadySo)));
        match listing {
            Listed::Right if directory_known => {}
            Listed::No | Listed::Wrong if directory_known || listing == Listed::No => {
                wrong.insert(Fault::Wrong(Code::NotListed));
            }
            _ => drop(wrong.insert(Fault::Wait)),
        }
        let mut expected: BTreeSet<usize> = members.keys().copied().collect();
        expected.insert(team);
        self.head_faults(heads, &expected, wrong);
    }

    fn control_faults(
        &self,
        event: &SpaceEvent,
        own: usize,
        role: Role,
        members: &BTreeMap<usize, Member>,
        directory_known: bool,
    ) -> BTreeSet<Fault> {
        let mut wrong = BTreeSet::new();
        let needs = |least: Role, wrong: &mut BTreeSet<Fault>| {
            wrong.extend((role < least).then_some(Fault::Wrong(Code::RoleTooLow)));
        };
        let when = |bad: bool, code: Code, wrong: &mut BTreeSet<Fault>| {
            wrong.extend(bad.then_some(Fault::Wrong(code)));
        };
        match event {
            SpaceEvent::Genesis { .. } => when(true, Code::WrongFeed, &mut wrong),
            SpaceEvent::Item(_) => {}
            SpaceEvent::AddMember { team, heads, listing, .. } => {
                needs(Role::Manager, &mut wrong);
                self.newcomer_faults(*team, heads, *listing, members, directory_known, &mut wrong);
            }
            SpaceEvent::BreakGlass { team, heads, listing } => {
                needs(Role::Writer, &mut wrong);
                self.newcomer_faults(*team, heads, *listing, members, directory_known, &mut wrong);
            }
            SpaceEvent::SetRole(team, to) => {
                needs(Role::Manager, &mut wrong);
                match members.get(team) {
                    None => when(true, Code::UnknownTarget, &mut wrong),
                    Some(member) => when(member.role == *to, Code::AlreadySo, &mut wrong),
                }
            }
            SpaceEvent::RemoveMember(team, reason) => match (members.get(team), reason) {
                (None, _) => when(true, Code::UnknownTarget, &mut wrong),
                (Some(_), RemoveMemberReason::Removed) if *team == own => {}
                (Some(_), RemoveMemberReason::Removed) => needs(Role::Manager, &mut wrong),
                (Some(member), RemoveMemberReason::Expired) => {
                    needs(Role::Writer, &mut wrong);
                    when(!member.expires, Code::BadExpiry, &mut wrong);
                }
            },
            SpaceEvent::Epoch { n, heads, recipients, wrapped } => {
                needs(Role::Writer, &mut wrong);
                when(*n != self.epochs().len() as u64 + 1, Code::BadNumber, &mut wrong);
                let mut void = self.void();
                void.extend(self.voided_by(heads, &void));
                let stay: BTreeSet<usize> = self.members_but(&void).into_keys().collect();
                self.head_faults(heads, &stay, &mut wrong);
                let named: BTreeSet<usize> = recipients.iter().copied().collect();
                when(named != stay, Code::BadRecipients, &mut wrong);
                let ascending = wrapped.is_sorted_by(|a, b| a < b);
                when(!ascending || wrapped.iter().any(|m| *m < 1 || *m >= *n), Code::BadNumber, &mut wrong);
                when(role < Role::Manager && !self.owed_at(heads), Code::NotOwed, &mut wrong);
            }
            SpaceEvent::Review(cseq) => {
                needs(Role::Manager, &mut wrong);
                let opened = self.controls().any(|(at, (_, event))| {
                    matches!(event, SpaceEvent::BreakGlass { .. }) && self.cseq_of(at) == *cseq
                });
                when(!opened, Code::UnknownTarget, &mut wrong);
                let before =
                    self.controls().any(|(_, (_, event))| matches!(event, SpaceEvent::Review(of) if of == cseq));
                when(opened && before, Code::AlreadySo, &mut wrong);
            }
            SpaceEvent::Fault(epoch) => {
                let exists = *epoch >= 1 && *epoch <= self.epochs().len() as u64;
                when(!exists, Code::EpochUnknown, &mut wrong);
                when(self.faulted(own, *epoch), Code::AlreadySo, &mut wrong);
            }
            SpaceEvent::Admit { device, upto, .. } => {
                needs(Role::Manager, &mut wrong);
                when(*upto <= self.items_of(*device).len() as u64, Code::AlreadySo, &mut wrong);
            }
            SpaceEvent::Repudiate { from, upto, .. } => {
                needs(Role::Manager, &mut wrong);
                when(*from < 1 || from > upto, Code::BadNumber, &mut wrong);
            }
            SpaceEvent::Archive => {
                needs(Role::Manager, &mut wrong);
                let before = self.entries.iter().any(|(_, event)| matches!(event, SpaceEvent::Archive));
                when(before, Code::AlreadySo, &mut wrong);
            }
            SpaceEvent::Unknown(kind) => when(*kind < 64, Code::VersionTooOld, &mut wrong),
        }
        wrong
    }

    /// What a fair author would write, for the generator.
    pub fn fair(&self) -> Fair {
        let members = self.members();
        Fair {
            members: members.keys().copied().collect(),
            epochs: self.epochs().len() as u64,
            stay: {
                let heads: Vec<Cited> = members
                    .keys()
                    .map(|team| Cited { team: *team, cseq: self.teams[*team].1.len() as u64, right: true })
                    .collect();
                let mut void = self.void();
                void.extend(self.voided_by(&heads, &void));
                self.members_but(&void).into_keys().collect()
            },
            cited: (0..self.teams.len()).map(|team| self.cited(team)).collect(),
        }
    }

    /// How many items of a device the chart has.
    pub fn count_of(&self, device: u64) -> u64 {
        self.items_of(device).len() as u64
    }
}

pub struct Fair {
    pub members: Vec<usize>,
    pub stay: Vec<usize>,
    pub epochs: u64,
    pub cited: Vec<Option<u64>>,
}
