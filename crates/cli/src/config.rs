//! Settings: from the command line or the environment, with defaults that work on a laptop.

use crate::Failure;
use crate::trouble::{self, Trouble};
use sqlx::postgres::PgConnectOptions;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use zhicheng_app::{App, Parts, WallClock};
use zhicheng_cluster::{Cluster, ClusterError};
use zhicheng_materials::MaterialStore;
use zhicheng_vault::{MasterKey, Vault, VaultOptions};

/// Where everything is.
#[derive(Debug, Clone, clap::Args)]
pub struct Settings {
    /// The data folder: the private PostgreSQL, the vault's master key, the materials.
    #[arg(long, env = "ZHICHENG_DATA", default_value = ".data", global = true)]
    pub data: PathBuf,
    /// The log's database; without it a private PostgreSQL is started in the data folder.
    #[arg(long, env = "DATABASE_URL", global = true, hide_env_values = true)]
    pub database_url: Option<String>,
    /// The vault's database; without it a second database of the private PostgreSQL.
    #[arg(long, env = "VAULT_URL", global = true, hide_env_values = true)]
    pub vault_url: Option<String>,
    /// The NATS server that events are published to; without it a private one is started in the data folder, where the program is there.
    #[arg(long, env = "NATS_URL", global = true, hide_env_values = true)]
    pub nats_url: Option<String>,
    /// The folder of PostgreSQL's programs, where it is not one of the usual ones.
    #[arg(long, env = "ZHICHENG_POSTGRES_PROGRAMS", global = true)]
    pub postgres_programs: Option<PathBuf>,
}

/// The application with what was started for it.
pub struct Opened {
    /// The application.
    pub app: App,
    /// The private PostgreSQL, where one was started; it ends with this.
    pub cluster: Option<Cluster>,
}

/// What to do where a server runs on the data folder already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// Work on its database, beside it.
    Running,
    /// Refuse: two servers need a database of their own address.
    Never,
}

/// The file of the vault's master key, in the data folder.
const MASTER_KEY: &str = "master.key";
/// The folder of materials there.
const MATERIALS: &str = "materials";
/// Where the running server told how to reach its databases.
const RUNNING: &str = "running.urls";

/// How to reach the databases.
struct Databases {
    cluster: Option<Cluster>,
    log: PgConnectOptions,
    vault: PgConnectOptions,
}

impl Opened {
    /// Closes what was opened; a private PostgreSQL that was started for it stops.
    pub async fn close(self) {
        let Self { app, cluster } = self;
        app.close().await;
        if let Some(cluster) = cluster {
            cluster.stop().await;
        }
    }
}

impl Settings {
    /// Starts what is needed and opens the application.
    pub async fn open(&self, join: Join) -> Result<Opened, Failure> {
        std::fs::create_dir_all(&self.data)
            .map_err(|error| format!("数据目录 {}: {error}", self.data.display()))?;
        let Databases { cluster, log, vault } = self.databases(join).await?;
        let master = MasterKey::read_or_create(&self.data.join(MASTER_KEY))?;
        let vault = Vault::connect(VaultOptions::new(vault), master).await.map_err(Trouble::from)?;
        let materials = MaterialStore::open(&self.data.join(MATERIALS))?;
        let wall_clock = WallClock::new(chrono::Utc::now);
        let app = App::open(Parts { log, vault, materials, wall_clock }).await.map_err(trouble::opening)?;
        Ok(Opened { app, cluster })
    }

    /// Opens the application to look at what is there: nothing is made, migrated, mended or fed. PostgreSQL is started where nobody else
    /// runs it on the folder.
    pub async fn open_to_look(&self) -> Result<Opened, Failure> {
        // first, for a folder without it is no system's, and no PostgreSQL may be made there
        let master = match MasterKey::read(&self.data.join(MASTER_KEY)) {
            Err(zhicheng_vault::Error::MasterKeyFile { source, .. })
                if source.kind() == std::io::ErrorKind::NotFound =>
            {
                return Err(Trouble::NothingThere { folder: self.data.clone() }.into());
            }
            other => other.map_err(Trouble::from)?,
        };
        let Databases { cluster, log, vault } = self.databases(Join::Running).await?;
        let options = VaultOptions::new(vault);
        let vault = Vault::connect_to_look(options, master).await.map_err(Trouble::from)?;
        let materials = MaterialStore::open_to_look(&self.data.join(MATERIALS))?;
        let wall_clock = WallClock::new(chrono::Utc::now);
        let parts = Parts { log, vault, materials, wall_clock };
        let app = App::open_to_look(parts).await.map_err(trouble::opening)?;
        Ok(Opened { app, cluster })
    }

    /// Where the databases are, and the private PostgreSQL, where it had to be started for them.
    async fn databases(&self, join: Join) -> Result<Databases, Failure> {
        let needs_cluster = self.database_url.is_none() || self.vault_url.is_none();
        let (cluster, told) = match needs_cluster {
            false => (None, Vec::new()),
            true => match Cluster::start(&self.data, self.cluster_settings()).await {
                Ok(cluster) => (Some(cluster), Vec::new()),
                Err(ClusterError::FolderInUse { .. }) if join == Join::Running => (None, self.told()?),
                Err(error) => return Err(Trouble::from(error).into()),
            },
        };
        let given = |own: &Option<String>, line: usize| own.clone().or_else(|| told.get(line).cloned());
        let log = database(given(&self.database_url, 0).as_deref(), cluster.as_ref(), LOG).await?;
        let vault = database(given(&self.vault_url, 1).as_deref(), cluster.as_ref(), VAULT).await?;
        if let Some(cluster) = &cluster {
            self.tell(&[cluster.url(LOG), cluster.url(VAULT)])?;
        }
        Ok(Databases { cluster, log, vault })
    }

    fn cluster_settings(&self) -> zhicheng_cluster::Settings {
        zhicheng_cluster::Settings { programs: self.postgres_programs.clone(), ..Default::default() }
    }

    /// Tells other commands on this machine how to reach the databases of this server.
    fn tell(&self, urls: &[String]) -> Result<(), Failure> {
        let path = self.data.join(RUNNING);
        let mut file = private_file(std::fs::File::options().create(true).truncate(true), &path)?;
        file.write_all(urls.join("\n").as_bytes())?;
        Ok(())
    }

    fn told(&self) -> Result<Vec<String>, Failure> {
        let path = self.data.join(RUNNING);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("数据目录正在使用，但读不到 {}: {error}", path.display()))?;
        Ok(text.lines().map(str::to_owned).collect())
    }
}

/// Opens a file that only its owner reads and writes.
pub fn private_file(how: &mut OpenOptions, path: &Path) -> std::io::Result<File> {
    how.write(true).mode(0o600).open(path)
}

/// The database of the log in the private PostgreSQL.
const LOG: &str = "zhicheng";
/// The database of the vault there.
const VAULT: &str = "zhicheng_vault";

async fn database(
    url: Option<&str>,
    cluster: Option<&Cluster>,
    name: &str,
) -> Result<PgConnectOptions, Failure> {
    match (url, cluster) {
        (Some(url), _) => Ok(PgConnectOptions::from_str(url)?),
        (None, Some(cluster)) => Ok(cluster.database(name).await?),
        (None, None) => Err("没有数据库".into()),
    }
}
