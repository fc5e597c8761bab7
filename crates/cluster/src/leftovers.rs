//! What a crash left: processes that still hold the files, and a `postmaster.pid` that names somebody else.
//!
//! We hold the folder's lock, so no other server of ours runs this cluster: whatever still does is an orphan.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::error::ClusterError;
use crate::postmaster_file::PostmasterFile;

/// An orphaned postmaster rolls back what is open and writes a checkpoint.
const FAST_STOP_MAX: Duration = Duration::from_secs(30);
/// A backend told to leave at once does so between two instructions, unless it waits for the disk.
const QUIT_MAX: Duration = Duration::from_secs(10);
/// What the kernel takes to end a process.
const KILL_MAX: Duration = Duration::from_secs(5);
/// Between two looks at the processes.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// One cluster's processes, recognised by what they are, never by a number alone.
#[derive(Debug, Clone)]
pub(crate) struct Processes {
    files: PathBuf,
    cluster_name: String,
    uid: u32,
}

impl Processes {
    pub(crate) fn new(files: &Path, cluster_name: &str, uid: u32) -> Self {
        Self { files: files.to_owned(), cluster_name: cluster_name.to_owned(), uid }
    }

    /// Ends every process that still runs on the files and removes a `postmaster.pid` that names a process of another
    /// kind, so that the next start meets nothing.
    ///
    /// An orphaned postmaster is stopped cleanly (with its owner's death signal it is usually stopping already). Where
    /// the postmaster is gone, idle backends have left by themselves; a busy one stays, and while it does every start
    /// fails for its shared memory: it is told to quit.
    pub(crate) fn clear(&self) -> Result<(), ClusterError> {
        if let Some(postmaster) = PostmasterFile::read(&self.files).filter(|it| self.is_ours(it.pid)) {
            tracing::warn!(
                pid = postmaster.pid,
                "PostgreSQL of an earlier run is still there; it is stopped"
            );
            signal(postmaster.pid, Signal::INT);
            wait_until(FAST_STOP_MAX, || !self.is_ours(postmaster.pid));
        }
        for (how, limit) in [(Signal::QUIT, QUIT_MAX), (Signal::KILL, KILL_MAX)] {
            let left = self.all();
            if left.is_empty() {
                break;
            }
            tracing::warn!(processes = ?left, "processes of an earlier run still hold the database files; they are ended");
            left.iter().for_each(|pid| signal(*pid, how));
            wait_until(limit, || self.all().is_empty());
        }
        let left = self.all();
        if !left.is_empty() {
            return Err(ClusterError::Leftovers { processes: left });
        }
        self.remove_stale_file()
    }

    /// PostgreSQL refuses to start when the number in the file is that of a living process of its own user, as happens
    /// when numbers start again from 1 with a container. None of our processes is left: the file is stale then.
    fn remove_stale_file(&self) -> Result<(), ClusterError> {
        let Some(named) = PostmasterFile::read(&self.files) else { return Ok(()) };
        // Not visible in /proc: dead, or hidden from us, and then PostgreSQL itself may judge.
        let another = fs::metadata(format!("/proc/{}", named.pid)).is_ok();
        if !another {
            return Ok(());
        }
        let path = PostmasterFile::path(&self.files);
        fs::remove_file(&path).map_err(ClusterError::file("remove", &path))
    }

    fn all(&self) -> Vec<i32> {
        let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
        let numbers = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        numbers.filter(|pid| self.is_ours(*pid)).collect()
    }

    /// A process named `postgres`, of PostgreSQL's user, that works in our folder or says so in its title. The folder of
    /// another user's process cannot always be read, even by root (containers without `CAP_SYS_PTRACE`); the title can.
    fn is_ours(&self, pid: i32) -> bool {
        let process = PathBuf::from(format!("/proc/{pid}"));
        if fs::metadata(&process).map(|found| found.uid()).ok() != Some(self.uid) {
            return false;
        }
        if fs::read_to_string(process.join("comm")).unwrap_or_default().trim_end() != "postgres" {
            return false;
        }
        if fs::read_link(process.join("cwd")).is_ok_and(|folder| folder == self.files) {
            return true;
        }
        let title = fs::read(process.join("cmdline")).unwrap_or_default();
        self.is_our_title(&String::from_utf8_lossy(&title))
    }

    /// The postmaster shows its arguments, every other process `postgres: <cluster name>: …`.
    fn is_our_title(&self, title: &str) -> bool {
        let files = self.files.to_string_lossy();
        let mut arguments = title.split('\0');
        let postmaster = arguments.any(|it| it == "-D") && arguments.next() == Some(&*files);
        postmaster || title.starts_with(&format!("postgres: {}: ", self.cluster_name))
    }
}

/// Sends a signal; that the process is gone meanwhile is no error.
fn signal(pid: i32, signal: Signal) {
    let Some(pid) = Pid::from_raw(pid) else { return };
    if let Err(error) = kill_process(pid, signal) {
        tracing::debug!(%error, "the signal found no process");
    }
}

fn wait_until(limit: Duration, done: impl Fn() -> bool) {
    let end = Instant::now() + limit;
    while !done() && Instant::now() < end {
        thread::sleep(LOOK_EVERY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_its_processes_by_their_titles() {
        let ours = Processes::new(Path::new("/data/postgres"), "zhicheng-0123456789ab", 101);
        assert!(ours.is_our_title("/usr/lib/postgresql/15/bin/postgres\0-D\0/data/postgres\0-c\0fsync=on\0"));
        assert!(ours.is_our_title("postgres: zhicheng-0123456789ab: zhicheng log [local] idle\0"));
        assert!(!ours.is_our_title("/usr/lib/postgresql/15/bin/postgres\0-D\0/data/postgres2\0"));
        assert!(!ours.is_our_title("postgres: 15/main: checkpointer \0"));
        assert!(!ours.is_our_title(""));
    }

    #[test]
    fn does_not_take_another_program_for_its_own() {
        let uid = rustix::process::geteuid().as_raw();
        let here = std::env::current_dir().unwrap();
        let own = i32::try_from(std::process::id()).unwrap();
        assert!(!Processes::new(&here, "zhicheng-0123456789ab", uid).is_ours(own));
    }
}
