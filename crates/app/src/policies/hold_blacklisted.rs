//! 黑名单暂停: what is under way of a person on the blacklist is held, and goes on once the entry is lifted or over (T64, T65).
//! Both are looked for again until nothing is left, so a declaration that was started meanwhile, or a process that was
//! stopped in between, makes no difference.

use super::nothing;
use crate::app::App;
use crate::error::Error;
use chrono::DateTime;
use uuid::Uuid;
use zhicheng_domain::aggregate::Aggregate;
use zhicheng_domain::context::in_shanghai;
use zhicheng_domain::declaration::actions::{hold_when_blacklisted, lift_blacklist_hold};
use zhicheng_domain::declaration::{Declaration, Stage};
use zhicheng_domain::label::Named;
use zhicheng_projections::reader::Due;

/// How many declarations are looked up at once.
const DECLARATIONS_PER_LOOK: i64 = 500;

/// Puts the holds that are missing and lifts those that are over. Answers the position of the last one.
pub(super) async fn settle_all(app: &App) -> Result<Option<i64>, Error> {
    let today = in_shanghai(app.now()).date_naive();
    let barred: Vec<Uuid> = app
        .registry()
        .read(|registers| registers.everyone_blacklisted(today).into_iter().map(Uuid::from).collect());
    let under_way: Vec<&str> =
        Stage::ALL.iter().filter(|stage| !stage.ended()).map(|stage| stage.name()).collect();
    let (mut last, mut after) = (None, Uuid::nil());
    loop {
        let rows: Vec<(Uuid, bool)> = sqlx::query_as(
            "select declaration_id, holds @> array['blacklist'] as held
             from projections.my_declarations
             where (holds @> array['blacklist'] and not person_id = any($1)
                    or not holds @> array['blacklist'] and person_id = any($1) and stage = any($2))
               and declaration_id > $3
             order by declaration_id
             limit $4",
        )
        .bind(&barred)
        .bind(&under_way)
        .bind(after)
        .bind(DECLARATIONS_PER_LOOK)
        .fetch_all(app.store().pool())
        .await?;
        let Some((end, _)) = rows.last().copied() else { return Ok(last) };
        after = end;
        for (declaration, held) in rows {
            let action = if held { lift_blacklist_hold::SPEC.name } else { hold_when_blacklisted::SPEC.name };
            let due = Due {
                kind: "blacklist_hold".into(),
                due_at: DateTime::UNIX_EPOCH,
                aggregate: Declaration::TYPE.into(),
                aggregate_id: declaration,
            };
            last = last.max(app.step(Declaration::TYPE, declaration, action, &due, nothing()).await?);
        }
    }
}
