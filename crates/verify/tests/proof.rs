//! What holds is proven; what was changed is named.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests fail loudly")]

mod region;

use meguri_chart::{DocName, ParkReason};
use meguri_seal::export::{ChartExport, FeedCopy, SetAside};
use meguri_seal::item::Plain;
use meguri_seal::{EpochKey, Secret};
use meguri_verify::{Broken, FeedKind, Mark, Options, Reason, Report, What, prove};
use meguri_wire::control::{AddStaff, Repudiate, Role};
use meguri_wire::sign::{Ed25519Signer, Signer};
use meguri_wire::{Code, Frame, FrameId, Item, StaffId};
use region::{BEGIN_MS, LOG, Region, renumber};

fn proof(export: &ChartExport) -> Report {
    prove(export, &Options { cores: 2, open: true, directory: None })
}

fn first(export: &ChartExport) -> Broken {
    let report = proof(export);
    assert!(!report.is_proven());
    report.broken.into_iter().next().unwrap()
}

#[test]
fn an_untouched_export_is_proven_and_says_who_wrote_what() {
    let region = Region::with_items(1);
    let export = region.export();
    let report = proof(&export);
    assert_eq!(report.broken, []);
    assert!(report.is_proven() && report.set_aside.is_empty());
    let summary = &report.summary;
    assert_eq!((summary.entries, summary.people), (9, 4));
    assert_eq!(summary.frames, [5, 3, 3, 16].iter().sum::<u64>());
    assert_eq!((summary.positions, summary.witnessed), (16, 15));
    assert_eq!(summary.first_ms, Some(BEGIN_MS));
    let entry = report.lines.iter().find(|line| matches!(line.what, What::Entry { .. })).unwrap();
    let author = entry.author.as_ref().unwrap();
    assert_eq!((author.device, author.staff), (region.pens[0].device, region.pens[0].staff));
    assert_eq!((author.name.as_str(), author.facility.as_str()), ("試験 花子", "ひばり訪問看護"));
    let What::Entry { written, kind, body, .. } = &entry.what else { panic!("an entry") };
    assert_eq!((written.zone_min, written.clock_offset_ms, kind.as_str()), (540, 12, "note"));
    let shown = meguri_verify::body_as_json(body);
    assert_eq!((&shown["0"][0], &shown["1"]), (&"訴え".into(), &540.into()));
    assert!(entry.to_text(true).contains("+09:00") && !entry.to_text(false).contains("訴え"));
    let words: Vec<String> = report.lines.iter().map(|line| line.to_text(false)).collect();
    assert!(words.iter().any(|line| line.contains("adds team") && line.contains("\"みなと薬局\" as writer")));
    assert!(words.iter().any(|line| line.contains("adds device")));
}

#[test]
fn without_opening_nothing_is_called_proven() {
    let report = prove(&Region::with_items(2).export(), &Options { cores: 3, open: false, directory: None });
    assert!(report.broken.is_empty() && !report.is_proven());
}

#[test]
fn it_is_the_region_asked_for() {
    let export = Region::with_items(3).export();
    let of = |directory| prove(&export, &Options { cores: 1, open: true, directory: Some(directory) });
    assert!(of(export.directory.as_ref().unwrap().feed).is_proven());
    assert_eq!(of(export.space).broken[0].reason, Reason::OtherDirectory);
}

/// Some bytes of every frame of a feed, and every byte of one item and one control of the chart.
#[test]
fn one_flipped_byte_names_its_frame() {
    let export = Region::with_items(4).export();
    type Pick = fn(&mut ChartExport) -> &mut FeedCopy;
    let feeds: [(FeedKind, Pick); 3] = [
        (FeedKind::Directory, |export| export.directory.as_mut().unwrap()),
        (FeedKind::Team, |export| &mut export.teams[1]),
        (FeedKind::Chart, |export| &mut export.chart),
    ];
    for (kind, pick) in feeds {
        let count = pick(&mut export.clone()).records.len();
        for index in 0..count {
            let length = pick(&mut export.clone()).records[index].frame.len();
            let whole = kind == FeedKind::Chart && (index == 2 || index == 5);
            for at in (0..length).step_by(if whole { 1 } else { 61 }) {
                let mut other = export.clone();
                let copy = pick(&mut other);
                copy.records[index].frame[at] ^= 1 << (at % 8);
                renumber(copy);
                let (feed, id) = (copy.feed, FrameId::of(&copy.records[index].frame));
                let broken = first(&other);
                assert_eq!((broken.place.kind, broken.place.feed), (kind, feed), "frame {index}, byte {at}");
                assert_eq!((broken.place.ssn, broken.place.frame), (index as u64 + 1, Some(id)), "byte {at}");
                assert_eq!(broken.unproven, (count - index) as u64);
            }
        }
    }
}

