//! Uploads: what is taken, what is refused, and what lies on the disk.
#![allow(clippy::unwrap_used)]

use std::{convert::Infallible, path::Path, time::Duration};

use bytes::Bytes;
use futures::stream;
use uuid::Uuid;
use zhicheng_materials::{Error, Limits, MaterialStore, MediaType, Stored};
use zhicheng_vault::SealKey;

const PDF: &[u8] = "%PDF-1.7\n身份证 430102199001011234".as_bytes();
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0";
const ZHANG: Uuid = Uuid::from_u128(1);
const LI: Uuid = Uuid::from_u128(2);

fn key(byte: u8) -> SealKey {
    SealKey::from_bytes([byte; 32])
}

async fn put(store: &MaterialStore, person: Uuid, key: &SealKey, bytes: &[u8]) -> Result<Stored, Error> {
    put_within(store, person, key, bytes, Limits::default()).await
}

/// In pieces of five bytes.
async fn put_within(
    store: &MaterialStore,
    person: Uuid,
    key: &SealKey,
    bytes: &[u8],
    limits: Limits,
) -> Result<Stored, Error> {
    let pieces: Vec<Result<Bytes, Infallible>> =
        bytes.chunks(5).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    store.put(stream::iter(pieces), person, key, limits).await
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for person in std::fs::read_dir(folder).unwrap() {
        for file in std::fs::read_dir(person.unwrap().path()).unwrap() {
            let file = file.unwrap();
            files.push((file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap()));
        }
    }
    files.sort();
    files
}

#[tokio::test]
async fn what_was_put_is_given_back_to_its_person() {
    let folder = tempfile::tempdir().unwrap();
    let store = MaterialStore::open(&folder.path().join("materials")).unwrap();
    for (bytes, media_type) in [(PDF, MediaType::Pdf), (PNG, MediaType::Png), (JPEG, MediaType::Jpeg)] {
        let stored = put(&store, ZHANG, &key(1), bytes).await.unwrap();
        assert_eq!((stored.size, stored.media_type), (bytes.len() as u64, media_type));
        assert_eq!(put(&store, ZHANG, &key(1), bytes).await.unwrap(), stored);
        assert!(store.exists(ZHANG, &stored.digest).await.unwrap());
        assert_eq!(store.get(ZHANG, &key(1), &stored.digest).await.unwrap(), bytes);
        assert!(matches!(store.get(ZHANG, &key(2), &stored.digest).await, Err(Error::NotOpened(_))));
        assert!(!store.exists(LI, &stored.digest).await.unwrap());
        assert!(matches!(store.get(LI, &key(1), &stored.digest).await, Err(Error::NotFound)));
    }
}

#[tokio::test]
async fn two_persons_with_one_file_share_nothing_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let store = MaterialStore::open(folder.path()).unwrap();
    let of_zhang = put(&store, ZHANG, &key(1), PDF).await.unwrap();
    let of_li = put(&store, LI, &key(2), PDF).await.unwrap();
    assert_eq!(of_zhang, of_li);
    let files = files(folder.path());
    assert_eq!(files.len(), 2);
    assert_ne!(files[0].1, files[1].1);
    assert!(
        files.iter().all(|(_, bytes)| !bytes.windows(4).any(|window| window == b"%PDF" || window == b"4301"))
    );
    // Moved to another person's place it does not open, not even with the first one's key.
    let path = |person: Uuid| folder.path().join(person.to_string()).join(&of_zhang.digest);
    std::fs::copy(path(ZHANG), path(LI)).unwrap();
    assert!(matches!(store.get(LI, &key(1), &of_li.digest).await, Err(Error::NotOpened(_))));
}

#[tokio::test]
async fn what_is_empty_too_large_or_something_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = MaterialStore::open(folder.path()).unwrap();
    assert!(matches!(put(&store, ZHANG, &key(1), b"").await, Err(Error::Empty)));
    for other in [&b"PK\x03\x04"[..], b"MZ\x90", b"GIF89a", b"<svg/>", b"text", b" %PDF-1.7"] {
        assert!(matches!(put(&store, ZHANG, &key(1), other).await, Err(Error::MediaType)));
    }
    let limits = Limits { size_bytes_max: PDF.len() as u64, ..Limits::default() };
    assert!(put_within(&store, ZHANG, &key(1), PDF, limits).await.is_ok());
    let limits = Limits { size_bytes_max: PDF.len() as u64 - 1, ..limits };
    assert!(matches!(
        put_within(&store, ZHANG, &key(1), PDF, limits).await,
        Err(Error::TooLarge { size_bytes_max }) if size_bytes_max == PDF.len() as u64 - 1
    ));
    let limits = Limits { media_types: &[MediaType::Png], ..Limits::default() };
    assert!(matches!(put_within(&store, ZHANG, &key(1), PDF, limits).await, Err(Error::MediaType)));
    let broken = stream::iter([Ok(Bytes::from_static(PDF)), Err(std::io::Error::other("gone"))]);
    assert!(matches!(store.put(broken, ZHANG, &key(1), Limits::default()).await, Err(Error::Upload(_))));
    assert_eq!(files(folder.path()).len(), 1);
}

#[tokio::test]
async fn an_altered_file_and_a_name_that_is_no_digest_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = MaterialStore::open(folder.path()).unwrap();
    let stored = put(&store, ZHANG, &key(1), PDF).await.unwrap();
    let path = folder.path().join(ZHANG.to_string()).join(&stored.digest);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[20] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert!(matches!(store.get(ZHANG, &key(1), &stored.digest).await, Err(Error::NotOpened(_))));
    for name in ["", "..", "../../etc/passwd", "ABC", &stored.digest.to_uppercase()] {
        assert!(!store.exists(ZHANG, name).await.unwrap());
        assert!(matches!(store.get(ZHANG, &key(1), name).await, Err(Error::NotFound)));
    }
}

#[tokio::test]
async fn leftovers_of_a_crash_are_swept_and_a_person_removed() {
    let folder = tempfile::tempdir().unwrap();
    let store = MaterialStore::open(folder.path()).unwrap();
    let stored = put(&store, ZHANG, &key(1), PDF).await.unwrap();
    let of_li = put(&store, LI, &key(2), PNG).await.unwrap();
    let leftover = folder.path().join(ZHANG.to_string()).join(format!("{}#1", stored.digest));
    std::fs::write(&leftover, b"half").unwrap();
    assert_eq!(store.sweep(Duration::from_secs(3_600)).await.unwrap(), 0);
    assert_eq!(store.sweep(Duration::ZERO).await.unwrap(), 1);
    assert!(!leftover.exists());
    assert!(store.exists(ZHANG, &stored.digest).await.unwrap());
    assert_eq!(store.remove_all(ZHANG).await.unwrap(), 1);
    assert!(!store.exists(ZHANG, &stored.digest).await.unwrap());
    assert!(store.exists(LI, &of_li.digest).await.unwrap());
}
