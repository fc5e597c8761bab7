//! Finding PostgreSQL's programs; distributions keep them out of `PATH`, a folder for each major version.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::ClusterError;

/// The oldest major version that knows every parameter we set (`recovery_init_sync_method`).
const MAJOR_MIN: u32 = 14;

/// Where distributions put versions side by side: before the version, after it.
const VERSIONED_FOLDERS: [(&str, &str); 2] = [("/usr/lib/postgresql/", "/bin"), ("/usr/pgsql-", "/bin")];

/// A folder with `postgres` and `initdb` of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Programs {
    pub(crate) folder: PathBuf,
    pub(crate) major: u32,
}

/// Finds programs of the major version `wanted` (that of existing data), or of any that will do.
///
/// `chosen` is the only folder looked at where it is given.
pub(crate) fn find(chosen: Option<&Path>, wanted: Option<u32>) -> Result<Programs, ClusterError> {
    let searched = match chosen {
        Some(folder) => vec![folder.to_owned()],
        None => usual_folders(),
    };
    let mut found = Vec::new();
    for folder in &searched {
        let Some(programs) = inspect(folder) else { continue };
        if wanted.map_or(programs.major >= MAJOR_MIN, |wanted| programs.major == wanted) {
            return Ok(programs);
        }
        found.push(programs.major);
    }
    match found.is_empty() {
        true => Err(ClusterError::PostgresMissing { searched }),
        false => Err(ClusterError::PostgresVersion { wanted: wanted.unwrap_or(MAJOR_MIN), found }),
    }
}

/// What `pg_config` says, the folders of distributions with the newest version first, then `PATH`.
fn usual_folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output() {
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if output.status.success() && !said.is_empty() {
            folders.push(PathBuf::from(said));
        }
    }
    for (before, after) in VERSIONED_FOLDERS {
        let mut versions = versions_beside(before);
        versions.sort_unstable_by(|left, right| right.cmp(left));
        folders.extend(versions.iter().map(|version| PathBuf::from(format!("{before}{version}{after}"))));
    }
    #[expect(clippy::disallowed_methods, reason = "PATH is how programs are found; it is no setting of ours")]
    let path = env::var_os("PATH");
    folders.extend(path.iter().flat_map(env::split_paths).filter(|folder| folder.is_absolute()));
    let mut seen = Vec::new();
    folders.retain(|folder| {
        let new = !seen.contains(folder);
        seen.push(folder.clone());
        new
    });
    folders
}

/// The version numbers `N` for which the path `<before>N` exists.
fn versions_beside(before: &str) -> Vec<u32> {
    let (folder, prefix) = before.rsplit_once('/').unwrap_or(("", before));
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.strip_prefix(prefix)?.parse().ok())
        .collect()
}

fn inspect(folder: &Path) -> Option<Programs> {
    if !folder.join("initdb").is_file() {
        return None;
    }
    let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
    let major = major(&String::from_utf8_lossy(&output.stdout))?;
    Some(Programs { folder: folder.to_owned(), major })
}

/// `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)` is 15; `17beta1` is 17.
fn major(version: &str) -> Option<u32> {
    let number = version.split_once("(PostgreSQL) ")?.1;
    let digits = number.split(|letter: char| !letter.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_versions_as_distributions_write_them() {
        assert_eq!(major("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 17beta1\n"), Some(17));
        assert_eq!(major("bash: postgres: not found"), None);
    }

    #[test]
    fn says_which_version_the_data_needs() {
        let there = find(None, None).unwrap();
        let refused = find(Some(&there.folder), Some(9)).unwrap_err();
        assert!(
            matches!(refused, ClusterError::PostgresVersion { wanted: 9, found } if found == [there.major])
        );
    }
}
