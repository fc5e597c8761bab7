//! cqrs-es with postgres-es as they come: the event-sourced store, a pool as large as there are workers, without views or with
//! one, kept by their `GenericQuery`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use chrono::{SecondsFormat, Utc};
use cqrs_es::persist::GenericQuery;
use cqrs_es::{EventEnvelope, Query, View};
use postgres_es::{PostgresCqrs, PostgresViewRepository, postgres_cqrs};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::Failure;
use crate::log::case::{Case, Fill, Life};
use crate::log::contender::{Boxed, Contender, Turns};

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

/// The table of a view, as its `db/init.sql` makes it.
const VIEW_TABLE: &str = "
create table case_view (
    view_id text not null,
    version bigint check (version >= 0) not null,
    payload json not null,
    primary key (view_id)
)";

/// Which views follow the events.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Views {
    /// None.
    None,
    /// The state of each case.
    One,
}

/// A case as it is listed: all its fields.
#[derive(Debug, Default, Serialize, Deserialize)]
struct CaseView(Case);

impl View<Case> for CaseView {
    fn update(&mut self, event: &EventEnvelope<Case>) {
        self.0.evolve(event.payload.clone());
    }
}

pub(crate) struct Stock {
    options: PgConnectOptions,
    views: Views,
    framework: Mutex<Arc<PostgresCqrs<Case>>>,
}

impl Stock {
    pub(crate) async fn open(options: PgConnectOptions, views: Views) -> Result<Self, Failure> {
        let pool = PgPoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        sqlx::raw_sql(TABLE).execute(&pool).await?;
        sqlx::raw_sql(VIEW_TABLE).execute(&pool).await?;
        Ok(Self { options, views, framework: Mutex::new(Arc::new(framework(pool, views))) })
    }
}

fn framework(pool: PgPool, views: Views) -> PostgresCqrs<Case> {
    let queries: Vec<Box<dyn Query<Case>>> = match views {
        Views::None => vec![],
        Views::One => {
            let repository = PostgresViewRepository::<CaseView, Case>::new("case_view", pool.clone());
            vec![Box::new(GenericQuery::new(Arc::new(repository)))]
        }
    };
    postgres_cqrs(pool, queries, ())
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
            *self.framework.lock().await = Arc::new(framework(pool, self.views));
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
