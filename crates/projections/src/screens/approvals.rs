//! 待复核操作 What waits for a second person, and what became of it (contract.md, second person). Whoever may take the action reads
//! it where the role is held, and whoever asked for it, who may not approve it; what the action says stands with the approval
//! itself, not here.

use crate::column::{Column, id, instant, list, name_of, text};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant, may_approve};
use crate::screens::case::{action_in_words, is_status};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::approval::{Approval, Request, Stage};
use zhicheng_domain::declaration::Declaration;
use zhicheng_domain::values::Role;
use zhicheng_domain::{Aggregate, AnyState, Stamp};

const SCOPE: Scope = Scope::MayApprove { approvers: "approvers", requested_by: "requested_by" };

/// The screen.
pub const SCREEN: Screen = Screen::over(&TABLE, "approvals", "待复核操作", "Approvals")
    .granted(&[grant(Role::ProvincialAdministrator, SCOPE), grant(Role::CertificateIssuer, SCOPE)])
    .newest_first("arrived_at")
    .row_actions(&["approve", "decline"])
    .counts_waiting();

/// The table.
pub const TABLE: Table = Table {
    name: "approvals",
    up: include_str!("../../../../projections/approvals/up.sql"),
    sources: &[&[include_str!("approvals.rs"), include_str!("../../../domain/src/approval/mod.rs")]],
    columns: &[COLUMNS],
    feed: Feed::Cases { aggregates: &["approval"], rows },
};

const COLUMNS: &[Column] = &[
    id("id", "复核标识").always(),
    text("action", "操作").always().worded(action_in_words),
    text("action_name", "操作名称").always().searchable(),
    text("subject_aggregate", "对象类型").always(),
    id("subject_id", "对象标识").always(),
    id("declaration_id", "申报标识"),
    name_of("requested_by_name", "申请人", "requested_by"),
    id("requested_by", "申请人账号").always().personal(),
    text("requested_role", "申请角色").one_of::<Role>(),
    id("organisation_id", "申请单位标识"),
    text("organisation_name", "申请单位").searchable(),
    list("approvers", "可复核角色").always().internal(),
    text("stage", "复核情况").always().one_of::<Stage>(),
    text("status", "状态").always().known_by(is_status),
    instant("arrived_at", "申请时间").always(),
    instant("expires_at", "复核期限").always(),
    instant("handled_at", "复核时间"),
    name_of("handled_by_name", "复核人", "handled_by"),
    id("handled_by", "复核人账号").personal(),
];

/// One row for each.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(it) = state.get::<Approval>() else { return Ok(Vec::new()) };
    let Some(request) = &it.request else { return Ok(Vec::new()) };
    let asked = request.asked.actor.as_ref();
    let specs = AnyState::specs(&request.aggregate);
    let label = specs.iter().find(|spec| spec.name == request.action).map(|spec| spec.label.zh);
    let of_declaration = request.aggregate == Declaration::TYPE;
    let settled = it.settled.as_ref();
    let by = |stamp: &Stamp| stamp.actor.as_ref().and_then(|actor| actor.account_id).map(Uuid::from);
    Ok(vec![Row::new(id).with([
        ("id", id.into()),
        ("action", (&request.action).into()),
        ("action_name", label.unwrap_or(&request.action).into()),
        ("subject_aggregate", (&request.aggregate).into()),
        ("subject_id", request.subject_id.into()),
        ("declaration_id", of_declaration.then_some(request.subject_id).into()),
        ("requested_by", request.by.0.into()),
        ("requested_role", asked.and_then(|actor| actor.role).map(Role::name).into()),
        ("organisation_id", asked.and_then(|actor| actor.organisation_id).map(Uuid::from).into()),
        ("organisation_name", asked.and_then(|actor| actor.organisation_name.as_ref()).into()),
        ("approvers", approvers(request).into()),
        ("stage", it.stage.name().into()),
        ("status", if it.stage == Stage::Open { "waiting" } else { "done" }.into()),
        ("arrived_at", request.asked.time.into()),
        ("expires_at", request.expires_at.into()),
        ("handled_at", settled.map(|stamp| stamp.time).into()),
        ("handled_by", settled.and_then(by).into()),
    ])])
}

/// Who may approve it; of a request that does not say, whoever may take the action where it was asked for.
fn approvers(request: &Request) -> Vec<String> {
    if !request.approvers.is_empty() {
        let grants = request.approvers.iter();
        return grants.map(|grant| may_approve(grant.role, grant.organisation_id.map(Uuid::from))).collect();
    }
    let organisation = request.asked.actor.as_ref().and_then(|actor| actor.organisation_id);
    let specs = AnyState::specs(&request.aggregate).iter().filter(|spec| spec.name == request.action);
    specs.flat_map(|spec| spec.by).map(|by| may_approve(by.role, organisation.map(Uuid::from))).collect()
}