#[test]
fn a_frame_taken_out_leaves_a_hole_that_is_named() {
    let export = Region::with_items(5).export();
    for index in 0..export.chart.records.len() {
        let mut other = export.clone();
        other.chart.records.remove(index);
        let broken = first(&other);
        assert_eq!((broken.place.ssn, broken.place.frame), (index as u64 + 1, None));
        assert_eq!(broken.reason, Reason::PositionMissing);
    }
    for (index, team) in export.teams.iter().enumerate() {
        for at in 0..team.records.len() {
            let mut other = export.clone();
            other.teams[index].records.remove(at);
            assert_eq!((first(&other).place.feed, first(&other).place.ssn), (team.feed, at as u64 + 1));
        }
    }
}

/// Whoever takes a frame out also closes the hole, and says so at the end. The first to miss it is named, or what
/// follows from the items is not what the file says.
#[test]
fn a_hole_that_was_closed_is_found_by_who_stands_behind_it() {
    let export = Region::with_items(6).export();
    let last = export.chart.records.len() - 1;
    for index in 0..=last {
        let mut other = export.clone();
        other.chart.records.remove(index);
        renumber(&mut other.chart);
        let broken = first(&other);
        if index == last {
            assert_eq!(broken.reason, Reason::HeadsDiffer);
            continue;
        }
        let (from, until) = (broken.place.ssn, broken.until.unwrap_or(broken.place.ssn));
        let taken = index as u64 + 1;
        assert!(from <= taken || broken.reason != Reason::OtherOrder, "{taken}: {broken:?}");
        assert!(until >= taken || taken > last as u64, "{taken}: {broken:?}");
    }
}

#[test]
fn the_relays_head_finds_what_was_cut_off() {
    let mut region = Region::with_items(7);
    let cut = region.export();
    region.pull(0);
    region.write(0, 1);
    let whole = ChartExport { head: Some(region.signed_head()), ..region.export() };
    let report = proof(&whole);
    assert!(report.is_proven());
    assert_eq!(report.summary.witnessed, report.summary.positions);
    let cut = ChartExport { head: whole.head.clone(), ..cut };
    assert_eq!(first(&cut).reason, Reason::OtherOrder);
    let mut forged = whole;
    *forged.head.as_mut().unwrap().last_mut().unwrap() ^= 1;
    assert_eq!(first(&forged).reason, Reason::BadHead);
}

#[test]
fn a_foreign_frame_slipped_in_is_named() {
    let region = Region::with_items(8);
    let export = region.export();
    let stranger = Ed25519Signer::own_id(&[9; 32]).unwrap();
    let item = export.chart.records.iter().find_map(|r| Frame::decode(&r.frame).unwrap().item().cloned()).unwrap();
    let of_third = Item { dseq: 1, prev_item_hash: None, ..item.clone() };
    let frames = [
        // A key nobody knows; a known name with another key; a facility that is no member; a member's number twice.
        of_third.sign(&stranger).unwrap(),
        of_third.sign(&Ed25519Signer::own_id(&[8; 32]).unwrap().as_device(region.pens[3].device)).unwrap(),
        of_third.sign(&region.pens[4].signer).unwrap(),
        Item { salt: [1; 32], ..item }.sign(&region.pens[0].signer).unwrap(),
    ];
    for frame in frames {
        for at in [4, 9, export.chart.records.len()] {
            let mut other = export.clone();
            let copy = &mut other.chart;
            let record = meguri_seal::export::FrameCopy {
                ssn: 0,
                received_ms: copy.records[at - 1].received_ms,
                frame: frame.raw.clone(),
            };
            copy.records.insert(at, record);
            renumber(copy);
            let broken = first(&other);
            assert_eq!((broken.place.ssn, broken.place.frame), (at as u64 + 1, Some(frame.id)), "{broken:?}");
        }
    }
}

