//! The whole proof: the directory, the teams, then the chart under all of them, and its documents.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::mpsc;

use meguri_chart::{DocName, Effect, ParkReason, Scanned};
use meguri_seal::ChartExport;
use meguri_seal::export::{FeedCopy, FrameCopy};
use meguri_wire::control::{Body, SpaceBody};
use meguri_wire::feed::{DirectoryState, FeedState, Known, SpaceState};
use meguri_wire::ids::key_id;
use meguri_wire::{DeviceId, FeedId, Frame};

use crate::ahead::{Ahead, Content, Keys, SigningKey, each};
use crate::documents::{Became, Documents, Opened, Origin, Refused, Way, id};
use crate::people::People;
use crate::place::{FeedKind, Mark, Place};
use crate::reason::Reason;
use crate::report::{Broken, Line, Region, Report, Summary, What, Written};
use crate::walk::Walk;

/// How to prove.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Cores to use.
    pub cores: usize,
    /// Whether items are opened. Without it signatures, chains and rules are checked, and the whole is not proven.
    pub open: bool,
    /// The directory it must be.
    pub directory: Option<FeedId>,
}

/// A control that is valid, for its line.
struct Told {
    ssn: u64,
    received_ms: u64,
    frame: Frame,
}

/// Proves an export.
#[must_use]
pub fn prove(export: &ChartExport, options: &Options) -> Report {
    let mut world = Known::default();
    let mut parts = Vec::new();
    if let Some(copy) = &export.directory {
        let part = controls(FeedKind::Directory, copy);
        if let Some(FeedState::Directory(state)) = &part.walk.state {
            world.directory = Some(state.clone());
        }
        parts.push(part);
    }
    for copy in &export.teams {
        let part = controls(FeedKind::Team, copy);
        if let Some(FeedState::Team(state)) = &part.walk.state {
            world.teams.insert(state.id(), state.clone());
        }
        parts.push(part);
    }
    let chart = Chart::prove(export, &world, options);
    let people = People::of(&world, &export.names);
    let mut broken: Vec<Broken> = asked_for(export, options).into_iter().collect();
    let (mut set_aside, mut lines, mut frames) = (Vec::new(), Vec::new(), 0);
    for part in &mut parts {
        frames += part.walk.valid();
        broken.extend(part.walk.broken.take());
        set_aside.append(&mut part.walk.set_aside);
        lines.extend(part.told.iter().filter_map(|told| told_line(&people, &world, part.kind, told)));
    }
    let chart_lines = chart.lines(&people, &world);
    let summary = summary(export, options, &world, &chart, &chart_lines, frames);
    lines.extend(chart_lines);
    broken.extend(chart.walk.broken);
    broken.extend(chart.documents);
    set_aside.extend(chart.walk.set_aside);
    Report { broken, set_aside, lines, summary }
}

fn asked_for(export: &ChartExport, options: &Options) -> Option<Broken> {
    let there = export.directory.as_ref().map(|copy| copy.feed);
    let wanted = options.directory.filter(|wanted| there != Some(*wanted))?;
    let place = Place::of_feed(FeedKind::Directory, there.unwrap_or(wanted));
    Some(Broken { place, until: None, reason: Reason::OtherDirectory, unproven: 0 })
}

/// A feed of controls alone.
struct Part<'a> {
    kind: FeedKind,
    walk: Walk<'a>,
    told: Vec<Told>,
}

fn controls(kind: FeedKind, copy: &FeedCopy) -> Part<'_> {
    let (mut walk, mut told) = (Walk::new(kind, copy, None), Vec::new());
    for record in &copy.records {
        let frame = Frame::decode(&record.frame);
        if walk.take(&Known::default(), record, &frame)
            && let Ok(frame) = frame
        {
            told.push(Told { ssn: record.ssn, received_ms: record.received_ms, frame });
        }
    }
    walk.finish(None);
    Part { kind, walk, told }
}

/// The chart's feed on its way.
struct Chart<'a> {
    export: &'a ChartExport,
    walk: Walk<'a>,
    told: Vec<Told>,
    /// Items that show nothing: position, device, class.
    others: Vec<(u64, DeviceId, u64)>,
    became: Vec<Became>,
    documents: Vec<Broken>,
}

impl<'a> Chart<'a> {
    fn prove(export: &'a ChartExport, world: &Known, options: &Options) -> Self {
        Self::prove_by(Way::Straight, export, world, options)
            .or_else(|Refused| Self::prove_by(Way::OnCopies, export, world, options))
            .unwrap_or_else(|Refused| {
                let mut chart = Self::new(export);
                let reason = Reason::Change(ParkReason::NotApplicable);
                chart.walk.end(Place::of_feed(FeedKind::Chart, export.chart.feed), None, reason);
                chart
            })
    }

