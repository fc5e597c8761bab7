//! A server process on a folder of its own.

use std::fs::Permissions;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::journal::Journal;

/// The password of `admin` in these tests.
pub const ADMIN_PASSWORD: &str = "Xiang-2023-jiang";

/// When the rehearsal begins.
pub const BEGINNING: &str = "2023-05-04T09:00:00+08:00";

/// A data folder; PostgreSQL may run as another user, who must pass.
pub fn data_folder() -> TempDir {
    tempfile::Builder::new()
        .prefix("zhicheng-process-")
        .permissions(Permissions::from_mode(0o711))
        .tempdir()
        .unwrap()
}

/// Where the data of a server are.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub folder: &'a Path,
    /// The addresses of log and vault; none: the server's private PostgreSQL.
    pub databases: Option<(&'a str, &'a str)>,
}

impl<'a> Place<'a> {
    /// Everything in this folder.
    pub fn private(folder: &'a Path) -> Self {
        Self { folder, databases: None }
    }

    /// A command of the binary on these data, with nothing from the environment of the tests.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zhicheng"));
        for name in [
            "DATABASE_URL",
            "VAULT_URL",
            "NATS_URL",
            "ZHICHENG_LISTEN",
            "ZHICHENG_ADMIN_PASSWORD",
            "ZHICHENG_LOG",
            "ZHICHENG_POSTGRES_PROGRAMS",
        ] {
            command.env_remove(name);
        }
        command.args(words).arg("--data").arg(self.folder);
        if let Some((log, vault)) = self.databases {
            command.args(["--database-url", log, "--vault-url", vault]);
        }
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// `zhicheng check` finds nothing wrong.
    #[track_caller]
    pub fn check(&self) {
        self.is_clean(&["check"]);
    }

    /// `zhicheng check` finds nothing wrong, and everything of what the clients know by themselves. Answers its report.
    #[track_caller]
    pub fn check_with(&self, journal: &Journal) -> String {
        let path = self.folder.join("acknowledged.jsonl");
        journal.write(&path);
        let report = self.is_clean(&["check", "--acknowledged", path.to_str().unwrap()]);
        let expected = format!("好  {:>10}  ", journal.len());
        let held =
            report.lines().any(|line| line.starts_with(&expected) && line.ends_with("（acknowledged）"));
        assert!(held, "all {} acknowledged commands were held against the log:\n{report}", journal.len());
        report
    }

    #[track_caller]
    fn is_clean(&self, words: &[&str]) -> String {
        let output = self.run(words);
        let report = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{report}{}", String::from_utf8_lossy(&output.stderr));
        report
    }
}

/// A running server; dropping it kills it.
pub struct Server {
    child: Child,
    /// Where it listens, as `host:port`.
    pub address: String,
}

impl Server {
    /// Starts a rehearsal there and waits until it listens. What it logs is added to `server.log` in its folder.
    pub fn start(place: Place<'_>, address: &str) -> Self {
        let rehearsal = format!("--rehearsal={BEGINNING}");
        let words = ["serve", &rehearsal, "--listen", address, "--admin-password", ADMIN_PASSWORD];
        Self::run(place.command(&words), place.folder)
    }

    /// Runs a command that serves, and waits until it listens.
    pub fn run(mut command: Command, folder: &Path) -> Self {
        let log = folder.join("server.log");
        let to_log = std::fs::OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(to_log)
            .process_group(0)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = loop {
            let Some(Ok(line)) = lines.next() else {
                let log = std::fs::read_to_string(&log).unwrap_or_default();
                panic!("the server ended before it listened: {:?}\n{log}", child.wait());
            };
            if let Some((_, address)) = line.split_once("http://") {
                break address.to_owned();
            }
        };
        // Read on, or it would wait for somebody to read.
        thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Kills it in the middle of whatever it does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, and waits until it has.
    #[track_caller]
    pub fn stop(mut self) {
        signal(self.child.id(), Signal::TERM);
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process.
pub fn signal(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

/// The postmaster of the private PostgreSQL in this folder; none while it is not running.
pub fn postmaster(folder: &Path) -> Option<u32> {
    let text = std::fs::read_to_string(folder.join("postgres/postmaster.pid")).ok()?;
    text.lines().next()?.trim().parse().ok()
}
