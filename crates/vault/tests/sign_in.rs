//! Passwords, lock-out and sessions.
#![allow(clippy::unwrap_used)]

mod support;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;
use zhicheng_vault::{Attempt, Error, NewSession, PASSWORD_BYTES_MAX, SessionId, Vault};

const ACCOUNT: Uuid = Uuid::from_u128(1);

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000 + seconds, 0).unwrap()
}

async fn vault() -> Vault {
    support::vault(&support::fresh_database().await).await
}

#[tokio::test]
async fn only_the_password_set_last_is_right() {
    let vault = vault().await;
    let credentials = vault.credentials();
    assert_eq!(credentials.changed_at(ACCOUNT).await.unwrap(), None);
    assert!(!credentials.verify(Some(ACCOUNT), "旧密码").await.unwrap());
    credentials.set_password(ACCOUNT, "旧密码", at(0)).await.unwrap();
    assert!(credentials.verify(Some(ACCOUNT), "旧密码").await.unwrap());
    credentials.set_password(ACCOUNT, "新密码", at(9)).await.unwrap();
    assert_eq!(credentials.changed_at(ACCOUNT).await.unwrap(), Some(at(9)));
    assert!(!credentials.verify(Some(ACCOUNT), "旧密码").await.unwrap());
    assert!(credentials.verify(Some(ACCOUNT), "新密码").await.unwrap());
    credentials.remove(ACCOUNT).await.unwrap();
    assert!(!credentials.verify(Some(ACCOUNT), "新密码").await.unwrap());
}

#[tokio::test]
async fn an_unknown_account_an_empty_and_an_endless_password_are_wrong() {
    let vault = vault().await;
    let credentials = vault.credentials();
    let endless = "x".repeat(PASSWORD_BYTES_MAX + 1);
    assert!(!credentials.verify(None, "password").await.unwrap());
    credentials.set_password(ACCOUNT, "", at(0)).await.unwrap();
    assert!(!credentials.verify(Some(ACCOUNT), &endless).await.unwrap());
    assert!(matches!(credentials.set_password(ACCOUNT, &endless, at(0)).await, Err(Error::PasswordTooLong)));
}

#[tokio::test]
async fn an_account_waits_after_five_failures_and_is_free_after_a_success() {
    let vault = vault().await;
    let lockouts = vault.lockouts();
    for second in 0..6 {
        assert_eq!(lockouts.attempt("zhangsan", "10.0.0.1", at(second)).await.unwrap(), Attempt::Allowed);
    }
    let until = at(5 + 30);
    // From everywhere, but others may go on.
    assert_eq!(lockouts.attempt("zhangsan", "10.0.0.2", at(34)).await.unwrap(), Attempt::Wait { until });
    assert_eq!(lockouts.attempt("lisi", "10.0.0.1", at(34)).await.unwrap(), Attempt::Allowed);
    assert_eq!(lockouts.attempt("zhangsan", "10.0.0.1", at(35)).await.unwrap(), Attempt::Allowed);
    assert_eq!(
        lockouts.attempt("zhangsan", "10.0.0.1", at(36)).await.unwrap(),
        Attempt::Wait { until: at(35 + 60) }
    );
    lockouts.succeeded("zhangsan", "10.0.0.1").await.unwrap();
    assert_eq!(lockouts.attempt("zhangsan", "10.0.0.1", at(37)).await.unwrap(), Attempt::Allowed);
}

#[tokio::test]
async fn guesses_at_once_get_no_further_than_one_after_the_other() {
    let vault = vault().await;
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let lockouts = vault.lockouts().clone();
            tokio::spawn(async move { lockouts.attempt("zhangsan", "10.0.0.1", at(0)).await.unwrap() })
        })
        .collect();
    let mut allowed = 0;
    for task in tasks {
        allowed += usize::from(task.await.unwrap() == Attempt::Allowed);
    }
    assert_eq!(allowed, 6);
}

#[tokio::test]
async fn an_address_that_tries_many_names_waits() {
    let vault = vault().await;
    let lockouts = vault.lockouts();
    for guess in 0..51 {
        let name = format!("name{guess}");
        assert_eq!(lockouts.attempt(&name, "10.0.0.9", at(guess)).await.unwrap(), Attempt::Allowed);
    }
    assert_eq!(
        lockouts.attempt("zhangsan", "10.0.0.9", at(51)).await.unwrap(),
        Attempt::Wait { until: at(50 + 30) }
    );
    assert_eq!(lockouts.attempt("zhangsan", "10.0.0.1", at(51)).await.unwrap(), Attempt::Allowed);
    assert_eq!(lockouts.sweep(at(60)).await.unwrap(), 0);
    assert_eq!(lockouts.sweep(at(3_600)).await.unwrap(), 54);
}

