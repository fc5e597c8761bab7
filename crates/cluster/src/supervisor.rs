//! The thread that owns PostgreSQL: prepares the folder, runs the postmaster, starts it again when it dies, stops it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use tokio::sync::{oneshot, watch};

use crate::cluster::ClusterState;
use crate::database_log::DatabaseLog;
use crate::error::ClusterError;
use crate::folder::Place;
use crate::initialise;
use crate::launcher::Launcher;
use crate::leftovers::Processes;
use crate::postmaster_file::PostmasterFile;
use crate::programs::{self, Programs};
use crate::settings::Settings;

/// The number in the socket's name; nothing listens on a TCP port.
pub(crate) const PORT: u16 = 5432;

/// Between two looks whether PostgreSQL is ready.
const READY_EVERY: Duration = Duration::from_millis(10);
/// The pause before the first start after a death; it doubles from there.
const RESTART_PAUSE_MIN: Duration = Duration::from_millis(100);
/// The longest pause between two starts.
const RESTART_PAUSE_MAX: Duration = Duration::from_secs(10);
/// A fast shutdown ends with a checkpoint; a slow disk takes its time.
const FAST_STOP_MAX: Duration = Duration::from_secs(60);
/// An immediate shutdown; the postmaster itself kills what does not leave within five seconds.
const QUIT_MAX: Duration = Duration::from_secs(10);

/// What the thread is told.
#[derive(Debug)]
pub(crate) enum Message {
    /// By the handle: stop PostgreSQL and end.
    Stop,
    /// By the waiter: the child has ended and waits to be reaped.
    Ended,
}

/// What there is to know about a cluster that runs.
#[derive(Debug, Clone)]
pub(crate) struct Started {
    pub(crate) files: PathBuf,
    pub(crate) socket_folder: PathBuf,
    pub(crate) programs: PathBuf,
    pub(crate) parameters: Vec<(String, String)>,
}

/// The thread: from the lock on the folder to its release. `started` gets the outcome of the first start.
pub(crate) fn run(
    data_folder: &Path,
    settings: &Settings,
    waiters: &Sender<Message>,
    inbox: &Receiver<Message>,
    state: &watch::Sender<ClusterState>,
    started: oneshot::Sender<Result<Started, ClusterError>>,
) {
    let outcome = prepare(data_folder, settings).and_then(|prepared| {
        let running = prepared.start(Some(settings.start_limit), waiters, inbox)?;
        Ok((prepared, running))
    });
    match outcome {
        Ok((prepared, running)) => {
            state.send_replace(ClusterState::Ready);
            // An error means that nobody waits any more; the handle's drop has sent the message to stop.
            let _ = started.send(Ok(prepared.started.clone()));
            prepared.supervise(running, waiters, inbox, state);
            // The socket is gone with PostgreSQL; an empty folder left behind does no harm.
            let _ = fs::remove_dir(&prepared.started.socket_folder);
            drop(prepared);
        }
        Err(error) => {
            let _ = started.send(Err(error));
        }
    }
    state.send_replace(ClusterState::Stopped);
}

/// Everything up to the point where the postmaster can be started.
fn prepare(data_folder: &Path, settings: &Settings) -> Result<Prepared, ClusterError> {
    settings.check()?;
    let place = Place::settle(data_folder, settings)?;
    let version = initialise::version_of(&place.files)?;
    let programs = programs::find(settings.programs.as_deref(), version)?;
    let launcher = Launcher::new(place.accounts.clone());
    if version.is_none() {
        tracing::info!(files = %place.files.display(), "the database files are made");
        initialise::make_files(&place.files, &programs, &launcher, &place.accounts)?;
    }
    let name = place.name();
    let processes = Processes::new(&place.files, &name, place.accounts.postgres.uid);
    let socket_folder = place.make_socket_folder()?;
    let started = Started {
        files: place.files.clone(),
        parameters: settings.server_parameters(&socket_folder, &name),
        socket_folder,
        programs: programs.folder.clone(),
    };
    Ok(Prepared { place, programs, launcher, processes, started })
}

/// A cluster ready to be started, any number of times.
#[derive(Debug)]
struct Prepared {
    place: Place,
    programs: Programs,
    launcher: Launcher,
    processes: Processes,
    started: Started,
}

/// A child not yet reaped, so that its number cannot have become another's.
#[derive(Debug)]
struct Running {
    child: Child,
    log: DatabaseLog,
}

