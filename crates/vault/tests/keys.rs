//! The master key, the schema, the keys of persons and keyed hashes.
#![allow(clippy::unwrap_used)]

mod support;

use sqlx::{Connection, Executor, PgConnection};
use uuid::Uuid;
use zhicheng_vault::{Error, MasterKey, PersonKey, Place, Vault, VaultOptions, open_payload, seal_payload};

const PERSON: Uuid = Uuid::from_u128(1);

#[tokio::test]
async fn a_wrong_master_key_is_told_when_connecting() {
    let address = support::fresh_database().await;
    support::vault(&address).await;
    let wrong =
        Vault::connect(VaultOptions::new(address.parse().unwrap()), MasterKey::from_bytes([43; 32])).await;
    assert!(matches!(wrong, Err(Error::WrongMasterKey)));
    support::vault(&address).await.ping().await.unwrap();
}

#[tokio::test]
async fn tables_of_a_newer_program_are_refused() {
    let address = support::fresh_database().await;
    support::vault(&address).await;
    let mut connection = PgConnection::connect(&address).await.unwrap();
    connection
        .execute(
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
             values (9999, 'newer', true, '', 0)",
        )
        .await
        .unwrap();
    let newer = Vault::connect(VaultOptions::new(address.parse().unwrap()), support::master_key()).await;
    assert!(matches!(newer, Err(Error::SchemaNewer { version: 9999 })));
}

#[tokio::test]
async fn a_database_that_is_not_there_is_transient() {
    let options = VaultOptions::new("postgres://localhost/none?host=/nonexistent".parse().unwrap());
    let missing = Vault::connect(options, support::master_key()).await;
    assert!(missing.err().unwrap().is_transient());
}

#[tokio::test]
async fn processes_at_once_agree_on_one_vault_and_one_key() {
    let address = support::fresh_database().await;
    let tasks: Vec<_> = (0..6)
        .map(|_| {
            let address = address.clone();
            tokio::spawn(async move {
                let vault = support::vault(&address).await;
                (vault.person_keys().create(PERSON).await.unwrap(), vault.keyed_hash("id-number", "430102"))
            })
        })
        .collect();
    let mut made = Vec::new();
    for task in tasks {
        made.push(task.await.unwrap());
    }
    assert!(made.iter().all(|one| *one == made[0]));
}

#[tokio::test]
async fn a_person_whose_key_was_destroyed_is_erased_for_good() {
    let address = support::fresh_database().await;
    let (vault, other_process) = (support::vault(&address).await, support::vault(&address).await);
    let keys = vault.person_keys();
    assert_eq!(keys.key(PERSON).await.unwrap(), PersonKey::Absent);
    let key = keys.create(PERSON).await.unwrap();
    assert_eq!(keys.create(PERSON).await.unwrap(), key);
    assert_eq!(other_process.person_keys().key(PERSON).await.unwrap(), PersonKey::Known(key.clone()));
    let place = Place { aggregate_type: "person", aggregate_id: "1", sequence: 1 };
    let stored = seal_payload(r#"{"name":{"$private":"𠮷·买买提"}}"#, &key, place).unwrap();

    let destroyed_at = keys.destroy(PERSON).await.unwrap();
    assert_eq!(keys.destroy(PERSON).await.unwrap(), destroyed_at);
    assert_eq!(keys.key(PERSON).await.unwrap(), PersonKey::Destroyed);
    assert!(matches!(keys.create(PERSON).await, Err(Error::KeyDestroyed { person: PERSON })));
    let opened = open_payload(&stored, &keys.key(PERSON).await.unwrap(), place).unwrap();
    assert_eq!(opened, r#"{"name":{"$erased":true}}"#);

    // The other process remembers for a second at most.
    let waiting_since = std::time::Instant::now();
    while other_process.person_keys().key(PERSON).await.unwrap() != PersonKey::Destroyed {
        assert!(waiting_since.elapsed().as_millis() < 1_500);
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn many_keys_are_told_at_once() {
    let vault = support::vault(&support::fresh_database().await).await;
    let keys = vault.person_keys();
    let [known, destroyed, absent] = [2, 3, 4].map(Uuid::from_u128);
    let key = keys.create(known).await.unwrap();
    keys.destroy(destroyed).await.unwrap();
    let found = keys.keys(&[known, destroyed, absent, known]).await.unwrap();
    assert_eq!(found.len(), 3);
    assert_eq!(found[&known], PersonKey::Known(key));
    assert_eq!(found[&destroyed], PersonKey::Destroyed);
    assert_eq!(found[&absent], PersonKey::Absent);
}

#[tokio::test]
async fn a_key_moved_to_another_person_does_not_open() {
    let address = support::fresh_database().await;
    let vault = support::vault(&address).await;
    let other = Uuid::from_u128(2);
    vault.person_keys().create(PERSON).await.unwrap();
    vault.person_keys().create(other).await.unwrap();
    let mut connection = PgConnection::connect(&address).await.unwrap();
    sqlx::query(
        "update person_keys
         set wrapped = (select wrapped from person_keys where person = $1)
         where person = $2",
    )
    .bind(PERSON)
    .bind(other)
    .execute(&mut connection)
    .await
    .unwrap();
    let fresh = support::vault(&address).await;
    assert!(matches!(fresh.person_keys().key(other).await, Err(Error::Damaged { .. })));
}

#[tokio::test]
async fn keyed_hashes_differ_by_purpose_and_vault_only() {
    let address = support::fresh_database().await;
    let vault = support::vault(&address).await;
    let hash = vault.keyed_hash("id-number", "430102199001011234");
    assert_eq!(hash.len(), 64);
    assert_eq!(support::vault(&address).await.keyed_hash("id-number", "430102199001011234"), hash);
    assert_ne!(vault.keyed_hash("name", "430102199001011234"), hash);
    let other = support::vault(&support::fresh_database().await).await;
    assert_ne!(other.keyed_hash("id-number", "430102199001011234"), hash);
}
