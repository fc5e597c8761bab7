//! 过程跟踪 The course of a declaration, step by step, as readers without the committee's view may see it: nothing of a
//! meeting before its results are declared; then judges without a number and with the day alone, no scores, no reasons.

use crate::column::{Column, boolean, dwell, id, instant, integer, list, name_of, text};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::{Case, SOURCES, action_in_words, day_of, result_in_words};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::aggregate::ActorKind;
use zhicheng_domain::declaration::Step;
use zhicheng_domain::declaration::values::ReturnItem;
use zhicheng_domain::values::Role;

/// The screen.
pub const SCREEN: Screen =
    Screen::over(&TABLE, "process-tracking-steps", "过程跟踪", "Process tracking steps")
        .granted(&[
            grant(
                Role::AuthorityReviewer,
                Scope::OnPath { organisations: "organisation_ids", committee: "final_organisation_id" },
            ),
            grant(Role::Auditor, Scope::Everything),
        ])
        .oldest_first("step")
        .detail_of("process-tracking");

/// The table.
pub const TABLE: Table = Table {
    name: "process_step",
    up: include_str!("../../../../../projections/process_step/up.sql"),
    sources: &[&[include_str!("process_step.rs")], SOURCES],
    columns: &[COLUMNS],
    feed: Feed::Cases { aggregates: &["declaration"], rows },
};

const COLUMNS: &[Column] = &[
    text("id", "标识").always(),
    id("declaration_id", "申报标识").always(),
    text("declaration_no", "申报编号").always(),
    integer("step", "序号").always(),
    text("action", "环节").always().worded(action_in_words),
    id("organisation_id", "单位标识"),
    text("organisation_name", "单位").searchable(),
    name_of("actor_name", "经办人", "actor"),
    text("actor", "经办人标识").always(),
    text("role", "经办角色").one_of::<Role>(),
    instant("arrived_at", "到达时间").always(),
    instant("handled_at", "处理时间").always(),
    dwell("working_days", "用时（工作日）"),
    text("result", "结果").worded(result_in_words),
    text("opinion", "意见").personal().searchable().told_to("opinion_told_to"),
    list("return_items", "退回条目").personal().told_to("opinion_told_to"),
    list("opinion_told_to", "意见告知对象").internal(),
    boolean("rolled_back", "是否已回退").always(),
    id("final_organisation_id", "终审机构标识").internal(),
    list("organisation_ids", "经过的机构").always().internal(),
];

/// One row for each step that may be seen.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(case) = Case::submitted(id, state) else { return Ok(Vec::new()) };
    let decides = case.final_organisation();
    let organisations = case.organisation_ids();
    let mut rows = Vec::new();
    for (at, step) in case.it.steps.iter().filter(|step| case.it.tells_outside(step)).enumerate() {
        let number = at + 1;
        let of_meeting = step.is_of_meeting();
        let opinion =
            case.clear("opinion", &step.opinion)?.and_then(Option::as_deref).filter(|_| !of_meeting);
        let items = match &step.items {
            Some(items) => case.clear("return_items", items)?.filter(|items| !items.is_empty()),
            None => None,
        };
        let exact = case.it.tells_arrival_outside(step);
        let arrived_at = if exact { step.arrived_at } else { day_of(step.arrived_at) };
        let handled_at = if of_meeting { day_of(step.handled_at) } else { step.handled_at };
        let key = format!("{id}/{number:05}");
        rows.push(Row::new(key.clone()).with([
            ("id", key.into()),
            ("declaration_id", id.into()),
            ("declaration_no", (&case.subject.declaration_no).into()),
            ("step", i64::try_from(number).unwrap_or(i64::MAX).into()),
            ("action", step.action.into()),
            ("organisation_id", step.organisation.as_ref().map(|node| node.id.0).into()),
            ("organisation_name", step.organisation.as_ref().map(|node| &node.name).into()),
            ("actor", actor(step).into()),
            ("role", step.actor.as_ref().and_then(|actor| actor.role).map(Role::name).into()),
            ("arrived_at", arrived_at.into()),
            ("handled_at", handled_at.into()),
            ("result", step.result.filter(|_| !of_meeting).into()),
            ("opinion", opinion.into()),
            ("return_items", items.as_ref().map(|items| in_words(items)).into()),
            (
                "opinion_told_to",
                (opinion.is_some() || items.is_some()).then(|| case.told_opinion(step)).into(),
            ),
            ("rolled_back", step.rolled_back.into()),
            ("final_organisation_id", decides.as_ref().map(|node| node.id.0).into()),
            ("organisation_ids", organisations.clone()),
        ]));
    }
    Ok(rows)
}

/// What was wrong with which part.
fn in_words(items: &[ReturnItem]) -> Vec<String> {
    items.iter().map(|item| format!("{}：{}", item.anchor, item.problem)).collect()
}

fn actor(step: &Step) -> String {
    match &step.actor {
        Some(actor) if actor.kind == ActorKind::System => "系统".to_owned(),
        Some(actor) if actor.role == Some(Role::Judge) => "评委".to_owned(),
        Some(actor) => actor.account_id.map_or_else(String::new, |account| account.to_string()),
        None => String::new(),
    }
}
