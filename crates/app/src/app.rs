//! The application: the log, the vault, the registers and the clock, and the use cases on them.

use crate::error::Error;
use crate::execute::turns::Turns;
use crate::export::Places;
use crate::import_story::upcasters;
use crate::load;
use crate::registry::Registry;
use crate::roots::KeptRoot;
use crate::sealing::OpenWithVault;
use chrono::{DateTime, SubsecRound, Utc};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::{Notify, Semaphore, SemaphorePermit, watch};
use zhicheng_bus::RelayState;
use zhicheng_eventstore::{ConnectError, EventStore, Settings};
use zhicheng_materials::MaterialStore;
use zhicheng_projections::{Positions, Reader, Runner, TABLES, reader};
use zhicheng_vault::Vault;

/// What the application stands on.
pub struct Parts {
    /// Connection to the log's database.
    pub log: sqlx::postgres::PgConnectOptions,
    /// The vault, open.
    pub vault: Vault,
    /// The folder store of materials.
    pub materials: MaterialStore,
    /// Real time; injected, so that tests have their own.
    pub wall_clock: WallClock,
}

/// Where real time comes from.
#[derive(Clone)]
pub struct WallClock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl WallClock {
    /// A clock.
    pub fn new(read: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// The time now, in whole microseconds: what the log keeps.
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)().trunc_subsecs(6)
    }
}

/// The application. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    store: EventStore,
    vault: Vault,
    materials: MaterialStore,
    registry: Registry,
    tables: Reader,
    wall_clock: WallClock,
    stop: watch::Sender<bool>,
    feeder: Mutex<Option<JoinHandle<()>>>,
    places: Places,
    /// What the relay to the bus is doing, where there is one.
    relay: OnceLock<watch::Receiver<RelayState>>,
    /// The root of the log that this process archived last.
    root: Mutex<Option<KeptRoot>>,
    /// Somebody has done what may make steps of the system due at once.
    may_be_due: Notify,
    /// A job was started, or goes on.
    jobs_may_wait: Notify,
    /// Room for those that are carried out at one time.
    room: Semaphore,
    /// Commands that change the same thing at once go one after the other.
    turns: Turns,
}

/// Commands that are carried out at one time. Whoever comes then waits in order, at the price of its input alone; more at a time would
/// take memory and not go faster.
const COMMANDS_AT_ONCE_MAX: usize = 128;

/// What cached states may take of memory: some ten thousand cases with their certificates. Those that have left are folded from their streams again.
const CACHE_BYTES_MAX: usize = 96 * 1024 * 1024;

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

impl App {
    /// Opens the log, bringing its schema up to date, folds the registers, and lets the read tables follow the log for as long
    /// as the application lives. [`App::close`] it before the runtime ends.
    pub async fn open(parts: Parts) -> Result<Self, OpenError> {
        let readers = reader::connections(&parts.log);
        let store = EventStore::connect(parts.log.clone(), settings(&parts.vault)).await?;
        let (stop, stopped) = watch::channel(false);
        let kept = store.clone();
        let runner = Runner::new(store.clone(), store.pool().clone(), TABLES)
            .with_states(move |aggregate, id, sequence| load::kept_as_of(&kept, aggregate, id, sequence));
        let tables = Reader::new(readers, runner.positions());
        // A thread of its own: folding is work, and must not hold up those who answer requests.
        let runtime = tokio::runtime::Handle::current();
        let feeder = std::thread::Builder::new()
            .name("read-tables".into())
            .spawn(move || runtime.block_on(runner.run(stopped)))
            .map_err(OpenError::Thread)?;
        let app = Self::on(parts, store, tables, stop, Some(feeder));
        app.registry().catch_up(app.store()).await?;
        Ok(app)
    }

    /// Opens the application to look at what is there, as it is: the log's schema is refused where it is of another version, and
    /// stays; no table is built, fed or let go on; the registers are not folded, for nothing is decided. Whoever would write is
    /// told that the log is not available. [`App::close`] it before the runtime ends.
    pub async fn open_to_look(parts: Parts) -> Result<Self, OpenError> {
        let tables = Reader::new(reader::connections(&parts.log), Positions::default());
        let store = EventStore::connect_to_look(parts.log.clone(), settings(&parts.vault)).await?;
        let (stop, _) = watch::channel(true);
        Ok(Self::on(parts, store, tables, stop, None))
    }

    fn on(
        parts: Parts,
        store: EventStore,
        tables: Reader,
        stop: watch::Sender<bool>,
        feeder: Option<JoinHandle<()>>,
    ) -> Self {
        let Parts { log: _, vault, materials, wall_clock } = parts;
        Self(Arc::new(Inner {
            store,
            vault,
            materials,
            registry: Registry::new(),
            tables,
            wall_clock,
            stop,
            feeder: Mutex::new(feeder),
            places: Places::new(),
            relay: OnceLock::new(),
            root: Mutex::new(None),
            may_be_due: Notify::new(),
            jobs_may_wait: Notify::new(),
            room: Semaphore::new(COMMANDS_AT_ONCE_MAX),
            turns: Turns::default(),
        }))
    }

