//! What the feed rules say of a frame, and the state it leads to.

use meguri_wire::feed::{FeedState, Step, Verdict, WaitFor};
use meguri_wire::{FeedId, Frame};

use crate::error::ReplicaError;
use crate::feeds::Feeds;
use crate::open::Inner;

/// Checks a frame against the state of its feed and takes it in when valid.
pub(crate) fn judge(inner: &mut Inner, frame: &Frame) -> Result<Verdict<()>, ReplicaError> {
    let feed = frame.feed();
    inner.feeds.space(&inner.conn, &feed)?;
    let feeds = &mut inner.feeds;
    let known = feeds.spaces.contains_key(&feed)
        || feeds.world.teams.contains_key(&feed)
        || feeds.world.directory.as_ref().is_some_and(|d| crate::feeds::directory_id(d) == feed);
    if !known {
        return Ok(match FeedState::begin(&feeds.world, frame) {
            Verdict::Valid(FeedState::Space(state)) => {
                feeds.spaces.insert(feed, state);
                Verdict::Valid(())
            }
            Verdict::Valid(FeedState::Team(state)) => {
                feeds.world.teams.insert(feed, state);
                Verdict::Valid(())
            }
            Verdict::Valid(FeedState::Directory(state)) => {
                if feeds.world.directory.is_some() {
                    return Ok(Verdict::Invalid(meguri_wire::Code::WrongFeed));
                }
                feeds.world.directory = Some(state);
                Verdict::Valid(())
            }
            Verdict::Waiting(wait) => Verdict::Waiting(wait),
            // A feed whose beginning waits: what follows waits with it.
            Verdict::Invalid(_) if frame.control().is_none_or(|c| c.feed.is_some()) => {
                Verdict::Waiting(WaitFor::Before)
            }
            Verdict::Invalid(code) => Verdict::Invalid(code),
        });
    }
    Ok(step(feeds, &feed, frame))
}

fn step(feeds: &mut Feeds, feed: &FeedId, frame: &Frame) -> Verdict<()> {
    let verdict: Verdict<Step> = if let Some(state) = feeds.spaces.get(feed) {
        state.check(&feeds.world, frame).map(Step::Space).into()
    } else if let Some(state) = feeds.world.teams.get(feed) {
        state.check(frame).map(Step::Team).into()
    } else if let Some(state) = feeds.world.directory.as_ref() {
        state.check(frame).map(Step::Directory).into()
    } else {
        return Verdict::Waiting(WaitFor::Before);
    };
    match verdict {
        Verdict::Valid(Step::Space(step)) => {
            if let Some(state) = feeds.spaces.get_mut(feed) {
                state.apply(step);
            }
        }
        Verdict::Valid(Step::Team(step)) => {
            if let Some(state) = feeds.world.teams.get_mut(feed) {
                state.apply(step);
            }
        }
        Verdict::Valid(Step::Directory(step)) => {
            if let Some(state) = feeds.world.directory.as_mut() {
                state.apply(step);
            }
        }
        Verdict::Waiting(wait) => return Verdict::Waiting(wait),
        Verdict::Invalid(code) => return Verdict::Invalid(code),
    }
    Verdict::Valid(())
}

pub(crate) fn waiting_text(wait: WaitFor) -> String {
    match wait {
        WaitFor::Feed(feed, _) => format!("feed {feed}"),
        WaitFor::Directory(_) => "directory".to_string(),
        WaitFor::Before => "before".to_string(),
        WaitFor::Author(device) => format!("author {device}"),
    }
}
