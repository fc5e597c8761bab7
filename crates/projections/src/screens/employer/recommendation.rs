//! 单位推荐上报 Whom an employer has to recommend, and whom it has recommended.

use crate::column::{Column, date, id, text};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::{Case, DECLARATION, DESK, PERSON, SOURCES, Status};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::declaration::{Stage, Step};
use zhicheng_domain::registers::paths::Node;
use zhicheng_domain::values::{PublicityResult, QuotaKind, Role};

/// The screen.
pub const SCREEN: Screen =
    Screen::over(&TABLE, "employer-recommendation", "单位推荐上报", "Employer recommendation")
        .granted(&[grant(Role::EmployerOperator, Scope::OwnOrganisation("employer_id"))])
        .newest_first("arrived_at")
        .row_actions(&["recommend", "review-by-employer"])
        .counts_waiting();

/// The table.
pub const TABLE: Table = Table {
    name: "employer_recommendation",
    up: include_str!("../../../../../projections/employer_recommendation/up.sql"),
    sources: &[&[include_str!("recommendation.rs")], SOURCES],
    columns: &[&[id("id", "标识").always()], DECLARATION, PERSON, DESK, OWN],
    feed: Feed::Cases { aggregates: &["declaration"], rows },
};

const OWN: &[Column] = &[
    date("publicity_starts_on", "公示开始日期"),
    date("publicity_ends_on", "公示截止日期"),
    text("publicity_result", "公示结果").one_of::<PublicityResult>(),
    text("quota_kind", "职数占用类别").one_of::<QuotaKind>(),
    text("recommended_to", "上级单位").searchable(),
];

/// What an employer does with a declaration that may be recommended.
const HANDLES: &[&str] = &["recommend", "review-by-employer"];

/// One row, from the moment that it may be recommended.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(case) = Case::submitted(id, state) else { return Ok(Vec::new()) };
    let waiting = case.it.stage == Stage::Recommendation;
    let handled = |step: &&Step| step.at == Stage::Recommendation && HANDLES.contains(&step.action);
    let last = case.it.steps.iter().rev().find(handled);
    if !waiting && last.is_none() {
        return Ok(Vec::new());
    }
    let publicity = case.it.publicity.as_ref();
    Ok(vec![
        Row::new(id)
            .with([("id", id.into())])
            .with(case.cells())
            .with(case.person()?)
            .with(case.desk(Status::waiting_if(waiting, None), last)?)
            .with([
                ("publicity_starts_on", publicity.map(|publicity| publicity.starts_on).into()),
                ("publicity_ends_on", publicity.map(|publicity| publicity.ends_on).into()),
                ("publicity_result", publicity_result(&case).map(PublicityResult::name).into()),
                ("quota_kind", case.it.quota.as_ref().map(|quota| quota.kind.name()).into()),
                ("recommended_to", superior(&case).into()),
            ]),
    ])
}

/// What came of the publicity that counts; none while one is due or running.
fn publicity_result(case: &Case<'_>) -> Option<PublicityResult> {
    match case.it.stage {
        Stage::EmployerPublicityFailed => Some(PublicityResult::Failed),
        Stage::EmployerPublicityDue | Stage::EmployerPublicity | Stage::EmployerPublicityEnded => None,
        _ => case.it.published.as_ref().map(|_| PublicityResult::Passed),
    }
}

/// Where it was recommended to last; before that where it may be recommended to.
fn superior(case: &Case<'_>) -> Option<String> {
    if let Some(superior) = recommended_to(case) {
        return Some(superior.name.clone());
    }
    let employer = case.subject.employer.node().id;
    let above = case.it.path.hops.iter().filter(|hop| hop.subordinate.id == employer);
    let above: Vec<&str> = above.map(|hop| hop.superior.name.as_str()).collect();
    (!above.is_empty()).then(|| above.join("、"))
}

/// Where it was recommended to last: the organisation above on its way, or, once it came back, the one that had it first after the
/// recommendation.
fn recommended_to<'a>(case: &Case<'a>) -> Option<&'a Node> {
    if let Some(superior) = case.it.route.get(1) {
        return Some(superior);
    }
    let employer = case.subject.employer.node().id;
    let steps = &case.it.steps;
    let recommended = steps.iter().rposition(|step| step.action == "recommend")?;
    let after = steps.iter().skip(recommended).filter_map(|step| step.organisation.as_deref());
    after.into_iter().find(|node| node.id != employer)
}
