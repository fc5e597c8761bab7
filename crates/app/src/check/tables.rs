//! Read tables: each equals a fresh fold of the log, row by row, both ways (P4).

use super::{Check, Checked, Look, System};
use futures::future::BoxFuture;
use zhicheng_projections::{TABLES, Table};

/// Every read table.
pub(super) struct Tables;

impl Look for Tables {
    fn finish<'a>(self: Box<Self>, system: &'a System<'a>) -> BoxFuture<'a, Vec<Checked>> {
        Box::pin(async move {
            let mut all = Vec::with_capacity(TABLES.len());
            for (done, table) in (1..).zip(TABLES) {
                all.push(is_a_fold(system, table).await);
                system.tell("读表", done, TABLES.len() as i64);
            }
            all
        })
    }
}

async fn is_a_fold(system: &System<'_>, table: &'static Table) -> Checked {
    let mut checked = Checked::new(Check::Tables);
    checked.of = Some(table.name);
    let store = system.app.store();
    match zhicheng_projections::verify(store, store.pool(), table, |_| {}).await {
        Ok(verified) => {
            checked.count = u64::try_from(verified.rows).unwrap_or_default();
            for difference in verified.differences {
                checked.fault(format!("{} {difference:?}", table.name));
            }
            if let Some(stop) = verified.stopped {
                checked.fault(format!("{} {stop:?}", table.name));
            }
        }
        Err(error) => checked.broke_off(&error),
    }
    checked
}
