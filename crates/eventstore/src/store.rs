//! The handle: opening a log, and what is shared by all who hold it.

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use zhicheng_database::Gather;
use zhicheng_journal::RecordedEvent;

use crate::appender::{self, Queue};
use crate::cache::Cache;
use crate::connection;
use crate::error::{ConnectError, DecodeError, ReadError};
use crate::lane::Lane;
use crate::read::{self, StreamAfter};
use crate::schema;
use crate::sealing::{self, Sealing};
use crate::upcast::Upcasters;
use crate::wake::{self, OtherWay};

/// How long a reader waits for a connection before it is told that the log is not available.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// A log on a PostgreSQL database. Cheap to clone; any number of them may be open on one database, in any number of processes.
///
/// It comes back by itself after PostgreSQL was away. It needs sessions of its own: a pooler that hands one server session to
/// several clients in turn would break waiting for the head and finding out what a lost connection did.
#[derive(Clone)]
pub struct EventStore {
    inner: Arc<Inner>,
}

struct Inner {
    pool: PgPool,
    streams: Gather<StreamAfter, Vec<RecordedEvent>>,
    queue: Queue,
    cache: Cache,
    upcasters: Upcasters,
    sealing: Option<Arc<dyn Sealing>>,
    head: watch::Receiver<i64>,
    other_way: OtherWay,
    wake: Vec<AbortHandle>,
}

impl Drop for Inner {
    /// The appender is left to answer what is in its queue; those who only listen end here.
    fn drop(&mut self) {
        self.wake.iter().for_each(AbortHandle::abort);
    }
}

/// How a log is opened.
#[derive(Clone)]
pub struct Settings {
    /// How many connections read at the same time. Appending and waking take up to four more.
    pub pool_connections_max: u32,
    /// How much memory cached aggregates may take.
    pub cache_bytes_max: usize,
    /// How many commands may wait to be written; more are told to come again.
    pub queue_commands_max: usize,
    /// How many bytes of payload and metadata may wait to be written.
    pub queue_bytes_max: usize,
    /// How often the head is looked at, for the case that a wake-up was lost.
    pub poll_every: Duration,
    /// Steps that bring old versions of events up to date.
    pub upcasters: Upcasters,
    /// Opens what is sealed in events that are read.
    pub sealing: Option<Arc<dyn Sealing>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            pool_connections_max: 8,
            cache_bytes_max: 256 * 1024 * 1024,
            queue_commands_max: 4096,
            queue_bytes_max: 64 * 1024 * 1024,
            poll_every: Duration::from_millis(250),
            upcasters: Upcasters::new(),
            sealing: None,
        }
    }
}

impl EventStore {
    /// Opens the log, bringing its schema up to date first. Must be called within a tokio runtime, in which its tasks live.
    ///
    /// # Errors
    ///
    /// See [`ConnectError`].
    pub async fn connect(options: PgConnectOptions, settings: Settings) -> Result<Self, ConnectError> {
        let options = options.application_name("zhicheng-log");
        schema::bring_up_to_date(&options).await?;
        let (pool, position) = pool(connection::reading(&options), &settings).await?;
        let (head, receiver) = watch::channel(position);
        let (own_head, to_tell) = watch::channel(0);
        let wake = wake::start(&options, head.clone(), to_tell, settings.poll_every);
        Ok(Self::on(pool, &options, settings, (head, own_head), receiver, wake))
    }

    /// Opens the log to look at it: its schema stays as it is, and is refused where it is of another version; its connections may
    /// write nothing, whoever appends is told that the log is not available, and nobody is told when it grows. Must be called within
    /// a tokio runtime.
    ///
    /// # Errors
    ///
    /// See [`ConnectError`].
    pub async fn connect_to_look(
        options: PgConnectOptions,
        settings: Settings,
    ) -> Result<Self, ConnectError> {
        let options = options.application_name("zhicheng-look");
        schema::is_up_to_date(&options).await?;
        let (pool, position) = pool(connection::looking(&options), &settings).await?;
        let (head, receiver) = watch::channel(position);
        let (own_head, _) = watch::channel(0);
        let nobody = (OtherWay::of_who_only_looks(&head), Vec::new());
        let store = Self::on(pool, &options, settings, (head, own_head), receiver, nobody);
        store.inner.queue.close().await;
        Ok(store)
    }

