use std::time::Instant;

use crate::world::*;
use meguri_wire::control::*;
use meguri_wire::limits::{CONTROL_BYTES_MAX, TEAM_DEVICES_MAX};
use meguri_wire::{Code, Frame};

/// The budget is one second on a quiet machine with optimised crypto; the test
/// allows ten, so that it fails on a quadratic rule and not on a busy runner.
#[test]
fn ten_thousand_controls_are_checked_in_about_a_second() {
    let mut region = Region::shared();
    let mut scratch = region.space.clone();
    let mut frames: Vec<Frame> = Vec::new();
    let me = as_device(region.team_of(10), 10);
    for n in 0..10_000u64 {
        let role = if n % 2 == 0 { Role::Reader } else { Role::Writer };
        let team = region.teams[1];
        let body = SetRole { team, role }.into();
        let frame = next(scratch.id(), &scratch.hashes, body).sign(&me).unwrap();
        scratch.hashes.push(frame.id);
        frames.push(frame);
    }
    let start = Instant::now();
    for frame in &frames {
        let frame = Frame::decode(&frame.raw).unwrap();
        let step = region.space.check(&region.known, &frame).unwrap();
        region.space.apply(step);
    }
    let took_ms = start.elapsed().as_millis();
    println!("10,000 controls: {took_ms} ms");
    assert!(took_ms < 10_000, "{took_ms} ms");
}

/// An item costs the same after 5,000 others as at the beginning: the state does
/// not grow with items.
#[test]
fn the_state_does_not_grow_with_items() {
    let mut region = Region::keyed();
    region.write(10);
    let size = |region: &Region| meguri_wire::cbor::Cbor::to_bytes(&region.space).len();
    let before = size(&region);
    for _ in 0..2_000 {
        region.write(10);
    }
    assert!(size(&region) <= before + 8);
}

#[test]
fn a_team_of_500_devices_fits_and_501_do_not() {
    let mut state = team(10);
    for n in 1..TEAM_DEVICES_MAX as u64 {
        let frame = team_control(&state, 10, add_device(10_000 + n, DeviceRole::Member));
        grow(&mut state, &frame);
    }
    let more = team_control(&state, 10, add_device(9, DeviceRole::Member));
    assert_eq!(code(state.check(&more)), Code::TooLarge);
    let remove = remove_device(&state, 10_001, RemoveReason::Retired);
    let frame = team_control(&state, 10, remove);
    assert!(frame.raw.len() < CONTROL_BYTES_MAX, "{}", frame.raw.len());
    grow(&mut state, &frame);
}