#[test]
fn two_frames_in_each_others_place_are_found() {
    let export = Region::with_items(9).export();
    let count = export.chart.records.len();
    for index in 0..count - 1 {
        let mut other = export.clone();
        other.chart.records.swap(index, index + 1);
        assert_eq!(first(&other).place.ssn, index as u64 + 1);
        // With numbers and times in order again, and the end recomputed.
        let mut other = export.clone();
        let (a, b) = (other.chart.records[index].frame.clone(), other.chart.records[index + 1].frame.clone());
        (other.chart.records[index].frame, other.chart.records[index + 1].frame) = (b, a);
        renumber(&mut other.chart);
        let broken = first(&other);
        let until = broken.until.unwrap_or(broken.place.ssn);
        assert!(broken.place.ssn <= index as u64 + 2 && until > index as u64, "{index}: {broken:?}");
    }
}

#[test]
fn another_time_of_arrival_is_found_as_far_as_somebody_saw_it() {
    let mut export = Region::with_items(10).export();
    export.chart.records[5].received_ms += 1;
    renumber(&mut export.chart);
    let broken = first(&export);
    assert_eq!(broken.reason, Reason::OtherOrder);
    assert!(broken.place.ssn <= 6 && broken.until.unwrap() >= 6);
    export.chart.records[5].received_ms = 0;
    renumber(&mut export.chart);
    assert_eq!((first(&export).reason, first(&export).place.ssn), (Reason::TimeGoesBack, 6));
}

#[test]
fn a_wrong_key_is_named_by_its_epoch_and_a_missing_one_by_its_item() {
    let region = Region::with_items(11);
    let mut export = region.export();
    export.keys[1] = EpochKey::from_parts(2, Secret::new([1; 32]));
    let epochs: Vec<u64> = region
        .chart
        .copy
        .records
        .iter()
        .filter(|r| Frame::decode(&r.frame).unwrap().control().is_some_and(|c| c.body.kind() == 36))
        .map(|r| r.ssn)
        .collect();
    let broken = first(&export);
    assert_eq!((broken.reason, broken.place.ssn), (Reason::WrongKey, epochs[1]));
    export.keys.pop();
    let broken = first(&export);
    assert_eq!((broken.reason, broken.place.ssn), (Reason::NoKey, epochs[1] + 1));
    assert!(matches!(broken.place.mark, Mark::Item(..)));
}

#[test]
fn documents_that_do_not_follow_are_named() {
    let mut export = Region::with_items(12).export();
    let doc = export.documents[0].doc;
    export.documents[0].heads[0][0] ^= 1;
    let broken = first(&export);
    assert_eq!((broken.reason, broken.place.mark), (Reason::HeadsDiffer, Mark::Document(doc)));
    export.documents.remove(0);
    assert_eq!(first(&export).place.mark, Mark::Document(doc));
}

/// Names on cards are said by the exporting device: another one changes nothing that is proven, and the ids stay.
#[test]
fn a_forged_name_is_only_a_name() {
    let mut export = Region::with_items(13).export();
    export.names[0].1 = "別人".to_owned();
    let report = proof(&export);
    assert!(report.is_proven());
    assert!(report.summary_text().contains("said, not proved"));
}

