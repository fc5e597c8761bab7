//! Who this process is, and as whom PostgreSQL runs.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

use crate::error::ClusterError;

/// Whom PostgreSQL runs as when this process is root, the first that exists.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// A user of the operating system that has a name; PostgreSQL does not run as a bare number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

/// The two users concerned; the same one unless this process is root.
#[derive(Debug, Clone)]
pub(crate) struct Accounts {
    /// Who this process is, and thus who connects.
    pub(crate) server: Account,
    /// Who PostgreSQL runs as, and thus who owns the files.
    pub(crate) postgres: Account,
}

impl Accounts {
    /// Decides as whom PostgreSQL runs: as us; or, where we are root, as the owner of `files` if they are there, else as
    /// one of the unprivileged users of the system.
    pub(crate) fn decide(files: &Path) -> Result<Self, ClusterError> {
        let uid = rustix::process::geteuid().as_raw();
        let server = Account::by_uid(uid)?;
        let owner = fs::metadata(files).ok().map(|found| found.uid());
        let postgres = match owner {
            Some(owner) if uid == 0 && owner != 0 => Account::by_uid(owner)?,
            _ if uid == 0 => UNPRIVILEGED
                .iter()
                .find_map(|name| Account::look_up(name))
                .ok_or(ClusterError::NoUnprivilegedUser)?,
            Some(owner) if owner != uid => {
                return Err(ClusterError::NotOwner { folder: files.to_owned(), owner });
            }
            _ => server.clone(),
        };
        Ok(Self { server, postgres })
    }

    /// Whether PostgreSQL runs as somebody else than us, which takes root.
    pub(crate) fn differ(&self) -> bool {
        self.server.uid != self.postgres.uid
    }
}

impl Account {
    fn by_uid(uid: u32) -> Result<Self, ClusterError> {
        Self::look_up(&uid.to_string()).ok_or(ClusterError::UserWithoutName { uid })
    }

    /// Looks a user up by name or number: in the file, then wherever else the system keeps its users.
    fn look_up(key: &str) -> Option<Self> {
        let from_file = fs::read_to_string("/etc/passwd").ok().and_then(|text| Self::find(&text, key));
        from_file.or_else(|| {
            let output = Command::new("getent").args(["passwd", key]).output().ok()?;
            Self::find(&String::from_utf8_lossy(&output.stdout), key)
        })
    }

    fn find(passwd: &str, key: &str) -> Option<Self> {
        passwd.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            let _password = fields.next()?;
            let uid = fields.next()?;
            let gid = fields.next()?;
            if name != key && uid != key {
                return None;
            }
            Some(Self { name: name.to_owned(), uid: uid.parse().ok()?, gid: gid.parse().ok()? })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_users_by_name_and_by_number() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\npostgres:x:101:104::/var/lib/postgresql:/bin/bash\n";
        let postgres = Account { name: "postgres".to_owned(), uid: 101, gid: 104 };
        assert_eq!(Account::find(passwd, "postgres"), Some(postgres.clone()));
        assert_eq!(Account::find(passwd, "101"), Some(postgres));
        assert_eq!(Account::find(passwd, "post"), None);
    }
}