    fn on(
        pool: PgPool,
        options: &PgConnectOptions,
        settings: Settings,
        (head, own_head): (watch::Sender<i64>, watch::Sender<i64>),
        receiver: watch::Receiver<i64>,
        (other_way, wake): (OtherWay, Vec<AbortHandle>),
    ) -> Self {
        let lanes = [Lane::new(options.clone()), Lane::new(options.clone())];
        let queue =
            appender::start(lanes, settings.queue_commands_max, settings.queue_bytes_max, head, own_head);
        let inner = Inner {
            streams: read::gathered(&pool),
            pool,
            queue,
            cache: Cache::new(settings.cache_bytes_max),
            upcasters: settings.upcasters,
            sealing: settings.sealing,
            head: receiver,
            other_way,
            wake,
        };
        Self { inner: Arc::new(inner) }
    }

    /// The connections that read the log. Sequential scans are discouraged on them (`enable_seqscan` is off), for plans made on an
    /// empty log would stay.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.inner.pool
    }

    /// Folded aggregates kept in memory.
    #[must_use]
    pub fn cache(&self) -> &Cache {
        &self.inner.cache
    }

    /// Says when the log grew, and to which position at least: a hint. What this process appends is told at once, what others append
    /// as soon as their wake-up arrives, or with the next look at the head.
    #[must_use]
    pub fn subscribe_head(&self) -> watch::Receiver<i64> {
        self.inner.head.clone()
    }

    /// The two ends of another way to wake the processes on this log than PostgreSQL's, for whoever has one.
    #[must_use]
    pub fn other_way(&self) -> OtherWay {
        self.inner.other_way.clone()
    }

    /// Reads the payload of an event as `E`, once it is up to date.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] names the event; the rest of the log is not concerned.
    pub fn decode<E: serde::de::DeserializeOwned>(&self, event: &RecordedEvent) -> Result<E, DecodeError> {
        self.inner.upcasters.decode(event)
    }

    /// Writes what is waiting to be written, then ends: whoever appends or reads from now on is told that the log is not
    /// available, whichever handle they hold. The connections are gone or about to go when this returns.
    pub async fn close(&self) {
        self.inner.wake.iter().for_each(AbortHandle::abort);
        self.inner.queue.close().await;
        self.inner.pool.close().await;
    }

    pub(crate) fn streams(&self) -> &Gather<StreamAfter, Vec<RecordedEvent>> {
        &self.inner.streams
    }

    pub(crate) fn queue(&self) -> &Queue {
        &self.inner.queue
    }

    /// Opens what is sealed in events as stored and brings up to date what is old. An event that cannot be brought up to date stays
    /// as it was stored: whoever decodes it is told, and the others are not held up.
    ///
    /// # Errors
    ///
    /// [`ReadError::Sealing`] where something sealed does not open; all of them may then be as they were.
    pub async fn open(&self, events: &mut [RecordedEvent]) -> Result<(), ReadError> {
        if let Some(sealing) = &self.inner.sealing {
            sealing::open(&**sealing, events).await?;
        }
        for event in events {
            if let Err(error) = self.bring_up_to_date(event) {
                tracing::error!(position = error.position, error = %error.source, "{error}");
            }
        }
        Ok(())
    }

    /// Brings an event as stored to the present version and leaves closed what is sealed in it: for whoever passes it on to others.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] where it cannot be brought up to date; it is then as it was.
    pub fn bring_up_to_date(&self, event: &mut RecordedEvent) -> Result<(), DecodeError> {
        self.inner.upcasters.apply(event)
    }

    /// As [`Self::open`], for the events of one stream: there an event that cannot be brought up to date is an error.
    pub(crate) async fn open_stream(&self, events: &mut [RecordedEvent]) -> Result<(), ReadError> {
        if let Some(sealing) = &self.inner.sealing {
            sealing::open(&**sealing, events).await?;
        }
        events.iter_mut().try_for_each(|event| self.bring_up_to_date(event)).map_err(ReadError::from)
    }
}

/// The connections that read, and the last position.
async fn pool(options: PgConnectOptions, settings: &Settings) -> Result<(PgPool, i64), ConnectError> {
    let pool = zhicheng_database::lent(settings.pool_connections_max, ACQUIRE_TIMEOUT)
        .connect_with(options)
        .await
        .map_err(ConnectError::Database)?;
    let position = sqlx::query_scalar("select position from log_head")
        .fetch_one(&pool)
        .await
        .map_err(ConnectError::Database)?;
    Ok((pool, position))
}

impl std::fmt::Debug for EventStore {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("EventStore").field("head", &*self.inner.head.borrow()).finish_non_exhaustive()
    }
}
