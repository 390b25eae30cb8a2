use crate::world::*;
use meguri_wire::control::*;
use meguri_wire::feed::admission::{Offer, admit};
use meguri_wire::feed::{Known, SpaceState, Stop, WaitFor};
use meguri_wire::{Code, StoreId};

#[test]
fn epochs_are_dense_and_for_exactly_the_members() {
    let region = Region::shared();
    let good = region.epoch();
    assert!(region.check(10, good.clone()).is_ok());
    let mut skip = good.clone();
    skip.n = 3;
    assert_eq!(code(region.check(10, skip)), Code::BadNumber);
    let mut ghost = good.clone();
    ghost.recipients.push(envelope([0xff; 16]));
    assert_eq!(code(region.check(10, ghost)), Code::BadRecipients);
    let mut fewer = good.clone();
    fewer.recipients.pop();
    assert_eq!(code(region.check(10, fewer)), Code::BadRecipients);
    let mut wraps_itself = good.clone();
    wraps_itself.wrapped[0].m = 2;
    assert_eq!(code(region.check(10, wraps_itself)), Code::BadNumber);
    let mut unwrapped = good;
    unwrapped.wrapped.clear();
    assert!(region.check(10, unwrapped).is_ok(), "a healing epoch may");
}

#[test]
fn a_writer_rotates_only_while_owed() {
    let mut region = Region::shared();
    assert_eq!(code(region.check(20, region.epoch())), Code::NotOwed);
    region.remove(10, 11, RemoveReason::Lost);
    assert!(region.space.owed(&region.known));
    // Owed is judged at the heads cited, so an Epoch that cites the old head is not owed.
    let mut old = region.epoch();
    let own = old.heads.iter().position(|h| h.team.feed() == region.teams[0]);
    let own = own.unwrap();
    old.heads[own].cseq = 2;
    old.heads[own].hash = *region.state(0).hash_at(2).unwrap();
    assert_eq!(code(region.check(20, old)), Code::NotOwed);
    region.rotate(20);
    assert!(!region.space.owed(&region.known));
    assert_eq!(code(region.check(20, region.epoch())), Code::NotOwed);
}

#[test]
fn a_team_added_since_is_judged_from_its_own_head() {
    let mut region = Region::keyed();
    region.remove(20, 21, RemoveReason::Retired);
    let body = region.add_member(1, Role::Writer);
    region.put(10, body);
    assert!(!region.space.owed(&region.known), "removed before it came");
    region.change_team(1, 20, add_device(22, DeviceRole::Member));
    region.remove(20, 22, RemoveReason::Retired);
    assert!(region.space.owed(&region.known));
}

#[test]
fn a_citing_add_member_does_not_pay() {
    let mut region = Region::keyed();
    region.remove(10, 11, RemoveReason::Lost);
    let body = region.add_member(1, Role::Writer);
    region.put(10, body);
    assert!(region.space.owed(&region.known));
    region.rotate(20);
    assert!(!region.space.owed(&region.known));
}

#[test]
fn a_removed_member_owes_an_epoch() {
    let mut region = Region::shared();
    let body = region.add_member(2, Role::Writer);
    region.put(10, body);
    let team = region.teams[2];
    let reason = RemoveMemberReason::Removed;
    region.put(10, RemoveMember { team, reason });
    assert!(region.space.owed(&region.known));
    region.rotate(21);
    assert!(!region.space.owed(&region.known));
}

#[test]
fn a_fault_owes_once_per_team_and_epoch() {
    let mut region = Region::shared();
    region.put(20, Fault { epoch: 1 });
    assert_eq!(code(region.check(21, Fault { epoch: 1 })), Code::AlreadySo);
    assert_eq!(code(region.check(20, Fault { epoch: 2 })), Code::EpochUnknown);
    assert!(region.space.owed(&region.known));
    // Another device heals; the same team faults that one too: it counts no more.
    region.rotate(20);
    region.put(20, Fault { epoch: 2 });
    assert!(!region.space.owed(&region.known));
    // Another team's fault does.
    region.put(10, Fault { epoch: 2 });
    assert!(region.space.owed(&region.known));
}

#[test]
fn a_second_fault_counts_if_the_author_stayed() {
    let mut region = Region::shared();
    region.put(20, Fault { epoch: 1 });
    region.rotate(10);
    region.put(20, Fault { epoch: 2 });
    assert!(region.space.owed(&region.known));
}

#[test]
fn a_removal_bites_at_the_epoch_that_cites_it() {
    let mut region = Region::shared();
    region.write(11);
    region.remove(10, 11, RemoveReason::Lost);
    // Not cited yet: valid at this position (admission is another matter).
    assert!(region.check_item(11, &region.item(11)).is_ok());
    region.rotate(20);
    let item = region.item(11);
    assert_eq!(code(region.check_item(11, &item)), Code::Removed);
    assert_eq!(code(region.check(11, Archive)), Code::Removed);
}