    /// Ends the application, for whoever still holds a handle too: the read tables stop following the log and their thread
    /// ends, what is waiting to be appended is answered, and all connections close. Call it after the last request was
    /// answered and before the runtime ends; a second call does nothing.
    pub async fn close(&self) {
        self.0.stop.send_replace(true);
        let feeder = self.0.feeder.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(feeder) = feeder {
            let ended = tokio::task::spawn_blocking(|| feeder.join()).await;
            if !matches!(ended, Ok(Ok(()))) {
                tracing::error!("the thread that feeds the read tables did not end well");
            }
        }
        self.0.tables.close().await;
        self.0.store.close().await;
        self.0.vault.close().await;
    }

    /// Has the keeper of deadlines look at once.
    pub(crate) fn look_for_due_steps(&self) {
        self.0.may_be_due.notify_one();
    }

    /// Returns once somebody has done what may make steps of the system due.
    pub(crate) async fn steps_may_be_due(&self) {
        self.0.may_be_due.notified().await;
    }

    /// Has the keeper of jobs look at once.
    pub(crate) fn look_for_jobs(&self) {
        self.0.jobs_may_wait.notify_one();
    }

    /// Returns once a job may have something to do.
    pub(crate) async fn jobs_may_wait(&self) {
        self.0.jobs_may_wait.notified().await;
    }

    /// The log.
    pub fn store(&self) -> &EventStore {
        &self.0.store
    }

    /// The vault.
    pub fn vault(&self) -> &Vault {
        &self.0.vault
    }

    /// The folder store of materials.
    pub fn materials(&self) -> &MaterialStore {
        &self.0.materials
    }

    /// The registers of this process.
    pub fn registry(&self) -> &Registry {
        &self.0.registry
    }

    /// The read tables.
    pub fn tables(&self) -> &Reader {
        &self.0.tables
    }

    /// Has readiness tell of the relay to the bus; the first one counts.
    pub fn tell_of_relay(&self, relay: watch::Receiver<RelayState>) {
        // a second one is told nothing of
        let _ = self.0.relay.set(relay);
    }

    /// What the relay to the bus is doing; none where there is none in this process.
    pub(crate) fn relay(&self) -> Option<RelayState> {
        self.0.relay.get().map(|relay| *relay.borrow())
    }

    /// The root of the log that this process archived last; none before the first.
    pub(crate) fn root(&self) -> Option<KeptRoot> {
        *self.0.root.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has readiness tell of a root.
    pub(crate) fn tell_of_root(&self, root: KeptRoot) {
        *self.0.root.lock().unwrap_or_else(PoisonError::into_inner) = Some(root);
    }

    /// Places for exports.
    pub(crate) fn places(&self) -> &Places {
        &self.0.places
    }

    /// Waits for room to carry out one more command. Who has a turn has room, so nobody who waits here is waited for.
    pub(crate) async fn room(&self) -> Result<SemaphorePermit<'_>, Error> {
        self.0.room.acquire().await.map_err(|error| Error::internal("room for a command", error))
    }

    /// Turns at what many would change at once.
    pub(crate) fn turns(&self) -> &Turns {
        &self.0.turns
    }

    /// The keyed hash by which an ID number, or the name on a certificate, is found without being stored.
    pub(crate) fn keyed_hash(&self, text: &str) -> String {
        self.vault().keyed_hash("id-number", text)
    }

    /// Real time: for sessions, re-authentication, lock-out and password age, in a rehearsal too.
    pub fn wall_clock(&self) -> DateTime<Utc> {
        self.0.wall_clock.now()
    }

    /// The time that rules and timers go by: real time, or a rehearsal's.
    pub fn now(&self) -> DateTime<Utc> {
        let real = self.wall_clock();
        self.registry().read(|registers| registers.installation.clock(real))
    }
}

/// How the log is opened.
fn settings(vault: &Vault) -> Settings {
    Settings {
        sealing: Some(Arc::new(OpenWithVault(vault.clone()))),
        upcasters: upcasters(),
        cache_bytes_max: CACHE_BYTES_MAX,
        ..Settings::default()
    }
}

/// Why the application could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The log.
    #[error(transparent)]
    Log(#[from] ConnectError),
    /// The thread that feeds the read tables.
    #[error("no thread for the read tables")]
    Thread(#[source] std::io::Error),
    /// Folding the registers.
    #[error("the registers could not be folded")]
    Registers(#[from] Error),
}
