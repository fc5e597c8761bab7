//! Signing in by QR code.
#![allow(clippy::unwrap_used)]

mod support;

use chrono::{DateTime, Utc};
use futures::future::join_all;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;
use zhicheng_vault::{
    Issued, NewSession, NewTicket, Scan, SessionId, TICKETS_PER_ADDRESS_MAX, TicketStage, Vault,
};

const ACCOUNT: Uuid = Uuid::from_u128(1);

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000 + seconds, 0).unwrap()
}

async fn vault() -> Vault {
    support::vault(&support::fresh_database().await).await
}

/// Somebody's telephone, signed in.
async fn telephone(vault: &Vault, account: Uuid) -> SessionId {
    let new = NewSession { account, person: Some(Uuid::from_u128(7)), address: "10.0.0.7", agent: "电话" };
    vault.sessions().create(new, at(0)).await.unwrap().1
}

/// A browser that waits since `at(0)`.
async fn waiting(vault: &Vault) -> NewTicket {
    match vault.tickets().create("10.0.0.1", "Firefox 𠮷", at(0)).await.unwrap() {
        Issued::Ticket(ticket) => ticket,
        Issued::Wait { until } => panic!("no ticket before {until}"),
    }
}

#[tokio::test]
async fn a_browser_is_let_in_by_the_telephone_that_scanned() {
    let vault = vault().await;
    let (ticket, telephone) = (waiting(&vault).await, telephone(&vault, ACCOUNT).await);
    let tickets = vault.tickets();
    let stage = async |second| {
        tickets
            .look(ticket.id, &ticket.secret, at(second))
            .await
            .unwrap()
            .map(|seen| (seen.stage, seen.account))
    };
    assert_eq!(stage(1).await, Some((TicketStage::Waiting, None)));
    assert_eq!(tickets.confirm(ticket.id, telephone, at(1)).await.unwrap(), None, "it must scan first");
    assert!(tickets.fetch(ticket.id, &ticket.secret, at(1)).await.unwrap().is_none());

    let Scan::Taken(asking) = tickets.scan(ticket.id, &ticket.code, telephone, at(2)).await.unwrap() else {
        panic!("the ticket is there");
    };
    assert_eq!((asking.address.as_str(), asking.agent.as_str()), ("10.0.0.1", "Firefox 𠮷"));
    assert_eq!((asking.created_at, asking.expires_at), (at(0), ticket.expires_at));
    assert_eq!(stage(3).await, Some((TicketStage::Scanned, Some(ACCOUNT))));
    assert!(tickets.fetch(ticket.id, &ticket.secret, at(3)).await.unwrap().is_none());

    assert_eq!(tickets.confirm(ticket.id, telephone, at(4)).await.unwrap(), Some(asking.clone()));
    assert_eq!(tickets.confirm(ticket.id, telephone, at(5)).await.unwrap(), Some(asking));
    assert_eq!(stage(5).await, Some((TicketStage::Confirmed, Some(ACCOUNT))));

    let fetched = tickets.fetch(ticket.id, &ticket.secret, at(6)).await.unwrap().unwrap();
    assert_eq!(fetched.account, ACCOUNT);
    let session = vault.sessions().find(&fetched.token, at(7)).await.unwrap().unwrap();
    assert_eq!((session.account, session.person), (ACCOUNT, Some(Uuid::from_u128(7))));
    assert_eq!((session.address.as_str(), session.agent.as_str()), ("10.0.0.1", "Firefox 𠮷"));
    assert_eq!(session.reauthenticated_at, None, "no password was given");
    assert_eq!(stage(7).await, None, "it is used up");
    assert!(tickets.fetch(ticket.id, &ticket.secret, at(7)).await.unwrap().is_none());
}

#[tokio::test]
async fn the_code_fetches_nothing_and_the_secret_scans_nothing() {
    let vault = vault().await;
    let (ticket, other) = (waiting(&vault).await, waiting(&vault).await);
    let telephone = telephone(&vault, ACCOUNT).await;
    let tickets = vault.tickets();
    assert_ne!(ticket.secret, ticket.code);
    for wrong in
        [ticket.secret.as_str(), other.code.as_str(), "", "x", "…", &"A".repeat(43), &"\0".repeat(43)]
    {
        assert_eq!(tickets.scan(ticket.id, wrong, telephone, at(1)).await.unwrap(), Scan::Missing);
    }
    assert_eq!(tickets.scan(Uuid::nil(), &ticket.code, telephone, at(1)).await.unwrap(), Scan::Missing);
    tickets.scan(ticket.id, &ticket.code, telephone, at(1)).await.unwrap();
    tickets.confirm(ticket.id, telephone, at(1)).await.unwrap().unwrap();
    for wrong in [ticket.code.as_str(), other.secret.as_str(), "", &"A".repeat(43)] {
        assert!(tickets.look(ticket.id, wrong, at(1)).await.unwrap().is_none());
        assert!(tickets.fetch(ticket.id, wrong, at(1)).await.unwrap().is_none());
    }
    assert!(tickets.fetch(other.id, &other.secret, at(1)).await.unwrap().is_none(), "nobody confirmed it");
}

