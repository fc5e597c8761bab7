//! 退回自动转下级: a level that kept a return for two working days passes it on by itself.

use super::nothing;
use crate::app::App;
use crate::error::Error;
use zhicheng_domain::aggregate::Aggregate;
use zhicheng_domain::declaration::Declaration;
use zhicheng_projections::reader::Due;

/// Takes the step.
pub(super) async fn take(app: &App, due: &Due) -> Result<Option<i64>, Error> {
    app.step(Declaration::TYPE, due.aggregate_id, "relay-when-due", due, nothing()).await
}
