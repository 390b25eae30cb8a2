//! Prints how long the parts take; asserts nothing of it.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that is printed")]

mod support;

use std::time::Instant;

use meguri_seal::{
    ChangeRecord, EpochKey, EpochOpening, EpochRecipient, Generation, Plain, Secret, Unsealed, open_blob, open_item,
    seal_blob, seal_item,
};
use meguri_wire::{DeviceId, DocId, FeedId, Seen};
use support::Seeded;

const FEED: FeedId = FeedId([1; 16]);
const DEVICE: DeviceId = DeviceId([2; 16]);

fn per_round_us(rounds: u32, mut work: impl FnMut()) -> f64 {
    let begun = Instant::now();
    for _ in 0..rounds {
        work();
    }
    begun.elapsed().as_secs_f64() * 1e6 / f64::from(rounds)
}

#[test]
fn print_timings() {
    let mut rng = Seeded::new("speed");
    let key = EpochKey::make(1, &mut rng);
    let record = |n: u8| ChangeRecord {
        written_at_ms: 0,
        zone_min: 540,
        clock_offset_ms: 0,
        change: [&Secret::make(&mut Seeded::new(&n.to_string())).bytes()[..], &[b'v'; 150]].concat(),
    };
    let records: Vec<_> = (0..100).map(record).collect();
    let fields = Unsealed {
        feed: FEED,
        class: 0,
        doc: Some(DocId([3; 16])),
        dseq: 1,
        prev_item_hash: None,
        seen: Seen::nothing(),
        blob_ids: vec![],
    };
    let seal = || seal_item(&key, &DEVICE, fields.clone(), &Plain::changes(&records).unwrap(), [4; 32]).unwrap();
    let item = seal();
    let sealing = per_round_us(500, || drop(seal()));
    let opening = per_round_us(500, || drop(open_item(&key, &DEVICE, &item).unwrap().to_changes().unwrap()));
    println!("item of 100 changes: seal {sealing:.0} µs, open {opening:.0} µs, {} bytes", item.ciphertext.len());

    let team = Generation::make_first(&mut rng);
    let public_key = team.public_key().unwrap();
    let to = EpochRecipient { feed: &FEED, team: &FEED, gen_no: 1, public_key: &public_key, author: &DEVICE };
    let envelope = key.seal_envelope(&to, &mut rng).unwrap();
    let kcv = key.kcv().unwrap();
    let opened = EpochOpening { feed: &FEED, n: 1, kcv: &kcv, team: &FEED, author: &DEVICE };
    let sealing = per_round_us(100, || drop(key.seal_envelope(&to, &mut rng).unwrap()));
    let opening = per_round_us(100, || drop(EpochKey::open_envelope(&team, &opened, &envelope).unwrap()));
    println!("envelope: seal {sealing:.0} µs, open {opening:.0} µs, {} bytes", envelope.len());

    let content = vec![0x5a; 16 << 20];
    let (id, sealed) = seal_blob(&Secret::new([5; 32]), &content).unwrap();
    let sealing = per_round_us(3, || drop(seal_blob(&Secret::new([5; 32]), &content).unwrap()));
    let opening = per_round_us(3, || drop(open_blob(&Secret::new([5; 32]), &id, &sealed).unwrap()));
    let mb_per_s = |us: f64| 16.0 * 1.048_576 / (us / 1e6);
    println!("blob of 16 MiB: seal {:.0} MB/s, open {:.0} MB/s", mb_per_s(sealing), mb_per_s(opening));

    let cost = meguri_seal::KdfCost::STANDARD;
    let mut slots = meguri_seal::KeySlots::default();
    let kdf = per_round_us(1, || {
        let kind = meguri_seal::SlotKind::Passphrase;
        slots.put(kind, &Secret::new([6; 32]), "speed", None, cost, &mut Seeded::new("kdf")).unwrap();
    });
    println!("passphrase: {:.0} ms", kdf / 1e3);
}
