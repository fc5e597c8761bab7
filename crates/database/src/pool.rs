//! Connections that are lent.

use std::time::Duration;

use sqlx::Connection as _;
use sqlx::postgres::PgPoolOptions;

/// A connection that was used since is taken to be alive. Whoever borrows one that is not is told so, as anybody is whose question
/// was under way when it died.
const ALIVE: Duration = Duration::from_secs(1);

/// At most so many connections; whoever waits longer than `timeout` for one is told that there is none. They are asked for a sign
/// of life only after they have rested: a round trip before each question would cost as much as the question.
#[must_use]
pub fn lent(connections_max: u32, timeout: Duration) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections_max)
        .acquire_timeout(timeout)
        .test_before_acquire(false)
        .before_acquire(|connection, rested| {
            Box::pin(async move {
                if rested.idle_for >= ALIVE {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
}
