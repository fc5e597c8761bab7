//! Read tables: each is there, goes on, and equals a fresh fold of the log, row by row, both ways (P4). A table that another version of the
//! program built has other rows, and other columns perhaps: this one cannot say whether they are right, and says so.

use super::{Check, Checked, Look, System};
use futures::future::BoxFuture;
use zhicheng_projections::checkpoint::Following;
use zhicheng_projections::{Standing, TABLES, Table, standing};

/// Every read table.
pub(super) struct Tables;

impl Look for Tables {
    fn finish<'a>(self: Box<Self>, system: &'a System<'a>) -> BoxFuture<'a, Vec<Checked>> {
        Box::pin(async move {
            let standing = match standing(system.app.store().pool(), TABLES).await {
                Ok(standing) => standing,
                Err(error) => {
                    let mut checked = Checked::new(Check::Tables);
                    checked.broke_off(&error);
                    return vec![checked];
                }
            };
            let mut all = Vec::with_capacity(TABLES.len());
            for (done, (table, standing)) in (1..).zip(TABLES.iter().zip(&standing)) {
                let mut checked = Checked::new(Check::Tables);
                checked.of = Some(table.name);
                if can_be_compared(standing, &mut checked) {
                    is_a_fold(system, table, &mut checked).await;
                }
                all.push(checked);
                system.tell("读表", done, TABLES.len() as i64);
            }
            all
        })
    }
}

/// Whether there is something to compare. What is missing is a fault, unless somebody is building it.
fn can_be_compared(standing: &Standing, checked: &mut Checked) -> bool {
    let name = standing.table;
    let checkpoint = standing.checkpoint.as_ref().filter(|_| standing.there);
    if let Some(Following::Stopped { at, reason }) = checkpoint.map(|it| &it.following) {
        checked.fault(format!("{name} 停在位置 {at} 之前：{reason}"));
    }
    match checkpoint {
        Some(_) if standing.same_version => return true,
        Some(it) => {
            let version = &it.version;
            checked.unchecked = Some(format!(
                "是另一版本的程序建的（{version}），本程序无从比对；请用本程序启动服务或重建（rebuild）后再查"
            ));
        }
        None if standing.fed => checked.unchecked = Some("服务正在建立这张表，请稍后再查".to_owned()),
        None if standing.there => checked.fault(format!("{name} 没有进度记录，不知是日志到哪里的样子")),
        None => checked.fault(format!("{name} 不见了")),
    }
    false
}

async fn is_a_fold(system: &System<'_>, table: &'static Table, checked: &mut Checked) {
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
}
