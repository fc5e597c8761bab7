//! 职称申报人员资格复核 Whom a committee's office has to review, and whom it has reviewed.

use crate::column::{Column, id, list};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::{Case, DECLARATION, DESK, HELD_BY, PERSON, SOURCES, Status};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::declaration::{Stage, Step};
use zhicheng_domain::ids::NodeId;
use zhicheng_domain::values::Role;

/// The screen.
pub const SCREEN: Screen =
    Screen::over(&TABLE, "qualification-review", "职称申报人员资格复核", "Qualification review")
        .granted(&[grant(Role::CommitteeOperator, Scope::OwnOrganisation("organisation_id"))])
        .newest_first("arrived_at")
        .row_actions(&["review-qualification"])
        .counts_waiting();

/// The table.
pub const TABLE: Table = Table {
    name: "qualification_review",
    up: include_str!("../../../../../projections/qualification_review/up.sql"),
    sources: &[&[include_str!("qualification_review.rs")], SOURCES],
    columns: &[&[id("id", "标识").always()], DECLARATION, PERSON, DESK, OWN],
    feed: Feed::Cases { aggregates: &["declaration"], rows },
};

const OWN: &[Column] =
    &[HELD_BY, list("route", "呈报路径").always(), list("opinions", "各级意见").always().personal()];

/// One row, from its arrival at a committee on; it lies with the committee that has it or handled it last.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(case) = Case::submitted(id, state) else { return Ok(Vec::new()) };
    let waiting = case.it.stage == Stage::QualificationReview;
    let last = case.step(&["review-qualification"], None);
    let desk = match last.and_then(|step| step.organisation.as_deref().cloned()).filter(|_| !waiting) {
        Some(desk) => desk,
        None if waiting => case.it.holder().ok_or(RowError::Missing { what: "the committee" })?,
        None => return Ok(Vec::new()),
    };
    let way = match last.filter(|_| !waiting) {
        Some(step) => case.it.way_at(step),
        None => case.it.route.iter().map(|node| node.id).collect(),
    };
    let nodes = case.organisations();
    let name = |id: &NodeId| nodes.iter().find(|node| node.id == *id).map(|node| node.name.clone());
    let route: Vec<String> = way.iter().filter_map(name).collect();
    let until = last.filter(|_| !waiting).map_or(u64::MAX, |step| step.version);
    Ok(vec![
        Row::new(id)
            .with([("id", id.into())])
            .with(case.cells_at_desk(&desk))
            .with(case.person()?)
            .with(case.desk(Status::waiting_if(waiting, None), last)?)
            .with([case.held_by(), ("route", route.into()), ("opinions", opinions(&case, until)?.into())]),
    ])
}

/// What each level said on the way up to this version, since the submission before it.
fn opinions(case: &Case<'_>, until: u64) -> Result<Vec<String>, RowError> {
    let before = |step: &&Step| step.version < until;
    let steps: Vec<&Step> = case.it.steps.iter().take_while(before).collect();
    let submitted = steps.iter().rposition(|step| step.action == "submit").unwrap_or_default();
    let levels = ["review-by-employer", "recommend", "review-by-superior"];
    let mut opinions = Vec::new();
    for step in steps.into_iter().skip(submitted).filter(|step| levels.contains(&step.action)) {
        let said = case.clear("opinions", &step.opinion)?.and_then(Option::as_ref);
        if let (Some(at), Some(said)) = (&step.organisation, said) {
            opinions.push(format!("{}：{said}", at.name));
        }
    }
    Ok(opinions)
}