/// Device 11 of the managing team is stolen and used to let team 30 in.
fn ghost() -> Region {
    let mut region = Region::shared();
    let body = region.add_member(2, Role::Manager);
    region.put(11, body);
    let team = region.teams[1];
    let role = Role::Manager;
    region.put(11, SetRole { team, role });
    region
}

#[test]
fn grants_of_a_compromised_device_are_void_from_the_epoch_that_shows_it() {
    let mut region = ghost();
    assert_eq!(region.space.members.len(), 3);
    region.remove(10, 11, RemoveReason::Compromised);
    let with_ghost = region.epoch();
    assert_eq!(code(region.check(10, with_ghost)), Code::BadHeads);
    let mut clean = region.epoch();
    let ghost = region.teams[2];
    clean.heads.retain(|head| head.team.feed() != ghost);
    clean.recipients.retain(|e| e.recipient != ghost.0);
    region.put(10, clean);
    assert_eq!(region.space.members.len(), 2);
    assert_eq!(region.space.members[&region.teams[1]].role, Role::Writer);
    assert_eq!(code(region.check(30, Archive)), Code::NotMember);
    let bytes = meguri_wire::cbor::Cbor::to_bytes(&region.space);
    let again: SpaceState = meguri_wire::cbor::Cbor::from_bytes(&bytes).unwrap();
    assert_eq!(again, region.space);
}

#[test]
fn grants_of_a_lost_device_stand() {
    let mut region = ghost();
    region.remove(10, 11, RemoveReason::Lost);
    region.rotate(10);
    assert_eq!(region.space.members.len(), 3);
}

#[test]
fn grants_before_an_epoch_by_another_device_stand() {
    let mut region = ghost();
    region.rotate(10);
    region.remove(10, 11, RemoveReason::Compromised);
    region.rotate(10);
    assert_eq!(region.space.members.len(), 3);
}

#[test]
fn a_compromised_founder_keeps_the_space() {
    let mut region = Region::new();
    region.rotate(10);
    region.change_team(0, 10, add_device(12, DeviceRole::Admin));
    region.remove(12, 10, RemoveReason::Compromised);
    region.rotate(12);
    assert_eq!(region.space.members.len(), 1);
    assert_eq!(region.space.newest_epoch(), 2);
}

/// A client that lacks the team's newest record waits for it; the relay, which waits for nothing, refuses.
#[test]
fn an_epoch_that_cites_what_is_not_here_yet_waits_and_the_relay_refuses_it() {
    let mut region = Region::shared();
    let behind = Known { teams: region.known.teams.clone(), directory: region.known.directory.clone() };
    region.change_team(1, 20, add_device(22, DeviceRole::Member));
    let epoch = region.control(10, region.epoch());
    let wait = WaitFor::Feed(region.teams[1], 3);
    assert_eq!(region.space.check(&behind, &epoch).map(drop), Err(Stop::Waiting(wait)));
    assert_eq!(wait.code(), Code::BadHeads);
    assert!(region.space.check(&region.known, &epoch).is_ok(), "valid once it is here");
    // One that nobody signed is waited for as well, and never comes.
    let mut ahead = region.epoch();
    let team = region.teams[1];
    let head = ahead.heads.iter_mut().find(|head| head.team.feed() == team).unwrap();
    head.cseq += 1;
    let ahead = region.control(10, ahead);
    let never = Err(Stop::Waiting(WaitFor::Feed(team, 4)));
    assert_eq!(region.space.check(&region.known, &ahead).map(drop), never);
}

/// Valid wherever it stands, so that devices agree; a relay takes only what cites the newest heads.
#[test]
fn an_epoch_of_stale_heads_is_valid_and_not_admitted_and_older_than_cited_it_is_nothing() {
    let mut region = Region::shared();
    let stale = region.control(10, region.epoch());
    region.change_team(1, 20, add_device(22, DeviceRole::Member));
    assert!(region.space.check(&region.known, &stale).is_ok());
    let offer = Offer { store: &StoreId([7; 16]), now_ms: 0, reoffered: false };
    assert_eq!(admit(&region.space, &region.known, &stale, &offer), Err(Code::Stale));
    let old = region.epoch().heads;
    region.change_team(1, 20, add_device(23, DeviceRole::Member));
    region.rotate(10);
    let mut back = region.epoch();
    back.heads = old;
    assert_eq!(code(region.check(10, back)), Code::BadHeads);
}
