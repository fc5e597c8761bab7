//! The floor beneath both: a row of the same size inserted in a transaction of its own, nothing loaded, nothing decided.

use std::time::Instant;

use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::sync::Mutex;

use crate::Failure;
use crate::log::case::{Case, Life};
use crate::log::contender::{Boxed, Contender, Turns};

/// As many as stock has.
const POOL_CONNECTIONS_MAX: usize = 32;

pub(crate) struct Single {
    options: PgConnectOptions,
    pool: Mutex<PgPool>,
}

impl Single {
    pub(crate) async fn open(options: PgConnectOptions) -> Result<Self, Failure> {
        let pool = PgPoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        sqlx::raw_sql(
            "create table single (
                 number bigint generated always as identity primary key,
                 payload json not null
             )",
        )
        .execute(&pool)
        .await?;
        Ok(Self { options, pool: Mutex::new(pool) })
    }
}

impl Contender for Single {
    fn name(&self) -> &'static str {
        "single"
    }

    fn prepare(&self, workers: usize) -> Boxed<'_, Result<(), Failure>> {
        Box::pin(async move {
            *self.pool.lock().await = PgPoolOptions::new()
                .max_connections(workers.min(POOL_CONNECTIONS_MAX) as u32)
                .connect_with(self.options.clone())
                .await?;
            Ok(())
        })
    }

    fn work(&self, until: Instant) -> Boxed<'static, Result<Vec<u32>, Failure>> {
        let pool = self.pool.try_lock().map(|it| it.clone());
        Box::pin(async move {
            let pool = pool?;
            let payload = serde_json::to_string(&Case::default().decide(Life::new().next())?)?;
            let mut turns = Turns::until(until);
            while turns.another() {
                sqlx::query("insert into single (payload) values ($1::json)")
                    .bind(&payload)
                    .execute(&pool)
                    .await?;
            }
            Ok(turns.took_us())
        })
    }

    fn batch_size(&self) -> Boxed<'_, Result<Option<f64>, Failure>> {
        Box::pin(async { Ok(None) })
    }
}
