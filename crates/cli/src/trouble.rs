//! What stands in the way of a start, said to whoever runs the program; the technical cause is printed below it.

use std::path::PathBuf;
use zhicheng_app::OpenError;
use zhicheng_cluster::ClusterError;
use zhicheng_eventstore::ConnectError;

/// Why the program cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// Another process runs on the data folder.
    #[error("数据目录 {} 正由另一个进程使用；请先停止它，或用 --data 另选目录", folder.display())]
    FolderInUse {
        /// The folder.
        folder: PathBuf,
    },
    /// No PostgreSQL on this machine.
    #[error(
        "没有找到 PostgreSQL 的程序（postgres、initdb）；请安装（Debian、Ubuntu：apt-get install postgresql），或用 --postgres-programs 指明所在目录，或用 DATABASE_URL 和 VAULT_URL 连接已有的数据库"
    )]
    PostgresMissing(#[source] ClusterError),
    /// The private PostgreSQL does not start.
    #[error("数据目录中的 PostgreSQL 未能启动")]
    Postgres(#[source] ClusterError),
    /// A newer version of this program has been here.
    #[error("数据库结构的版本是 {found}，本程序只认得 {known}；请启动较新的程序，数据没有改动")]
    SchemaNewer {
        /// The version of the database.
        found: i64,
        /// What this program knows.
        known: i64,
    },
    /// The database is of an older version, and whoever only looks leaves it so.
    #[error(
        "数据库结构的版本是 {found}，本程序读的是 {known}；查看不改动数据库，请先用本程序启动一次服务，或用原来的程序查看"
    )]
    SchemaOlder {
        /// The version of the database; 0 where there is nothing yet.
        found: i64,
        /// What this program reads.
        known: i64,
    },
    /// No system was ever started on the data folder.
    #[error("数据目录 {} 中没有主密钥（master.key），不是本系统的数据目录；请用 --data 指明", folder.display())]
    NothingThere {
        /// The folder.
        folder: PathBuf,
    },
    /// The database cannot be reached.
    #[error("日志数据库不能打开；请检查 DATABASE_URL，以及数据库是否在运行")]
    Log(#[source] ConnectError),
    /// The vault's database cannot be used.
    #[error("保险库不能打开；请检查 VAULT_URL，以及主密钥文件是否属于这个保险库")]
    Vault(#[source] zhicheng_vault::Error),
}

impl From<ClusterError> for Trouble {
    fn from(error: ClusterError) -> Self {
        match error {
            ClusterError::FolderInUse { folder } => Self::FolderInUse { folder },
            error @ ClusterError::PostgresMissing { .. } => Self::PostgresMissing(error),
            error => Self::Postgres(error),
        }
    }
}

impl From<zhicheng_vault::Error> for Trouble {
    fn from(error: zhicheng_vault::Error) -> Self {
        match error {
            zhicheng_vault::Error::SchemaOlder { found, known } => Self::SchemaOlder { found, known },
            error => Self::Vault(error),
        }
    }
}

/// Why the application did not open, where the log's database is the reason.
pub fn opening(error: OpenError) -> crate::Failure {
    match error {
        OpenError::Log(ConnectError::SchemaNewer { found, known }) => {
            Trouble::SchemaNewer { found, known }.into()
        }
        OpenError::Log(ConnectError::SchemaOlder { found, known }) => {
            Trouble::SchemaOlder { found, known }.into()
        }
        OpenError::Log(error) => Trouble::Log(error).into(),
        error => error.into(),
    }
}
