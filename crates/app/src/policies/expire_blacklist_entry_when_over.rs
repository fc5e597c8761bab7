//! 黑名单到期: the three years of an entry are over (N24, TM13).

use super::nothing;
use crate::app::App;
use crate::error::Error;
use zhicheng_domain::aggregate::Aggregate;
use zhicheng_domain::blacklist_entry::BlacklistEntry;
use zhicheng_projections::reader::Due;

/// Takes the step.
pub(super) async fn take(app: &App, due: &Due) -> Result<Option<i64>, Error> {
    app.step(BlacklistEntry::TYPE, due.aggregate_id, "expire", due, nothing()).await
}