    fn new(export: &'a ChartExport) -> Self {
        let walk = Walk::new(FeedKind::Chart, &export.chart, export.store);
        Self { export, walk, told: Vec::new(), others: Vec::new(), became: Vec::new(), documents: Vec::new() }
    }

    fn prove_by(way: Way, export: &'a ChartExport, world: &Known, options: &Options) -> Result<Self, Refused> {
        let mut chart = Self::new(export);
        if export.space != export.chart.feed {
            chart.walk.end(Place::of_feed(FeedKind::Chart, export.chart.feed), None, Reason::FeedMissing);
        }
        let keys = keys(export, world, options);
        let (send, portions) = mpsc::sync_channel(2);
        let documents = std::thread::scope(|scope| {
            let building = scope.spawn(move || Documents::build(way, export.space, &portions));
            let (mut portion, mut taken, mut refused) = (Vec::new(), 0, false);
            each(&keys, &export.chart.records, options.cores, |record, ahead| {
                portion.extend(chart.take(world, record, ahead, options.open));
                if portion.len() >= way.portion(taken) {
                    taken += portion.len();
                    refused = send.send(std::mem::take(&mut portion)).is_err();
                }
                chart.walk.broken.is_none() && !refused
            });
            let _ = send.send(portion);
            drop(send);
            // A document that fell is none: its heads differ.
            building.join().unwrap_or_else(|_| Ok(Documents::default()))
        })?;
        let relay_key = world.directory.as_ref().and_then(|d| d.relay.as_ref()).map(|relay| relay.key);
        chart.walk.finish(export.head.as_deref().map(|raw| (raw, relay_key)));
        if options.open {
            chart.settle(documents);
        }
        Ok(chart)
    }

    /// Takes the next frame; its changes, when it has any.
    fn take(&mut self, world: &Known, record: &FrameCopy, ahead: Ahead, open: bool) -> Option<Opened> {
        let Ahead { frame, content } = ahead;
        if !self.walk.take(world, record, &frame) {
            return None;
        }
        let frame = frame.ok()?;
        let place = || Place::of(FeedKind::Chart, self.export.chart.feed, record, Some(&frame));
        let (Some(item), Some(author)) = (frame.item(), frame.author()) else {
            if !self.fits(&frame) {
                let place = place();
                self.walk.end(place, None, Reason::WrongKey);
            }
            self.told.push(Told { ssn: record.ssn, received_ms: record.received_ms, frame });
            return None;
        };
        match content {
            Content::Changes(name, prepared, written) => {
                let origin = Origin { ssn: record.ssn, author, dseq: item.dseq, written };
                return Some(Opened { origin, name, prepared });
            }
            Content::Nothing if open && self.walk.is_listed(record.ssn) => {
                let place = place();
                self.walk.end(place, None, Reason::NotToBeSetAside);
            }
            Content::Nothing => self.others.push((record.ssn, author, item.class)),
            Content::Refused(reason) => {
                let place = place();
                self.walk.refuse(place, reason);
            }
        }
        None
    }

    /// Whether the key of an Epoch is the one it announces, where the export holds it.
    fn fits(&self, frame: &Frame) -> bool {
        let Some(Body::Space(SpaceBody::Epoch(epoch))) = frame.control().map(|control| &control.body) else {
            return true;
        };
        let mut of_epoch = self.export.keys.iter().filter(|key| key.n == epoch.n);
        of_epoch.all(|key| key.check(&epoch.kcv).is_ok())
    }

    /// What the documents say of the items, and whether they are those of the export.
    fn settle(&mut self, mut documents: Documents) {
        for became in std::mem::take(&mut documents.became) {
            let origin = &became.origin;
            let reason = match &became.done {
                Ok(_) if self.walk.is_listed(origin.ssn) => Reason::NotToBeSetAside,
                Ok(_) => {
                    self.became.push(became);
                    continue;
                }
                Err(Some(reason)) => Reason::Change(*reason),
                Err(None) => Reason::ChangeWaits,
            };
            let feed = self.export.chart.feed;
            let record = self.export.chart.records.iter().find(|record| record.ssn == origin.ssn);
            let Some(record) = record else { continue };
            let mark = Mark::Item(origin.author, origin.dseq);
            self.walk.refuse(Place { mark, ..Place::of(FeedKind::Chart, feed, record, None) }, reason);
        }
        if self.walk.broken.is_some() {
            return;
        }
        let follow = documents.heads(&self.export.space);
        let said: BTreeMap<_, _> = self.export.documents.iter().map(|d| (d.doc, d.heads.clone())).collect();
        let all: BTreeSet<_> = follow.keys().chain(said.keys()).collect();
        for doc in all.into_iter().filter(|doc| follow.get(doc) != said.get(doc)) {
            let place = Place { mark: Mark::Document(*doc), ..Place::of_feed(FeedKind::Chart, self.export.chart.feed) };
            self.documents.push(Broken { place, until: None, reason: Reason::HeadsDiffer, unproven: 0 });
        }
    }

