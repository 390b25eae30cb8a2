//! What the machine knows of each feed: where it stands here, and where the
//! relay says it stands.

use std::collections::BTreeMap;

use meguri_wire::chain::{Head, h0};
use meguri_wire::limits::PULL_FEEDS_MAX;
use meguri_wire::{FeedId, Hash, StoreId};

use crate::effect::PullWanted;
use crate::event::{FeedClass, LocalFeed};
use crate::state::ClientState;

/// Feeds a relay may make this device remember.
const FEEDS_MAX: usize = 65_536;

#[derive(Clone, Copy, Debug)]
struct Feed {
    class: FeedClass,
    /// How many feeds were heard of before. A relay names directory and teams before spaces, so that on a device that
    /// knows no classes yet, too, what names authors comes before what they wrote.
    order: usize,
    ssn: u64,
    h: Hash,
    /// The newest signed head.
    head: Option<(u64, Hash)>,
    /// The highest position a hint named; unsigned.
    hinted: u64,
    /// The last pull brought nothing: not asked again until this time.
    quiet_until_ms: i64,
    quiet_count: u32,
    /// What the relay said that contradicts what it said before.
    frozen: Option<ClientState>,
}

/// All feeds of this device.
#[derive(Debug, Default)]
pub(crate) struct Feeds {
    feeds: BTreeMap<FeedId, Feed>,
    pub(crate) store: Option<StoreId>,
}

impl Feeds {
    pub(crate) fn clear(&mut self) {
        self.feeds.clear();
    }

    pub(crate) fn moved(&mut self, local: &[LocalFeed]) {
        for now in local {
            let feed = self.feed(now.feed);
            if now.ssn > feed.ssn {
                feed.quiet_until_ms = i64::MIN;
                feed.quiet_count = 0;
            }
            feed.class = now.class;
            feed.ssn = now.ssn;
            feed.h = now.h;
            feed.judge(now.feed);
        }
    }

    /// Takes signed heads; true if they are of another life of the store.
    pub(crate) fn heads(&mut self, heads: &[Head]) -> Option<StoreId> {
        for head in heads {
            if self.store.is_some_and(|store| store != head.store_id) {
                return Some(head.store_id);
            }
            self.store = Some(head.store_id);
            if !self.room_for(&head.feed) {
                continue;
            }
            let feed = self.feed(head.feed);
            if let Some(state) = feed.contradiction(head) {
                feed.frozen = Some(state);
                continue;
            }
            feed.frozen = None;
            feed.head = Some((head.ssn, head.h));
            feed.judge(head.feed);
        }
        None
    }

    /// Takes a hint; true if it is news.
    pub(crate) fn hint(&mut self, id: FeedId, ssn: u64) -> bool {
        if !self.room_for(&id) {
            return false;
        }
        let feed = self.feed(id);
        let news = ssn > feed.hinted && ssn > feed.ssn;
        feed.hinted = feed.hinted.max(ssn);
        news
    }

    fn feed(&mut self, id: FeedId) -> &mut Feed {
        let order = self.feeds.len();
        self.feeds.entry(id).or_insert_with(|| Feed::new(id, order))
    }

    fn room_for(&self, id: &FeedId) -> bool {
        self.feeds.len() < FEEDS_MAX || self.feeds.contains_key(id)
    }

    /// Feeds behind, in the order of a pull; empty when none may be asked now.
    pub(crate) fn wanted(&self, now_ms: i64) -> Vec<PullWanted> {
        let mut behind: Vec<(FeedClass, usize, FeedId, u64)> = self
            .feeds
            .iter()
            .filter(|(_, feed)| feed.is_behind() && feed.quiet_until_ms <= now_ms)
            .map(|(id, feed)| (feed.class, feed.order, *id, feed.ssn))
            .collect();
        behind.sort_unstable();
        behind.truncate(PULL_FEEDS_MAX);
        let wanted = |(_, _, feed, after_ssn)| PullWanted { feed, after_ssn };
        behind.into_iter().map(wanted).collect()
    }

