//! A private cluster through its life, on real PostgreSQL: started, stopped, killed, found in use.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and is its own binary"
)]

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::{Connection, PgConnection};
use tempfile::TempDir;
use zhicheng_cluster::{Cluster, ClusterError, ClusterState, Settings};

/// Names the data folder to the test that is run as a process of its own.
const HOLD: &str = "ZHICHENG_TEST_HOLD";
/// Waiting for a condition longer than this is a failure.
const WAIT_MAX: Duration = Duration::from_secs(60);

#[tokio::test]
async fn keeps_what_was_committed_over_a_stop() {
    let folder = Folder::new();
    let cluster = folder.start().await.unwrap();
    let mut connection = PgConnection::connect_with(&cluster.database("log").await.unwrap()).await.unwrap();
    sqlx::raw_sql("create table kept (word text); insert into kept values ('职称𠮷')")
        .execute(&mut connection)
        .await
        .unwrap();
    // The connection stays open: a fast stop does not wait for it.
    cluster.stop().await;
    assert!(folder.processes().is_empty());

    let cluster = folder.start().await.unwrap();
    assert_eq!(kept(&cluster).await, "职称𠮷");
    let socket_folder = cluster.socket_folder().to_owned();
    drop(cluster);
    assert!(folder.processes().is_empty());
    assert!(!socket_folder.exists());
}

#[tokio::test]
async fn runs_as_a_real_database() {
    let folder = Folder::new();
    let cluster = folder.start().await.unwrap();
    // Also by URL, as another process would.
    let mut connection = PgConnection::connect(&cluster.url("postgres")).await.unwrap();
    for (name, value) in [
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("synchronous_commit", "on"),
        ("data_checksums", "on"),
        ("listen_addresses", ""),
        ("jit", "off"),
        ("server_encoding", "UTF8"),
        ("lc_collate", "C"),
        ("lc_ctype", "C.UTF-8"),
        ("TimeZone", "UTC"),
    ] {
        let set: String = sqlx::query_scalar("select current_setting($1)")
            .bind(name)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(set, value, "{name}");
    }
    let upper: String = sqlx::query_scalar("select upper('é')").fetch_one(&mut connection).await.unwrap();
    assert_eq!(upper, "É");
    cluster.stop().await;
}

#[tokio::test]
async fn makes_a_database_once_and_refuses_odd_names() {
    let folder = Folder::new();
    let cluster = folder.start().await.unwrap();
    let (left, right) = tokio::join!(cluster.database("vault"), cluster.database("vault"));
    left.unwrap();
    right.unwrap();
    cluster.database("vault").await.unwrap();
    for name in ["", "Log", "1st", "a-b", "a\"b", "日志", &"n".repeat(64)] {
        let refused = cluster.database(name).await.unwrap_err();
        assert!(matches!(refused, ClusterError::DatabaseName { .. }), "{name}");
    }
    cluster.stop().await;
}

#[tokio::test]
async fn belongs_to_one_process() {
    let folder = Folder::new();
    let cluster = folder.start().await.unwrap();
    let refused = folder.start().await.unwrap_err();
    assert!(matches!(refused, ClusterError::FolderInUse { .. }), "{refused}");
    cluster.database("still_there").await.unwrap();
    cluster.stop().await;
    folder.start().await.unwrap().stop().await;
}

#[tokio::test]
async fn ends_with_its_owner_however_that_ends() {
    let folder = Folder::new();
    let mut owner = folder.hold();
    owner.kill().unwrap();
    owner.wait().unwrap();
    wait_for("PostgreSQL to follow its owner", || folder.processes().is_empty()).await;
    folder.start().await.unwrap().stop().await;
}

#[tokio::test]
async fn starts_at_once_behind_an_owner_that_was_killed() {
    let folder = Folder::new();
    let mut owner = folder.hold();
    owner.kill().unwrap();
    owner.wait().unwrap();
    // PostgreSQL of the killed owner may be shutting down at this moment.
    let cluster = folder.start().await.unwrap();
    cluster.database("log").await.unwrap();
    cluster.stop().await;
}

