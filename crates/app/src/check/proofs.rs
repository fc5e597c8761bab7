//! What follows from the bytes of the log: leaf hashes, root, archived right edges, and the claims table (P3).

use super::{Check, Checked, Look, System};
use futures::future::BoxFuture;

/// Leaf hashes, root and archived right edges. The first that is wrong ends it: all roots after it are.
pub(super) struct Root;

impl Look for Root {
    fn finish<'a>(self: Box<Self>, system: &'a System<'a>) -> BoxFuture<'a, Vec<Checked>> {
        Box::pin(async move {
            let mut checked = Checked::new(Check::Root);
            checked.count = u64::try_from(system.head).unwrap_or_default();
            match system.app.store().verify_root_at(system.head).await {
                Ok(root) => checked.notes.push(format!("位置 {} 的根：{}", system.head, hex::encode(root))),
                Err(error) => checked.broke_off(&error),
            }
            vec![checked]
        })
    }
}

/// Who holds which name.
pub(super) struct Claims;

impl Look for Claims {
    fn finish<'a>(self: Box<Self>, system: &'a System<'a>) -> BoxFuture<'a, Vec<Checked>> {
        Box::pin(async move {
            let mut checked = Checked::new(Check::Claims);
            let store = system.app.store();
            let held = sqlx::query_scalar::<_, i64>("select count(*) from claims").fetch_one(store.pool());
            match held.await {
                Ok(held) => checked.count = u64::try_from(held).unwrap_or_default(),
                Err(error) => checked.broke_off(&error),
            }
            match store.check_claims().await {
                Ok(differences) => {
                    for it in differences {
                        let holder = |kind: &Option<String>, id: &Option<String>| match (kind, id) {
                            (Some(kind), Some(id)) => format!("{kind} {id}"),
                            (None, _) | (_, None) => "无人".to_owned(),
                        };
                        let logged = holder(&it.logged.holder_type, &it.logged.holder_id);
                        let tabled = holder(&it.tabled.holder_type, &it.tabled.holder_id);
                        let name = &it.name;
                        checked.fault(format!("“{name}”按日志由{logged}占用，占用表记为{tabled}"));
                    }
                }
                Err(error) => checked.broke_off(&error),
            }
            vec![checked]
        })
    }
}
