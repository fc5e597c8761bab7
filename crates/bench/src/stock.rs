//! cqrs-es with postgres-es as they come: the event-sourced store, no views, a pool as large as there are workers.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use chrono::{SecondsFormat, Utc};
use cqrs_es::CqrsFramework;
use postgres_es::{PostgresCqrs, postgres_cqrs};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::Failure;
use crate::case::{Case, Fill, Life};
use crate::contender::{Boxed, Contender, Turns};

/// More connections than that make it slower.
const POOL_CONNECTIONS_MAX: usize = 32;

/// The table of postgres-es, as its own `db/init.sql` makes it.
const TABLE: &str = "
create table events (
    aggregate_type text not null,
    aggregate_id text not null,
    sequence bigint check (sequence >= 0) not null,
    event_type text not null,
    event_version text not null,
    payload json not null,
    metadata json not null,
    primary key (aggregate_type, aggregate_id, sequence)
)";

pub(crate) struct Stock {
    options: PgConnectOptions,
    framework: Mutex<Arc<PostgresCqrs<Case>>>,
}

impl Stock {
    pub(crate) async fn open(options: PgConnectOptions) -> Result<Self, Failure> {
        let pool = PgPoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        sqlx::raw_sql(TABLE).execute(&pool).await?;
        let framework: CqrsFramework<Case, _> = postgres_cqrs(pool, vec![], ());
        Ok(Self { options, framework: Mutex::new(Arc::new(framework)) })
    }
}

impl Contender for Stock {
    fn name(&self) -> &'static str {
        "stock"
    }

    fn prepare(&self, workers: usize) -> Boxed<'_, Result<(), Failure>> {
        Box::pin(async move {
            let pool = PgPoolOptions::new()
                .max_connections(workers.min(POOL_CONNECTIONS_MAX) as u32)
                .connect_with(self.options.clone())
                .await?;
            *self.framework.lock().await = Arc::new(postgres_cqrs(pool, vec![], ()));
            Ok(())
        })
    }

    fn work(&self, until: Instant) -> Boxed<'static, Result<Vec<u32>, Failure>> {
        let framework = self.framework.try_lock().map(|it| Arc::clone(&it));
        Box::pin(async move {
            let framework = framework?;
            let (mut turns, mut life) = (Turns::until(until), Life::new());
            while turns.another() {
                let seed = life.next();
                let metadata = HashMap::from([
                    ("actor".to_owned(), "a1".to_owned()),
                    ("command_id".to_owned(), Uuid::new_v4().to_string()),
                    ("time".to_owned(), Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true)),
                ]);
                framework.execute_with_metadata(&life.id, Fill(seed), metadata).await?;
            }
            Ok(turns.took_us())
        })
    }

    fn batch_size(&self) -> Boxed<'_, Result<Option<f64>, Failure>> {
        Box::pin(async { Ok(None) })
    }
}
