//! 逐级审核 The desks that a declaration goes through on its way up: one row for each organisation that has or had it.

use super::case::{Case, HELD_BY, Status};
use crate::column::{Column, boolean, date};
use crate::row::{Cells, Row, RowError};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::declaration::Stage;
use zhicheng_domain::registers::paths::Node;
use zhicheng_domain::values::{NodeType, Role};

/// What a desk on the way up sees beside the shared columns.
pub const OWN: &[Column] = &[
    HELD_BY,
    boolean("is_final", "是否终审机构").always(),
    date("publicity_starts_on", "单位公示开始日期"),
    date("publicity_ends_on", "单位公示截止日期"),
];

/// What a desk on the way up does with a case.
pub const HANDLES: &[&str] = &["review-by-superior", "relay-return"];

/// A row for every organisation of this type that has or had the declaration, the employer itself aside, with further cells after it.
pub fn rows(
    id: Uuid,
    state: &AnyState,
    of: NodeType,
    further: impl Fn(&Case<'_>, &Node) -> Cells,
) -> Result<Vec<Row>, RowError> {
    let Some(case) = Case::submitted(id, state) else { return Ok(Vec::new()) };
    let employer = case.subject.employer.node().id;
    let nodes = case.organisations();
    let desks = nodes.iter().filter(|node| node.id != employer && node_type(&case, node) == of);
    desks.map(|node| Ok(desk(&case, node)?.with(further(&case, node)))).collect()
}

fn desk(case: &Case<'_>, node: &Node) -> Result<Row, RowError> {
    let stage = case.it.stage;
    let here = case.it.holder().is_some_and(|holder| holder.id == node.id);
    let to_relay = here && stage == Stage::ReturnedToSubordinate;
    let due_on = case.it.returned.as_ref().filter(|_| to_relay).and_then(|returned| returned.relay_by);
    let status = Status::waiting_if(to_relay || (here && stage == Stage::SuperiorReview), due_on);
    let last = case.step(HANDLES, Some(node.id));
    let publicity = case.it.publicity.as_ref();
    let is_final = case.final_organisation().is_some_and(|decides| decides.id == node.id);
    Ok(Row::new(format!("{}/{}", case.id, node.id))
        .with([("id", case.id.into())])
        .with(case.cells_at_desk(node))
        .with(case.person()?)
        .with(case.desk(status, last)?)
        .with([
            case.held_by(),
            ("is_final", is_final.into()),
            ("publicity_starts_on", publicity.map(|publicity| publicity.starts_on).into()),
            ("publicity_ends_on", publicity.map(|publicity| publicity.ends_on).into()),
        ]))
}

/// What kind of node it is: as the way says, or, where the way has changed since, as the role says in which it acted.
fn node_type(case: &Case<'_>, node: &Node) -> NodeType {
    if let Some(hop) = case.it.path.hops.iter().find(|hop| hop.superior.id == node.id) {
        return hop.node_type;
    }
    if case.it.final_organisation.as_ref().is_some_and(|decides| decides.node.id == node.id) {
        return case.it.final_organisation.as_ref().map_or(NodeType::Committee, |decides| decides.node_type);
    }
    let handled = case
        .it
        .steps
        .iter()
        .filter(|step| step.organisation.as_ref().is_some_and(|organisation| organisation.id == node.id));
    let roles: Vec<Role> = handled.filter_map(|step| step.actor.as_ref()?.role).collect();
    if roles.contains(&Role::CommitteeOperator) {
        NodeType::Committee
    } else if roles.contains(&Role::SuperiorReviewer) {
        NodeType::Employer
    } else {
        NodeType::Agency
    }
}
