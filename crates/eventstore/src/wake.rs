//! Waking those who wait for the log to grow, in this process and in others.
//!
//! `NOTIFY` inside the appending transaction would make all commits wait for each other; so it is sent afterwards, on a connection of
//! its own, one for many commits. It may be lost with the process that should have sent it; therefore the head is looked at too.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgListener, PgPoolOptions};
use sqlx::{ConnectOptions, PgPool};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::connection::{CONNECT_TIMEOUT, within};

/// The channel on which the last position is told.
const CHANNEL: &str = "zhicheng_log_head";

/// The least time between two notifications.
const NOTIFY_EVERY: Duration = Duration::from_millis(10);

/// How long to wait after a lost connection.
const RECONNECT_PAUSE: Duration = Duration::from_millis(200);

/// Starts telling others of our appends, and listening to theirs.
pub(crate) fn start(
    options: &PgConnectOptions,
    head: watch::Sender<i64>,
    own_head: watch::Receiver<i64>,
    poll_every: Duration,
) -> Vec<AbortHandle> {
    let told = tokio::spawn(tell(options.clone(), own_head));
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(CONNECT_TIMEOUT)
        .connect_lazy_with(options.clone());
    let heard = tokio::spawn(listen(pool, head, poll_every));
    vec![told.abort_handle(), heard.abort_handle()]
}

async fn tell(options: PgConnectOptions, mut own_head: watch::Receiver<i64>) {
    let mut connection: Option<PgConnection> = None;
    while own_head.changed().await.is_ok() {
        let position = *own_head.borrow_and_update();
        if let Err(error) = notify(&options, &mut connection, position).await {
            tracing::debug!(%error, position, "the others could not be woken; they will look for themselves");
            connection = None;
            sleep(RECONNECT_PAUSE).await;
        }
        sleep(NOTIFY_EVERY).await;
    }
}

async fn notify(
    options: &PgConnectOptions,
    connection: &mut Option<PgConnection>,
    position: i64,
) -> Result<(), sqlx::Error> {
    let connection = match connection {
        Some(connection) => connection,
        None => connection.insert(within(CONNECT_TIMEOUT, options.connect()).await?),
    };
    let notified =
        sqlx::query("select pg_notify($1, $2)").bind(CHANNEL).bind(position.to_string()).execute(connection);
    within(CONNECT_TIMEOUT, notified).await?;
    Ok(())
}

async fn listen(pool: PgPool, head: watch::Sender<i64>, poll_every: Duration) {
    loop {
        if let Err(error) = listen_once(&pool, &head, poll_every).await {
            tracing::debug!(%error, "not listening to the log; trying again");
            sleep(RECONNECT_PAUSE).await;
        }
    }
}

async fn listen_once(
    pool: &PgPool,
    head: &watch::Sender<i64>,
    poll_every: Duration,
) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    let mut poll = interval(poll_every);
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let position = tokio::select! {
            // None: the connection was lost, and what was told meanwhile with it.
            told = listener.try_recv() => match told? {
                Some(told) => told.payload().parse().unwrap_or(0),
                None => return Ok(()),
            },
            _ = poll.tick() => {
                sqlx::query_scalar("select position from log_head").fetch_one(&mut listener).await?
            }
        };
        advance(head, position);
    }
}

/// Moves the head on, never back, and wakes who waits for it.
pub(crate) fn advance(head: &watch::Sender<i64>, position: i64) {
    head.send_if_modified(|head| {
        let moved = position > *head;
        *head = position.max(*head);
        moved
    });
}
