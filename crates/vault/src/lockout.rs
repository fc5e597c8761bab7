//! Lock-out: guessing passwords gets slower, per account and per address.
//!
//! The policy: the first failures are free (5 an account, 50 an address: an office shares one). Each further one makes the
//! next attempt wait, 30 seconds at first and twice as long each time, up to 15 minutes. Fifteen minutes without an attempt
//! (after the wait has ended) forget the failures. An account is named as it was typed, so names that do not exist are
//! treated alike. A person who is being attacked waits at most 15 minutes.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{FromRow, PgPool};

use crate::{Error, keyed_hash::KeyedHash};

/// Failures that cost nothing.
const ACCOUNT_FREE_FAILURES: i32 = 5;
const ADDRESS_FREE_FAILURES: i32 = 50;
/// The first wait; each further one is twice as long.
const WAIT_SECONDS_MIN: i64 = 30;
/// The longest wait.
const WAIT_SECONDS_MAX: i64 = 15 * 60;
/// Quiet for so long after attempt and wait, and the failures are forgotten.
const WINDOW_SECONDS: i64 = 15 * 60;
/// Rows kept at most; the oldest go first.
const ROWS_MAX: i64 = 100_000;

/// Whether a sign-in may be tried now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// Go on; it counts as failed until [`Lockouts::succeeded`] says otherwise.
    Allowed,
    /// Not before this time. Nothing was counted.
    Wait {
        /// When the next attempt is possible.
        until: DateTime<Utc>,
    },
}

/// Failed sign-ins.
#[derive(Clone)]
pub struct Lockouts {
    pool: PgPool,
    keyed_hash: KeyedHash,
}

impl Lockouts {
    pub(crate) fn new(pool: PgPool, keyed_hash: KeyedHash) -> Self {
        Self { pool, keyed_hash }
    }

    /// Asks whether a sign-in may be tried, and counts it as failed before the password is looked at: a thousand guesses at
    /// once get no further than one after the other.
    ///
    /// `name` is the account's name as typed, brought into one form by the caller.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn attempt(&self, name: &str, address: &str, now: DateTime<Utc>) -> Result<Attempt, Error> {
        let account = self.subject("lockout account", name);
        let address = self.subject("lockout address", address);
        let mut transaction = self.pool.begin().await?;
        // In one order, so that two attempts never wait for each other in a circle.
        let mut subjects = [account.as_slice(), address.as_slice()];
        subjects.sort_unstable();
        for subject in subjects {
            sqlx::query(
                "insert into lockouts (subject, last_attempt_at)
                 values ($1, $2)
                 on conflict (subject) do nothing",
            )
            .bind(subject)
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        }
        let rows: Vec<Row> = sqlx::query_as(
            "select subject, failures, last_attempt_at, blocked_until
             from lockouts
             where subject = any($1)
             order by subject
             for update",
        )
        .bind(subjects.map(<[u8]>::to_vec).to_vec())
        .fetch_all(&mut *transaction)
        .await?;
        let counters: Vec<_> = rows
            .into_iter()
            .map(|row| {
                let free = if row.subject == account { ACCOUNT_FREE_FAILURES } else { ADDRESS_FREE_FAILURES };
                (row.subject, free, row.counter)
            })
            .collect();
        if let Some(until) = counters.iter().filter_map(|(_, _, counter)| counter.wait(now)).max() {
            return Ok(Attempt::Wait { until });
        }
        for (subject, free, counter) in counters {
            let counter = counter.failed(free, now);
            sqlx::query(
                "update lockouts
                 set failures = $2,
                     last_attempt_at = $3,
                     blocked_until = $4
                 where subject = $1",
            )
            .bind(subject)
            .bind(counter.failures)
            .bind(counter.last_attempt_at)
            .bind(counter.blocked_until)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(Attempt::Allowed)
    }

    /// Forgets the account's failures after its password was right, and takes this attempt back from the address. The
    /// address keeps its other failures: one good account does not pay for guesses at others.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn succeeded(&self, name: &str, address: &str) -> Result<(), Error> {
        sqlx::query("delete from lockouts where subject = $1")
            .bind(self.subject("lockout account", name).as_slice())
            .execute(&self.pool)
            .await?;
        sqlx::query(
            "update lockouts
             set failures = greatest(failures - 1, 0),
                 blocked_until = null
             where subject = $1",
        )
        .bind(self.subject("lockout address", address).as_slice())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Removes what is forgotten anyway and, beyond a bound, the oldest rest; answers how many rows went.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn sweep(&self, now: DateTime<Utc>) -> Result<u64, Error> {
        let forgotten = sqlx::query(
            "delete from lockouts
             where greatest(last_attempt_at, blocked_until) < $1",
        )
        .bind(now - TimeDelta::seconds(WINDOW_SECONDS))
        .execute(&self.pool)
        .await?;
        let beyond = sqlx::query(
            "delete from lockouts
             where subject in (
                 select subject
                 from lockouts
                 order by last_attempt_at desc, subject
                 offset $1
             )",
        )
        .bind(ROWS_MAX)
        .execute(&self.pool)
        .await?;
        Ok(forgotten.rows_affected() + beyond.rows_affected())
    }

    /// Names and addresses are not stored, only their keyed hashes.
    fn subject(&self, purpose: &str, text: &str) -> [u8; 32] {
        self.keyed_hash.bytes(purpose, text)
    }
}

#[derive(FromRow)]
struct Row {
    subject: Vec<u8>,
    #[sqlx(flatten)]
    counter: Counter,
}

/// What is known of one account or address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
struct Counter {
    failures: i32,
    last_attempt_at: DateTime<Utc>,
    blocked_until: Option<DateTime<Utc>>,
}

impl Counter {
    fn wait(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.blocked_until.filter(|until| now < *until)
    }

    fn failed(self, free: i32, now: DateTime<Utc>) -> Self {
        let quiet_since =
            self.blocked_until.map_or(self.last_attempt_at, |until| until.max(self.last_attempt_at));
        let before = if now - quiet_since > TimeDelta::seconds(WINDOW_SECONDS) { 0 } else { self.failures };
        let failures = before.saturating_add(1);
        // Past 2^5 times 30 seconds the longest wait is reached.
        let beyond = (failures - free).min(6);
        let wait = (beyond > 0).then(|| (WAIT_SECONDS_MIN << (beyond - 1)).min(WAIT_SECONDS_MAX));
        Self {
            failures,
            last_attempt_at: now,
            blocked_until: wait.map(|seconds| now + TimeDelta::seconds(seconds)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_780_000_000 + second, 0).unwrap()
    }

    #[test]
    fn waits_grow_after_the_free_failures_up_to_a_quarter_of_an_hour() {
        let mut counter = Counter { failures: 0, last_attempt_at: at(0), blocked_until: None };
        let mut now = at(0);
        let mut waits = Vec::new();
        for _ in 0..13 {
            assert_eq!(counter.wait(now), None);
            counter = counter.failed(5, now);
            let until = counter.blocked_until.unwrap_or(now);
            waits.push((until - now).num_seconds());
            now = until;
        }
        assert_eq!(waits, [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
    }

    #[test]
    fn a_quiet_quarter_of_an_hour_forgets() {
        let counter = Counter { failures: 9, last_attempt_at: at(0), blocked_until: Some(at(240)) };
        assert_eq!(counter.wait(at(239)), Some(at(240)));
        assert_eq!(counter.wait(at(240)), None);
        assert_eq!(counter.failed(5, at(240 + 900)).failures, 10);
        assert_eq!(counter.failed(5, at(240 + 901)).failures, 1);
    }
}
