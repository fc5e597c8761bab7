//! 复核过期: nobody answered a request for a second person in time.

use super::nothing;
use crate::app::App;
use crate::error::Error;
use zhicheng_domain::aggregate::Aggregate;
use zhicheng_domain::approval::Approval;
use zhicheng_projections::reader::Due;

/// Takes the step.
pub(super) async fn take(app: &App, due: &Due) -> Result<Option<i64>, Error> {
    app.step(Approval::TYPE, due.aggregate_id, "expire", due, nothing()).await
}
