//! Settings: from the command line or the environment, with defaults that work on a laptop.

use crate::Failure;
use sqlx::postgres::PgConnectOptions;
use std::path::PathBuf;
use std::str::FromStr;
use zhicheng_app::{App, Parts, WallClock};
use zhicheng_cluster::Cluster;
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
}

/// The application with what was started for it.
pub struct Opened {
    /// The application.
    pub app: App,
    /// The private PostgreSQL, where one was started; it ends with this.
    pub cluster: Option<Cluster>,
}

impl Settings {
    /// Starts what is needed and opens the application.
    pub async fn open(&self) -> Result<Opened, Failure> {
        std::fs::create_dir_all(&self.data)
            .map_err(|error| format!("数据目录 {}: {error}", self.data.display()))?;
        let needs_cluster = self.database_url.is_none() || self.vault_url.is_none();
        let cluster = match needs_cluster {
            true => Some(Cluster::start(&self.data, zhicheng_cluster::Settings::default()).await?),
            false => None,
        };
        let log = database(self.database_url.as_deref(), cluster.as_ref(), "zhicheng").await?;
        let vault = database(self.vault_url.as_deref(), cluster.as_ref(), "zhicheng_vault").await?;
        let master = MasterKey::read_or_create(&self.data.join("master.key"))?;
        let vault = Vault::connect(VaultOptions::new(vault), master).await?;
        let materials = MaterialStore::open(&self.data.join("materials"))?;
        let wall_clock = WallClock::new(chrono::Utc::now);
        let app = App::open(Parts { log, vault, materials, wall_clock }).await?;
        Ok(Opened { app, cluster })
    }
}

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
