//! What a caller may choose, and the parameters PostgreSQL is started with.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::ClusterError;

const MIB: u64 = 1024 * 1024;

/// The share of the machine's memory that becomes `shared_buffers`.
const SHARED_BUFFERS_SHARE: u64 = 8;
/// Below this the appender pays for page writes of its own; a small machine still has it.
const SHARED_BUFFERS_MIB_MIN: u64 = 128;
/// More was not measured to help.
const SHARED_BUFFERS_MIB_MAX: u64 = 3 * 1024;
/// What is assumed where the system does not say.
const MEMORY_MIB_ASSUMED: u64 = 2 * 1024;
/// A crash is followed by redo of at most about this much log.
const WAL_MIB_MAX: u64 = 2 * 1024;
/// Between them the log is replayed after a crash.
const CHECKPOINT_MINUTES: u32 = 5;
/// Recovery of a large cluster after a crash takes a minute; the rest is reserve.
const START_LIMIT_DEFAULT: Duration = Duration::from_secs(600);
/// Connections at most, unless asked otherwise.
const CONNECTIONS_DEFAULT: u32 = 100;

/// What `Settings::parameters` may not touch: durability, who can reach the server, and what this crate relies on.
const FIXED: &[&str] = &[
    "cluster_name",
    "data_directory",
    "external_pid_file",
    "fsync",
    "full_page_writes",
    "hba_file",
    "ident_file",
    "ignore_checksum_failure",
    "lc_messages",
    "listen_addresses",
    "log_destination",
    "log_line_prefix",
    "logging_collector",
    "port",
    "unix_socket_directories",
    "unix_socket_permissions",
    "zero_damaged_pages",
];

/// What may be chosen about a private cluster; the default fits a server.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The folder of `postgres` and `initdb`; otherwise `pg_config`, the usual folders and `PATH` are searched.
    pub programs: Option<PathBuf>,
    /// The folder below which the files go when the data folder is out of PostgreSQL's reach, `/var/lib` by default.
    pub system_folder: PathBuf,
    /// Bytes of `shared_buffers`; otherwise an eighth of the memory, from 128 MiB to 3 GiB.
    pub shared_buffers_bytes: Option<u64>,
    /// Connections at most.
    pub connections_max: u32,
    /// How long the first start may take until connections are accepted, recovery after a crash included.
    pub start_limit: Duration,
    /// Further parameters as in `postgresql.conf`; they win over ours, but for those that durability rests on.
    pub parameters: Vec<(String, String)>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            programs: None,
            system_folder: PathBuf::from("/var/lib"),
            shared_buffers_bytes: None,
            connections_max: CONNECTIONS_DEFAULT,
            start_limit: START_LIMIT_DEFAULT,
            parameters: Vec::new(),
        }
    }
}

impl Settings {
    /// Refuses parameters that are not for changing, before anything is started.
    pub(crate) fn check(&self) -> Result<(), ClusterError> {
        let fixed =
            self.parameters.iter().find(|(name, _)| FIXED.contains(&name.to_ascii_lowercase().as_str()));
        match fixed {
            Some((name, _)) => Err(ClusterError::SettingFixed { name: name.clone() }),
            None => Ok(()),
        }
    }

    /// All parameters the server is started with: ours, then the caller's.
    pub(crate) fn server_parameters(
        &self,
        socket_folder: &Path,
        cluster_name: &str,
    ) -> Vec<(String, String)> {
        let buffers_mib = match self.shared_buffers_bytes {
            Some(bytes) => (bytes / MIB).max(1),
            None => {
                (memory_mib() / SHARED_BUFFERS_SHARE).clamp(SHARED_BUFFERS_MIB_MIN, SHARED_BUFFERS_MIB_MAX)
            }
        };
        let wal_buffers_mib = (buffers_mib / 8).clamp(1, 64);
        let ours = [
            // who can reach it
            ("listen_addresses", String::new()),
            ("unix_socket_directories", quoted_for_list(socket_folder)),
            ("unix_socket_permissions", "0700".to_owned()),
            ("cluster_name", cluster_name.to_owned()),
            ("max_connections", self.connections_max.to_string()),
            // durable
            ("fsync", "on".to_owned()),
            ("full_page_writes", "on".to_owned()),
            ("synchronous_commit", "on".to_owned()),
            // at default sizes three of four page writes fall on the appender itself
            ("shared_buffers", format!("{buffers_mib}MB")),
            ("wal_buffers", format!("{wal_buffers_mib}MB")),
            ("bgwriter_delay", "20ms".to_owned()),
            ("bgwriter_lru_maxpages", "1000".to_owned()),
            // a restart after a crash takes seconds: little to replay, and no file-by-file fsync before it
            ("max_wal_size", format!("{WAL_MIB_MAX}MB")),
            ("checkpoint_timeout", format!("{CHECKPOINT_MINUTES}min")),
            ("recovery_init_sync_method", "syncfs".to_owned()),
            // statements are short; compiling them costs more than they do
            ("jit", "off".to_owned()),
            // a client that went away must not hold the log's head row
            ("client_connection_check_interval", "10s".to_owned()),
            ("timezone", "UTC".to_owned()),
            // the log goes to our own; it must not carry values from rows or statements
            ("log_timezone", "UTC".to_owned()),
            ("log_destination", "stderr".to_owned()),
            ("logging_collector", "off".to_owned()),
            ("log_line_prefix", String::new()),
            ("lc_messages", "C".to_owned()),
            ("log_error_verbosity", "terse".to_owned()),
            ("log_min_error_statement", "panic".to_owned()),
            ("log_checkpoints", "off".to_owned()),
        ];
        let ours = ours.into_iter().map(|(name, value)| (name.to_owned(), value));
        ours.chain(self.parameters.iter().cloned()).collect()
    }
}

/// `unix_socket_directories` is a list of names: a comma in a folder's name must not split it.
fn quoted_for_list(folder: &Path) -> String {
    format!("\"{}\"", folder.display().to_string().replace('"', "\"\""))
}

/// The memory this process may use: the machine's, or less where its control group says so.
fn memory_mib() -> u64 {
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib / 1024)
    });
    let groups = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
    let allowed = groups.iter().filter_map(|file| fs::read_to_string(file).ok()?.trim().parse::<u64>().ok());
    allowed.map(|bytes| bytes / MIB).chain(machine).min().unwrap_or(MEMORY_MIB_ASSUMED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durability_is_not_for_changing() {
        for name in ["fsync", "FSYNC", "listen_addresses"] {
            let settings =
                Settings { parameters: vec![(name.to_owned(), "off".to_owned())], ..Settings::default() };
            assert!(matches!(settings.check(), Err(ClusterError::SettingFixed { .. })), "{name}");
        }
        let settings =
            Settings { parameters: vec![("work_mem".to_owned(), "8MB".to_owned())], ..Settings::default() };
        assert!(settings.check().is_ok());
    }

    #[test]
    fn buffers_follow_memory_within_bounds() {
        let parameters = Settings::default().server_parameters(Path::new("/run/x"), "x");
        let buffers = &parameters.iter().find(|(name, _)| name == "shared_buffers").unwrap().1;
        let mib: u64 = buffers.strip_suffix("MB").unwrap().parse().unwrap();
        assert!((SHARED_BUFFERS_MIB_MIN..=SHARED_BUFFERS_MIB_MAX).contains(&mib), "{buffers}");
    }
}
