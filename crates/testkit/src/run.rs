//! The cluster that the tests of a run share.
//!
//! It lies in a *slot*, a folder `zhicheng-testkit-<user>-<checkout>/<n>` among the temporary files, the first that no
//! other run holds. Slots are kept, since making a cluster takes seconds and starting one a tenth of a second; what
//! earlier runs left in it is gone at the start. fsync stays on: tests test what will run.
//!
//! Under cargo-nextest every test is a process: `testkit-cluster` holds the cluster for all of them and ends with the
//! run. Under plain `cargo test` a test binary holds its own.

use std::fs::{self, DirBuilder, File, Permissions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::mpsc;

use rustix::fs::{FlockOperation, flock};
use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;
use zhicheng_cluster::{Cluster, Settings};

use crate::database::{close, connect, execute};

/// The environment variable with the address of a server whose databases are made and dropped at will.
pub const ADDRESS: &str = "ZHICHENG_TEST_PG";

/// How the names of tests' databases begin; the process that made one comes next, then a number.
pub(crate) const DATABASE_PREFIX: &str = "test_";

/// `postgres`, `template0` and `template1`.
const DATABASES_OF_ITS_OWN: usize = 3;
/// More databases left in a slot than this are not dropped one by one.
const LEFT_DATABASES_MAX: usize = 2;
/// Databases of ended tests that may pile up during a run; one takes 8 MB, and dropping it a checkpoint.
const ENDED_DATABASES_MAX: usize = 200;
/// Runs at one time from one checkout, at most.
const SLOTS_MAX: u32 = 64;
/// Tests hold pools, and several run at one time.
const CONNECTIONS_MAX: u32 = 300;
/// Small: the machine belongs to the tests, and several clusters may run.
const SHARED_BUFFERS_BYTES: u64 = 128 * 1024 * 1024;

/// How to connect to the run's server (its maintenance database), which is started if there is none.
///
/// # Panics
///
/// When it cannot be started, or the address is none.
pub async fn server() -> PgConnectOptions {
    match std::env::var(ADDRESS) {
        Ok(address) => address.parse().unwrap_or_else(|error| panic!("{ADDRESS}={address}: {error}")),
        Err(_) => own_server(),
    }
}

/// Settings for clusters of tests.
pub fn settings() -> Settings {
    Settings {
        shared_buffers_bytes: Some(SHARED_BUFFERS_BYTES),
        connections_max: CONNECTIONS_MAX,
        ..Settings::default()
    }
}

/// The run's cluster and its slot, until this value is dropped.
#[derive(Debug)]
pub struct RunCluster {
    /// Stopped before the slot is free: fields are dropped in this order.
    cluster: Cluster,
    _slot: File,
}

impl RunCluster {
    /// The address of its maintenance database, for [`ADDRESS`].
    pub fn address(&self) -> String {
        self.cluster.url("postgres")
    }
}

/// Starts the run's cluster in a free slot, without any database of earlier runs.
///
/// # Panics
///
/// When there is no free slot, or PostgreSQL is not there or does not start.
pub async fn start() -> RunCluster {
    let folder = slots_folder();
    for slot in 1..=SLOTS_MAX {
        let Some(lock) = lock(&folder.join(format!("{slot}.lock"))) else { continue };
        let data_folder = folder.join(slot.to_string());
        remove_if_used_much(&data_folder);
        let cluster = Cluster::start(&data_folder, settings())
            .await
            .unwrap_or_else(|error| panic!("the tests' PostgreSQL does not start: {}", chain(&error)));
        drop_left_databases(&cluster.url("postgres")).await;
        return RunCluster { cluster, _slot: lock };
    }
    panic!("all {SLOTS_MAX} slots in {} are in use", folder.display());
}

/// Takes a slot; none if another run holds it. The kernel frees it when the process ends.
fn lock(path: &Path) -> Option<File> {
    let opened = File::options().create(true).truncate(false).write(true).open(path);
    let file = opened.unwrap_or_else(|error| panic!("cannot open {}: {error}", path.display()));
    flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok().then_some(file)
}

/// Dropping a database takes a checkpoint, up to a second; from a few on it is faster to make the cluster anew.
fn remove_if_used_much(data_folder: &Path) {
    let databases = fs::read_dir(data_folder.join("postgres/base")).map_or(0, Iterator::count);
    if databases > DATABASES_OF_ITS_OWN + LEFT_DATABASES_MAX {
        fs::remove_dir_all(data_folder)
            .unwrap_or_else(|error| panic!("cannot remove {}: {error}", data_folder.display()));
    }
}

/// Drops the databases of processes that have ended once there are many; they would fill the disk in a long run.
///
/// # Panics
///
/// When the server does not answer.
pub async fn sweep(address: &str) {
    let server = address.parse().unwrap_or_else(|error| panic!("{address}: {error}"));
    let mut connection = connect(&server).await;
    let mut ended = databases(&mut connection).await;
    ended.retain(|name| {
        let owner = name.strip_prefix(DATABASE_PREFIX).and_then(|rest| rest.split('_').next());
        owner.is_some_and(|pid| !Path::new("/proc").join(pid).exists())
    });
    if ended.len() > ENDED_DATABASES_MAX {
        for name in ended {
            execute(&mut connection, &format!("drop database if exists {name} with (force)")).await;
        }
    }
    close(connection).await;
}

/// Drops all databases that tests made, templates included: a template is built once a run, by that run's code.
async fn drop_left_databases(address: &str) {
    let server = address.parse().expect("the cluster's own address");
    let mut connection = connect(&server).await;
    for name in databases(&mut connection).await {
        execute(&mut connection, &format!("drop database if exists {name} with (force)")).await;
    }
    close(connection).await;
}

async fn databases(connection: &mut PgConnection) -> Vec<String> {
    sqlx::query_scalar(
        "select datname::text from pg_database where not datistemplate and datname <> 'postgres'",
    )
    .fetch_all(connection)
    .await
    .expect("the list of databases")
}

/// This process's own cluster: started by the first test that asks, on a thread with a runtime of its own (a test's ends
/// with the test). It ends with the process.
fn own_server() -> PgConnectOptions {
    static ADDRESS_OF_OWN: OnceLock<String> = OnceLock::new();
    let address = ADDRESS_OF_OWN.get_or_init(|| {
        let (ready, address) = mpsc::channel();
        let hold = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let cluster = start().await;
                // An error means that the test has been given up, and the process ends.
                let _ = ready.send(cluster.address());
                std::future::pending::<()>().await;
            });
        };
        std::thread::Builder::new().name("testkit-cluster".to_owned()).spawn(hold).expect("a thread");
        address.recv().expect("the tests' PostgreSQL does not start; the thread testkit-cluster says why")
    });
    address.parse().expect("the cluster's own address")
}

/// The folder of the slots. Anybody could have made it among the temporary files: it must be ours.
fn slots_folder() -> PathBuf {
    let user = rustix::process::geteuid().as_raw();
    let mut hasher = DefaultHasher::new();
    env!("CARGO_MANIFEST_DIR").hash(&mut hasher);
    let folder = std::env::temp_dir().join(format!("zhicheng-testkit-{user}-{:016x}", hasher.finish()));
    let made = DirBuilder::new().recursive(true).mode(0o711).create(&folder);
    made.unwrap_or_else(|error| panic!("cannot make {}: {error}", folder.display()));
    let found = fs::symlink_metadata(&folder).expect("the folder was just made");
    assert!(found.is_dir() && found.uid() == user, "{} is not a folder of this user", folder.display());
    fs::set_permissions(&folder, Permissions::from_mode(0o711)).expect("the folder is ours");
    folder
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
