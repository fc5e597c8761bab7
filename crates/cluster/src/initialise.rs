//! Making the cluster's files, and the rules who may connect.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, chown, fchown};
use std::path::Path;
use std::process::Stdio;

use crate::account::{Account, Accounts};
use crate::cluster::ROLE;
use crate::error::ClusterError;
use crate::launcher::Launcher;
use crate::programs::Programs;

/// Who may connect: the one role, over the socket, as the user of the operating system it is mapped from. No password,
/// and no trust either.
const ACCESS_RULES: &str = "# Written at each start. Who may connect is decided by pg_ident.conf.\nlocal all zhicheng peer map=zhicheng\n";

/// The major version that wrote the files; none if there are no files yet.
pub(crate) fn version_of(files: &Path) -> Result<Option<u32>, ClusterError> {
    let path = files.join("PG_VERSION");
    match fs::read_to_string(&path) {
        Ok(text) => {
            let unreadable = || io::Error::new(io::ErrorKind::InvalidData, "not a version");
            let major = text.trim().parse().map_err(|_| ClusterError::file("read", &path)(unreadable()))?;
            Ok(Some(major))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ClusterError::file("read", &path)(error)),
    }
}

/// Makes the files, with data checksums, in UTF-8. They appear under their name only once they are complete and on disk,
/// so that a crash half-way leaves nothing that could be taken for a database.
///
/// Text sorts by bytes (fast, and the same on every machine); whoever wants another order asks for a collation.
pub(crate) fn make_files(
    files: &Path,
    programs: &Programs,
    launcher: &Launcher,
    accounts: &Accounts,
) -> Result<(), ClusterError> {
    let unfinished = files.with_extension("new");
    match fs::remove_dir_all(&unfinished) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(ClusterError::file("remove", &unfinished)(error)),
    }
    DirBuilder::new()
        .mode(0o700)
        .create(&unfinished)
        .map_err(ClusterError::file("make the folder", &unfinished))?;
    if accounts.differ() {
        let Account { uid, gid, .. } = accounts.postgres;
        chown(&unfinished, Some(uid), Some(gid)).map_err(ClusterError::file("hand over", &unfinished))?;
    }
    let output = launcher
        .command(&programs.folder.join("initdb"))
        .arg("--pgdata")
        .arg(&unfinished)
        .args(["--data-checksums", "--encoding=UTF8", "--locale=C", "--lc-ctype=C.UTF-8"])
        .args(["--auth-local=peer", "--auth-host=reject", "--username", ROLE])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()
        .map_err(ClusterError::Spawn)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(ClusterError::Initdb { output: format!("{} {said}", output.status) });
    }
    fs::rename(&unfinished, files).map_err(ClusterError::file("rename to", files))?;
    let folder = files.parent().unwrap_or(files);
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(ClusterError::file("sync", folder))
}

/// Writes who may connect, anew at each start: the server may run as another user than last time.
pub(crate) fn write_access_rules(files: &Path, accounts: &Accounts) -> Result<(), ClusterError> {
    let user = accounts.server.name.replace('"', "\"\"");
    let users = format!(
        "# Written at each start: the user of the operating system who may be the role.\nzhicheng \"{user}\" {ROLE}\n"
    );
    write_file(files, "pg_hba.conf", ACCESS_RULES, accounts)?;
    write_file(files, "pg_ident.conf", &users, accounts)
}

/// Replaces a file in PostgreSQL's folder. As root we write into a folder that another user controls: the new file must
/// not exist before (a link placed there would be followed), and is renamed over the old one.
fn write_file(files: &Path, name: &str, text: &str, accounts: &Accounts) -> Result<(), ClusterError> {
    let unfinished = files.join(format!("{name}.new"));
    match fs::remove_file(&unfinished) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(ClusterError::file("remove", &unfinished)(error)),
    }
    let written = File::options().write(true).create_new(true).open(&unfinished).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        if accounts.differ() {
            fchown(&file, Some(accounts.postgres.uid), Some(accounts.postgres.gid))?;
        }
        file.sync_all()
    });
    written.map_err(ClusterError::file("write", &unfinished))?;
    let path = files.join(name);
    fs::rename(&unfinished, &path).map_err(ClusterError::file("rename to", &path))
}
