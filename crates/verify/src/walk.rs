//! One feed, frame by frame, under the rules of `wire`.

use meguri_seal::export::{FeedCopy, FrameCopy};
use meguri_wire::chain::{Head, SignedHead};
use meguri_wire::feed::{FeedState, Step, Verdict, World};
use meguri_wire::{Code, Frame, FrameId, StoreId};

use crate::order::Order;
use crate::place::{FeedKind, Mark, Place};
use crate::reason::Reason;
use crate::report::{Broken, SetAside};

/// Where the proof of one feed stands. It ends at the first frame that breaks it.
pub(crate) struct Walk<'a> {
    kind: FeedKind,
    copy: &'a FeedCopy,
    order: Order,
    pub(crate) state: Option<FeedState>,
    pub(crate) set_aside: Vec<SetAside>,
    pub(crate) broken: Option<Broken>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(kind: FeedKind, copy: &'a FeedCopy, store: Option<StoreId>) -> Self {
        let order = Order::new(&copy.feed, store);
        Self { kind, copy, order, state: None, set_aside: Vec::new(), broken: None }
    }

    /// The first position that is not proven.
    pub(crate) fn until(&self) -> u64 {
        self.broken.as_ref().map_or(u64::MAX, |broken| broken.place.ssn)
    }

    /// How many frames are valid.
    pub(crate) fn valid(&self) -> u64 {
        let until = self.until();
        let before = self.copy.records.iter().filter(|record| record.ssn < until).count();
        let aside = self.set_aside.iter().filter(|aside| aside.place.ssn < until).count();
        before.saturating_sub(aside) as u64
    }

    /// The last position whose place somebody signed.
    pub(crate) fn witnessed(&self) -> u64 {
        self.order.witnessed()
    }

    /// Whether the export says that this frame has no effect.
    pub(crate) fn is_listed(&self, ssn: u64) -> bool {
        self.copy.set_aside.binary_search_by_key(&ssn, |aside| aside.ssn).is_ok()
    }

    /// Takes the next frame; true when it is valid at its place.
    pub(crate) fn take(&mut self, world: &dyn World, record: &FrameCopy, frame: &Result<Frame, Code>) -> bool {
        if self.broken.is_some() {
            return false;
        }
        let id = frame.as_ref().map_or_else(|_| FrameId::of(&record.frame), |frame| frame.id);
        let place = Place::of(self.kind, self.copy.feed, record, frame.as_ref().ok());
        if let Err(reason) = self.order.next(record, &id) {
            let missing = Place { ssn: self.order.ssn() + 1, frame: None, mark: Mark::Nothing, ..place.clone() };
            self.end(if reason == Reason::PositionMissing { missing } else { place }, None, reason);
            return false;
        }
        let judged = frame.as_ref().map_err(|code| Reason::Rule(*code)).and_then(|frame| self.judge(world, frame));
        if let Err(reason) = judged {
            self.refuse(place, reason);
            return false;
        }
        if let Some(differs) = frame.as_ref().ok().and_then(Frame::item).and_then(|i| self.order.saw(&i.seen).err()) {
            self.other_order(place, differs.ssn);
            return false;
        }
        if frame.as_ref().is_ok_and(|frame| frame.control().is_some()) && self.is_listed(record.ssn) {
            self.end(place, None, Reason::NotToBeSetAside);
            return false;
        }
        true
    }

    fn judge(&mut self, world: &dyn World, frame: &Frame) -> Result<(), Reason> {
        if frame.feed() != self.copy.feed {
            return Err(Reason::Rule(Code::WrongFeed));
        }
        let Some(state) = &mut self.state else {
            let begun = valid(FeedState::begin(world, frame))?;
            let kind = match &begun {
                FeedState::Directory(_) => FeedKind::Directory,
                FeedState::Team(_) => FeedKind::Team,
                FeedState::Space(_) => FeedKind::Chart,
            };
            if kind != self.kind {
                return Err(Reason::FeedMissing);
            }
            self.state = Some(begun);
            return Ok(());
        };
        let step: Step = valid(state.check(world, frame))?;
        state.apply(step);
        Ok(())
    }

    /// Sets a frame aside if the export does so too, and else ends the proof at it. Without its beginning a feed is none.
    pub(crate) fn refuse(&mut self, place: Place, reason: Reason) {
        if self.state.is_some() && reason.stays_out_everywhere() && self.is_listed(place.ssn) {
            self.set_aside.push(SetAside { place, reason });
        } else {
            self.end(place, None, reason);
        }
    }

    /// Ends the proof, unless it ended at an earlier position.
    pub(crate) fn end(&mut self, place: Place, until: Option<u64>, reason: Reason) {
        if self.broken.as_ref().is_some_and(|broken| broken.place.ssn <= place.ssn) {
            return;
        }
        let unproven = self.copy.records.iter().filter(|record| record.ssn >= place.ssn).count() as u64;
        self.broken = Some(Broken { place, until, reason, unproven });
    }

    /// Somebody signed, or the export says, another hash at `ssn`: what was changed lies behind the last witness.
    fn other_order(&mut self, place: Place, ssn: u64) {
        let first = self.order.witnessed() + 1;
        if first > ssn {
            return self.end(place, None, Reason::OtherOrder);
        }
        let record = self.copy.records.iter().find(|record| record.ssn == first);
        let frame = record.and_then(|record| Frame::decode(&record.frame).ok());
        let named = record.map(|record| Place::of(self.kind, self.copy.feed, record, frame.as_ref()));
        self.end(named.unwrap_or(place), Some(ssn), Reason::OtherOrder);
    }

    /// The end of the feed: the relay's head if there is one, and the hash the export ends with.
    pub(crate) fn finish(&mut self, head: Option<(&[u8], Option<[u8; 32]>)>) {
        if self.broken.is_some() {
            return;
        }
        let whole = Place::of_feed(self.kind, self.copy.feed);
        if self.state.is_none() {
            return self.end(whole, None, Reason::FeedMissing);
        }
        if let Some((raw, relay_key)) = head {
            let signed = relay_key.and_then(|key| SignedHead::decode_verify(raw, &key).ok());
            let fits = |head: &Head| head.feed == self.copy.feed && self.order.is_of(&head.store_id);
            let Some(signed) = signed.filter(|signed| fits(&signed.head)) else {
                return self.end(whole, None, Reason::BadHead);
            };
            if let Err(differs) = self.order.is_at(signed.head.ssn, Some(signed.head.h)) {
                return self.other_order(whole, differs.ssn);
            }
        }
        let last = self.order.ssn();
        let after = Place { ssn: last + 1, ..whole };
        if self.copy.ssn != last {
            self.end(after, None, Reason::PositionMissing);
        } else if !self.order.ends_with(&self.copy.h) {
            self.other_order(after, last);
        }
    }
}

fn valid<T>(verdict: Verdict<T>) -> Result<T, Reason> {
    match verdict {
        Verdict::Valid(value) => Ok(value),
        Verdict::Waiting(wait) => Err(Reason::Missing(wait.code())),
        Verdict::Invalid(code) => Err(Reason::Rule(code)),
    }
}
