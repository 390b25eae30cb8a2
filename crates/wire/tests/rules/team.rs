use crate::world::*;
use meguri_wire::control::*;
use meguri_wire::feed::{Stop, TeamState, WaitFor};
use meguri_wire::ids::key_id;
use meguri_wire::sign::Signer;
use meguri_wire::{Code, Control, Hash};

fn refused(state: &TeamState, author: u64, body: impl Into<Body>) -> Code {
    code(state.check(&team_control(state, author, body)))
}

fn two_devices() -> TeamState {
    let mut state = team(10);
    let add = team_control(&state, 10, add_device(11, DeviceRole::Member));
    grow(&mut state, &add);
    state
}

fn kit(n: u64) -> Kit {
    Kit { signing_key: signer(n).public_key(), kem_key_hash: Hash::of(b"kit"), envelope: Hash::of(b"kit envelope") }
}

#[test]
fn a_genesis_is_signed_by_the_device_it_names() {
    let frame = team_genesis(10);
    let control = frame.control().unwrap().clone();
    let forged = control.sign(&signer(99)).unwrap();
    assert_eq!(code(TeamState::begin(&forged)), Code::BadSignature);
    let Body::Team(TeamBody::Genesis(body)) = control.body else { panic!("a team genesis") };
    let with = |generation| {
        Control { feed: None, cseq: 1, prev_hash: None, body: TeamGenesis { generation, ..body.clone() }.into() }
            .sign(&signer(10))
            .unwrap()
    };
    let me = key_id(&signer(10).public_key()).0;
    let second = TeamState::begin(&with(generation(2, [me])));
    assert_eq!(code(second), Code::BadNumber);
    let nobody = TeamState::begin(&with(generation(1, [])));
    assert_eq!(code(nobody), Code::BadRecipients);
}

#[test]
fn the_chain_is_linear() {
    let mut state = team(10);
    let first = team_control(&state, 10, add_device(11, DeviceRole::Member));
    let other = team_control(&state, 10, add_device(12, DeviceRole::Member));
    grow(&mut state, &first);
    assert_eq!(code(state.check(&other)), Code::Stale);
    assert_eq!(code(state.check(&first)), Code::AlreadySo);
    let mut hashes = state.hashes.clone();
    hashes.push(other.id);
    let later = next(state.id(), &hashes, kit(60).into());
    let later = later.sign(&as_device(&state, 10)).unwrap();
    assert_eq!(state.check(&later), Err(Stop::Waiting(WaitFor::Before)));
    let hashes = [first.id, other.id];
    let fork = next(state.id(), &hashes, kit(60).into());
    let fork = fork.sign(&as_device(&state, 10)).unwrap();
    assert_eq!(code(state.check(&fork)), Code::BadPrevious);
}

#[test]
fn only_an_admin_device_signs() {
    let state = two_devices();
    let body = || add_device(12, DeviceRole::Member);
    assert!(state.check(&team_control(&state, 10, body())).is_ok());
    assert_eq!(refused(&state, 11, body()), Code::RoleTooLow);
    assert_eq!(refused(&state, 77, body()), Code::UnknownAuthor);
    let forged = next(state.id(), &state.hashes, body().into());
    let forged = forged.sign(&signer(77).as_device(device_of(&state, 10)));
    assert_eq!(code(state.check(&forged.unwrap())), Code::BadSignature);
}

#[test]
fn a_removed_id_is_never_added_again() {
    let mut state = two_devices();
    let again = add_device(11, DeviceRole::Member);
    assert_eq!(refused(&state, 10, again.clone()), Code::AlreadySo);
    let remove = remove_device(&state, 11, RemoveReason::Retired);
    let frame = team_control(&state, 10, remove.clone());
    grow(&mut state, &frame);
    assert_eq!(refused(&state, 10, again), Code::RemovedForEver);
    assert_eq!(refused(&state, 11, kit(60)), Code::Removed);
    assert_eq!(refused(&state, 10, remove), Code::AlreadySo);
}

#[test]
fn a_removal_carries_the_next_generation_for_exactly_who_stays() {
    let state = two_devices();
    let good = remove_device(&state, 11, RemoveReason::Lost);
    assert!(state.check(&team_control(&state, 10, good.clone())).is_ok());
    let mut wrong = good.clone();
    wrong.generation.gen_no = 3;
    assert_eq!(refused(&state, 10, wrong), Code::BadNumber);
    let mut ghost = good.clone();
    ghost.generation = generation(2, state.recipients());
    assert_eq!(refused(&state, 10, ghost), Code::BadRecipients);
    let mut short = good;
    short.generation.public_key.pop();
    assert_eq!(refused(&state, 10, short), Code::BadBytes);
}