    fn state(&self) -> Option<&SpaceState> {
        match &self.walk.state {
            Some(FeedState::Space(state)) => Some(state),
            Some(FeedState::Directory(_) | FeedState::Team(_)) | None => None,
        }
    }

    /// Everything proven, in order.
    fn lines(&self, people: &People, world: &Known) -> Vec<Line> {
        let mut lines: Vec<Line> =
            self.told.iter().filter_map(|told| told_line(people, world, FeedKind::Chart, told)).collect();
        let mut add = |ssn: u64, author: &DeviceId, what: What| {
            let received_ms = self.received_ms(ssn);
            let (kind, feed) = (FeedKind::Chart, self.export.chart.feed);
            lines.push(Line { kind, feed, ssn, received_ms, author: people.author(author), what });
        };
        for (ssn, author, class) in &self.others {
            add(*ssn, author, What::Other { class: *class });
        }
        for Became { origin, done } in &self.became {
            let struck = self.state().is_some_and(|state| state.is_repudiated(&origin.author, origin.dseq));
            let scanned = done.as_deref().unwrap_or_default();
            for (written, scanned) in origin.written.iter().zip(scanned) {
                whats(scanned, *written, struck).for_each(|what| add(origin.ssn, &origin.author, what));
            }
        }
        let until = self.walk.until();
        lines.retain(|line| line.ssn < until);
        lines.sort_by_key(|line| line.ssn);
        lines
    }

    /// Positions are dense as far as anything is proven.
    fn received_ms(&self, ssn: u64) -> u64 {
        let index = usize::try_from(ssn).unwrap_or(0).checked_sub(1);
        index.and_then(|index| self.export.chart.records.get(index)).map_or(0, |record| record.received_ms)
    }
}

fn keys(export: &ChartExport, world: &Known, options: &Options) -> Keys {
    let devices = world.teams.values().flat_map(|team| &team.devices);
    let devices: HashMap<_, _> = devices.map(|(device, found)| (*device, found.keys.signing_key)).collect();
    Keys {
        signing: devices.values().map(|public| (*public, SigningKey::new(*public))).collect(),
        devices,
        epochs: options.open.then(|| export.keys.iter().map(|key| (key.n, key.clone())).collect()),
        documents: DocName::all().map(|name| (id(&export.space, name), name)).collect(),
    }
}

fn whats(scanned: &Scanned, written: Written, struck: bool) -> impl Iterator<Item = What> + '_ {
    let change = scanned.hash;
    scanned.effects.iter().map(move |effect| match effect {
        Effect::Entry { id, kind, at_ms, body } => {
            What::Entry { id: *id, kind: kind.clone(), at_ms: *at_ms, written, change, body: body.clone(), struck }
        }
        Effect::State { key } => What::State { key: key.clone(), written, change, struck },
    })
}

fn told_line(people: &People, world: &Known, kind: FeedKind, told: &Told) -> Option<Line> {
    let control = told.frame.control()?;
    let feed = told.frame.feed();
    // A team's first device signs before it has an id.
    let first = || world.teams.get(&feed).map(|team| team.first_device).filter(|_| kind == FeedKind::Team);
    let author = told.frame.author().or_else(first).and_then(|device| people.author(&device));
    let what = What::Control { cseq: control.cseq, text: people.words(&feed, control) };
    Some(Line { kind, feed, ssn: told.ssn, received_ms: told.received_ms, author, what })
}

fn summary(
    export: &ChartExport,
    options: &Options,
    world: &Known,
    chart: &Chart<'_>,
    lines: &[Line],
    frames: u64,
) -> Summary {
    let people: BTreeSet<_> = lines.iter().filter_map(|line| line.author.as_ref().map(|author| author.staff)).collect();
    let entries = lines.iter().filter(|line| matches!(line.what, What::Entry { .. })).count();
    Summary {
        space: export.space,
        region: world.directory.as_ref().map(region),
        store: export.store,
        exported_ms: export.exported_ms,
        frames: frames + chart.walk.valid(),
        entries: entries as u64,
        people: people.len() as u64,
        first_ms: lines.first().map(|line| line.received_ms),
        last_ms: lines.last().map(|line| line.received_ms),
        positions: export.chart.ssn,
        witnessed: chart.walk.witnessed(),
        blobs: export.blobs.clone(),
        opened: options.open,
    }
}

fn region(state: &DirectoryState) -> Region {
    Region {
        directory: state.feed(),
        name: state.name.clone(),
        roots: state.roots.iter().map(key_id).collect(),
        threshold: state.threshold,
        relay: state.relay.as_ref().map(|relay| key_id(&relay.key)),
    }
}
