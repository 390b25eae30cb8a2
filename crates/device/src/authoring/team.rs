//! Controls of a team: its genesis, its people and devices, and its generations.

use super::{Signed, Tip, bug, random};
use meguri_commands::{Code, Failure};
use meguri_seal::{DevicePublic, DeviceSecrets, Generation};
use meguri_wire::control::{
    AddDevice, AddStaff, Body, DeviceKeys, DeviceRole, Envelope, Generation as GenerationBody, RemoveDevice,
    RemoveReason, RemoveStaff, TeamGenesis, TeamKind,
};
use meguri_wire::feed::TeamState;
use meguri_wire::sign::{Ed25519Signer, Signer};
use meguri_wire::{Attachment, Control, DeviceId, Hash, StaffId};
use rand_core::CryptoRng;
use std::collections::BTreeMap;

/// The genesis of a team with its first person, device and generation.
///
/// # Errors
/// `bug` when the keys cannot be used.
pub fn team_genesis(
    kind: TeamKind,
    staff: StaffId,
    name: &str,
    secrets: &DeviceSecrets,
    generation: &Generation,
    rng: &mut dyn CryptoRng,
) -> Result<Signed, Failure> {
    let public = secrets.public().map_err(bug)?;
    let recipient = public.key_id().0;
    let envelope = generation.seal_envelope(None, recipient, &public.kem_key, recipient, rng).map_err(bug)?;
    let keys: DeviceKeys = public.keys();
    let body = TeamGenesis {
        nonce: random(rng),
        team_kind: kind,
        staff,
        name: generation.seal_name(&staff, name, random(rng)).map_err(bug)?,
        keys,
        generation: GenerationBody {
            gen_no: generation.gen_no,
            public_key: generation.public_key().map_err(bug)?,
            previous: Vec::new(),
            envelopes: vec![Envelope { recipient, hash: Hash::of(&envelope) }],
        },
    };
    let control = Control { feed: None, cseq: 1, prev_hash: None, body: body.into() };
    let frame = control.sign(&secrets.genesis_signer().map_err(bug)?).map_err(bug)?;
    let attachments =
        vec![Attachment { recipient, bytes: envelope }, Attachment { recipient, bytes: public.kem_key.clone() }];
    Ok(Signed { frame, attachments })
}

/// A device to be added, with its person's name if the person is new.
#[derive(Debug)]
pub struct Newcomer<'a> {
    /// Whose it is.
    pub staff: StaffId,
    /// The name of a person who is not in the team yet.
    pub name: Option<&'a str>,
    /// What the device may do.
    pub role: DeviceRole,
    /// The device's keys.
    pub keys: &'a DevicePublic,
}

/// `AddStaff`, if the person is new, and `AddDevice` with the current seed sealed to it.
///
/// # Errors
/// `bug` when the keys cannot be used.
pub fn add_device(
    team: &TeamState,
    generation: &Generation,
    signer: &Ed25519Signer,
    newcomer: &Newcomer<'_>,
    rng: &mut dyn CryptoRng,
) -> Result<Vec<Signed>, Failure> {
    let Newcomer { staff, name, role, keys } = *newcomer;
    let mut tip = Tip { cseq: team.tip(), hash: *team.hash_at(team.tip()).ok_or(Code::Bug)? };
    let mut sign = |body: Body| {
        let control = Control { feed: Some(team.id()), cseq: tip.cseq + 1, prev_hash: Some(tip.hash), body };
        let frame = control.sign(signer).map_err(bug)?;
        tip = Tip { cseq: tip.cseq + 1, hash: frame.id };
        Ok::<_, Failure>(frame)
    };
    let mut out = Vec::new();
    if let Some(name) = name {
        let name = generation.seal_name(&staff, name, random(rng)).map_err(bug)?;
        out.push(Signed { frame: sign(AddStaff { staff, name }.into())?, attachments: Vec::new() });
    }
    let recipient = keys.id(&team.id()).0;
    let author = signer.kid();
    let envelope = generation.seal_envelope(Some(&team.id()), recipient, &keys.kem_key, author, rng).map_err(bug)?;
    let body = AddDevice { staff, role, keys: keys.keys(), envelope: Hash::of(&envelope) };
    let attachments =
        vec![Attachment { recipient, bytes: envelope }, Attachment { recipient, bytes: keys.kem_key.clone() }];
    out.push(Signed { frame: sign(body.into())?, attachments });
    Ok(out)
}

/// What leaves a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    /// One device.
    Device(DeviceId),
    /// A person with all devices.
    Staff(StaffId),
}

/// A removal with the next generation, sealed to exactly the devices that stay and the unspent Kit. `kem_keys` holds the
/// X-Wing public keys of the team by their hash. Where the newest seed is not here, and with a lost relay nobody may be left
/// who can hand it over, the new generation begins without a way back to it.
///
/// # Errors
/// `relay_refused{waiting}` while a key of somebody who stays is not here; `bug`.
pub fn remove(
    team: &TeamState,
    current: Option<&Generation>,
    signer: &Ed25519Signer,
    removed: Removed,
    reason: RemoveReason,
    kem_keys: &BTreeMap<Hash, Vec<u8>>,
    rng: &mut dyn CryptoRng,
) -> Result<(Signed, Generation), Failure> {
    let goes = |device: &DeviceId| match removed {
        Removed::Device(gone) => *device == gone,
        Removed::Staff(staff) => team.device(device).is_some_and(|found| found.staff == staff),
    };
    let next = Generation::make(team.generations.len() as u64 + 1, rng);
    let mut envelopes = Vec::new();
    let mut attachments = Vec::new();
    for recipient in team.recipients().into_iter().filter(|recipient| !goes(&DeviceId(*recipient))) {
        let hash = kem_key_hash(team, &recipient).ok_or(Code::Bug)?;
        let kem_key = kem_keys.get(&hash).ok_or_else(|| Code::RelayRefused.with("reason", "waiting"))?;
        let bytes = next.seal_envelope(Some(&team.id()), recipient, kem_key, signer.kid(), rng).map_err(bug)?;
        envelopes.push(Envelope { recipient, hash: Hash::of(&bytes) });
        attachments.push(Attachment { recipient, bytes });
    }
    let generation = GenerationBody {
        gen_no: next.gen_no,
        public_key: next.public_key().map_err(bug)?,
        previous: match current {
            Some(current) => next.seal_previous(current).map_err(bug)?,
            None => Generation::no_previous(rng),
        },
        envelopes,
    };
    let body: Body = match removed {
        Removed::Device(device) => RemoveDevice { device, reason, generation }.into(),
        Removed::Staff(staff) => RemoveStaff { staff, reason, generation }.into(),
    };
    let prev_hash = Some(*team.hash_at(team.tip()).ok_or(Code::Bug)?);
    let control = Control { feed: Some(team.id()), cseq: team.tip() + 1, prev_hash, body };
    Ok((Signed { frame: control.sign(signer).map_err(bug)?, attachments }, next))
}

/// The hash of the KEM key behind a recipient: an active device, or the unspent Kit.
fn kem_key_hash(team: &TeamState, recipient: &[u8; 16]) -> Option<Hash> {
    if let Some(device) = team.device(&DeviceId(*recipient)) {
        return Some(device.keys.kem_key_hash);
    }
    let kit = team.kit.as_ref()?;
    (meguri_wire::ids::key_id(&kit.signing_key).0 == *recipient).then_some(kit.kem_key_hash)
}
