//! Commands that change the same thing at once go one after the other: else they would outrun each other until some of them gave up.
//!
//! Whoever appends has a turn for each stream that it writes to. A turn is passed on as soon as the append is in line,
//! together with the state that will follow from it: the next one decides on top of that, and both are written in one batch.
//! Where the first is not written after all the second is refused by the log, and decided again.

use crate::load::Held;
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::OwnedMutexGuard;
use zhicheng_domain::StreamId;

/// One turn at a time for each stream, in this process. Others in other processes are met by trying again.
#[derive(Debug, Default)]
pub(crate) struct Turns(Arc<Mutex<Lines>>);

type Lines = HashMap<StreamId, Weak<Line>>;

/// Those who want to change a stream, one behind the other, and how it will be once those before them are done.
type Line = tokio::sync::Mutex<Option<Ahead>>;

/// A stream as it will be once an append is done that is under way.
#[derive(Debug)]
struct Ahead {
    held: Held,
    failed: Arc<AtomicBool>,
}

/// Turns of one command. Each is over when it is passed on or dropped; the streams stay contended until all of them are dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    lines: Arc<Mutex<Lines>>,
    taken: Vec<Taken>,
    failed: Arc<AtomicBool>,
}

/// The turn of one stream.
#[derive(Debug)]
struct Taken {
    stream: StreamId,
    /// None once it was passed on.
    guard: Option<OwnedMutexGuard<Option<Ahead>>>,
    line: Arc<Line>,
}

impl Turn {
    /// A stream as those before leave it, where their appends are still under way.
    pub(crate) fn ahead(&self, stream: StreamId) -> Option<&Held> {
        let taken = self.taken.iter().find(|taken| taken.stream == stream)?;
        let ahead = taken.guard.as_ref()?.as_ref()?;
        (!ahead.failed.load(Ordering::Acquire)).then_some(&ahead.held)
    }

    /// Takes the turns of these streams too, as far as nobody else has them.
    pub(crate) fn take_free(&mut self, streams: &BTreeSet<StreamId>) {
        for stream in streams {
            if !self.taken.iter().any(|taken| taken.stream == *stream) {
                // without the turn somebody may be faster, which the log will say
                let _ = self.take_if_free(*stream);
            }
        }
    }

    fn take_if_free(&mut self, stream: StreamId) -> bool {
        let line = line_of(&mut locked(&self.lines), stream);
        let Ok(guard) = Arc::clone(&line).try_lock_owned() else { return false };
        self.taken.push(Taken { stream, guard: Some(guard), line });
        true
    }

    /// Lets the next ones have it, who go on from the states that are given of its streams.
    pub(crate) fn pass_on<'a>(&mut self, held: impl Fn(&StreamId) -> Option<&'a Held>) {
        for taken in &mut self.taken {
            if let (Some(mut guard), Some(held)) = (taken.guard.take(), held(&taken.stream)) {
                *guard = Some(Ahead { held: held.clone(), failed: Arc::clone(&self.failed) });
            }
        }
    }

    /// What was passed on will not be: nobody else goes on from it.
    pub(crate) fn failed(&self) {
        self.failed.store(true, Ordering::Release);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut lines = locked(&self.lines);
        for Taken { stream, guard, line } in self.taken.drain(..) {
            drop((guard, line));
            if let Entry::Occupied(entry) = lines.entry(stream)
                && entry.get().strong_count() == 0
            {
                entry.remove();
            }
        }
    }
}

impl Turns {
    /// The turns of all these streams; or the first of them that somebody else has or waits for.
    pub(crate) fn of_all(&self, streams: &BTreeSet<StreamId>) -> Result<Turn, StreamId> {
        if let Some(contended) = self.contended(streams.iter()) {
            return Err(contended);
        }
        let mut turn = self.none();
        match streams.iter().find(|stream| !turn.take_if_free(**stream)) {
            Some(taken_meanwhile) => Err(*taken_meanwhile),
            None => Ok(turn),
        }
    }