#[tokio::test]
async fn stops_an_orphan_that_nothing_told_to_end() {
    let folder = Folder::new();
    let cluster = folder.start().await.unwrap();
    let program = cluster.programs().join("postgres");
    cluster.stop().await;
    // As where setpriv is missing: its owner is gone, and PostgreSQL runs on.
    let owner = fs::metadata(folder.files()).unwrap();
    let mut orphan = Command::new(program);
    orphan.arg("-D").arg(folder.files()).args(["-c", "listen_addresses=", "-c"]);
    orphan.arg(format!("unix_socket_directories={}", folder.files().display()));
    if is_root() {
        orphan.uid(owner.uid()).gid(owner.gid());
    }
    let mut orphan = orphan.current_dir("/").stderr(Stdio::null()).spawn().unwrap();
    wait_for("the orphan", || folder.ready()).await;
    let cluster = folder.start().await.unwrap();
    assert!(orphan.try_wait().unwrap().is_some_and(|status| status.success()), "a clean shutdown");
    cluster.stop().await;
}

#[tokio::test]
async fn starts_postgresql_again_when_it_dies() {
    let folder = Folder::new();
    let cluster = folder.start().await.unwrap();
    let mut states = cluster.states();
    assert_eq!(*states.borrow_and_update(), ClusterState::Ready);
    let log = cluster.database("log").await.unwrap();
    let mut connection = PgConnection::connect_with(&log).await.unwrap();
    sqlx::raw_sql("create table kept (word text); insert into kept values ('after the crash')")
        .execute(&mut connection)
        .await
        .unwrap();
    // A backend that is busy does not notice the death of its postmaster, and would block every start.
    let busy = tokio::spawn(async move {
        sqlx::query("select count(*) from (select generate_series(1, 100000000000)) busy")
            .execute(&mut connection)
            .await
    });
    let mut watcher = PgConnection::connect_with(&log).await.unwrap();
    let mut active = false;
    while !active {
        active = sqlx::query_scalar(
            "select exists (select from pg_stat_activity where state = 'active' and query like '% busy')",
        )
        .fetch_one(&mut watcher)
        .await
        .unwrap();
    }
    kill(folder.postmaster());
    states.wait_for(|state| matches!(state, ClusterState::Down { .. })).await.unwrap();
    states.wait_for(|state| *state == ClusterState::Ready).await.unwrap();
    assert!(busy.await.unwrap().is_err());
    assert_eq!(kept(&cluster).await, "after the crash");
    cluster.stop().await;
    assert_eq!(*states.borrow(), ClusterState::Stopped);
    assert!(folder.processes().is_empty());
}

#[tokio::test]
async fn is_not_misled_by_a_number_that_is_anothers_now() {
    let folder = Folder::new();
    folder.start().await.unwrap().stop().await;
    // Left by a crash in a container, where the numbers start again: this test's own process has it now.
    let stale = format!("{}\n{}\n1\n5432\n\n\n\nready\n", std::process::id(), folder.files().display());
    fs::write(folder.files().join("postmaster.pid"), stale).unwrap();
    folder.start().await.unwrap().stop().await;
}

#[tokio::test]
async fn begins_anew_where_the_first_start_was_cut_short() {
    let folder = Folder::new();
    let unfinished = folder.path().join("postgres.new");
    fs::create_dir(&unfinished).unwrap();
    fs::write(unfinished.join("PG_VERSION"), "15\n").unwrap();
    folder.start().await.unwrap().stop().await;
    assert!(!unfinished.exists());
}

#[tokio::test]
async fn says_that_the_programs_are_missing() {
    let folder = Folder::new();
    let settings = Settings { programs: Some(PathBuf::from("/nowhere/bin")), ..folder.settings() };
    let refused = Cluster::start(folder.path(), settings).await.unwrap_err();
    assert!(
        matches!(&refused, ClusterError::PostgresMissing { searched } if searched == &[PathBuf::from("/nowhere/bin")])
    );
    assert!(refused.to_string().contains("apt-get install postgresql"), "{refused}");
}

#[tokio::test]
async fn says_why_postgresql_does_not_start() {
    let folder = Folder::new();
    let settings =
        Settings { parameters: vec![("work_mem".to_owned(), "plenty".to_owned())], ..folder.settings() };
    let refused = Cluster::start(folder.path(), settings).await.unwrap_err();
    assert!(matches!(&refused, ClusterError::Ended { log, .. } if log.contains("work_mem")), "{refused}");
    // Nothing is left that would be in the way.
    folder.start().await.unwrap().stop().await;
}

