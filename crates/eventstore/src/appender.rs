//! Group commit: one task gathers the commands that are waiting and hands them to a lane as one batch. While one batch waits
//! for the disk, the next one gathers.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::task::{JoinHandle, yield_now};

use crate::append::Prepared;
use crate::error::Unavailable;
use crate::lane::{Lane, Outcome};
use crate::wake;

/// How many commands one batch may hold.
const BATCH_COMMANDS_MAX: usize = 256;

/// How many events one batch may hold; a single command may have more.
const BATCH_EVENTS_MAX: usize = 1024;

/// How many bytes of payload and metadata one batch may hold; a single command may have more.
const BATCH_BYTES_MAX: usize = 8 * 1024 * 1024;

/// How many must be waiting before a second batch is sent while the first is on its way. Below that two half batches cost more
/// than one whole.
const SECOND_LANE_DEPTH: usize = 64;

/// How often tasks that were just answered are let run before a batch is closed, so that their next commands are in it.
const GATHERING_YIELDS_MAX: usize = 4;

/// How commands reach the appender, within bounds.
pub(crate) struct Queue {
    sender: mpsc::Sender<Waiting>,
    bytes: Arc<AtomicUsize>,
    bytes_max: usize,
    deep: Arc<Notify>,
    closing: Arc<Notify>,
    appender: Mutex<Option<JoinHandle<()>>>,
}

/// A command that waits for its answer.
struct Waiting {
    prepared: Arc<Prepared>,
    answer: oneshot::Sender<Outcome>,
    _counted: Counted,
}

impl Queue {
    /// Puts a command in line and waits until it is known what became of it.
    ///
    /// # Errors
    ///
    /// The queue is full or closed; the command was not written.
    pub(crate) async fn put(&self, prepared: Arc<Prepared>) -> Result<Outcome, Unavailable> {
        let counted = Counted::new(&self.bytes, prepared.bytes, self.bytes_max)?;
        let (answer, answered) = oneshot::channel();
        self.sender.try_send(Waiting { prepared, answer, _counted: counted }).map_err(
            |error| match error {
                mpsc::error::TrySendError::Full(_) => Unavailable::QueueFull,
                mpsc::error::TrySendError::Closed(_) => Unavailable::Closed,
            },
        )?;
        if self.sender.max_capacity() - self.sender.capacity() > SECOND_LANE_DEPTH {
            self.deep.notify_one();
        }
        answered.await.map_err(|_| Unavailable::Closed)
    }

    /// Answers what is waiting and takes no more; returns once the appender and its connections are gone.
    pub(crate) async fn close(&self) {
        self.closing.notify_one();
        let appender = self.appender.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(appender) = appender {
            // It ends by itself; one that was cut short has nothing left to close.
            let _ = appender.await;
        }
    }
}

/// Bytes that are waiting, as long as it lives.
struct Counted {
    waiting: Arc<AtomicUsize>,
    bytes: usize,
}

