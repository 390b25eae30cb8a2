use crate::world::*;
use meguri_wire::control::*;
use meguri_wire::feed::admission::{Offer, admit, admit_genesis};
use meguri_wire::{Code, Frame, Item, Seen, StoreId};

const HOUR_MS: u64 = 60 * 60 * 1000;

fn offered(region: &Region, frame: &Frame, now_ms: u64) -> Result<(), Code> {
    assert!(region.space.check(&region.known, frame).is_ok(), "valid");
    let offer = Offer { store: &StoreId([7; 16]), now_ms, reoffered: false };
    admit(&region.space, &region.known, frame, &offer)
}

#[test]
fn while_owed_only_traces_pass() {
    let mut region = Region::shared();
    let record = region.sign(20, &region.item(20));
    assert_eq!(offered(&region, &record, 0), Ok(()));
    region.remove(10, 11, RemoveReason::Lost);
    assert_eq!(offered(&region, &record, 0), Err(Code::EpochOld));
    let trace = region.sign(20, &region.trace(20));
    assert_eq!(offered(&region, &trace, 0), Ok(()));
    region.rotate(10);
    assert_eq!(offered(&region, &record, 0), Err(Code::EpochOld));
    let renewed = region.sign(20, &region.item(20));
    assert_eq!(offered(&region, &renewed, 0), Ok(()));
}

#[test]
fn items_that_saw_another_store_are_exempt() {
    let mut region = Region::shared();
    let item = Item { seen: Seen::at([1; 8], 5, [2; 32].into()), ..region.item(20) };
    let frame = region.sign(20, &item);
    region.rotate(10);
    assert_eq!(offered(&region, &frame, 0), Ok(()));
}

#[test]
fn a_removed_device_is_cut_off_before_any_epoch_cites_it() {
    let mut region = Region::shared();
    let frame = region.sign(21, &region.item(21));
    region.remove(20, 21, RemoveReason::Lost);
    assert_eq!(offered(&region, &frame, 0), Err(Code::Removed));
    assert!(region.space.check_late(&region.known, &frame, None).is_ok());
}

#[test]
fn citing_controls_cite_the_newest_heads() {
    let mut region = Region::shared();
    let old = region.control(10, region.epoch());
    region.change_team(1, 20, add_device(22, DeviceRole::Member));
    assert_eq!(offered(&region, &old, 0), Err(Code::Stale));
    let offer = Offer { store: &StoreId([7; 16]), now_ms: 0, reoffered: true };
    assert_eq!(admit(&region.space, &region.known, &old, &offer), Ok(()));
    let fresh = region.control(10, region.epoch());
    assert_eq!(offered(&region, &fresh, 0), Ok(()));
}

#[test]
fn break_glass_lasts_72_hours_at_most_and_expires_on_the_relays_clock() {
    let mut region = Region::shared();
    let long = region.control(20, region.break_glass(2, 73 * HOUR_MS));
    assert_eq!(offered(&region, &long, 0), Err(Code::BadExpiry));
    let past = region.control(20, region.break_glass(2, HOUR_MS));
    assert_eq!(offered(&region, &past, HOUR_MS), Err(Code::BadExpiry));
    assert_eq!(offered(&region, &past, 0), Ok(()));
    region.take(&past);
    let expired = RemoveMember { team: region.teams[2], reason: RemoveMemberReason::Expired };
    let frame = region.control(21, expired);
    assert_eq!(offered(&region, &frame, HOUR_MS - 1), Err(Code::BadExpiry));
    assert_eq!(offered(&region, &frame, HOUR_MS), Ok(()));
}

#[test]
fn a_suspended_facility_may_neither_write_nor_be_added() {
    let mut region = Region::shared();
    let item = region.sign(20, &region.item(20));
    let directory = region.known.directory.as_mut().unwrap();
    for index in [1, 2] {
        let team = directory.facilities[&region.teams[index]].team;
        let body = SuspendFacility { team, suspended: true };
        let frame = directory_control(directory, &[1001, 1002], body);
        let step = directory.check(&frame).unwrap();
        directory.apply(step);
    }
    assert_eq!(offered(&region, &item, 0), Err(Code::Suspended));
    let add = region.control(10, region.add_member(2, Role::Reader));
    assert_eq!(offered(&region, &add, 0), Err(Code::Suspended));
}

#[test]
fn a_space_begins_with_an_active_device_of_a_listed_team() {
    let mut region = Region::new();
    let genesis = space_genesis(region.state(0), 11, SpaceKind::Chart);
    assert_eq!(admit_genesis(&region.known, &genesis, false), Ok(()));
    region.remove(10, 11, RemoveReason::Retired);
    assert_eq!(admit_genesis(&region.known, &genesis, false), Err(Code::Removed));
    let unlisted = team(90);
    let genesis = space_genesis(&unlisted, 90, SpaceKind::Notebook);
    region.known.teams.insert(unlisted.id(), unlisted);
    assert_eq!(admit_genesis(&region.known, &genesis, false), Err(Code::NotListed));
}

/// Of a chart that a lost store held there is no other beginning.
#[test]
fn a_space_that_begins_again_in_a_new_store_asks_only_whether_its_team_is_listed() {
    let mut region = Region::new();
    let genesis = space_genesis(region.state(0), 11, SpaceKind::Chart);
    region.remove(10, 11, RemoveReason::Lost);
    let directory = region.known.directory.as_mut().unwrap();
    let team_id = directory.facilities[&region.teams[0]].team;
    let frame = directory_control(directory, &[1001, 1002], SuspendFacility { team: team_id, suspended: true });
    let step = directory.check(&frame).unwrap();
    directory.apply(step);
    assert_eq!(admit_genesis(&region.known, &genesis, true), Ok(()));
    assert_eq!(admit_genesis(&region.known, &genesis, false), Err(Code::Suspended));
    let unlisted = team(90);
    let genesis = space_genesis(&unlisted, 90, SpaceKind::Chart);
    region.known.teams.insert(unlisted.id(), unlisted);
    assert_eq!(admit_genesis(&region.known, &genesis, true), Err(Code::NotListed));
}
