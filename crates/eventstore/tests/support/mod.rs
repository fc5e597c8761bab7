//! A private PostgreSQL cluster for the tests of this binary, and a fresh database in it for each test.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sqlx::{Connection, Executor, PgConnection};

static CLUSTER: OnceLock<PathBuf> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The URL of a new, empty database.
pub async fn fresh_database() -> String {
    let cluster = tokio::task::spawn_blocking(|| CLUSTER.get_or_init(start)).await.unwrap();
    let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let mut server = connect(&url(cluster, "postgres")).await;
    server.execute(&*format!("create database {name}")).await.unwrap();
    server.close().await.unwrap();
    url(cluster, &name)
}

fn url(cluster: &Path, database: &str) -> String {
    format!("postgres:///{database}?host={}&user=postgres", cluster.display())
}

/// Connects once the server lets us.
async fn connect(url: &str) -> PgConnection {
    loop {
        match PgConnection::connect(url).await {
            Ok(connection) => return connection,
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// Starts the cluster under a shell that stops it and clears up once our end of its standard input closes, that is when this
/// process ends, however it ends.
fn start() -> PathBuf {
    const SCRIPT: &str = r#"
        cd "$1" || exit 1
        exec 2>shell.log
        programs=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
        # initdb and postgres refuse root
        as=""
        if [ "$(id -u)" = 0 ]; then as="setpriv --reuid=postgres --regid=postgres --init-groups"; fi
        $as "$programs/initdb" -D "$1/data" -U postgres --auth=trust --no-sync --locale=C --encoding=UTF8 >initdb.log 2>&1
        $as "$programs/postgres" -D "$1/data" -c listen_addresses= -c unix_socket_directories="$1" -c fsync=off \
            -c max_connections=400 -c shared_buffers=64MB >server.log 2>&1 &
        read -r _
        kill -INT $!
        wait $!
        rm -rf "$1"
    "#;
    let folder = std::env::temp_dir().join(format!("zc-eventstore-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
    let shell = Command::new("sh")
        .args(["-c", SCRIPT, "sh"])
        .arg(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Kept open until the process ends.
    std::mem::forget(shell);
    folder
}
