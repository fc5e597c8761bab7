//! The vault of a test: in a database of its own, with the master key of all tests.

use zhicheng_vault::{MasterKey, Vault, VaultOptions};

/// The address of a new, empty database.
pub(crate) async fn fresh_database() -> String {
    zhicheng_testkit::fresh_database().await.url()
}

/// The vault in that database, with the master key of all tests.
pub(crate) async fn vault(address: &str) -> Vault {
    Vault::connect(VaultOptions::new(address.parse().unwrap()), master_key()).await.unwrap()
}

/// The master key of all tests.
pub(crate) fn master_key() -> MasterKey {
    MasterKey::from_bytes([42; 32])
}
