use crate::world::*;
use meguri_wire::Code;
use meguri_wire::control::*;
use meguri_wire::feed::{DirectoryState, TeamState};
use meguri_wire::sign::Signer;

fn state() -> DirectoryState {
    DirectoryState::begin(&directory_genesis()).unwrap()
}

fn notice() -> Notice {
    Notice { text: "停電のお知らせ".to_owned() }
}

#[test]
fn a_control_needs_the_threshold_of_roots() {
    let state = state();
    let two = directory_control(&state, &[1003, 1001], notice());
    assert!(state.check(&two).is_ok());
    let one = directory_control(&state, &[1001], notice());
    assert_eq!(code(state.check(&one)), Code::BelowThreshold);
    let stranger = directory_control(&state, &[1001, 5], notice());
    assert_eq!(code(state.check(&stranger)), Code::BelowThreshold);
}

#[test]
fn a_root_change_is_signed_by_the_roots_before() {
    let mut state = state();
    let change = || RootChange { threshold: 1, roots: vec![signer(1009).public_key()] };
    let by_new = directory_control(&state, &[1009], change());
    assert_eq!(code(state.check(&by_new)), Code::BelowThreshold);
    let by_old = directory_control(&state, &[1001, 1002], change());
    state.apply(state.check(&by_old).unwrap());
    let after = directory_control(&state, &[1009], notice());
    assert!(state.check(&after).is_ok());
    let none = RootChange { threshold: 2, roots: vec![signer(1009).public_key()] };
    let none = directory_control(&state, &[1009], none);
    assert_eq!(code(state.check(&none)), Code::BelowThreshold);
}

#[test]
fn facilities_are_listed_suspended_and_lifted() {
    let mut state = state();
    let team = team(10);
    let suspend = |suspended| SuspendFacility { team: team.genesis(), suspended };
    let early = directory_control(&state, &[1001, 1002], suspend(true));
    assert_eq!(code(state.check(&early)), Code::UnknownTarget);
    let add = AddFacility {
        name: "さくら薬局".to_owned(),
        code: "0612345".to_owned(),
        facility_type: FacilityType::Pharmacy,
        team: team.genesis(),
    };
    let add = directory_control(&state, &[1001, 1002], add);
    state.apply(state.check(&add).unwrap());
    let suspended = directory_control(&state, &[1001, 1002], suspend(true));
    state.apply(state.check(&suspended).unwrap());
    assert!(state.facilities[&team.id()].suspended);
    let again = directory_control(&state, &[1001, 1002], suspend(true));
    assert_eq!(code(state.check(&again)), Code::AlreadySo);
}

#[test]
fn a_control_of_another_feed_is_refused() {
    let state = state();
    let foreign = team_genesis(10);
    assert_eq!(code(state.check(&foreign)), Code::WrongFeed);
    assert_eq!(code(TeamState::begin(&directory_genesis())), Code::WrongFeed);
}
