//! A cluster for one test alone, for tests that kill PostgreSQL or need settings of their own.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::TempDir;
use zhicheng_cluster::{Cluster, Settings};

use crate::run;

/// A cluster in a temporary folder, made anew (some seconds) and removed with this value.
#[derive(Debug)]
pub struct PrivateCluster {
    // Stopped before its folder is removed: fields are dropped in this order.
    cluster: Cluster,
    folder: TempDir,
}

impl PrivateCluster {
    /// Makes and starts it, small.
    ///
    /// # Panics
    ///
    /// When PostgreSQL is not there or does not start.
    pub async fn start() -> Self {
        Self::start_with(run::settings()).await
    }

    /// Makes and starts it with settings of one's own.
    ///
    /// # Panics
    ///
    /// When PostgreSQL is not there or does not start.
    pub async fn start_with(settings: Settings) -> Self {
        // PostgreSQL may run as another user, who must pass.
        let folder = tempfile::Builder::new()
            .prefix("zhicheng-test-")
            .permissions(Permissions::from_mode(0o711))
            .tempdir()
            .expect("a temporary folder");
        let cluster = Cluster::start(folder.path(), settings)
            .await
            .unwrap_or_else(|error| panic!("the test's PostgreSQL does not start: {error}"));
        Self { cluster, folder }
    }

    /// The cluster.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Its data folder; `postgres/postmaster.pid` in it names the process to kill.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The process id of the postmaster at this moment.
    ///
    /// # Panics
    ///
    /// While there is none.
    pub fn postmaster(&self) -> i32 {
        let file = self.cluster.files().join("postmaster.pid");
        let text =
            std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        text.lines().next().and_then(|line| line.trim().parse().ok()).expect("line 1 is the process id")
    }
}