    /// These feeds were asked and stayed where they were.
    pub(crate) fn quiet(&mut self, asked: &[PullWanted], mut until_ms: impl FnMut(u32) -> i64) -> bool {
        let mut moved = false;
        for ask in asked {
            let Some(feed) = self.feeds.get_mut(&ask.feed) else {
                continue;
            };
            if feed.ssn > ask.after_ssn {
                moved = true;
            } else if feed.head.is_none_or(|(ssn, _)| ssn <= feed.ssn) {
                // Only an unsigned hint said so: it is forgotten.
                feed.hinted = feed.ssn;
            } else {
                feed.quiet_count = feed.quiet_count.saturating_add(1);
            }
        }
        if !moved {
            for ask in asked {
                if let Some(feed) = self.feeds.get_mut(&ask.feed) {
                    feed.quiet_until_ms = until_ms(feed.quiet_count);
                }
            }
        }
        moved
    }

    pub(crate) fn ask_again(&mut self) {
        for feed in self.feeds.values_mut() {
            feed.quiet_until_ms = i64::MIN;
        }
    }

    pub(crate) fn quiet_until_ms(&self) -> Option<i64> {
        let behind = self.feeds.values().filter(|feed| feed.is_behind());
        behind.map(|feed| feed.quiet_until_ms).min()
    }

    /// Whether every feed's local hash equals its signed head.
    pub(crate) fn all_equal(&self) -> bool {
        self.store.is_some() && self.unequal().is_none()
    }

    /// A feed that does not stand where its signed head or a hint says.
    pub(crate) fn unequal(&self) -> Option<FeedId> {
        let mut all = self.feeds.iter();
        all.find(|(_, feed)| !feed.is_equal()).map(|(id, _)| *id)
    }

    /// The own team's feed and where it stands here.
    pub(crate) fn own_team(&self) -> Option<(FeedId, u64)> {
        let mut all = self.feeds.iter();
        all.find(|(_, feed)| feed.class == FeedClass::OwnTeam).map(|(id, feed)| (*id, feed.ssn))
    }

    pub(crate) fn frozen(&self) -> Option<ClientState> {
        self.feeds.values().find_map(|feed| feed.frozen)
    }

    pub(crate) fn is_frozen(&self, id: &FeedId) -> bool {
        self.feeds.get(id).is_some_and(|feed| feed.frozen.is_some())
    }
}

impl Feed {
    fn new(id: FeedId, order: usize) -> Self {
        Self {
            class: FeedClass::Space,
            order,
            ssn: 0,
            h: h0(&id),
            head: None,
            hinted: 0,
            quiet_until_ms: i64::MIN,
            quiet_count: 0,
            frozen: None,
        }
    }

    fn is_equal(&self) -> bool {
        let at_head = match self.head {
            Some(head) => head == (self.ssn, self.h),
            None => self.ssn == 0,
        };
        at_head && self.hinted <= self.ssn && self.frozen.is_none()
    }

    fn is_behind(&self) -> bool {
        let signed = self.head.map_or(0, |(ssn, _)| ssn);
        self.frozen.is_none() && signed.max(self.hinted) > self.ssn
    }

    /// A head below what is held or was signed, or another hash at the same place.
    fn contradiction(&self, head: &Head) -> Option<ClientState> {
        let pins = self.head.into_iter().chain([(self.ssn, self.h)]);
        let (pin, h) = pins.max_by_key(|(ssn, _)| *ssn)?;
        if head.ssn < pin {
            return Some(ClientState::Rollback { feed: head.feed, pin, got: head.ssn });
        }
        let fork = |a: Hash| ClientState::Fork { feed: head.feed, a, b: head.h };
        (head.ssn == pin && head.h != h).then(|| fork(h))
    }

    /// After a pull: does what came add up to the head that was signed?
    fn judge(&mut self, id: FeedId) {
        let Some((ssn, h)) = self.head else { return };
        if ssn == self.ssn && h != self.h {
            self.frozen = Some(ClientState::Fork { feed: id, a: self.h, b: h });
        } else if ssn < self.ssn {
            self.head = None;
        }
    }
}
