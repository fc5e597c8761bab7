//! A throw-away PostgreSQL for the tests of this crate: started once a test program, gone when the program ends.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use sqlx::{Connection, Executor, PgConnection};
use zhicheng_vault::{MasterKey, Vault, VaultOptions};

/// Initialises, serves until standard input closes (the test program has ended), stops and removes everything.
const SERVE: &str = r#"
set -eu
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
folder=$(mktemp -d /tmp/vault-XXXXXX)
cd "$folder"
"$bin/initdb" -D data -U postgres -A trust --locale=C.UTF-8 --no-sync >init.log 2>&1
"$bin/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= -c fsync=off -c max_connections=300 >server.log 2>&1 &
server=$!
until "$bin/pg_isready" -q -h "$folder"; do kill -0 "$server"; sleep 0.05; done
echo "$folder"
while read -r line; do :; done
kill -INT "$server"
wait "$server" || true
cd /
rm -rf "$folder"
"#;

struct Server {
    folder: String,
    _serving: Child,
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let is_root = Command::new("id").arg("-u").output().unwrap().stdout.starts_with(b"0\n");
        let mut command = if is_root {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--", "sh"]);
            command
        } else {
            Command::new("sh")
        };
        let mut serving =
            command.args(["-c", SERVE]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(serving.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.ends_with('\n'), "PostgreSQL did not start");
        Server { folder: line.trim_end().to_owned(), _serving: serving }
    })
}

/// The address of a new, empty database.
pub(crate) async fn fresh_database() -> String {
    static DATABASES: AtomicU32 = AtomicU32::new(0);
    let folder = &tokio::task::spawn_blocking(server).await.unwrap().folder;
    let name = format!("vault_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let address = |database: &str| format!("postgres://postgres@localhost/{database}?host={folder}");
    let mut connection = PgConnection::connect(&address("postgres")).await.unwrap();
    connection.execute(format!("create database {name}").as_str()).await.unwrap();
    connection.close().await.unwrap();
    address(&name)
}

/// The vault in that database, with the master key of all tests.
pub(crate) async fn vault(address: &str) -> Vault {
    Vault::connect(VaultOptions::new(address.parse().unwrap()), master_key()).await.unwrap()
}

/// The master key of all tests.
pub(crate) fn master_key() -> MasterKey {
    MasterKey::from_bytes([42; 32])
}
