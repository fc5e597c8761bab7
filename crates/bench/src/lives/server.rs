//! The server that is measured: a process of its own, on the databases of the bench's cluster.

use std::fs::Permissions;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use zhicheng_cluster::Cluster;

use crate::Failure;
use crate::lives::client::Client;
use crate::lives::office::{BEGINNING, PASSWORD};

/// How often all tables are rebuilt.
const REBUILDS: usize = 5;

/// How long the server may take to end.
const END_MAX: Duration = Duration::from_secs(60);

/// A folder for everything; PostgreSQL may run as another user, who must pass.
pub(crate) fn data_folder() -> Result<TempDir, Failure> {
    let mut builder = tempfile::Builder::new();
    Ok(builder.prefix("zhicheng-bench-").permissions(Permissions::from_mode(0o711)).tempdir()?)
}

/// A running server; dropping it kills it.
pub(crate) struct Server {
    binary: PathBuf,
    data: PathBuf,
    databases: [String; 2],
    child: Child,
    /// Where it listens, as `host:port`.
    pub(crate) address: String,
}

impl Server {
    /// Starts a rehearsal and waits until it listens.
    pub(crate) fn start(binary: &Path, data: &Path, cluster: &Cluster) -> Result<Self, Failure> {
        std::fs::create_dir_all(data)?;
        let databases = [cluster.url("log"), cluster.url("vault")];
        let log = std::fs::File::create(data.join("server.log"))?;
        let rehearsal = format!("--rehearsal={BEGINNING}");
        let mut child = command(binary, data, &databases)
            .args(["serve", &rehearsal, "--listen", "127.0.0.1:0", "--admin-password", PASSWORD])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|error| format!("{}: {error}", binary.display()))?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no output of the server")?).lines();
        let address = loop {
            let Some(Ok(line)) = lines.next() else {
                return Err(std::fs::read_to_string(data.join("server.log"))?.into());
            };
            if let Some((_, address)) = line.split_once("http://") {
                break address.to_owned();
            }
        };
        // Read on, or it would wait for somebody to read.
        thread::spawn(move || lines.for_each(drop));
        Ok(Self { binary: binary.to_owned(), data: data.to_owned(), databases, child, address })
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Rebuilds all tables beside the running server, as an operator does, and compares them with those that were there: some times, for
    /// PostgreSQL tidies up after the load meanwhile.
    pub(crate) async fn rebuild(&self, client: &Client) -> Result<(), Failure> {
        let head = client.get("/readyz", "").await?["position"].as_i64().ok_or("no position in /readyz")?;
        let mut rates = Vec::with_capacity(REBUILDS);
        for _ in 0..REBUILDS {
            rates.push(self.rebuild_once(head)?);
        }
        rates.sort_by(f64::total_cmp);
        let median = rates.get(REBUILDS / 2).ok_or("nothing was rebuilt")?;
        say!("median of {REBUILDS} rebuilds: {median:.0} events/s");
        Ok(())
    }

    fn rebuild_once(&self, head: i64) -> Result<f64, Failure> {
        let begun = Instant::now();
        let output = command(&self.binary, &self.data, &self.databases).arg("rebuild").output()?;
        let seconds = begun.elapsed().as_secs_f64();
        let told = String::from_utf8_lossy(&output.stdout);
        let equal = told.lines().filter(|line| line.contains("与原表逐行一致")).count();
        let tables = told.lines().filter(|line| line.contains("已重建至位置")).count();
        if !output.status.success() || tables == 0 {
            return Err(format!("{told}{}", String::from_utf8_lossy(&output.stderr)).into());
        }
        let rate = head as f64 / seconds;
        say!(
            "all {tables} tables rebuilt from {head} events in {seconds:.1} s, {equal} equal to those that were there: {rate:.0} events/s"
        );
        Ok(rate)
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) async fn stop(mut self) -> Result<(), Failure> {
        if let Some(pid) = Pid::from_raw(i32::try_from(self.child.id())?) {
            kill_process(pid, Signal::TERM)?;
        }
        let begun = Instant::now();
        while self.child.try_wait()?.is_none() {
            if begun.elapsed() > END_MAX {
                return Err("the server does not end".into());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The binary on these data, with nothing of this process's environment that would lead it elsewhere.
fn command(binary: &Path, data: &Path, [log, vault]: &[String; 2]) -> Command {
    let mut command = Command::new(binary);
    for name in ["NATS_URL", "ZHICHENG_LISTEN", "ZHICHENG_ADMIN_PASSWORD", "ZHICHENG_LOG"] {
        command.env_remove(name);
    }
    command.env("ZHICHENG_DATA", data).env("DATABASE_URL", log).env("VAULT_URL", vault);
    command
}