#[tokio::test]
async fn keeps_the_files_elsewhere_when_postgresql_cannot_reach_the_folder() {
    let folder = Folder::new();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).unwrap();
    if !is_root() {
        // As an ordinary user PostgreSQL runs as ourselves: a private folder is no obstacle.
        let cluster = folder.start().await.unwrap();
        assert!(cluster.files().starts_with(folder.path()));
        return cluster.stop().await;
    }
    let cluster = folder.start().await.unwrap();
    let files = cluster.files().to_owned();
    assert!(files.starts_with(folder.system.path()), "{}", files.display());
    assert_eq!(fs::read_link(folder.files()).unwrap(), files);
    cluster.stop().await;

    // Found again through the link, and by nobody else through a copy of it.
    let cluster = folder.start().await.unwrap();
    assert_eq!(cluster.files(), files);
    let copy = Folder::new();
    std::os::unix::fs::symlink(&files, copy.files()).unwrap();
    assert!(matches!(copy.start().await.unwrap_err(), ClusterError::FolderInUse { .. }));
    cluster.stop().await;

    // Never replaced by an empty database when they are gone.
    fs::remove_dir_all(files.parent().unwrap()).unwrap();
    assert!(matches!(folder.start().await.unwrap_err(), ClusterError::FilesGone { .. }));
}

#[tokio::test]
async fn stops_when_nobody_waits_for_its_start_any_more() {
    let folder = Folder::new();
    folder.start().await.unwrap().stop().await;
    let given_up = tokio::time::timeout(Duration::from_millis(1), folder.start()).await;
    assert!(given_up.is_err());
    assert!(folder.processes().is_empty());
    folder.start().await.unwrap().stop().await;
}

/// Not a test of its own: the process that owns a cluster and is killed by the tests above.
#[tokio::test]
#[ignore = "run by other tests as a process of its own"]
async fn holds_a_cluster() {
    let Some(path) = std::env::var_os(HOLD) else { return };
    let _cluster = Cluster::start(Path::new(&path), small()).await.unwrap();
    std::future::pending::<()>().await;
}

/// A data folder, and one that stands for the system's.
struct Folder {
    data: TempDir,
    system: TempDir,
}

impl Folder {
    fn new() -> Self {
        let passable =
            || tempfile::Builder::new().permissions(Permissions::from_mode(0o711)).tempdir().unwrap();
        Self { data: passable(), system: passable() }
    }

    fn path(&self) -> &Path {
        self.data.path()
    }

    fn files(&self) -> PathBuf {
        self.path().join("postgres")
    }

    fn settings(&self) -> Settings {
        Settings { system_folder: self.system.path().to_owned(), ..small() }
    }

    async fn start(&self) -> Result<Cluster, ClusterError> {
        Cluster::start(self.path(), self.settings()).await
    }

    /// A process of its own that runs this folder's cluster.
    fn hold(&self) -> Child {
        let mut owner = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "holds_a_cluster", "--ignored"])
            .env(HOLD, self.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let end = Instant::now() + WAIT_MAX;
        while !fs::read_to_string(self.files().join("postmaster.pid"))
            .is_ok_and(|text| text.contains("\nready"))
        {
            assert!(owner.try_wait().unwrap().is_none(), "the owner ended");
            assert!(Instant::now() < end, "the owner's cluster did not start");
            std::thread::sleep(Duration::from_millis(10));
        }
        owner
    }

    fn ready(&self) -> bool {
        let file = fs::read_to_string(self.files().join("postmaster.pid"));
        file.is_ok_and(|text| text.contains("\nready"))
    }

    fn postmaster(&self) -> i32 {
        let text = fs::read_to_string(self.files().join("postmaster.pid")).unwrap();
        text.lines().next().unwrap().parse().unwrap()
    }

    /// The processes that work in the folder of the files.
    fn processes(&self) -> Vec<i32> {
        let files = self.files().canonicalize().unwrap_or(self.files());
        let numbers = fs::read_dir("/proc").unwrap().flatten();
        let numbers = numbers.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
        numbers
            .filter(|pid| {
                let here = fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|folder| folder == files);
                let title = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
                here || String::from_utf8_lossy(&title).split('\0').any(|it| Path::new(it) == files)
            })
            .collect()
    }
}

fn small() -> Settings {
    Settings { shared_buffers_bytes: Some(32 << 20), connections_max: 20, ..Settings::default() }
}

async fn kept(cluster: &Cluster) -> String {
    let mut connection = PgConnection::connect_with(&cluster.database("log").await.unwrap()).await.unwrap();
    let word = sqlx::query_scalar("select word from kept").fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    word
}

async fn wait_for(what: &str, condition: impl Fn() -> bool) {
    let end = Instant::now() + WAIT_MAX;
    while !condition() {
        assert!(Instant::now() < end, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn kill(pid: i32) {
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
