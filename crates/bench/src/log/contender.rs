//! What is compared: something that a worker can send one command after the other to.

use std::pin::Pin;
use std::time::Instant;

use crate::Failure;

/// A future in a box, for a trait that is used as an object.
pub(crate) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A way to write commands.
pub(crate) trait Contender: Send + Sync {
    /// What it is called in the table and on the command line.
    fn name(&self) -> &'static str;

    /// Prepares for so many workers.
    fn prepare(&self, workers: usize) -> Boxed<'_, Result<(), Failure>>;

    /// One worker: commands one after the other until the time has come. Gives the microseconds each of them took.
    fn work(&self, until: Instant) -> Boxed<'static, Result<Vec<u32>, Failure>>;

    /// How many commands were written together on average since the last question, where that is known.
    fn batch_size(&self) -> Boxed<'_, Result<Option<f64>, Failure>>;
}

/// The turns of one worker: as many as fit into the time, and how long each took.
pub(crate) struct Turns {
    until: Instant,
    begun: Option<Instant>,
    took_us: Vec<u32>,
}

impl Turns {
    /// Turns until the time has come.
    pub(crate) fn until(until: Instant) -> Self {
        Self { until, begun: None, took_us: Vec::with_capacity(1 << 14) }
    }

    /// Ends a turn and says whether there is another.
    pub(crate) fn another(&mut self) -> bool {
        let now = Instant::now();
        if let Some(begun) = self.begun {
            self.took_us.push(u32::try_from((now - begun).as_micros()).unwrap_or(u32::MAX));
        }
        self.begun = Some(now);
        now < self.until
    }

    /// The microseconds each turn took.
    pub(crate) fn took_us(self) -> Vec<u32> {
        self.took_us
    }
}