impl Prepared {
    /// Starts the postmaster and waits until it accepts connections; without a limit where recovery may take what it takes.
    fn start(
        &self,
        limit: Option<Duration>,
        waiters: &Sender<Message>,
        inbox: &Receiver<Message>,
    ) -> Result<Running, ClusterError> {
        self.processes.clear()?;
        initialise::write_access_rules(&self.place.files, &self.place.accounts)?;
        let mut running = self.spawn(waiters)?;
        let since = Instant::now();
        loop {
            match inbox.recv_timeout(READY_EVERY) {
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Message::Ended) => {
                    let status = running.reap();
                    return Err(ClusterError::Ended { status, log: running.log.tail() });
                }
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => {
                    running.stop(inbox);
                    return Err(ClusterError::Stopped);
                }
            }
            let file = PostmasterFile::read(&self.place.files);
            if file.is_some_and(|file| file.ready && u32::try_from(file.pid) == Ok(running.child.id())) {
                tracing::info!(milliseconds = since.elapsed().as_millis(), "PostgreSQL is ready");
                return Ok(running);
            }
            if let Some(limit) = limit.filter(|limit| since.elapsed() > *limit) {
                running.stop(inbox);
                return Err(ClusterError::TooSlow { seconds: limit.as_secs(), log: running.log.tail() });
            }
        }
    }

    fn spawn(&self, waiters: &Sender<Message>) -> Result<Running, ClusterError> {
        let mut command = self.launcher.command(&self.programs.folder.join("postgres"));
        command.arg("-D").arg(&self.place.files).arg("-p").arg(PORT.to_string());
        for (name, value) in &self.started.parameters {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        let mut child =
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().map_err(ClusterError::Spawn)?;
        let log = child.stderr.take().map(DatabaseLog::follow).unwrap_or_default();
        if let Err(error) = wait_on_a_thread(&child, waiters.clone()) {
            // Nobody would notice its end: better none at all. What it may have spawned is cleared at the next start.
            let _ = child.kill();
            let _ = child.wait();
            return Err(error);
        }
        Ok(Running { child, log })
    }

    /// Until asked to stop: waits for the postmaster's death and starts it again.
    fn supervise(
        &self,
        running: Running,
        waiters: &Sender<Message>,
        inbox: &Receiver<Message>,
        state: &watch::Sender<ClusterState>,
    ) {
        let mut running = running;
        loop {
            match inbox.recv() {
                Ok(Message::Stop) | Err(_) => return running.stop(inbox),
                Ok(Message::Ended) => {}
            }
            let cause = format!("PostgreSQL ended by itself ({})", running.reap());
            match self.start_again(cause, waiters, inbox, state) {
                Some(again) => running = again,
                None => return,
            }
        }
    }

    /// Starts until it succeeds; none when asked to stop meanwhile.
    fn start_again(
        &self,
        cause: String,
        waiters: &Sender<Message>,
        inbox: &Receiver<Message>,
        state: &watch::Sender<ClusterState>,
    ) -> Option<Running> {
        let mut cause = cause;
        let mut pause = RESTART_PAUSE_MIN;
        for attempt in 1.. {
            tracing::error!(cause, attempt, "PostgreSQL is down; it is started again");
            state.send_replace(ClusterState::Down { cause, attempt });
            match inbox.recv_timeout(pause) {
                Err(RecvTimeoutError::Timeout) | Ok(Message::Ended) => {}
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return None,
            }
            state.send_replace(ClusterState::Starting);
            match self.start(None, waiters, inbox) {
                Ok(running) => {
                    state.send_replace(ClusterState::Ready);
                    return Some(running);
                }
                Err(ClusterError::Stopped) => return None,
                Err(error) => cause = error.to_string(),
            }
            pause = (pause * 2).min(RESTART_PAUSE_MAX);
        }
        None
    }
}

impl Running {
    /// Rolls back what is open, checkpoints and ends; harder when that takes too long.
    fn stop(&mut self, inbox: &Receiver<Message>) {
        for (how, limit) in [(Signal::INT, FAST_STOP_MAX), (Signal::QUIT, QUIT_MAX)] {
            // The child is not reaped yet, so the number is still its own.
            if let Err(error) = kill_process(Pid::from_child(&self.child), how) {
                tracing::warn!(%error, "PostgreSQL could not be signalled");
            }
            if self.ended_within(limit, inbox) {
                return;
            }
            tracing::warn!(seconds = limit.as_secs(), "PostgreSQL does not stop");
        }
        if let Err(error) = self.child.kill() {
            tracing::warn!(%error, "PostgreSQL could not be killed");
        }
        self.reap();
    }

    fn ended_within(&mut self, limit: Duration, inbox: &Receiver<Message>) -> bool {
        let end = Instant::now() + limit;
        loop {
            match inbox.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(Message::Ended) => {
                    self.reap();
                    return true;
                }
                Ok(Message::Stop) => {}
                Err(_) => return false,
            }
        }
    }

    /// Takes the status of a child that has ended, which frees its number.
    fn reap(&mut self) -> String {
        self.child.wait().as_ref().map_or_else(ToString::to_string, ExitStatus::to_string)
    }
}

/// Tells when the child has ended, and leaves it to be reaped by its owner.
fn wait_on_a_thread(child: &Child, waiters: Sender<Message>) -> Result<(), ClusterError> {
    let pid = Pid::from_child(child);
    let wait = move || {
        while let Err(Errno::INTR) = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
        }
        // An error means that the supervisor is gone, and with it whoever would care.
        let _ = waiters.send(Message::Ended);
    };
    let spawned = std::thread::Builder::new().name("private-cluster-wait".to_owned()).spawn(wait);
    spawned.map(|_| ()).map_err(ClusterError::Spawn)
}
