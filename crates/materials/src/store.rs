//! The store: a folder of sealed files.

use std::{
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use futures::{Stream, StreamExt};
use object_store::{
    ObjectStore, ObjectStoreExt, PutPayload, local::LocalFileSystem, memory::InMemory,
    path::Path as ObjectPath,
};
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;
use uuid::Uuid;
use zeroize::Zeroizing;
use zhicheng_vault::{SealKey, open_bytes, seal_bytes};

use crate::{Error, Limits, MediaType};

/// A file that is in the store.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Stored {
    /// SHA-256 of the clear bytes, in hexadecimal.
    pub digest: String,
    /// Size of the clear bytes.
    pub size: u64,
    /// The kind of file, by its first bytes.
    pub media_type: MediaType,
}

/// The materials of all persons. Cheap to clone.
#[derive(Clone)]
pub struct MaterialStore {
    files: Arc<dyn ObjectStore>,
    folder: PathBuf,
}

impl MaterialStore {
    /// Opens the store in a folder, made with mode 700 where it is missing.
    ///
    /// # Errors
    /// When the folder cannot be made or used.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(Error::Folder)?;
        let files = LocalFileSystem::new_with_prefix(folder).map_err(Error::Store)?.with_fsync(true);
        Ok(Self { files: Arc::new(files), folder: folder.to_owned() })
    }

    /// Opens the store in a folder to look at it. A folder that is not there is not made: there is nothing in it.
    ///
    /// # Errors
    /// When the folder cannot be used.
    pub fn open_to_look(folder: &Path) -> Result<Self, Error> {
        let files: Arc<dyn ObjectStore> = match folder.try_exists().map_err(Error::Folder)? {
            true => Arc::new(LocalFileSystem::new_with_prefix(folder).map_err(Error::Store)?),
            false => Arc::new(InMemory::new()),
        };
        Ok(Self { files, folder: folder.to_owned() })
    }

    /// Takes an upload: reads it up to the limit, looks at its first bytes, seals it under the person's key and stores it.
    ///
    /// The file is written under a temporary name, brought to the disk and renamed: a reader finds all of it or nothing, and
    /// once this returns it survives a power cut. The same file again is the same file.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::TooLarge`], [`Error::MediaType`], [`Error::Upload`], or what the folder says.
    pub async fn put<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
        &self,
        upload: impl Stream<Item = Result<Bytes, E>>,
        person: Uuid,
        key: &SealKey,
        limits: Limits,
    ) -> Result<Stored, Error> {
        let clear = read(upload, limits).await?;
        let size = clear.len() as u64;
        let media_type =
            MediaType::of(&clear).filter(|kind| limits.media_types.contains(kind)).ok_or(Error::MediaType)?;
        let key = key.clone();
        let (digest, sealed) = spawn_blocking(move || {
            let digest = hex::encode(Sha256::digest(&clear));
            let sealed = seal_bytes(&key, &label(person, &digest), &clear).map_err(Error::NotOpened)?;
            Ok((digest, sealed))
        })
        .await
        .map_err(Error::CutShort)??;
        self.files.put(&place(person, &digest)?, PutPayload::from(sealed)).await.map_err(Error::Store)?;
        Ok(Stored { digest, size, media_type })
    }

    /// The clear bytes of a file.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::NotOpened`] with another key or where the file was altered.
    pub async fn get(&self, person: Uuid, key: &SealKey, digest: &str) -> Result<Bytes, Error> {
        let sealed = self.files.get(&place(person, digest)?).await.map_err(not_found)?;
        let sealed = sealed.bytes().await.map_err(not_found)?;
        let (key, label) = (key.clone(), label(person, digest));
        let mut clear = spawn_blocking(move || open_bytes(&key, &label, &sealed))
            .await
            .map_err(Error::CutShort)?
            .map_err(Error::NotOpened)?;
        Ok(Bytes::from(std::mem::take(&mut *clear)))
    }

    /// Whether the file is there.
    ///
    /// # Errors
    /// When the folder cannot be read. A text that is no digest is answered `false`.
    pub async fn exists(&self, person: Uuid, digest: &str) -> Result<bool, Error> {
        let found = match place(person, digest) {
            Ok(place) => self.files.head(&place).await.map(drop).map_err(not_found),
            Err(error) => Err(error),
        };
        match found {
            Ok(()) => Ok(true),
            Err(Error::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Every file that is there, by person and digest, in no order; what is still being written is left out, and so is whatever
    /// lies in the folder and is no file of the store.
    pub fn files(&self) -> impl Stream<Item = Result<(Uuid, String), Error>> + use<> {
        self.files.list(None).filter_map(|file| async move {
            let location = match file {
                Ok(file) => file.location,
                Err(error) => return Some(Err(Error::Store(error))),
            };
            let mut parts = location.parts();
            let person = parts.next()?.as_ref().parse().ok()?;
            let digest = parts.next()?.as_ref().to_owned();
            (is_digest(&digest) && parts.next().is_none()).then_some(Ok((person, digest)))
        })
    }

    /// Removes every file of a person whose key was destroyed: nobody can open them, this gives back the room. Answers how
    /// many there were.
    ///
    /// # Errors
    /// When the folder cannot be read or written; called again it goes on.
    pub async fn remove_all(&self, person: Uuid) -> Result<u64, Error> {
        let mut files = self.files.list(Some(&ObjectPath::from(person.to_string())));
        let mut removed = 0;
        while let Some(file) = files.next().await {
            let file = file.map_err(Error::Store)?;
            match self.files.delete(&file.location).await {
                Ok(()) => removed += 1,
                Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(Error::Store(error)),
            }
        }
        Ok(removed)
    }

    /// Removes temporary files that crashes left behind and that are older than `age` (longer than any upload takes);
    /// answers how many.
    ///
    /// # Errors
    /// When the folder cannot be read or written.
    pub async fn sweep(&self, age: Duration) -> Result<u64, Error> {
        let folder = self.folder.clone();
        #[expect(clippy::disallowed_methods, reason = "files carry the time of the system that wrote them")]
        let before = SystemTime::now() - age;
        spawn_blocking(move || sweep(&folder, before)).await.map_err(Error::CutShort)?.map_err(Error::Folder)
    }
}

/// Reads the whole upload, but never more than the limit and one piece.
async fn read<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
    upload: impl Stream<Item = Result<Bytes, E>>,
    limits: Limits,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut upload = std::pin::pin!(upload);
    let mut clear = Zeroizing::new(Vec::new());
    while let Some(piece) = upload.next().await {
        let piece = piece.map_err(|error| Error::Upload(error.into()))?;
        if (clear.len() + piece.len()) as u64 > limits.size_bytes_max {
            return Err(Error::TooLarge { size_bytes_max: limits.size_bytes_max });
        }
        clear.extend_from_slice(&piece);
    }
    if clear.is_empty() { Err(Error::Empty) } else { Ok(clear) }
}

/// The temporary names are those of [`LocalFileSystem`]: the final name, `#` and a number.
fn sweep(folder: &Path, before: SystemTime) -> io::Result<u64> {
    let mut removed = 0;
    for person in std::fs::read_dir(folder)? {
        let person = person?;
        if !person.file_type()?.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(person.path())? {
            let file = file?;
            let name = file.file_name();
            let is_temporary =
                name.to_str().and_then(|name| name.split_once('#')).is_some_and(|(digest, number)| {
                    is_digest(digest) && number.bytes().all(|byte| byte.is_ascii_digit())
                });
            if !is_temporary {
                continue;
            }
            // A file that is gone meanwhile was renamed by its writer.
            let outcome = file.metadata().and_then(|metadata| metadata.modified()).and_then(|modified| {
                if modified > before {
                    return Ok(0);
                }
                std::fs::remove_file(file.path()).map(|()| 1)
            });
            match outcome {
                Ok(count) => removed += count,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(removed)
}

/// What the bytes are sealed for.
fn label(person: Uuid, digest: &str) -> String {
    format!("material/{person}/{digest}")
}

/// Where the file lies; the digest comes from outside and is looked at before it becomes part of a path.
fn place(person: Uuid, digest: &str) -> Result<ObjectPath, Error> {
    if is_digest(digest) { Ok(ObjectPath::from(format!("{person}/{digest}"))) } else { Err(Error::NotFound) }
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn not_found(error: object_store::Error) -> Error {
    match error {
        object_store::Error::NotFound { .. } => Error::NotFound,
        error => Error::Store(error),
    }
}
