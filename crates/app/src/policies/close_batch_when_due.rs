//! 年度终结: a batch closes after its last day, and every declaration of a closed batch that has not ended and stands before
//! 表决通过 or 终审机构通过 lapses (contract.md, Stages). The lapses are looked for again until none is left: a process that was
//! stopped in between is followed by one that goes on.

use super::nothing;
use crate::app::App;
use crate::error::Error;
use chrono::DateTime;
use uuid::Uuid;
use zhicheng_domain::aggregate::Aggregate;
use zhicheng_domain::batch::{Batch, Stage as BatchStage};
use zhicheng_domain::declaration::{Declaration, Stage};
use zhicheng_domain::label::Named;
use zhicheng_projections::reader::Due;

/// How many declarations are looked up at once.
const LAPSES_PER_LOOK: i64 = 500;

/// Closes the batch.
pub(super) async fn take(app: &App, due: &Due) -> Result<Option<i64>, Error> {
    let reason = serde_json::json!({"reason": "批次到期"});
    app.step(Batch::TYPE, due.aggregate_id, "close", due, reason).await
}

/// Lapses what closed batches left open. Answers the position of the last one.
pub(super) async fn lapse_all(app: &App) -> Result<Option<i64>, Error> {
    let closed: Vec<Uuid> = app.registry().read(|registers| {
        registers.batches.iter().filter(|(_, it)| it.stage == BatchStage::Closed).map(|(id, _)| id).collect()
    });
    if closed.is_empty() {
        return Ok(None);
    }
    let stages: Vec<String> =
        Stage::ALL.iter().filter(|stage| stage.lapses()).map(|stage| stage.name().to_owned()).collect();
    let (mut last, mut after) = (None, Uuid::nil());
    loop {
        let rows: Vec<(Uuid,)> = sqlx::query_as(
            "select declaration_id
             from projections.my_declarations
             where stage = any($1)
               and (batch_id = any($2) or batch_id is null)
               and declaration_id > $3
             order by declaration_id
             limit $4",
        )
        .bind(&stages)
        .bind(&closed)
        .bind(after)
        .bind(LAPSES_PER_LOOK)
        .fetch_all(app.store().pool())
        .await?;
        let Some((end,)) = rows.last().copied() else { return Ok(last) };
        after = end;
        for (declaration,) in rows {
            let due = Due {
                kind: "lapse".into(),
                due_at: DateTime::UNIX_EPOCH,
                aggregate: Declaration::TYPE.into(),
                aggregate_id: declaration,
            };
            last = last.max(app.step(Declaration::TYPE, declaration, "lapse", &due, nothing()).await?);
        }
    }
}
