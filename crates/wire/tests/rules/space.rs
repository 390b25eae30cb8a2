use crate::world::*;
use meguri_wire::control::*;
use meguri_wire::feed::{Known, SpaceState, Stop, WaitFor};
use meguri_wire::{Code, Hash};

#[test]
fn a_genesis_cites_a_known_head_at_which_its_author_is_active() {
    let mut region = Region::new();
    let genesis = space_genesis(region.state(0), 11, SpaceKind::Chart);
    assert!(SpaceState::begin(&region.known, &genesis).is_ok());
    let waits = SpaceState::begin(&Known::default(), &genesis).unwrap_err();
    assert_eq!(waits, Stop::Waiting(WaitFor::Feed(region.teams[0], 2)));
    region.remove(10, 11, RemoveReason::Lost);
    let genesis = space_genesis(region.state(0), 11, SpaceKind::Chart);
    let removed = SpaceState::begin(&region.known, &genesis);
    assert_eq!(code(removed), Code::Removed);
    let other = space_genesis(region.state(1), 10, SpaceKind::Chart);
    let stranger = SpaceState::begin(&region.known, &other);
    assert_eq!(code(stranger), Code::UnknownAuthor);
}

#[test]
fn members_are_added_by_a_manager_after_the_first_epoch() {
    let region = Region::new();
    let early = region.check(10, region.add_member(1, Role::Writer));
    assert_eq!(code(early), Code::NoEpoch);
    let early = region.check(10, region.break_glass(1, 1));
    assert_eq!(code(early), Code::NoEpoch);
    let mut region = Region::shared();
    let again = region.check(10, region.add_member(1, Role::Writer));
    assert_eq!(code(again), Code::AlreadySo);
    let by_writer = region.check(20, region.add_member(2, Role::Reader));
    assert_eq!(code(by_writer), Code::RoleTooLow);
    let body = region.add_member(2, Role::Reader);
    region.put(11, body);
    assert_eq!(region.space.members.len(), 3);
    assert_eq!(region.space.recipients.len(), 3);
}

#[test]
fn a_chart_takes_listed_teams_only() {
    let region = Region::keyed();
    let mut body = region.add_member(1, Role::Writer);
    body.listing = None;
    assert_eq!(code(region.check(10, body.clone())), Code::NotListed);
    body.listing = Some(region.listing(2));
    assert_eq!(code(region.check(10, body.clone())), Code::NotListed);
    let listing = Listing { cseq: 9, hash: region.listing(1).hash };
    body.listing = Some(listing);
    let waits = Err(Stop::Waiting(WaitFor::Directory(9)));
    assert_eq!(region.check(10, body), waits);
}

#[test]
fn heads_are_those_of_every_member_and_never_go_back() {
    let mut region = Region::keyed();
    let good = region.add_member(1, Role::Writer);
    let mut missing = good.clone();
    missing.heads.pop();
    assert_eq!(code(region.check(10, missing)), Code::BadHeads);
    let mut forked = good.clone();
    forked.heads[0].hash = Hash::of(b"fork").0.into();
    assert_eq!(code(region.check(10, forked)), Code::BadHeads);
    let mut future = good.clone();
    future.heads[0].cseq = 9;
    let team = future.heads[0].team.feed();
    let waits = Err(Stop::Waiting(WaitFor::Feed(team, 9)));
    assert_eq!(region.check(10, future), waits);
    let mut back = good;
    let own = back.heads.iter().position(|h| h.team.feed() == region.teams[0]);
    let own = own.unwrap();
    back.heads[own].cseq = 1;
    back.heads[own].hash = *region.state(0).hash_at(1).unwrap();
    assert_eq!(code(region.check(10, back)), Code::BadHeads);
    let mut unsorted = region.add_member(1, Role::Writer);
    unsorted.heads.reverse();
    assert_eq!(code(region.check(10, unsorted)), Code::BadHeads);
    region.rotate(10);
}

#[test]
fn an_office_stays_one_team() {
    let mut region = Region::new();
    let genesis = space_genesis(region.state(0), 10, SpaceKind::Office);
    region.space = SpaceState::begin(&region.known, &genesis).unwrap();
    region.rotate(10);
    let add = region.check(10, region.add_member(1, Role::Writer));
    assert_eq!(code(add), Code::Forbidden);
}

