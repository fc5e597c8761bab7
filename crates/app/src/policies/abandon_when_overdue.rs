//! 逾期未补正: what was not corrected in time is abandoned (T11).

use super::nothing;
use crate::app::App;
use crate::error::Error;
use zhicheng_domain::aggregate::Aggregate;
use zhicheng_domain::declaration::Declaration;
use zhicheng_projections::reader::Due;

/// Takes the step.
pub(super) async fn take(app: &App, due: &Due) -> Result<Option<i64>, Error> {
    app.step(Declaration::TYPE, due.aggregate_id, "abandon", due, nothing()).await
}