#[test]
fn a_team_keeps_an_admin() {
    let mut state = two_devices();
    let alone = remove_device(&state, 10, RemoveReason::Retired);
    assert_eq!(refused(&state, 10, alone), Code::NoAdmin);
    let add = team_control(&state, 10, add_device(12, DeviceRole::Admin));
    grow(&mut state, &add);
    let leave = remove_device(&state, 10, RemoveReason::Retired);
    assert!(state.check(&team_control(&state, 10, leave)).is_ok());
}

#[test]
fn a_person_leaves_with_all_devices() {
    let mut state = two_devices();
    let person = |n| AddStaff { staff: staff(n), name: b"sealed".to_vec() };
    assert_eq!(refused(&state, 10, person(1)), Code::AlreadySo);
    let frame = team_control(&state, 10, person(2));
    grow(&mut state, &frame);
    for n in [12, 13] {
        let device = AddDevice { staff: staff(2), ..add_device(n, DeviceRole::Member) };
        let frame = team_control(&state, 10, device);
        grow(&mut state, &frame);
    }
    let mut stay = state.recipients();
    stay.remove(&device_of(&state, 12).0);
    stay.remove(&device_of(&state, 13).0);
    let remove = RemoveStaff { staff: staff(2), reason: RemoveReason::Retired, generation: generation(2, stay) };
    let frame = team_control(&state, 10, remove);
    grow(&mut state, &frame);
    assert_eq!(state.active.len(), 2);
    let back = AddDevice { staff: staff(2), ..add_device(14, DeviceRole::Member) };
    assert_eq!(refused(&state, 10, back), Code::RemovedForEver);
    assert_eq!(refused(&state, 10, person(2)), Code::RemovedForEver);
}

#[test]
fn the_kit_writes_one_admin_and_is_spent() {
    let mut state = two_devices();
    let frame = team_control(&state, 10, kit(60));
    grow(&mut state, &frame);
    assert!(state.recipients().contains(&signer(60).kid()));
    let by_kit = |state: &TeamState, body: Body| next(state.id(), &state.hashes, body).sign(&signer(60)).unwrap();
    let member = by_kit(&state, add_device(12, DeviceRole::Member).into());
    assert_eq!(code(state.check(&member)), Code::RoleTooLow);
    let remove = remove_device(&state, 11, RemoveReason::Lost);
    let remove = by_kit(&state, remove.into());
    assert_eq!(code(state.check(&remove)), Code::KitSpent);
    let admin = by_kit(&state, add_device(12, DeviceRole::Admin).into());
    grow(&mut state, &admin);
    let second = by_kit(&state, add_device(13, DeviceRole::Admin).into());
    assert_eq!(code(state.check(&second)), Code::KitSpent);
    assert!(!state.recipients().contains(&signer(60).kid()));
    let lost = remove_device(&state, 10, RemoveReason::Lost);
    assert!(state.check(&team_control(&state, 12, lost)).is_ok());
}

#[test]
fn unknown_kinds_are_critical_below_64() {
    let state = two_devices();
    let unknown = |kind| Body::Unknown { kind, raw: vec![0x80] };
    assert_eq!(refused(&state, 10, unknown(31)), Code::VersionTooOld);
    assert!(state.check(&team_control(&state, 11, unknown(64))).is_ok());
}

#[test]
fn generations_are_found_by_position() {
    let mut state = two_devices();
    let remove = remove_device(&state, 11, RemoveReason::Compromised);
    let frame = team_control(&state, 10, remove);
    grow(&mut state, &frame);
    assert_eq!(state.generation_at(2).unwrap().0, 1);
    assert_eq!(state.generation_at(3).unwrap().0, 2);
    assert!(state.removed_between(2, 3));
    assert!(!state.removed_between(3, 3));
    assert!(!state.removed_between(1, 2));
    assert_eq!(refused(&state, 11, kit(60)), Code::Compromised);
    let first = key_id(&signer(10).public_key()).0;
    assert_eq!(state.recipient_device(&first), Some(device_of(&state, 10)));
}
