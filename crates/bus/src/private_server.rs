//! The private nats-server: one of our own in the data folder, for whoever has not set one up.
//!
//! It listens on loopback alone, on a port and with a password of its own, which `nats.url` in the folder tells whoever may read it. A
//! thread of its own watches it and starts it again when it dies; it ends with this process, however that ends: the kernel
//! tells it when the *thread* that started it dies, by way of `setpriv` of util-linux, as with the private PostgreSQL. What an
//! earlier process left behind nevertheless is stopped first, for two servers on one folder would damage its files.

use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use thiserror::Error;

/// Where distributions put the program; `PATH` comes after.
const PROGRAMS: [&str; 4] =
    ["/usr/sbin/nats-server", "/usr/bin/nats-server", "/usr/local/bin/nats-server", "nats-server"];
/// Its user.
const USER: &str = "zhicheng";
/// The address of the server with its password, in the data folder: for subscribers on this machine.
pub const ADDRESS: &str = "nats.url";
/// Its folder in the data folder.
pub const FOLDER: &str = "nats";
/// How long it may take until it listens.
const LISTEN_MAX: Duration = Duration::from_secs(10);
/// Memory that JetStream may take.
const MEMORY_MAX: &str = "64MB";
/// Between two looks whether it lives.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// The pause before it is started again.
const RESTART_PAUSE: Duration = Duration::from_millis(500);
/// How long an orderly end may take.
const STOP_MAX: Duration = Duration::from_secs(5);
/// Bytes of chance in the password.
const PASSWORD_BYTES: usize = 24;
/// `setpriv` becomes the program that it is given, once the kernel is told to end it with us.
const SETPRIV: &str = "/usr/bin/setpriv";
/// Becomes the program if the parent is still the process named by `$0`.
const WHILE_PARENT_LIVES: &str = r#"[ "$PPID" = "$0" ] && exec "$@""#;