fn new_session(account: Uuid) -> NewSession<'static> {
    NewSession { account, person: Some(Uuid::from_u128(7)), address: "10.0.0.1", agent: "Firefox 𠮷" }
}

#[tokio::test]
async fn a_session_is_found_by_its_token_alone() {
    let address = support::fresh_database().await;
    let vault = support::vault(&address).await;
    let sessions = vault.sessions();
    let (token, id) = sessions.create(new_session(ACCOUNT), at(0)).await.unwrap();
    assert_eq!(token.len(), 43);
    let session = sessions.find(&token, at(1)).await.unwrap().unwrap();
    assert_eq!((session.id, session.account, session.person), (id, ACCOUNT, Some(Uuid::from_u128(7))));
    assert_eq!((session.created_at, session.last_seen_at, session.reauthenticated_at), (at(0), at(0), None));
    assert_eq!((session.address.as_str(), session.agent.as_str()), ("10.0.0.1", "Firefox 𠮷"));
    for wrong in
        ["", "x", &token[1..], &format!("{}a", token.as_str()), &"A".repeat(43), "…", &"\0".repeat(43)]
    {
        assert_eq!(sessions.find(wrong, at(1)).await.unwrap(), None);
    }
    let mut connection = PgConnection::connect(&address).await.unwrap();
    let row: String =
        sqlx::query_scalar("select sessions::text from sessions").fetch_one(&mut connection).await.unwrap();
    assert!(!row.contains("Firefox") && !row.contains(&hex_of(&token)));
}

fn hex_of(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_session_ends_when_idle_and_when_old() {
    let vault = vault().await;
    let sessions = vault.sessions();
    let (token, _) = sessions.create(new_session(ACCOUNT), at(0)).await.unwrap();
    // Seen, but written to the minute only.
    assert_eq!(sessions.find(&token, at(59)).await.unwrap().unwrap().last_seen_at, at(0));
    assert_eq!(sessions.find(&token, at(60)).await.unwrap().unwrap().last_seen_at, at(60));
    assert!(sessions.find(&token, at(60 + 1_799)).await.unwrap().is_some());
    assert_eq!(sessions.find(&token, at(60 + 1_799 + 1_800)).await.unwrap(), None);

    let (busy, _) = sessions.create(new_session(ACCOUNT), at(0)).await.unwrap();
    let twelve_hours = TimeDelta::hours(12).num_seconds();
    for second in (0..twelve_hours).step_by(1_200) {
        assert!(sessions.find(&busy, at(second)).await.unwrap().is_some());
    }
    assert!(sessions.find(&busy, at(twelve_hours - 1)).await.unwrap().is_some());
    assert_eq!(sessions.find(&busy, at(twelve_hours)).await.unwrap(), None);
    assert_eq!(sessions.list(ACCOUNT, at(twelve_hours)).await.unwrap(), []);
    assert_eq!(sessions.sweep(at(twelve_hours)).await.unwrap(), 2);
}

#[tokio::test]
async fn sessions_are_listed_proved_again_and_ended() {
    let vault = vault().await;
    let sessions = vault.sessions();
    let (first, first_id) = sessions.create(new_session(ACCOUNT), at(0)).await.unwrap();
    let (second, second_id) = sessions.create(new_session(ACCOUNT), at(1)).await.unwrap();
    let (others, _) = sessions.create(new_session(Uuid::from_u128(2)), at(2)).await.unwrap();
    let listed: Vec<_> =
        sessions.list(ACCOUNT, at(3)).await.unwrap().into_iter().map(|session| session.id).collect();
    assert_eq!(listed, [second_id, first_id]);
    assert!(sessions.reauthenticated(first_id, at(4)).await.unwrap());
    assert!(!sessions.reauthenticated(SessionId(Uuid::from_u128(3)), at(4)).await.unwrap());
    assert_eq!(sessions.find(&first, at(5)).await.unwrap().unwrap().reauthenticated_at, Some(at(4)));
    assert!(sessions.end(first_id).await.unwrap());
    assert_eq!(sessions.find(&first, at(5)).await.unwrap(), None);
    assert_eq!(sessions.end_others(ACCOUNT, SessionId(Uuid::nil())).await.unwrap(), 1);
    assert_eq!(sessions.find(&second, at(5)).await.unwrap(), None);
    assert!(sessions.find(&others, at(5)).await.unwrap().is_some());
}

#[tokio::test]
async fn beyond_fifty_the_oldest_session_of_an_account_ends() {
    let vault = vault().await;
    let sessions = vault.sessions();
    let (oldest, _) = sessions.create(new_session(ACCOUNT), at(0)).await.unwrap();
    for second in 1..=50 {
        sessions.create(new_session(ACCOUNT), at(second)).await.unwrap();
    }
    assert_eq!(sessions.find(&oldest, at(51)).await.unwrap(), None);
    assert_eq!(sessions.list(ACCOUNT, at(51)).await.unwrap().len(), 50);
}