    /// The first of these streams whose turn somebody has or waits for.
    pub(crate) fn contended<'a>(&self, mut streams: impl Iterator<Item = &'a StreamId>) -> Option<StreamId> {
        let lines = locked(&self.0);
        streams.find(|stream| lines.get(stream).is_some_and(|line| line.strong_count() > 0)).copied()
    }

    /// Waits for the turn of a stream. Whoever has one waits for no other: two could wait for each other.
    pub(crate) async fn of(&self, stream: StreamId) -> Turn {
        let mut turn = self.none();
        let line = line_of(&mut locked(&self.0), stream);
        let guard = Some(Arc::clone(&line).lock_owned().await);
        turn.taken.push(Taken { stream, guard, line });
        turn
    }

    fn none(&self) -> Turn {
        Turn { lines: Arc::clone(&self.0), taken: Vec::new(), failed: Arc::default() }
    }
}

/// The line of a stream, begun where there is none.
fn line_of(lines: &mut Lines, stream: StreamId) -> Arc<Line> {
    if let Some(line) = lines.get(&stream).and_then(Weak::upgrade) {
        return line;
    }
    let line = Arc::default();
    lines.insert(stream, Arc::downgrade(&line));
    line
}

/// Nothing panics while it is locked.
fn locked(lines: &Mutex<Lines>) -> MutexGuard<'_, Lines> {
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const STREAM: StreamId = StreamId { aggregate: "declaration", id: Uuid::nil() };
    const OTHER: StreamId = StreamId { aggregate: "declaration", id: Uuid::max() };

    #[tokio::test]
    async fn a_stream_is_contended_while_somebody_has_its_turn_or_waits_for_it() {
        let turns = Turns::default();
        let contended = |streams: &[StreamId]| turns.of_all(&streams.iter().copied().collect()).err();
        assert_eq!(contended(&[STREAM, OTHER]), None);
        let first = turns.of(STREAM).await;
        assert_eq!(contended(&[OTHER, STREAM]), Some(STREAM));
        assert_eq!(contended(&[OTHER]), None);
        let mut second = Box::pin(turns.of(STREAM));
        assert!(futures::poll!(&mut second).is_pending());
        drop(first);
        assert_eq!(contended(&[STREAM]), Some(STREAM), "the next one is on");
        drop(second.await);
        assert_eq!(contended(&[STREAM]), None);
        assert!(locked(&turns.0).is_empty(), "nothing is left of those who went");
    }

    #[tokio::test]
    async fn whoever_waited_for_one_takes_those_that_are_free() {
        let turns = Turns::default();
        let (third, both) = (StreamId { aggregate: "job", id: Uuid::nil() }, BTreeSet::from([OTHER, STREAM]));
        let mut first = turns.of(STREAM).await;
        let second = turns.of(third).await;
        first.take_free(&BTreeSet::from([OTHER, STREAM, third]));
        assert_eq!(turns.of_all(&both).err(), Some(STREAM));
        assert_eq!(turns.of_all(&BTreeSet::from([OTHER])).err(), Some(OTHER));
        drop(first);
        assert!(turns.of_all(&both).is_ok());
        assert_eq!(turns.of_all(&BTreeSet::from([third])).err(), Some(third));
        drop(second);
    }

    #[tokio::test]
    async fn the_next_one_goes_on_from_what_is_under_way_unless_it_failed() {
        let turns = Turns::default();
        let [two, three] = [2, 3].map(|version| Held { version, ..Held::new("declaration").unwrap() });
        let version = |turn: &Turn| turn.ahead(STREAM).map(|held| held.version);
        let mut first = turns.of(STREAM).await;
        assert_eq!(version(&first), None);
        first.pass_on(|_| Some(&two));
        assert_eq!(
            turns.of_all(&BTreeSet::from([STREAM])).err(),
            Some(STREAM),
            "until it is known what became of it"
        );
        let mut second = turns.of(STREAM).await;
        assert_eq!(version(&second), Some(2));
        second.pass_on(|_| Some(&three));
        drop(second);
        second = turns.of(STREAM).await;
        assert_eq!(version(&second), Some(3));
        drop((first, second));
        assert_eq!(version(&turns.of(STREAM).await), None, "nobody is under way");

        let mut first = turns.of(STREAM).await;
        first.pass_on(|_| Some(&two));
        first.failed();
        assert_eq!(version(&turns.of(STREAM).await), None);
    }
}