/// Why there is no private nats-server.
#[derive(Debug, Error)]
pub enum ServerError {
    /// The program is not there.
    #[error("nats-server is not there; Debian's package is nats-server. Or name a server in NATS_URL")]
    Missing,
    /// A file of it could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is no free port, no chance or no thread.
    #[error("nats-server cannot be prepared")]
    Prepare(#[source] io::Error),
}

/// A running private nats-server; it ends with this value, or with the process.
#[derive(Debug)]
pub struct PrivateServer {
    url: String,
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl PrivateServer {
    /// Starts it on the folder `nats` in this data folder. It returns at once: whoever connects tries until it listens.
    ///
    /// # Errors
    ///
    /// See [`ServerError`].
    pub fn start(data_folder: &Path) -> Result<Self, ServerError> {
        let program = program().ok_or(ServerError::Missing)?;
        let data_folder = data_folder.canonicalize().map_err(at(data_folder))?;
        let folder = data_folder.join(FOLDER);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(at(&folder))?;
        let files = Files { configuration: folder.join("nats.conf"), pid: folder.join("nats.pid") };
        files.end_leftover();
        let known = fs::read_to_string(data_folder.join(ADDRESS)).unwrap_or_default();
        let (password, port) = match read_address(&known) {
            Some((password, port)) if is_free(port) => (password, port),
            Some((password, _)) => (password, free_port()?),
            None => (password()?, free_port()?),
        };
        let url = format!("nats://{USER}:{password}@127.0.0.1:{port}");
        write_private(&data_folder.join(ADDRESS), &format!("{url}\n"))?;
        let store = folder.join("store");
        let configuration = format!(
            "listen: \"127.0.0.1:{port}\"\n\
             pid_file: {pid:?}\n\
             jetstream {{ store_dir: {store:?}, max_memory_store: {MEMORY_MAX} }}\n\
             authorization {{ user: \"{USER}\", password: \"{password}\" }}\n",
            pid = files.pid,
        );
        write_private(&files.configuration, &configuration)?;
        let log = folder.join("nats.log");
        let (stop, stopped) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("nats-server".into())
            .spawn(move || supervise(&program, &files, &log, &stopped))
            .map_err(ServerError::Prepare)?;
        Ok(Self { url, stop: Some(stop), thread: Some(thread) })
    }

    /// Its address, with user and password.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns once it listens, or does not for long.
    pub async fn listens(&self) {
        let Some((_, port)) = read_address(&self.url) else { return };
        let begun = Instant::now();
        while begun.elapsed() < LISTEN_MAX {
            if tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_ok() {
                return;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Stops it, and returns once it has ended.
    pub async fn stop(mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // a thread that panicked has no server any more
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

impl Drop for PrivateServer {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The files by which it is recognised.
struct Files {
    configuration: PathBuf,
    pid: PathBuf,
}

impl Files {
    /// Ends a server that an earlier process left on this folder.
    fn end_leftover(&self) {
        let pid = || fs::read_to_string(&self.pid).ok()?.trim().parse::<i32>().ok();
        let Some(pid) = pid().filter(|pid| self.is_ours(*pid)) else { return };
        tracing::warn!(pid, "a nats-server of an earlier run is still there; it is stopped");
        for (how, limit) in [(Signal::TERM, STOP_MAX), (Signal::KILL, STOP_MAX)] {
            signal(pid, how);
            let begun = Instant::now();
            while self.is_ours(pid) && begun.elapsed() < limit {
                thread::sleep(LOOK_EVERY);
            }
        }
    }

    /// Whether this process is a server with our configuration: numbers alone come again.
    fn is_ours(&self, pid: i32) -> bool {
        let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let ours = self.configuration.as_os_str().as_encoded_bytes();
        words.split(|byte| *byte == 0).any(|word| word == ours)
    }
}

/// The thread: runs the server until it is told to stop.
fn supervise(program: &Path, files: &Files, log: &Path, stopped: &Receiver<()>) {
    loop {
        match spawn(program, files, log) {
            Ok(mut child) => {
                if run(&mut child, stopped) == Ended::ToldTo {
                    return;
                }
                tracing::warn!(log = %log.display(), "nats-server ended by itself; it is started again");
            }
            Err(error) => tracing::warn!(%error, "nats-server cannot be started; it is tried again"),
        }
        match stopped.recv_timeout(RESTART_PAUSE) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

#[derive(PartialEq, Eq)]
enum Ended {
    ToldTo,
    ByItself,
}

fn run(child: &mut Child, stopped: &Receiver<()>) -> Ended {
    loop {
        match stopped.recv_timeout(LOOK_EVERY) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => {
                end(child);
                return Ended::ToldTo;
            }
        }
        if !matches!(child.try_wait(), Ok(None)) {
            return Ended::ByItself;
        }
    }
}

/// Asks it to end, and makes it end where it does not.
fn end(child: &mut Child) {
    if let Ok(pid) = i32::try_from(child.id()) {
        signal(pid, Signal::TERM);
    }
    let begun = Instant::now();
    while matches!(child.try_wait(), Ok(None)) {
        if begun.elapsed() > STOP_MAX {
            // it is gone already, or goes now
            let _ = child.kill();
            let _ = child.wait();
            return;
        }
        thread::sleep(LOOK_EVERY);
    }
}

fn spawn(program: &Path, files: &Files, log: &Path) -> io::Result<Child> {
    let log = File::options().create(true).write(true).truncate(true).mode(0o600).open(log)?;
    let mut command = if Path::new(SETPRIV).exists() {
        let mut command = Command::new(SETPRIV);
        command.args(["--pdeathsig", "TERM", "--", "/bin/sh", "-c", WHILE_PARENT_LIVES]);
        command.arg(process::id().to_string()).arg(program);
        command
    } else {
        Command::new(program)
    };
    // Its own process group, or Ctrl-C in a terminal would stop it before the server has finished.
    command.process_group(0).current_dir("/").env_clear().env("PATH", "/usr/bin:/bin");
    command.arg("--config").arg(&files.configuration);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn()
}

fn signal(pid: i32, signal: Signal) {
    let Some(pid) = Pid::from_raw(pid) else { return };
    if let Err(error) = kill_process(pid, signal) {
        tracing::debug!(%error, "the signal found no process");
    }
}

fn program() -> Option<PathBuf> {
    let answers = |program: &&str| {
        let tried =
            Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    };
    let found = PROGRAMS.into_iter().find(answers)?;
    // without a folder it would be looked for in the child's own search path
    if found.contains('/') {
        return Some(found.into());
    }
    #[expect(clippy::disallowed_methods, reason = "PATH is how programs are found; it is no setting of ours")]
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(found)).find(|program| program.is_file())
}

/// Password and port of an address that an earlier start wrote.
fn read_address(text: &str) -> Option<(String, u16)> {
    let rest = text.trim().strip_prefix(&format!("nats://{USER}:"))?;
    let (password, port) = rest.split_once("@127.0.0.1:")?;
    let plain = !password.is_empty() && password.bytes().all(|byte| byte.is_ascii_hexdigit());
    Some((plain.then(|| password.to_owned())?, port.parse().ok()?))
}

fn password() -> Result<String, ServerError> {
    let mut bytes = [0; PASSWORD_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| ServerError::Prepare(io::Error::other(error.to_string())))?;
    Ok(hex::encode(bytes))
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn free_port() -> Result<u16, ServerError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(ServerError::Prepare)?;
    Ok(listener.local_addr().map_err(ServerError::Prepare)?.port())
}

/// Writes a file that its owner alone may read.
fn write_private(path: &Path, text: &str) -> Result<(), ServerError> {
    let opened = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    opened.and_then(|mut file| file.write_all(text.as_bytes())).map_err(at(path))
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> ServerError + use<> {
    let path = path.to_owned();
    |source| ServerError::File { path, source }
}

#[cfg(test)]
mod tests {
    use super::read_address;

    #[test]
    fn an_address_is_kept_from_start_to_start() {
        assert_eq!(read_address("nats://zhicheng:0af9@127.0.0.1:4222\n"), Some(("0af9".into(), 4222)));
        for odd in
            ["", "nats://zhicheng:@127.0.0.1:4222", "nats://zhicheng:x\"@127.0.0.1:1", "nats://a:b@c:1"]
        {
            assert_eq!(read_address(odd), None);
        }
    }
}
