//! The master key: 32 random bytes in a file, beneath everything in the vault.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

use zeroize::Zeroizing;

use crate::{Error, random};

/// The key from which the keys of all rows are derived. Wiped when dropped.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// Reads the key from a file of 64 hexadecimal digits.
    ///
    /// # Errors
    /// When the file cannot be read, holds something else, or could be read by everybody or written by its group.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::MasterKeyFile { path: path.to_owned(), source };
        let mode = fs::metadata(path).map_err(failed)?.permissions().mode() & 0o777;
        // Reading by the group stays possible: orchestrators mount secrets so.
        if mode & 0o027 != 0 {
            return Err(Error::MasterKeyExposed { path: path.to_owned(), mode });
        }
        let text = Zeroizing::new(fs::read(path).map_err(failed)?);
        let mut key = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.trim_ascii(), key.as_mut())
            .map_err(|_| Error::MasterKeyMalformed { path: path.to_owned() })?;
        Ok(Self(key))
    }

    /// Reads the key, after making it with mode 600 where the file is missing. Two processes at once get the same key.
    ///
    /// # Errors
    /// As [`Self::read`], and when the file cannot be written.
    pub fn read_or_create(path: &Path) -> Result<Self, Error> {
        match Self::read(path) {
            Err(Error::MasterKeyFile { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                let key = random::key()?;
                create(path, &key)
                    .map_err(|source| Error::MasterKeyFile { path: path.to_owned(), source })?;
                Self::read(path)
            }
            outcome => outcome,
        }
    }

    /// A key from bytes that are already at hand, as in tests.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("MasterKey(..)")
    }
}

/// Writes the key beside its name and links it into place: a reader sees the whole key or none, and of two writers the
/// first one wins. On the disk before it returns: a key that a crash takes away takes everything with it.
fn create(path: &Path, key: &[u8; 32]) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    let suffix = random::bytes::<8>().map_err(io::Error::other)?;
    name.push(format!(".{}", hex::encode(suffix)));
    let beside = Path::new(&name);
    let written = (|| {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(beside)?;
        let text = Zeroizing::new(format!("{}\n", Zeroizing::new(hex::encode(key)).as_str()));
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        match fs::hard_link(beside, path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    })();
    // Left behind only by a crash: it holds a key that nothing uses.
    let _ = fs::remove_file(beside);
    written?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_made_once_with_mode_600() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let keys: Vec<_> = std::thread::scope(|scope| {
            let makers: Vec<_> =
                (0..8).map(|_| scope.spawn(|| MasterKey::read_or_create(&path).unwrap())).collect();
            makers.into_iter().map(|maker| *maker.join().unwrap().bytes()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0] && *key != [0; 32]));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn refuses_a_file_that_everybody_reads_or_that_holds_no_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        assert!(matches!(MasterKey::read(&path), Err(Error::MasterKeyFile { .. })));
        MasterKey::read_or_create(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(MasterKey::read(&path), Err(Error::MasterKeyExposed { mode: 0o644, .. })));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "0123").unwrap();
        assert!(matches!(MasterKey::read(&path), Err(Error::MasterKeyMalformed { .. })));
    }
}
