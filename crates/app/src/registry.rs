//! The registers, brought up to the head of the log as it was when the request began: in every process.

use crate::error::Error;
use std::cell::Cell;
use std::sync::RwLock;
use std::sync::atomic::{AtomicU64, Ordering};
use zhicheng_domain::{AnyEvent, Registers};
use zhicheng_eventstore::EventStore;

/// How many events are read in one go while catching up.
const PAGE_EVENTS_MAX: u32 = 1_000;

/// The registers of this process.
pub struct Registry {
    registers: RwLock<Registers>,
    turn: tokio::sync::Mutex<()>,
    begun: AtomicU64,
    done: AtomicU64,
}

impl Registry {
    /// Empty registers; the first request folds the log.
    pub fn new() -> Self {
        Self {
            registers: RwLock::default(),
            turn: tokio::sync::Mutex::new(()),
            begun: AtomicU64::new(0),
            done: AtomicU64::new(0),
        }
    }

    /// Looks something up. The lock is held for as long as the closure runs: it must not wait for anything, nor look something up
    /// itself (the application's [`now`](crate::App::now) does), for whoever waits to fold stands between the two, and all three
    /// would wait for ever.
    pub fn read<T>(&self, look: impl FnOnce(&Registers) -> T) -> T {
        let _looking = Looking::begin();
        match self.registers.read() {
            Ok(registers) => look(&registers),
            // A panic while folding leaves registers that may be half folded; they are still dense up to their position.
            Err(poisoned) => look(&poisoned.into_inner()),
        }
    }

    /// Folds what was appended since, by whichever process. Requests that wait together share one look at the log, as long as
    /// it began after each of them did.
    pub async fn catch_up(&self, store: &EventStore) -> Result<i64, Error> {
        let begun = self.begun.load(Ordering::SeqCst);
        let _turn = self.turn.lock().await;
        if self.done.load(Ordering::SeqCst) > begun {
            return Ok(self.read(|registers| registers.position));
        }
        let mine = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let head = store.head().await?;
        let mut from = self.read(|registers| registers.position);
        while from < head {
            let events = store.read_after(from, PAGE_EVENTS_MAX, Some(Registers::TYPES)).await?;
            let full = events.len() == PAGE_EVENTS_MAX as usize;
            let mut registers = match self.registers.write() {
                Ok(registers) => registers,
                Err(poisoned) => poisoned.into_inner(),
            };
            for event in events {
                from = event.position;
                let Ok(id) = event.aggregate_id.parse() else { continue };
                match AnyEvent::from_payload(&event.aggregate_type, &event.payload) {
                    Some(Ok((fact, stamp))) => registers.apply(event.position, id, &fact, &stamp),
                    Some(Err(error)) => {
                        // Confined to its aggregate: the others go on, and `check` names it.
                        tracing::error!(position = event.position, %error, "an event of the registers is not understood");
                    }
                    None => {}
                }
            }
            if !full {
                registers.position = registers.position.max(head);
                from = head.max(from);
            }
        }
        self.done.store(mine, Ordering::SeqCst);
        Ok(self.read(|registers| registers.position))
    }
}

thread_local! {
    static LOOKING: Cell<bool> = const { Cell::new(false) };
}

/// Somebody looks something up on this thread.
struct Looking;

impl Looking {
    /// Wherever one look is taken inside another, every test that comes by there fails, not just the one in a thousand that
    /// meets somebody who folds.
    fn begin() -> Self {
        let inside_another = LOOKING.replace(true);
        debug_assert!(!inside_another, "the registers are looked at while they are looked at");
        Self
    }
}

impl Drop for Looking {
    fn drop(&mut self) {
        LOOKING.set(false);
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "while they are looked at")]
    fn nobody_looks_at_the_registers_while_looking_at_them() {
        let registry = Registry::new();
        registry.read(|_| registry.read(|registers| registers.position));
    }

    #[test]
    fn one_look_may_follow_another() {
        let registry = Registry::new();
        assert_eq!(registry.read(|registers| registers.position), 0);
        assert_eq!(registry.read(|registers| registers.position), 0);
    }
}
