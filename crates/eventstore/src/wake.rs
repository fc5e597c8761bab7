//! Waking those who wait for the log to grow, in this process and in others.
//!
//! `NOTIFY` inside the appending transaction would make all commits wait for each other; so it is sent afterwards, on a connection of
//! its own, one for many commits. It may be lost with the process that should have sent it; therefore the head is looked at too.
//!
//! Whoever knows another way to reach the others ([`OtherWay`]) may stand in for `NOTIFY` as long as that way works.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgListener, PgPoolOptions};
use sqlx::{ConnectOptions, PgPool};
use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::connection::{CONNECT_TIMEOUT, within};

/// The channel on which the last position is told.
const CHANNEL: &str = "zhicheng_log_head";

/// The least time between two notifications.
const NOTIFY_EVERY: Duration = Duration::from_millis(10);

/// How long to wait after a lost connection.
const RECONNECT_PAUSE: Duration = Duration::from_millis(200);

/// The two ends of another way by which processes on one log wake each other: what is to be told, and where it is said that something was
/// heard. This crate knows no such way; who has one brings the ends together.
#[derive(Debug, Clone)]
pub struct OtherWay {
    own_head: watch::Receiver<i64>,
    head: watch::Receiver<i64>,
    look: Arc<Notify>,
    stand_ins: watch::Sender<usize>,
}

/// While it lives nothing is told by `NOTIFY`: what this process appends is told the other way.
#[derive(Debug)]
pub struct StandIn(watch::Sender<usize>);

impl OtherWay {
    /// The ends of a log that is only looked at: nothing is told, and who is heard wakes nobody.
    pub(crate) fn of_who_only_looks(head: &watch::Sender<i64>) -> Self {
        let own_head = watch::channel(0).1;
        Self { own_head, head: head.subscribe(), look: Arc::default(), stand_ins: watch::channel(0).0 }
    }

    /// Says when this process appended, and up to where; 0 before it did.
    #[must_use]
    pub fn own_head(&self) -> watch::Receiver<i64> {
        self.own_head.clone()
    }

    /// Another process says that it appended up to there. It is not believed but looked at, so whoever can speak on that way can at most
    /// have the head looked at.
    pub fn heard(&self, position: i64) {
        if position > *self.head.borrow() {
            self.look.notify_one();
        }
    }

    /// Tells nothing by `NOTIFY` from now on. When this ends, however it does, the last that was appended is told by `NOTIFY` again.
    #[must_use]
    pub fn stand_in(&self) -> StandIn {
        self.stand_ins.send_modify(|stand_ins| *stand_ins += 1);
        StandIn(self.stand_ins.clone())
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.0.send_modify(|stand_ins| *stand_ins -= 1);
    }
}

/// Starts telling others of our appends, and listening to theirs.
pub(crate) fn start(
    options: &PgConnectOptions,
    head: watch::Sender<i64>,
    own_head: watch::Receiver<i64>,
    poll_every: Duration,
) -> (OtherWay, Vec<AbortHandle>) {
    let (stand_ins, stood_in) = watch::channel(0);
    let look = Arc::new(Notify::new());
    let other_way =
        OtherWay { own_head: own_head.clone(), head: head.subscribe(), look: Arc::clone(&look), stand_ins };
    let told = tokio::spawn(tell(options.clone(), own_head, stood_in));
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(CONNECT_TIMEOUT)
        .connect_lazy_with(options.clone());
    let heard = tokio::spawn(listen(pool, head, look, poll_every));
    (other_way, vec![told.abort_handle(), heard.abort_handle()])
}

async fn tell(
    options: PgConnectOptions,
    mut own_head: watch::Receiver<i64>,
    mut stood_in: watch::Receiver<usize>,
) {
    let mut connection: Option<PgConnection> = None;
    let mut told = 0;
    loop {
        // the end of the other way wakes too: it may have lost what it was to tell
        let woken = tokio::select! {
            grown = own_head.changed() => grown,
            otherwise = stood_in.changed() => otherwise,
        };
        if woken.is_err() {
            return;
        }
        let position = *own_head.borrow_and_update();
        if position == told || *stood_in.borrow_and_update() > 0 {
            continue;
        }
        told = position;
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

async fn listen(pool: PgPool, head: watch::Sender<i64>, look: Arc<Notify>, poll_every: Duration) {
    loop {
        if let Err(error) = listen_once(&pool, &head, &look, poll_every).await {
            tracing::debug!(%error, "not listening to the log; trying again");
            sleep(RECONNECT_PAUSE).await;
        }
    }
}

async fn listen_once(
    pool: &PgPool,
    head: &watch::Sender<i64>,
    look: &Notify,
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
            _ = poll.tick() => look_at_head(&mut listener).await?,
            () = look.notified() => look_at_head(&mut listener).await?,
        };
        advance(head, position);
    }
}

async fn look_at_head(listener: &mut PgListener) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select position from log_head").fetch_one(listener).await
}

/// Moves the head on, never back, and wakes who waits for it.
pub(crate) fn advance(head: &watch::Sender<i64>, position: i64) {
    head.send_if_modified(|head| {
        let moved = position > *head;
        *head = position.max(*head);
        moved
    });
}
