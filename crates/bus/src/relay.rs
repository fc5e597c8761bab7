//! The relay: publishes the log, in order, for as long as it lives.

use crate::message::Message;
use crate::published;
use crate::stream::{Broker, Last, StreamError};
use sqlx::PgConnection;
use std::convert::Infallible;
use std::time::Duration;
use thiserror::Error;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use zhicheng_eventstore::{EventStore, ReadError, RecordedEvent};

/// Events that are read and published at one time.
const BATCH_EVENTS: u32 = 256;
/// How long it waits after trouble: this at first, twice as long each time.
const PAUSE_MIN: Duration = Duration::from_millis(200);
/// The longest that it waits after trouble.
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// How often it looks at the head where nobody wakes it, and whether it still holds the lock.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How often it asks whether the process that publishes has gone.
const STANDBY_PAUSE: Duration = Duration::from_secs(2);

/// What the relay is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelayState {
    /// It has not begun yet, or tries again after trouble.
    Waiting,
    /// Another process publishes.
    Standby,
    /// It publishes, and has come this far.
    Publishing {
        /// The last position that the stream holds.
        position: i64,
    },
    /// The stream is not that of this log, or was emptied: somebody must look.
    Refused {
        /// The last position that the stream holds.
        position: i64,
    },
}

impl RelayState {
    /// Its name in answers and figures.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Standby => "standby",
            Self::Publishing { .. } => "publishing",
            Self::Refused { .. } => "refused",
        }
    }

    /// How far the stream is, where that is known.
    pub const fn position(self) -> Option<i64> {
        match self {
            Self::Waiting | Self::Standby => None,
            Self::Publishing { position } | Self::Refused { position } => Some(position),
        }
    }
}

/// Publishes a log on a broker. Of several processes on one log one publishes, the holder of an advisory lock; the lock only spares
/// work: what keeps the stream right is that the broker takes each message behind the one before.
#[derive(Debug)]
pub struct Relay {
    store: EventStore,
    url: String,
    state: watch::Sender<RelayState>,
}

/// Why it begins anew.
#[derive(Debug, Error)]
enum Trouble {
    #[error("the log cannot be read")]
    Log(#[from] ReadError),
    #[error("the log's database does not answer")]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Stream(#[from] StreamError),
    #[error("the stream's last message, number {position}, is not of this log")]
    OtherLog { position: i64 },
    #[error(
        "the stream was emptied after message {position}: what it held would be missed for ever; delete it, and it is filled anew"
    )]
    Emptied { position: i64 },
    #[error("the stream is no longer at message {position}, where it was left")]
    Moved { position: i64 },
}

impl Relay {
    /// A relay from this log to the broker at this address (`nats://user:password@host:port`).
    pub fn new(store: EventStore, url: String) -> Self {
        let (state, _) = watch::channel(RelayState::Waiting);
        Self { store, url, state }
    }

    /// Says what it is doing.
    pub fn subscribe(&self) -> watch::Receiver<RelayState> {
        self.state.subscribe()
    }

    /// Publishes until it is dropped.
    pub async fn run(self) {
        let mut pause = PAUSE_MIN;
        loop {
            let mut published = false;
            let ended = match self.publish_on(&mut published).await {
                Err(trouble) => trouble,
                Ok(never) => match never {},
            };
            if published {
                pause = PAUSE_MIN;
            }
            metrics::counter!("relay_troubles_total").increment(1);
            match &ended {
                Trouble::OtherLog { position } | Trouble::Emptied { position } => {
                    self.tell(RelayState::Refused { position: *position });
                    tracing::error!(error = %ended, "nothing is published");
                }
                Trouble::Log(_) | Trouble::Database(_) | Trouble::Stream(_) | Trouble::Moved { .. } => {
                    self.tell(RelayState::Waiting);
                    let cause = std::error::Error::source(&ended).map(ToString::to_string);
                    tracing::warn!(error = %ended, cause, "publication is late");
                }
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// Publishes until something fails, and says whether anything was published until then.
    async fn publish_on(&self, published: &mut bool) -> Result<Infallible, Trouble> {
        let mut lock = self.lock().await?;
        let broker = Broker::connect(&self.url).await?;
        let last = broker.last().await?;
        self.recognise(&last).await?;
        let mut position = last.sequence;
        let mut head = self.store.subscribe_head();
        loop {
            self.tell(RelayState::Publishing { position });
            head.mark_unchanged();
            let events = self.store.read_stored_after(position, BATCH_EVENTS).await?;
            if events.is_empty() {
                // whether or not somebody wakes us
                let _ = timeout(LOOK_EVERY, head.changed()).await;
                sqlx::query("select 1").execute(&mut lock).await?;
                // or was deleted meanwhile, or somebody else publishes there
                if broker.sequence().await? != position {
                    return Err(Trouble::Moved { position });
                }
                continue;
            }
            let messages: Vec<(i64, Message)> =
                events.into_iter().map(|event| (event.position, self.message(event))).collect();
            broker.publish(&messages).await?;
            *published = true;
            position += i64::try_from(messages.len()).unwrap_or_default();
            metrics::counter!("relay_published_total")
                .increment(u64::try_from(messages.len()).unwrap_or_default());
        }
    }

    /// The message of an event as stored, in the version in which all are told; what cannot be brought to it is not told.
    fn message(&self, mut event: RecordedEvent) -> Message {
        match self.store.bring_up_to_date(&mut event) {
            Ok(()) => Message::of(&event),
            Err(error) => {
                tracing::error!(position = error.position, error = %error.source, "{error}; it is not told on the bus");
                Message::withheld(event.position)
            }
        }
    }

    /// Waits until no other process publishes. The lock goes with the connection.
    async fn lock(&self) -> Result<PgConnection, Trouble> {
        let mut connection = self.store.pool().acquire().await?.detach();
        loop {
            let locked: bool =
                sqlx::query_scalar("select pg_try_advisory_lock(hashtextextended('zhicheng relay', 0))")
                    .fetch_one(&mut connection)
                    .await?;
            if locked {
                return Ok(connection);
            }
            self.tell(RelayState::Standby);
            sleep(STANDBY_PAUSE).await;
        }
    }

    /// Whether the stream's last message is that of this log: not where the log was brought back from an earlier backup, or another
    /// system publishes there.
    async fn recognise(&self, last: &Last) -> Result<(), Trouble> {
        let other = Trouble::OtherLog { position: last.sequence };
        let Some(content) = &last.content else {
            // a new stream is filled from the beginning; one that was emptied goes on behind what nobody can hear any more
            return match last.sequence {
                0 => Ok(()),
                position => Err(Trouble::Emptied { position }),
            };
        };
        let events = self.store.read_stored_after(last.sequence - 1, 1).await?;
        let Some(event) = events.into_iter().next() else { return Err(other) };
        if published::is_of(content, &self.message(event)) { Ok(()) } else { Err(other) }
    }

    fn tell(&self, state: RelayState) {
        self.state.send_if_modified(|known| {
            let changed = *known != state;
            *known = state;
            changed
        });
        if let Some(position) = state.position() {
            #[expect(clippy::cast_precision_loss, reason = "a figure")]
            metrics::gauge!("relay_position").set(position as f64);
            let lag = (*self.store.subscribe_head().borrow() - position).max(0);
            #[expect(clippy::cast_precision_loss, reason = "a figure")]
            metrics::gauge!("relay_lag_events").set(lag as f64);
        }
    }
}
