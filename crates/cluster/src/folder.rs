//! Where things lie: the lock, PostgreSQL's files and the socket.
//!
//! ```text
//! <data folder>/cluster.lock     held while a process runs the cluster; nothing else decides who owns it
//! <data folder>/postgres         the files; or, out of PostgreSQL's reach, a link to
//! /var/lib/zhicheng-<hash>/postgres
//! /run/zhicheng-<hash>           the socket, in a folder of its own since its path may have 107 bytes only
//! ```

use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use sha2::{Digest, Sha256};

use crate::account::{Account, Accounts};
use crate::error::ClusterError;
use crate::settings::Settings;

/// Others pass through, but do not list: PostgreSQL runs as another user where we are root.
const PASSABLE: u32 = 0o711;
/// Hex digits of the hash in a folder's name.
const HASH_DIGITS: usize = 12;
/// Folders of the system's for one data folder that was removed and made anew, at most.
const SYSTEM_FOLDERS_MAX: u32 = 100;
/// The name of the folder, or of the link to it, in the data folder.
const FILES: &str = "postgres";
/// Where sockets go: the first is root's, the second everybody's.
const SOCKET_BASES: [&str; 2] = ["/run", "/tmp"];

/// A data folder that is ours as long as this lives.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) accounts: Accounts,
    /// PostgreSQL's files; not there yet before the first `initdb`.
    pub(crate) files: PathBuf,
    _locks: Vec<File>,
}

impl Place {
    /// Locks the data folder, made if need be, and finds out where the files are or are to be.
    pub(crate) fn settle(data_folder: &Path, settings: &Settings) -> Result<Self, ClusterError> {
        let data_folder = make_passable(data_folder)?;
        let mut locks = vec![lock(&data_folder)?];
        let beside = data_folder.join(FILES);
        let files = match fs::symlink_metadata(&beside) {
            Ok(found) if found.is_symlink() => {
                let files = fs::read_link(&beside).map_err(ClusterError::file("read the link", &beside))?;
                let home = files.parent().unwrap_or(&files).to_owned();
                if !home.is_dir() {
                    return Err(ClusterError::FilesGone { folder: home });
                }
                // A copied data folder brings the same link: two locks, or two servers would share the files.
                locks.push(lock(&home)?);
                files
            }
            Ok(_) => beside,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let accounts = Accounts::decide(&beside)?;
                if reaches(&accounts, &data_folder)? {
                    beside
                } else {
                    let home = system_folder(&data_folder, &accounts, settings)?;
                    locks.push(lock(&home)?);
                    let files = home.join(FILES);
                    symlink(&files, &beside).map_err(ClusterError::file("make the link", &beside))?;
                    files
                }
            }
            Err(error) => return Err(ClusterError::file("look at", &beside)(error)),
        };
        let accounts = Accounts::decide(&files)?;
        if files.is_dir() && !reaches(&accounts, &files)? {
            return Err(ClusterError::OutOfReach { user: accounts.postgres.name, folder: files });
        }
        Ok(Self { accounts, files, _locks: locks })
    }

    /// A name for this cluster that no other on the machine has: of its socket's folder, and in the list of processes.
    pub(crate) fn name(&self) -> String {
        name_of(&self.files)
    }

    /// Makes the folder for the socket, private to PostgreSQL's user (and root).
    pub(crate) fn make_socket_folder(&self) -> Result<PathBuf, ClusterError> {
        let root = self.accounts.server.uid == 0;
        let bases = if root { &SOCKET_BASES[..] } else { &SOCKET_BASES[1..] };
        let mut refused = None;
        for base in bases {
            let folder = Path::new(base).join(self.name());
            match private_folder(&folder, &self.accounts.postgres, root) {
                Ok(()) => return Ok(folder),
                Err(error) => refused = Some(error),
            }
        }
        Err(refused.expect("there is at least one base"))
    }
}

