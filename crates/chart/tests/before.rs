//! What stood under a state key before writes that are not to count.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

use meguri_chart::{Actor, Change, Doc, DocName, Incoming, Write};

const KEY: &str = "identity/x/phone";
const GOOD: u8 = 1;
const THIEF: u8 = 2;

fn actor(who: u8) -> Actor {
    Actor::new([who; 16], [9; 8])
}

fn doc() -> Doc {
    Doc::new([7; 16], DocName::Core).unwrap()
}

/// Writes by turns, each after all before; the writes with who made them.
struct Story {
    doc: Doc,
    writes: Vec<Write>,
}

impl Story {
    fn new() -> Self {
        Self { doc: doc(), writes: Vec::new() }
    }

    fn put(&mut self, who: u8, value: Option<&[u8]>) -> Change {
        let change = self.doc.put_state(&actor(who), &[(KEY.into(), value.map(<[u8]>::to_vec))]).unwrap().unwrap();
        self.writes.push(Write { change: change.hash, struck: who == THIEF });
        change
    }

    fn take(&mut self, who: u8, change: &Change) {
        let item = Incoming { author: [who; 16], changes: std::slice::from_ref(&change.bytes) };
        assert_eq!(self.doc.apply(&[item]).new_changes.len(), 1);
        self.writes.push(Write { change: change.hash, struck: who == THIEF });
    }

    fn before(&self) -> Option<Vec<Vec<u8>>> {
        self.doc.before(KEY, &self.writes).map(|found| found.into_iter().map(|value| value.bytes).collect())
    }
}

#[test]
fn the_value_before_a_struck_one_is_found_however_many_were_struck() {
    let mut story = Story::new();
    assert_eq!(story.before(), None, "nothing was written");
    story.put(GOOD, Some(b"0235-1"));
    assert_eq!(story.before(), None, "nothing was struck");
    for value in [&b"090-1"[..], b"090-2", b"090-3"] {
        story.put(THIEF, Some(value));
        assert_eq!(story.before(), Some(vec![b"0235-1".to_vec()]));
    }
    story.put(GOOD, Some(b"0235-2"));
    assert_eq!(story.before(), None, "somebody has set it right");
    story.put(THIEF, Some(b"090-4"));
    assert_eq!(story.before(), Some(vec![b"0235-2".to_vec()]), "not further back than needed");
}

#[test]
fn what_was_taken_away_is_found_and_what_others_took_away_is_not_offered() {
    let mut story = Story::new();
    story.put(THIEF, Some(b"090-1"));
    assert_eq!(story.before(), Some(vec![]), "nothing stood there before");
    story.put(GOOD, Some(b"0235-1"));
    story.put(THIEF, None);
    assert_eq!(story.before(), Some(vec![b"0235-1".to_vec()]));
    story.put(THIEF, Some(b"090-2"));
    assert_eq!(story.before(), Some(vec![b"0235-1".to_vec()]), "also behind a value put there since");
    story.put(GOOD, None);
    assert_eq!(story.before(), None, "somebody else took it away");
}

#[test]
fn a_struck_value_beside_a_good_one_offers_the_good_one() {
    let (mut mine, mut theirs) = (Story::new(), Story::new());
    let first = mine.put(GOOD, Some(b"0235-1"));
    theirs.take(GOOD, &first);
    let theft = theirs.put(THIEF, Some(b"090-1"));
    mine.put(GOOD, Some(b"0235-2"));
    mine.take(THIEF, &theft);
    let mut found = mine.before().unwrap();
    found.sort();
    assert_eq!(found, [b"0235-1".to_vec(), b"0235-2".to_vec()], "the one beside it, and the one it replaced");
}

#[test]
fn two_that_were_taken_away_at_once_by_struck_writes_are_marked() {
    let (mut mine, mut theirs) = (Story::new(), Story::new());
    let first = mine.put(GOOD, Some(b"0235-1"));
    theirs.take(GOOD, &first);
    let away = theirs.put(THIEF, None);
    let other = 3;
    let change = mine.doc.put_state(&actor(other), &[(KEY.into(), None)]).unwrap().unwrap();
    mine.writes.push(Write { change: change.hash, struck: true });
    mine.take(THIEF, &away);
    assert_eq!(mine.before(), Some(vec![b"0235-1".to_vec()]));
}

#[test]
fn who_writes_again_what_stands_there_stands_for_it() {
    let mut story = Story::new();
    story.put(GOOD, Some(b"0235-1"));
    story.put(THIEF, Some(b"090-1"));
    let same = [(KEY.to_string(), Some(b"090-1".to_vec()))];
    assert!(story.doc.put_state(&actor(GOOD), &same).unwrap().is_none(), "a plain put changes nothing");
    let change = story.doc.put_state_again(&actor(GOOD), &same).unwrap().unwrap();
    story.writes.push(Write { change: change.hash, struck: false });
    assert_eq!(story.before(), None);
    let read = story.doc.read_key(KEY);
    assert_eq!((read.len(), &read[0].bytes[..], &read[0].actor[..16]), (1, &b"090-1"[..], &[GOOD; 16][..]));
    story.put(THIEF, None);
    assert_eq!(story.before(), Some(vec![b"090-1".to_vec()]));
    let change = story.doc.put_state_again(&actor(GOOD), &[(KEY.into(), None)]).unwrap().unwrap();
    story.writes.push(Write { change: change.hash, struck: false });
    assert_eq!((story.before(), story.doc.read_key(KEY)), (None, vec![]), "also for nothing");
    let loaded = Doc::load([7; 16], DocName::Core, &story.doc.save().unwrap()).unwrap();
    assert_eq!(loaded.before(KEY, &story.writes), None, "the same of a document that was loaded");
}
