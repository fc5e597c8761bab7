//! What follows from the bytes of the log: leaf hashes, root, archived right edges, and the claims table (P3).

use super::{Check, Checked, Look, System};
use crate::roots::KeptRoot;
use futures::future::BoxFuture;
use zhicheng_eventstore::ReadError;

/// Leaf hashes, root, archived right edges and roots that were kept elsewhere. The first of log and archive that is wrong ends it: all
/// roots after it are.
pub(super) struct Root;

impl Look for Root {
    fn finish<'a>(self: Box<Self>, system: &'a System<'a>) -> BoxFuture<'a, Vec<Checked>> {
        Box::pin(async move {
            let mut checked = Checked::new(Check::Root);
            checked.count = u64::try_from(system.head).unwrap_or_default();
            let mut kept = system.scope.roots.clone();
            kept.sort();
            hold(system, &kept, &mut checked).await;
            vec![checked]
        })
    }
}

/// Walks the log's tree past the roots that were kept, which are in the order of their positions.
async fn hold(system: &System<'_>, kept: &[KeptRoot], checked: &mut Checked) {
    let mut due = kept.iter().peekable();
    let mut others = Vec::new();
    let verified = system.app.store().verify_up_to(system.head, |edge| {
        while let Some(it) = due.next_if(|it| u64::try_from(it.position) == Ok(edge.size())) {
            if it.root != edge.root() {
                others.push(it.position);
            }
        }
    });
    let verified = verified.await;
    for position in others {
        checked.fault(format!("位置 {position} 的根与另处保存的不同：此前的事件被改写过"));
    }
    let root = match verified {
        Ok(verified) => verified,
        Err(ReadError::Damaged { position }) => {
            return checked.fault(format!("位置 {position} 的事件不是入册时的那一个，或者不见了"));
        }
        Err(ReadError::Frontier { position }) => {
            return checked.fault(format!("位置 {position} 存档的右缘与日志不符：此前的事件或存档被改写过"));
        }
        Err(error) => return checked.broke_off(&error),
    };
    for it in due {
        checked.fault(format!("另处保存了位置 {} 的根，日志只到 {}", it.position, system.head));
    }
    let (edges, kept) = (root.edges, kept.len());
    checked.notes.push(match (edges, kept) {
        (0, 0) => {
            "没有存档的右缘，也没有给出另处保存的根（--root）：连同哈希一起改写的历史由此看不出来".to_owned()
        }
        _ => format!("与 {edges} 个存档的右缘、{kept} 个另处保存的根比对过"),
    });
    let today = KeptRoot { position: system.head, root: root.root };
    checked.notes.push(format!("现在的根，请另处保存，日后用 --root 核对：{today}"));
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