/// Makes a folder that belongs to `owner` alone; one that is there must be so already.
fn private_folder(folder: &Path, owner: &Account, root: bool) -> Result<(), ClusterError> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) if root => {
            chown(folder, Some(owner.uid), Some(owner.gid))
                .map_err(ClusterError::file("hand over", folder))?;
        }
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(ClusterError::file("make the folder", folder)(error)),
    }
    // In /tmp anybody may have made it first: never follow a link, never accept another's.
    let found = fs::symlink_metadata(folder).map_err(ClusterError::file("look at", folder))?;
    if found.is_dir() && found.uid() == owner.uid && found.mode() & 0o077 == 0 {
        return Ok(());
    }
    Err(ClusterError::SocketFolderForeign { folder: folder.to_owned(), user: owner.name.clone() })
}

/// The path without links, of a folder that is made when it is not there.
fn make_passable(folder: &Path) -> Result<PathBuf, ClusterError> {
    if !folder.exists() {
        DirBuilder::new()
            .recursive(true)
            .mode(PASSABLE)
            .create(folder)
            .map_err(ClusterError::file("make the folder", folder))?;
        set_passable(folder)?;
    }
    folder.canonicalize().map_err(ClusterError::file("find", folder))
}

/// Whatever the umask took away.
fn set_passable(folder: &Path) -> Result<(), ClusterError> {
    let mode = Permissions::from_mode(PASSABLE);
    fs::set_permissions(folder, mode).map_err(ClusterError::file("set the mode of", folder))
}

/// Takes the lock that says whose the folder is; the kernel frees it when the process ends, however it ends.
fn lock(folder: &Path) -> Result<File, ClusterError> {
    let path = folder.join("cluster.lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(ClusterError::file("open", &path))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(Errno::WOULDBLOCK) => Err(ClusterError::FolderInUse { folder: folder.to_owned() }),
        Err(error) => Err(ClusterError::file("lock", &path)(error.into())),
    }
}

/// Whether PostgreSQL's user can enter the folder. Tried, not computed: modes, groups and access lists all have a say.
fn reaches(accounts: &Accounts, folder: &Path) -> Result<bool, ClusterError> {
    if !accounts.differ() {
        return Ok(true);
    }
    let tried = Command::new("/bin/sh")
        .args(["-c", r#"cd -- "$0""#])
        .arg(folder)
        .uid(accounts.postgres.uid)
        .gid(accounts.postgres.gid)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(ClusterError::Spawn)?;
    Ok(tried.success())
}

/// Makes a folder of the system's for a data folder that PostgreSQL's user cannot reach (below root's home, say).
///
/// One that already holds something is left alone: it belongs to an earlier data folder of this path, and bringing back
/// its data behind a new and empty one would be worse than a folder left over.
fn system_folder(
    data_folder: &Path,
    accounts: &Accounts,
    settings: &Settings,
) -> Result<PathBuf, ClusterError> {
    let name = name_of(data_folder);
    for number in 1..=SYSTEM_FOLDERS_MAX {
        let name = if number == 1 { name.clone() } else { format!("{name}-{number}") };
        let folder = settings.system_folder.join(name);
        match DirBuilder::new().mode(PASSABLE).create(&folder) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let mut entries = fs::read_dir(&folder).map_err(ClusterError::file("read", &folder))?;
                if entries.next().is_some() {
                    continue;
                }
            }
            Err(error) => return Err(ClusterError::file("make the folder", &folder)(error)),
        }
        set_passable(&folder)?;
        if !reaches(accounts, &folder)? {
            return Err(ClusterError::OutOfReach { user: accounts.postgres.name.clone(), folder });
        }
        tracing::warn!(
            data_folder = %data_folder.display(),
            files = %folder.display(),
            "PostgreSQL's user \"{}\" cannot reach the data folder; its files are kept in a folder of the system's, linked from there",
            accounts.postgres.name,
        );
        return Ok(folder);
    }
    Err(ClusterError::OutOfReach { user: accounts.postgres.name.clone(), folder: data_folder.to_owned() })
}

fn name_of(path: &Path) -> String {
    let digest = hex::encode(Sha256::digest(path.as_os_str().as_encoded_bytes()));
    format!("zhicheng-{}", &digest[..HASH_DIGITS])
}
