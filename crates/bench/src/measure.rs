//! Rates, latencies, and the processor time that went into them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::Failure;
use crate::contender::Contender;

/// How long workers run before they are measured: connections are made, plans and caches filled.
const WARM_UP: Duration = Duration::from_millis(500);

/// The unit of processor times in `/proc`, in seconds: Linux shows them in hundredths on every architecture.
const TICK_SECONDS: f64 = 0.01;

/// One measurement.
pub(crate) struct Measured {
    pub(crate) contender: &'static str,
    pub(crate) workers: usize,
    pub(crate) commands_a_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) batch: Option<f64>,
    /// Microseconds of processor time of this process for each command.
    pub(crate) client_us: f64,
    /// Microseconds of processor time of PostgreSQL for each command.
    pub(crate) server_us: f64,
    /// The share of the machine that went to others, in percent.
    pub(crate) foreign_percent: f64,
    /// The share of the machine that was idle, in percent.
    pub(crate) idle_percent: f64,
}

/// Lets so many workers run for so long, after a short warm-up.
pub(crate) async fn measure(
    contender: &dyn Contender,
    workers: usize,
    duration: Duration,
    machine: &Machine,
) -> Result<Measured, Failure> {
    contender.prepare(workers).await?;
    run(contender, workers, WARM_UP).await?;
    contender.batch_size().await?;
    let (before, begun) = (machine.times()?, Instant::now());
    let mut took = run(contender, workers, duration).await?;
    let (after, elapsed) = (machine.times()?, begun.elapsed().as_secs_f64());
    took.sort_unstable();
    let commands = took.len().max(1) as f64;
    let percentile =
        |share: f64| took.get((took.len() as f64 * share) as usize).map_or(0.0, |us| f64::from(*us) / 1000.0);
    let spent = after.since(&before);
    Ok(Measured {
        contender: contender.name(),
        workers,
        commands_a_second: commands / elapsed,
        p50_ms: percentile(0.5),
        p99_ms: percentile(0.99),
        batch: contender.batch_size().await?,
        client_us: spent.client * 1e6 / commands,
        server_us: spent.server * 1e6 / commands,
        foreign_percent: (spent.busy - spent.client - spent.server).max(0.0) / (spent.busy + spent.idle)
            * 100.0,
        idle_percent: spent.idle / (spent.busy + spent.idle) * 100.0,
    })
}

async fn run(contender: &dyn Contender, workers: usize, duration: Duration) -> Result<Vec<u32>, Failure> {
    let until = Instant::now() + duration;
    let workers: Vec<_> = (0..workers).map(|_| tokio::spawn(contender.work(until))).collect();
    let mut took = Vec::new();
    for worker in workers {
        took.append(&mut worker.await??);
    }
    Ok(took)
}

/// Where processor times are read: of this process, of a PostgreSQL server, of the machine.
pub(crate) struct Machine {
    postmaster_file: PathBuf,
}

/// Seconds of processor time.
pub(crate) struct Times {
    client: f64,
    server: f64,
    busy: f64,
    idle: f64,
}

impl Times {
    fn since(&self, before: &Self) -> Self {
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

    /// The most memory this process has had at once, in MiB.
    pub(crate) fn peak_mib(&self) -> Result<u64, Failure> {
        let status = fs::read_to_string("/proc/self/status")?;
        let line =
            status.lines().find(|line| line.starts_with("VmHWM:")).ok_or("no VmHWM in /proc/self/status")?;
        let kib: u64 = line.split_whitespace().nth(1).ok_or("no number in VmHWM")?.parse()?;
        Ok(kib / 1024)
    }

    fn times(&self) -> Result<Times, Failure> {
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

struct ProcessTime {
    parent: u32,
    own: f64,
    ended_children: f64,
}

fn process_time(stat: &Path) -> Result<ProcessTime, Failure> {
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