impl Counted {
    fn new(waiting: &Arc<AtomicUsize>, bytes: usize, bytes_max: usize) -> Result<Self, Unavailable> {
        let counted = Self { waiting: Arc::clone(waiting), bytes };
        if waiting.fetch_add(bytes, Ordering::Relaxed) + bytes > bytes_max.max(bytes) {
            return Err(Unavailable::QueueFull);
        }
        Ok(counted)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.waiting.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Starts the appender. It ends once the queue is dropped and everything in it is answered.
pub(crate) fn start(
    lanes: [Lane; 2],
    queue_commands_max: usize,
    queue_bytes_max: usize,
    head: watch::Sender<i64>,
    own_head: watch::Sender<i64>,
) -> Queue {
    let (sender, receiver) = mpsc::channel(queue_commands_max);
    let (deep, closing) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let appender = Appender {
        queue: receiver,
        backlog: VecDeque::new(),
        idle: lanes.into(),
        busy_names: HashSet::new(),
        deep: Arc::clone(&deep),
        closing: Arc::clone(&closing),
        head,
        own_head,
    };
    let appender = Mutex::new(Some(tokio::spawn(appender.run())));
    Queue { sender, bytes: Arc::default(), bytes_max: queue_bytes_max, deep, closing, appender }
}

struct Appender {
    queue: mpsc::Receiver<Waiting>,
    /// What was taken from the queue and is not in a batch yet, in order.
    backlog: VecDeque<Waiting>,
    idle: Vec<Lane>,
    /// Names of the commands that are on their way.
    busy_names: HashSet<u64>,
    deep: Arc<Notify>,
    closing: Arc<Notify>,
    /// The last position known to this process.
    head: watch::Sender<i64>,
    /// The last position that this process wrote: what it has to tell others.
    own_head: watch::Sender<i64>,
}

impl Appender {
    async fn run(mut self) {
        let mut busy = FuturesUnordered::new();
        loop {
            if busy.is_empty() && self.backlog.is_empty() {
                let next = tokio::select! {
                    biased;
                    next = self.queue.recv() => next,
                    () = self.closing.notified() => {
                        // What is in it already comes out of it still.
                        self.queue.close();
                        continue;
                    }
                };
                match next {
                    Some(waiting) => self.backlog.push_back(waiting),
                    None => break,
                }
            }
            let deep = self.backlog.len() + self.queue.len() > SECOND_LANE_DEPTH;
            if (busy.is_empty() || deep)
                && let Some(lane) = self.idle.pop()
            {
                self.gather(if busy.is_empty() { GATHERING_YIELDS_MAX } else { 0 }).await;
                let batch = self.close_batch();
                if !batch.is_empty() {
                    busy.push(carry(lane, batch));
                    continue;
                }
                self.idle.push(lane);
            }
            tokio::select! {
                biased;
                Some((lane, batch, outcomes)) = busy.next(), if !busy.is_empty() => {
                    self.idle.push(lane);
                    self.answer(batch, outcomes);
                }
                () = self.deep.notified(), if !self.idle.is_empty() => {}
            }
        }
        for lane in self.idle {
            lane.close().await;
        }
    }

    /// Takes what is waiting, and gives those who were just answered a moment to come again.
    async fn gather(&mut self, yields_max: usize) {
        let mut yields = 0;
        loop {
            let before = self.backlog.len();
            while self.backlog.len() < BATCH_COMMANDS_MAX
                && let Ok(waiting) = self.queue.try_recv()
            {
                self.backlog.push_back(waiting);
            }
            let gained = self.backlog.len() > before;
            if yields == yields_max || (yields > 0 && !gained) || self.backlog.len() >= BATCH_COMMANDS_MAX {
                return;
            }
            yields += 1;
            yield_now().await;
        }
    }

    /// Takes the next batch out of the backlog: at most one command a command id and a claim, counting those that are on their way,
    /// and of a stream one, or several each of which goes on where the one before ends. Others of a kind would have
    /// PostgreSQL refuse the whole batch; they keep their places for the next one.
    fn close_batch(&mut self) -> Vec<Waiting> {
        let mut batch = Vec::new();
        let mut later = VecDeque::new();
        let mut later_names = HashSet::new();
        // names of streams that the batch itself writes to, and where it leaves them
        let mut ends: HashMap<u64, i64> = HashMap::new();
        let (mut events, mut bytes) = (0, 0);
        while let Some(waiting) = self.backlog.pop_front() {
            let prepared = &waiting.prepared;
            let full = !batch.is_empty()
                && (batch.len() == BATCH_COMMANDS_MAX
                    || events + prepared.events.len() > BATCH_EVENTS_MAX
                    || bytes + prepared.bytes > BATCH_BYTES_MAX);
            if full {
                self.backlog.push_front(waiting);
                break;
            }
            let goes_on = |at: usize, name| {
                prepared.streams.get(at).is_some_and(|stream| ends.get(name) == Some(&stream.version))
            };
            let taken = |(at, name)| {
                later_names.contains(name) || (self.busy_names.contains(name) && !goes_on(at, name))
            };
            if prepared.names.iter().enumerate().any(taken) {
                later_names.extend(prepared.names.iter().copied());
                later.push_back(waiting);
                continue;
            }
            events += prepared.events.len();
            bytes += prepared.bytes;
            self.busy_names.extend(prepared.names.iter().copied());
            let streams = prepared.names.iter().zip(&prepared.streams);
            ends.extend(streams.map(|(name, stream)| (*name, stream.version + stream.events as i64)));
            batch.push(waiting);
        }
        later.append(&mut self.backlog);
        self.backlog = later;
        batch
    }

    fn answer(&mut self, batch: Vec<Waiting>, outcomes: Vec<Outcome>) {
        metrics::counter!("zhicheng_log_batches_total").increment(1);
        metrics::counter!("zhicheng_log_commands_total").increment(batch.len() as u64);
        let mut last_position = 0;
        for (waiting, outcome) in batch.into_iter().zip(outcomes) {
            for name in &waiting.prepared.names {
                self.busy_names.remove(name);
            }
            if let Outcome::Appended { first_position, .. } = outcome {
                last_position = last_position.max(first_position + waiting.prepared.events.len() as i64 - 1);
            }
            // Who asked may have gone; the command stays written.
            let _ = waiting.answer.send(outcome);
        }
        wake::advance(&self.head, last_position);
        wake::advance(&self.own_head, last_position);
    }
}

/// Brings a batch along a lane, and gives both back with what became of it.
async fn carry(mut lane: Lane, batch: Vec<Waiting>) -> (Lane, Vec<Waiting>, Vec<Outcome>) {
    let outcomes = {
        let prepared: Vec<&Prepared> = batch.iter().map(|waiting| &*waiting.prepared).collect();
        lane.write(&prepared).await
    };
    (lane, batch, outcomes)
}
