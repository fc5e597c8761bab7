//! Wake-ups over NATS: the processes on one log tell each other how far it has come, so that nobody waits until it looks.
//!
//! What a process tells comes back to itself; as long as that happens the broker works, and where all others are known to be there too, nothing
//! is told by PostgreSQL's `NOTIFY`. What does not come back is told by `NOTIFY`, and the broker is tried anew. What is heard is not believed:
//! the head is looked at.

use crate::stream::{self, StreamError};
use async_nats::{Client, Message, Subscriber};
use futures::StreamExt as _;
use std::convert::Infallible;
use std::pin::pin;
use std::time::Duration;
use thiserror::Error;
use tokio::time::{sleep, timeout};
use zhicheng_eventstore::{EventStore, OtherWay};

/// The subject on which the position is told; outside those of the stream, for nobody wants to read it later.
pub const WAKE_SUBJECT: &str = "zhicheng.wake";
/// The least time between two wake-ups.
const TELL_EVERY: Duration = Duration::from_millis(10);
/// How long what was told may take to come back.
const ECHO_MAX: Duration = Duration::from_millis(500);
/// How long it waits after trouble: this at first, twice as long each time.
const PAUSE_MIN: Duration = Duration::from_millis(200);
/// The longest that it waits after trouble.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Who of those on the log is at the broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// All: nobody is told by `NOTIFY` while the broker works.
    All,
    /// Not all, as of a private server that others need not know: everybody is told by `NOTIFY` too.
    Some,
}

/// Wakes others, and is woken by them.
#[derive(Debug)]
pub struct Waking {
    way: OtherWay,
    url: String,
    reach: Reach,
}

/// Why the broker wakes nobody.
#[derive(Debug, Error)]
enum Trouble {
    #[error(transparent)]
    Connect(#[from] StreamError),
    #[error("the broker does not take what it is told")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the broker does not give back what it was told")]
    Silent,
    #[error("the log is closed")]
    Closed,
}

impl Waking {
    /// Wake-ups among the processes on this log by way of the broker at this address (`nats://user:password@host:port`).
    pub fn new(store: &EventStore, url: String, reach: Reach) -> Self {
        Self { way: store.other_way(), url, reach }
    }

    /// Wakes and is woken until it is dropped, or the log is closed.
    pub async fn run(self) {
        let mut pause = PAUSE_MIN;
        loop {
            let mut worked = false;
            let ended = match self.wake_on(&mut worked).await {
                Err(trouble) => trouble,
                Ok(never) => match never {},
            };
            if matches!(ended, Trouble::Closed) {
                return;
            }
            tracing::debug!(error = %ended, "nobody is woken over NATS");
            if worked {
                pause = PAUSE_MIN;
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// Wakes until something fails, and says whether anything came back until then.
    async fn wake_on(&self, worked: &mut bool) -> Result<Infallible, Trouble> {
        let client = stream::client(&self.url, "zhicheng wake-ups").await?;
        let mut others = client.subscribe(WAKE_SUBJECT).await.map_err(client_failed)?;
        let mut own_head = self.way.own_head();
        let mut stand_in = None;
        loop {
            // the first time too, though it wakes nobody: whether it comes back is the question
            let position = *own_head.borrow_and_update();
            timeout(ECHO_MAX, self.tell(&client, &mut others, position))
                .await
                .map_err(|_| Trouble::Silent)??;
            *worked = true;
            if self.reach == Reach::All {
                stand_in.get_or_insert_with(|| self.way.stand_in());
            }
            let mut grown = pin!(async {
                sleep(TELL_EVERY).await;
                own_head.changed().await
            });
            loop {
                tokio::select! {
                    message = others.next() => drop(self.hear(message)?),
                    grown = &mut grown => {
                        grown.map_err(|_| Trouble::Closed)?;
                        break;
                    }
                }
            }
        }
    }

    /// Tells the others, and returns once it has come back.
    async fn tell(&self, client: &Client, others: &mut Subscriber, position: i64) -> Result<(), Trouble> {
        client.publish(WAKE_SUBJECT, position.to_string().into()).await.map_err(client_failed)?;
        client.flush().await.map_err(client_failed)?;
        while self.hear(others.next().await)? != position {}
        Ok(())
    }

    /// Passes on what was said, and answers it.
    fn hear(&self, message: Option<Message>) -> Result<i64, Trouble> {
        let message = message.ok_or(Trouble::Silent)?;
        // what is no position is none that was ever reached
        let position = str::from_utf8(&message.payload).ok().and_then(|text| text.parse().ok()).unwrap_or(-1);
        self.way.heard(position);
        Ok(position)
    }
}

fn client_failed(error: impl std::error::Error + Send + Sync + 'static) -> Trouble {
    Trouble::Client(Box::new(error))
}
