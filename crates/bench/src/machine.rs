//! Processor time and memory, of this process, of a PostgreSQL server, of the machine.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Failure;

/// The unit of processor times in `/proc`, in seconds: Linux shows them in hundredths on every architecture.
const TICK_SECONDS: f64 = 0.01;

/// Where processor times are read: of this process, of a PostgreSQL server, of the machine.
pub(crate) struct Machine {
    postmaster_file: PathBuf,
}

/// Seconds of processor time.
pub(crate) struct Times {
    pub(crate) client: f64,
    pub(crate) server: f64,
    pub(crate) busy: f64,
    pub(crate) idle: f64,
}

impl Times {
    /// What was spent since then.
    pub(crate) fn since(&self, before: &Self) -> Self {
        Self {
            client: self.client - before.client,
            server: self.server - before.server,
            busy: self.busy - before.busy,
            idle: self.idle - before.idle,
        }
    }
}

impl Machine {
    /// With the server whose data directory this is.
    pub(crate) fn with_server(data_directory: &Path) -> Result<Self, Failure> {
        let machine = Self { postmaster_file: data_directory.join("postmaster.pid") };
        machine.times()?;
        Ok(machine)
    }

    /// What was spent so far.
    pub(crate) fn times(&self) -> Result<Times, Failure> {
        let (busy, idle) = machine_times()?;
        Ok(Times {
            client: process_time(Path::new("/proc/self/stat"))?.own,
            server: self.server_time()?,
            busy,
            idle,
        })
    }

    /// The postmaster, its children, and those of its children that have ended.
    fn server_time(&self) -> Result<f64, Failure> {
        let file = fs::read_to_string(&self.postmaster_file)?;
        let postmaster: u32 = file.lines().next().ok_or("an empty postmaster.pid")?.trim().parse()?;
        let of_postmaster = process_time(Path::new(&format!("/proc/{postmaster}/stat")))?;
        let mut seconds = of_postmaster.own + of_postmaster.ended_children;
        for entry in fs::read_dir("/proc")? {
            let path = entry?.path().join("stat");
            // A process may end between the listing and the reading.
            if let Ok(process) = process_time(&path)
                && process.parent == postmaster
            {
                seconds += process.own;
            }
        }
        Ok(seconds)
    }
}

/// Seconds of processor time of a process.
pub(crate) struct ProcessTime {
    parent: u32,
    /// Its own.
    pub(crate) own: f64,
    ended_children: f64,
}

/// Reads `/proc/<pid>/stat`.
pub(crate) fn process_time(stat: &Path) -> Result<ProcessTime, Failure> {
    let text = fs::read_to_string(stat)?;
    // The name in parentheses may hold anything; what follows is numbers.
    let (_, numbers) = text.rsplit_once(')').ok_or("no name in stat")?;
    let numbers: Vec<&str> = numbers.split_whitespace().collect();
    let number = |at: usize| -> Result<f64, Failure> { Ok(numbers.get(at).ok_or("a short stat")?.parse()?) };
    Ok(ProcessTime {
        parent: numbers.get(1).ok_or("a short stat")?.parse()?,
        own: (number(11)? + number(12)?) * TICK_SECONDS,
        ended_children: (number(13)? + number(14)?) * TICK_SECONDS,
    })
}

/// Busy and idle seconds over all processors since the start. What a hypervisor took away counts as busy.
fn machine_times() -> Result<(f64, f64), Failure> {
    let text = fs::read_to_string("/proc/stat")?;
    let line = text.lines().next().ok_or("an empty /proc/stat")?;
    let ticks: Vec<f64> =
        line.split_whitespace().skip(1).take(8).map(str::parse).collect::<Result<_, _>>()?;
    let idle: f64 = ticks.iter().skip(3).take(2).sum();
    let all: f64 = ticks.iter().sum();
    Ok(((all - idle) * TICK_SECONDS, idle * TICK_SECONDS))
}

/// The most memory a process has had at once, in MiB.
pub(crate) fn peak_mib_of(process: u32) -> Result<u64, Failure> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).ok_or("no VmHWM in its status")?;
    let kib: u64 = line.split_whitespace().nth(1).ok_or("no number in VmHWM")?.parse()?;
    Ok(kib / 1024)
}
