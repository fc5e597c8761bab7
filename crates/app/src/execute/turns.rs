//! Who was too slow waits for a turn: commands that change the same thing at once would otherwise outrun each other until some
//! of them gave up.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use tokio::sync::{Mutex, MutexGuard};

/// How many turns there are; two things that share one only wait a little longer.
const TURNS: usize = 64;

/// One turn at a time for whatever is contended, in this process. Others in other processes are met by trying again.
#[derive(Debug)]
pub(crate) struct Turns([Mutex<()>; TURNS]);

impl Default for Turns {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::default()))
    }
}

impl Turns {
    /// Waits for the turn of a stream. Whoever holds one asks for no other: two could wait for each other.
    pub(crate) async fn of(&self, aggregate_type: &str, aggregate_id: &str) -> Option<MutexGuard<'_, ()>> {
        let mut hasher = DefaultHasher::new();
        (aggregate_type, aggregate_id).hash(&mut hasher);
        let at = usize::try_from(hasher.finish() % TURNS as u64).unwrap_or_default();
        match self.0.get(at) {
            Some(turn) => Some(turn.lock().await),
            None => None,
        }
    }
}
