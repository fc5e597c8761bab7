//! 公示期满: the publicity of a declaration has ended (T14).

use super::nothing;
use crate::app::App;
use crate::error::Error;
use zhicheng_domain::aggregate::Aggregate;
use zhicheng_domain::declaration::Declaration;
use zhicheng_projections::reader::Due;

/// Takes the step.
pub(super) async fn take(app: &App, due: &Due) -> Result<Option<i64>, Error> {
    app.step(Declaration::TYPE, due.aggregate_id, "end-publicity", due, nothing()).await
}
