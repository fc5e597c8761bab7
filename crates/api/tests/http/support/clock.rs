//! A clock that stands still until it is set.

use chrono::{DateTime, Utc};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use zhicheng_app::WallClock;

/// Real time as the system under test sees it.
#[derive(Clone)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    /// Shows this time.
    pub fn at(time: &str) -> Self {
        Self(Arc::new(AtomicI64::new(micros(time))))
    }

    /// Shows this time from now on.
    pub fn set(&self, time: &str) {
        self.0.store(micros(time), Ordering::SeqCst);
    }

    /// What it shows.
    pub fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0.load(Ordering::SeqCst)).unwrap()
    }

    /// For the application.
    pub fn wall(&self) -> WallClock {
        let clock = self.clone();
        WallClock::new(move || clock.now())
    }
}

fn micros(time: &str) -> i64 {
    DateTime::parse_from_rfc3339(time).unwrap().timestamp_micros()
}