#[test]
fn what_stays_out_on_every_device_may_be_set_aside_and_what_is_missing_may_not() {
    let mut region = Region::with_items(14);
    // A change that is none, sealed and signed by a member.
    region.pull(2);
    let record = region.record(b"no change".to_vec());
    let frame = region.sealed(2, LOG, &Plain::changes(&[record]).unwrap());
    region.take(&frame);
    let ssn = region.chart.copy.ssn;
    region.pull(0);
    region.write(0, 1);
    let mut export = region.export();
    let broken = first(&export);
    assert_eq!((broken.place.ssn, broken.reason), (ssn, Reason::Change(ParkReason::BadBytes)));
    export.chart.set_aside.push(SetAside { ssn, reason: "change_bad_bytes".into() });
    let report = proof(&export);
    assert!(report.is_proven(), "{:?}", report.broken);
    assert_eq!(report.set_aside[0].place.ssn, ssn);
    assert!(matches!(report.set_aside[0].place.mark, Mark::Item(device, _) if device == region.pens[2].device));
    // What is valid is not set aside, nor is what stands on a frame that was taken out.
    let mut other = export.clone();
    other.chart.set_aside.insert(0, SetAside { ssn: ssn - 1, reason: String::new() });
    assert_eq!((first(&other).place.ssn, first(&other).reason), (ssn - 1, Reason::NotToBeSetAside));
    let mut other = export;
    let at = other.chart.records.iter().position(|r| Frame::decode(&r.frame).unwrap().item().is_some()).unwrap();
    other.chart.records.remove(at);
    renumber(&mut other.chart);
    let is_item = |raw: &[u8]| Frame::decode(raw).unwrap().item().is_some();
    let items = other.chart.records.iter().filter(|record| is_item(&record.frame));
    other.chart.set_aside = items.map(|record| SetAside { ssn: record.ssn, reason: String::new() }).collect();
    assert!(!proof(&other).is_proven());
}

#[test]
fn several_changes_of_one_item_and_struck_ones_are_told() {
    let mut region = Region::new(15);
    region.pull(1);
    region.write(1, 3);
    let device = region.pens[1].device;
    region.control(0, Repudiate { device, from: 1, upto: 1 });
    let report = proof(&region.export());
    assert!(report.is_proven(), "{:?}", report.broken);
    let struck = report.lines.iter().filter(|line| matches!(line.what, What::Entry { struck: true, .. })).count();
    assert_eq!(struck, 3);
    assert!(report.lines.last().unwrap().to_text(false).contains("strikes through items 1 to 1 of device"));
}

#[test]
fn who_may_not_write_is_refused_at_the_very_position() {
    let mut region = Region::with_items(16);
    region.add_member(0, 4, Role::Reader);
    let ssn = region.chart.copy.ssn;
    let frame = region.sealed(4, DocName::Core, &Plain::changes(&[]).unwrap());
    region.push(&frame);
    let mut export = region.export();
    export.teams.push(region.teams[2].copy.clone());
    let broken = first(&export);
    assert_eq!((broken.place.ssn, broken.reason), (ssn + 1, Reason::Rule(Code::RoleTooLow)));
    // Without the newcomer's team the control that adds it cannot be judged.
    export.teams.pop();
    assert_eq!((first(&export).place.ssn, first(&export).reason), (ssn, Reason::Missing(Code::BadHeads)));
}

#[test]
fn a_team_that_does_not_hold_breaks_what_cites_it() {
    let region = Region::with_items(17);
    let mut export = region.export();
    let team = &mut export.teams[0];
    let stranger = Ed25519Signer::own_id(&[5; 32]).unwrap();
    let last = Frame::decode(&team.records[1].frame).unwrap();
    let mut control = last.control().unwrap().clone();
    control.body = AddStaff { staff: StaffId([1; 16]), name: Vec::new() }.into();
    let forged = control.sign(&stranger.as_device(region.pens[0].device)).unwrap();
    assert_ne!(stranger_key(), region.pens[0].signer.public_key());
    team.records[1].frame = forged.raw;
    renumber(team);
    let report = proof(&export);
    assert_eq!(report.broken[0].place.feed, region.teams[0].copy.feed);
    assert_eq!((report.broken[0].place.ssn, report.broken[0].reason), (2, Reason::Rule(Code::BadSignature)));
    assert_eq!(report.broken[1].place.kind, FeedKind::Chart);
    assert_eq!(report.broken[1].place.ssn, 1);
    assert!(report.lines.iter().all(|line| line.kind != FeedKind::Chart));
}

fn stranger_key() -> [u8; 32] {
    Ed25519Signer::own_id(&[5; 32]).unwrap().public_key()
}

#[test]
fn no_file_however_empty_makes_it_fall() {
    let export = Region::new(18).export();
    let none = FeedCopy { records: Vec::new(), ssn: 0, ..export.chart.clone() };
    let mut empty = ChartExport { chart: none, directory: None, teams: Vec::new(), ..export };
    assert_eq!(first(&empty).reason, Reason::FeedMissing);
    empty.space = [0; 16].into();
    assert_eq!(first(&empty).reason, Reason::FeedMissing);
}
