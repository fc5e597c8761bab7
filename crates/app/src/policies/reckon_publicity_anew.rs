//! 重新计算公示截止日期: a publicity whose last day rested on a year without a calendar gets the right one once the calendar is
//! published (domain.md 4.10).

use super::nothing;
use crate::app::App;
use crate::error::Error;
use chrono::{DateTime, NaiveDate};
use uuid::Uuid;
use zhicheng_domain::aggregate::Aggregate;
use zhicheng_domain::publicity_round::PublicityRound;
use zhicheng_domain::publicity_round::actions::reckon_anew;
use zhicheng_projections::reader::Due;

/// Takes the step for every round whose provisional day is no longer what the calendar says. Answers the position of the
/// last one.
pub(super) async fn reckon_all(app: &App) -> Result<Option<i64>, Error> {
    let rounds: Vec<(Uuid, NaiveDate, NaiveDate, i64)> = sqlx::query_as(
        "select id, starts_on, ends_on, working_days
         from projections.employer_publicity
         where provisional and status = 'waiting'
         union all
         select id, starts_on, ends_on, working_days
         from projections.result_publicity
         where provisional and status = 'waiting'
         order by id",
    )
    .fetch_all(app.store().pool())
    .await?;
    let calendar = app.registry().read(|registers| registers.calendar.clone());
    let mut last = None;
    for (round, starts_on, ends_on, working_days) in rounds {
        let working_days = u32::try_from(working_days).unwrap_or(u32::MAX);
        let reckoned = calendar.end_of_period(starts_on, working_days);
        if reckoned.is_none_or(|reckoned| reckoned.on == ends_on && reckoned.provisional) {
            continue;
        }
        let due = Due {
            kind: "publicity_reckoning".into(),
            due_at: DateTime::UNIX_EPOCH,
            aggregate: PublicityRound::TYPE.into(),
            aggregate_id: round,
        };
        let action = reckon_anew::SPEC.name;
        last = last.max(app.step(PublicityRound::TYPE, round, action, &due, nothing()).await?);
    }
    Ok(last)
}