#[test]
fn roles_change_at_their_own_position() {
    let mut region = Region::shared();
    let reader = SetRole { team: region.teams[1], role: Role::Reader };
    assert_eq!(code(region.check(20, reader.clone())), Code::RoleTooLow);
    assert!(region.check_item(20, &region.item(20)).is_ok());
    region.put(10, reader.clone());
    assert_eq!(code(region.check(10, reader)), Code::AlreadySo);
    let item = region.item(20);
    assert_eq!(code(region.check_item(20, &item)), Code::RoleTooLow);
    assert!(region.check_item(20, &region.trace(20)).is_ok());
}

#[test]
fn members_leave_by_a_manager_by_themselves_or_expired() {
    let mut region = Region::shared();
    let leave = |index: usize, reason| RemoveMember { team: region.teams[index], reason };
    let removed = RemoveMemberReason::Removed;
    let other = region.check(20, leave(0, removed));
    assert_eq!(code(other), Code::RoleTooLow);
    assert!(region.check(21, leave(1, removed)).is_ok());
    let no_expiry = region.check(20, leave(1, RemoveMemberReason::Expired));
    assert_eq!(code(no_expiry), Code::BadExpiry);
    let unknown = region.check(10, leave(2, removed));
    assert_eq!(code(unknown), Code::UnknownTarget);
    let expired = leave(2, RemoveMemberReason::Expired);
    let body = region.break_glass(2, 1_000);
    region.put(20, body);
    assert_eq!(code(region.check(30, expired.clone())), Code::RoleTooLow);
    region.put(21, expired);
    assert!(region.space.owed(&region.known));
    let item = region.trace(30);
    assert_eq!(code(region.check_item(30, &item)), Code::NotMember);
}

#[test]
fn break_glass_adds_a_reader_and_is_reviewed_once() {
    let mut region = Region::shared();
    let cseq = region.space.tip() + 1;
    let body = region.break_glass(2, 1_000);
    region.put(20, body);
    let member = &region.space.members[&region.teams[2]];
    assert_eq!((member.role, member.expires), (Role::Reader, Some(1_000)));
    let by_reader = region.check(30, region.add_member(2, Role::Writer));
    assert_eq!(code(by_reader), Code::RoleTooLow);
    let review = |break_glass| Review { break_glass };
    assert_eq!(code(region.check(20, review(cseq))), Code::RoleTooLow);
    assert_eq!(code(region.check(10, review(1))), Code::UnknownTarget);
    region.put(10, review(cseq));
    assert_eq!(code(region.check(10, review(cseq))), Code::AlreadySo);
}

#[test]
fn an_author_in_no_members_feed_waits() {
    let region = Region::keyed();
    let device = region.device(20);
    let waits = Err(Stop::Waiting(WaitFor::Author(device)));
    assert_eq!(region.check_item(20, &region.item(20)), waits);
    assert_eq!(region.check(20, Archive), waits);
}

#[test]
fn a_device_added_later_needs_no_citation() {
    let mut region = Region::keyed();
    region.change_team(0, 10, add_device(12, DeviceRole::Member));
    assert!(region.check_item(12, &region.item(12)).is_ok());
    assert!(region.check(12, region.epoch()).is_ok());
}

#[test]
fn an_archive_closes_for_items_not_for_controls() {
    let mut region = Region::keyed();
    region.put(10, Archive);
    assert_eq!(code(region.check(10, Archive)), Code::AlreadySo);
    let item = region.item(10);
    assert_eq!(code(region.check_item(10, &item)), Code::Archived);
    assert!(region.check(10, region.epoch()).is_ok());
}

#[test]
fn unknown_kinds_are_critical_below_64() {
    let mut region = Region::shared();
    let unknown = |kind| Body::Unknown { kind, raw: vec![0x81, 0x01] };
    let critical = region.check(10, unknown(63));
    assert_eq!(code(critical), Code::VersionTooOld);
    region.put(21, unknown(70));
}

#[test]
fn a_snapshot_is_the_state() {
    use meguri_wire::cbor::Cbor;
    let mut region = Region::shared();
    region.write(10);
    region.write(21);
    let body = region.break_glass(2, 5);
    region.put(20, body);
    let bytes = region.space.to_bytes();
    assert_eq!(SpaceState::from_bytes(&bytes).unwrap(), region.space);
    let team = region.state(0).to_bytes();
    let again = meguri_wire::feed::TeamState::from_bytes(&team).unwrap();
    assert_eq!(&again, region.state(0));
}
