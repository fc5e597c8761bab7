//! Who was too slow waits for a turn: commands that change the same thing at once would otherwise outrun each other until some
//! of them gave up.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::OwnedMutexGuard;
use zhicheng_domain::StreamId;

/// One turn at a time for whatever is contended, in this process. Others in other processes are met by trying again.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<HashMap<StreamId, Weak<tokio::sync::Mutex<()>>>>);

/// A turn, over when it is dropped.
pub(crate) type Turn = OwnedMutexGuard<()>;

impl Turns {
    /// The first of these streams whose turn somebody has or waits for.
    pub(crate) fn contended(&self, mut streams: impl Iterator<Item = StreamId>) -> Option<StreamId> {
        let turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if turns.is_empty() {
            return None;
        }
        streams.find(|stream| turns.get(stream).is_some_and(|turn| turn.strong_count() > 0))
    }

    /// Waits for the turn of a stream. Whoever has one asks for no other: two could wait for each other.
    pub(crate) async fn of(&self, stream: StreamId) -> Turn {
        let turn = {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match turns.get(&stream).and_then(Weak::upgrade) {
                Some(turn) => turn,
                None => {
                    turns.retain(|_, turn| turn.strong_count() > 0);
                    let turn = Arc::default();
                    turns.insert(stream, Arc::downgrade(&turn));
                    turn
                }
            }
        };
        turn.lock_owned().await
    }
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
        assert_eq!(turns.contended([STREAM].into_iter()), None);
        let first = turns.of(STREAM).await;
        assert_eq!(turns.contended([OTHER, STREAM].into_iter()), Some(STREAM));
        assert_eq!(turns.contended([OTHER].into_iter()), None);
        let mut second = Box::pin(turns.of(STREAM));
        assert!(futures::poll!(&mut second).is_pending());
        drop(first);
        assert_eq!(turns.contended([STREAM].into_iter()), Some(STREAM), "the next one is on");
        drop(second.await);
        assert_eq!(turns.contended([STREAM].into_iter()), None);
    }
}
