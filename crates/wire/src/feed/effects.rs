//! What a checked control of a space changes, and how a compromised device's
//! grants are undone.

use std::collections::BTreeMap;

use crate::control::{Body, CitedHead, Envelope, Epoch, Role, SpaceBody};
use crate::feed::space::{
    AdmitEntry, BreakGlassEntry, EpochEntry, MemberChange, MemberEvent, MemberState, Repudiation, SpaceState,
    SpaceStep, StepKind,
};
use crate::ids::{DeviceId, TeamId};

impl SpaceState {
    /// Applies a step this state has checked.
    pub fn apply(&mut self, step: SpaceStep) {
        match step.0 {
            StepKind::Item(item) => self.apply_item(item),
            StepKind::Control { id, author, body, fault_owes, voided, author_team } => {
                self.hashes.push(id);
                self.owed_by_event |= fault_owes;
                if let Body::Space(body) = *body {
                    if let SpaceBody::Fault(fault) = &body {
                        self.faults.insert((fault.epoch, author_team));
                    }
                    self.apply_control(author, body, &voided);
                }
            }
        }
    }

    fn apply_control(&mut self, author: DeviceId, body: SpaceBody, voided: &[(DeviceId, u64)]) {
        let cseq = self.tip();
        match body {
            SpaceBody::AddMember(body) => {
                self.add(author, body.team, body.role, body.expires, &body.heads);
                self.recipients.insert(body.team, Envelope { recipient: body.team.0, hash: body.envelope });
            }
            SpaceBody::BreakGlass(body) => {
                self.add(author, body.team, Role::Reader, Some(body.expires), &body.heads);
                self.recipients.insert(body.team, Envelope { recipient: body.team.0, hash: body.envelope });
                self.break_glass
                    .insert(cseq, BreakGlassEntry { team: body.team, author, expires: body.expires, reviewed: false });
            }
            SpaceBody::SetRole(body) => {
                self.event(author, body.team, MemberChange::Role, body.role);
            }
            SpaceBody::RemoveMember(body) => {
                self.event(author, body.team, MemberChange::Removed, Role::Reader);
                self.recipients.remove(&body.team);
                self.owed_by_event = true;
            }
            SpaceBody::Epoch(body) => self.apply_epoch(author, body, voided),
            SpaceBody::Review(body) => {
                if let Some(entry) = self.break_glass.get_mut(&body.break_glass) {
                    entry.reviewed = true;
                }
            }
            SpaceBody::Admit(body) => {
                let entry = AdmitEntry { cseq, author, upto: body.upto, last: body.last };
                self.admits.entry(body.device).or_default().push(entry);
            }
            SpaceBody::Repudiate(body) => {
                self.repudiations.push(Repudiation { cseq, device: body.device, from: body.from, upto: body.upto })
            }
            SpaceBody::Archive(_) => self.archived = true,
            SpaceBody::Genesis(_) | SpaceBody::Fault(_) => {}
        }
    }

    fn add(&mut self, author: DeviceId, team: TeamId, role: Role, expires: Option<u64>, heads: &[CitedHead]) {
        self.cite(heads);
        let head = self.heads.get(&team).map_or(0, |head| head.cseq);
        self.push_event(MemberEvent {
            cseq: self.tip(),
            author,
            team,
            change: MemberChange::Added,
            role,
            expires,
            head,
            void: false,
        });
    }

    fn event(&mut self, author: DeviceId, team: TeamId, change: MemberChange, role: Role) {
        self.push_event(MemberEvent {
            cseq: self.tip(),
            author,
            team,
            change,
            role,
            expires: None,
            head: 0,
            void: false,
        });
    }

    fn push_event(&mut self, event: MemberEvent) {
        apply_event(&mut self.members, &event);
        self.events.push(event);
    }

    fn cite(&mut self, heads: &[CitedHead]) {
        for head in heads {
            self.heads.insert(head.team.feed(), head.clone());
        }
    }

    fn apply_epoch(&mut self, author: DeviceId, body: Epoch, voided: &[(DeviceId, u64)]) {
        if !voided.is_empty() {
            self.void(voided);
        }
        self.cite(&body.heads);
        for (team, member) in &mut self.members {
            member.paid = self.heads.get(team).map_or(0, |head| head.cseq);
        }
        self.recipients =
            body.recipients.into_iter().map(|envelope| (TeamId::from(envelope.recipient), envelope)).collect();
        self.owed_by_event = false;
        self.epochs.push(EpochEntry { cseq: self.tip(), author, kcv: body.kcv });
    }

    fn void(&mut self, voided: &[(DeviceId, u64)]) {
        for event in &mut self.events {
            event.void |= is_void(voided, &event.author, event.cseq) && event.change != MemberChange::Removed;
        }
        for admits in self.admits.values_mut() {
            admits.retain(|admit| !is_void(voided, &admit.author, admit.cseq));
        }
        self.members = fold(&self.events);
    }

    /// The members once the grants of `voided` devices after their cuts are void.
    pub(crate) fn members_without(&self, voided: &[(DeviceId, u64)]) -> BTreeMap<TeamId, MemberState> {
        if voided.is_empty() {
            return self.members.clone();
        }
        fold(
            self.events
                .iter()
                .filter(|event| event.change == MemberChange::Removed || !is_void(voided, &event.author, event.cseq)),
        )
    }
}

/// A Genesis is no grant, so control 1 is never void.
fn is_void(voided: &[(DeviceId, u64)], author: &DeviceId, cseq: u64) -> bool {
    voided.iter().any(|(device, cut)| device == author && cseq > 1 && cseq > *cut)
}

fn fold<'e>(events: impl IntoIterator<Item = &'e MemberEvent>) -> BTreeMap<TeamId, MemberState> {
    let mut members = BTreeMap::new();
    for event in events.into_iter().filter(|event| !event.void) {
        apply_event(&mut members, event);
    }
    members
}

pub(crate) fn apply_event(members: &mut BTreeMap<TeamId, MemberState>, event: &MemberEvent) {
    match event.change {
        MemberChange::Added => {
            members.insert(
                event.team,
                MemberState { role: event.role, since: event.cseq, expires: event.expires, paid: event.head },
            );
        }
        MemberChange::Role => {
            if let Some(member) = members.get_mut(&event.team) {
                member.role = event.role;
            }
        }
        MemberChange::Removed => {
            members.remove(&event.team);
        }
    }
}