#[tokio::test]
async fn nothing_of_a_ticket_lies_in_clear() {
    let address = support::fresh_database().await;
    let vault = support::vault(&address).await;
    let ticket = waiting(&vault).await;
    let mut connection = PgConnection::connect(&address).await.unwrap();
    let row: String = sqlx::query_scalar("select sign_in_tickets::text from sign_in_tickets")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    for clear in ["Firefox", "10.0.0.1", ticket.secret.as_str(), ticket.code.as_str()] {
        assert!(!row.contains(clear) && !row.contains(&hex(clear)), "{clear}");
    }
}

#[tokio::test]
async fn after_two_minutes_it_is_over_at_every_step() {
    let vault = vault().await;
    let telephone = telephone(&vault, ACCOUNT).await;
    let tickets = vault.tickets();
    let [fresh, scanned, confirmed] = [waiting(&vault).await, waiting(&vault).await, waiting(&vault).await];
    assert_eq!(fresh.expires_at, at(120));
    for ticket in [&scanned, &confirmed] {
        tickets.scan(ticket.id, &ticket.code, telephone, at(119)).await.unwrap();
    }
    tickets.confirm(confirmed.id, telephone, at(119)).await.unwrap().unwrap();
    assert!(tickets.look(fresh.id, &fresh.secret, at(119)).await.unwrap().is_some());
    assert!(tickets.look(fresh.id, &fresh.secret, at(120)).await.unwrap().is_none());
    assert_eq!(tickets.scan(fresh.id, &fresh.code, telephone, at(120)).await.unwrap(), Scan::Missing);
    assert_eq!(tickets.confirm(scanned.id, telephone, at(120)).await.unwrap(), None);
    assert!(tickets.fetch(confirmed.id, &confirmed.secret, at(120)).await.unwrap().is_none());
    assert_eq!(tickets.sweep(at(119)).await.unwrap(), 0);
    assert_eq!(tickets.sweep(at(120)).await.unwrap(), 3);
}

#[tokio::test]
async fn of_many_at_once_one_scans_and_one_fetches() {
    let vault = vault().await;
    let tickets = vault.tickets();
    let ticket = waiting(&vault).await;
    let telephones = join_all((1..=6).map(|number| telephone(&vault, Uuid::from_u128(number)))).await;
    let scans = telephones.iter().map(|session| tickets.scan(ticket.id, &ticket.code, *session, at(1)));
    let scans: Vec<Scan> = join_all(scans).await.into_iter().map(Result::unwrap).collect();
    let taken: Vec<usize> =
        (0..scans.len()).filter(|index| matches!(scans[*index], Scan::Taken(_))).collect();
    assert_eq!(taken.len(), 1, "{scans:?}");
    assert_eq!(scans.iter().filter(|scan| **scan == Scan::TakenByAnother).count(), 5);

    // Everybody confirms, the one who scanned twice.
    let confirming = telephones.iter().chain([&telephones[taken[0]]]);
    let confirmed = join_all(confirming.map(|session| tickets.confirm(ticket.id, *session, at(2)))).await;
    assert_eq!(confirmed.into_iter().filter(|done| done.as_ref().unwrap().is_some()).count(), 2);

    let fetched = join_all((0..6).map(|_| tickets.fetch(ticket.id, &ticket.secret, at(3)))).await;
    let fetched: Vec<_> = fetched.into_iter().filter_map(Result::unwrap).collect();
    assert_eq!(fetched.len(), 1, "the session is handed out once");
    let account = Uuid::from_u128(1 + u128::try_from(taken[0]).unwrap());
    assert_eq!(fetched[0].account, account);
    assert_eq!(vault.sessions().list(account, at(3)).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_ticket_ends_with_the_session_that_scanned_it() {
    let vault = vault().await;
    let (ticket, session) = (waiting(&vault).await, telephone(&vault, ACCOUNT).await);
    let tickets = vault.tickets();
    tickets.scan(ticket.id, &ticket.code, session, at(1)).await.unwrap();
    tickets.confirm(ticket.id, session, at(1)).await.unwrap().unwrap();
    vault.sessions().end_others(ACCOUNT, SessionId(Uuid::nil())).await.unwrap();
    assert!(tickets.fetch(ticket.id, &ticket.secret, at(1)).await.unwrap().is_none());
    let another = waiting(&vault).await;
    assert_eq!(tickets.scan(another.id, &another.code, session, at(1)).await.unwrap(), Scan::Missing);
}

#[tokio::test]
async fn one_address_has_so_many_tickets_at_once() {
    let vault = vault().await;
    for _ in 0..TICKETS_PER_ADDRESS_MAX {
        waiting(&vault).await;
    }
    let issued = async |address: &str, second| vault.tickets().create(address, "", at(second)).await.unwrap();
    assert!(matches!(issued("10.0.0.1", 119).await, Issued::Wait { until } if until == at(120)));
    assert!(matches!(issued("10.0.0.2", 119).await, Issued::Ticket(_)));
    assert!(matches!(issued("10.0.0.1", 120).await, Issued::Ticket(_)));
}
