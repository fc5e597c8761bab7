//! 评审结果公示 Whose title a committee or an accepting agency has still to publish, and their rounds.

use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::{Case, SOURCES};
use crate::screens::publicity::{self, COLUMNS, ROUND_SOURCES};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::declaration::Stage;
use zhicheng_domain::publicity_round::PublicityRound;
use zhicheng_domain::values::{PublicityKind, Role};

/// The screen: what waits comes first.
pub const SCREEN: Screen = Screen::over(&TABLE, "result-publicity", "评审结果公示", "Result publicity")
    .granted(&[
        grant(Role::CommitteeOperator, Scope::OwnOrganisation("organisation_id")),
        grant(Role::AuthorityReviewer, Scope::OwnOrganisation("organisation_id")),
    ])
    .newest_first("status")
    .row_actions(&["start-result-publicity", "record-result"])
    .counts_waiting();

/// The table.
pub const TABLE: Table = Table {
    name: "result_publicity",
    up: include_str!("../../../../../projections/result_publicity/up.sql"),
    sources: &[&[include_str!("result_publicity.rs")], ROUND_SOURCES, SOURCES],
    columns: &[COLUMNS],
    feed: Feed::Cases { aggregates: &["declaration", "publicity_round"], rows },
};

/// One row for a round; one for a declaration that waits for one: it passed and was declared, or was granted (初定, 认定) in a
/// batch whose awards are published.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    if let Some(round) = state.get::<PublicityRound>() {
        return Ok(publicity::round(id, round, PublicityKind::Result).into_iter().collect());
    }
    let Some(case) = Case::submitted(id, state) else { return Ok(Vec::new()) };
    let declared = case.it.review.declared.is_some_and(|declared| declared.passed);
    let result = declared && case.it.stage == Stage::VotePassed;
    let to_publish = case.it.award_publicity && !case.it.award_published;
    let award = to_publish && case.it.stage == Stage::FinalApproved;
    match case.final_organisation() {
        Some(publishes) if result || award => Ok(vec![publicity::waiting(&case, &publishes)?]),
        Some(_) | None => Ok(Vec::new()),
    }
}
