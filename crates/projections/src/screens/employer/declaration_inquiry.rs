//! 申报人员信息查询 Where every declaration stands that is or was with an organisation, its own people's among them.

use crate::column::{Column, DWELL_WORKING_DAYS, OVERDUE, date, id, instant, list, name_of, text};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::{
    ARRIVAL, Case, DECLARATION, PERSON, REVIEWS, SOURCES, handled_by, is_status, result_in_words,
};
use crate::table::{Feed, Table};
use chrono::NaiveDate;
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::declaration::{Declaration, Stage, Step};
use zhicheng_domain::values::Role;

/// The screen.
pub const SCREEN: Screen =
    Screen::over(&TABLE, "declaration-inquiry", "申报人员信息查询", "Declaration inquiry")
        .granted(&[grant(Role::EmployerOperator, OWN_PEOPLE), grant(Role::SuperiorReviewer, ON_PATH)])
        .newest_first("submitted_at")
        .counts_waiting();

/// An employer's operators read of its own people alone, also where it is a superior of others.
const OWN_PEOPLE: Scope = Scope::OwnPeople { organisations: "organisation_ids", employer: "employer_id" };

const ON_PATH: Scope =
    Scope::OnPath { organisations: "organisation_ids", committee: "final_organisation_id" };

/// The table.
pub const TABLE: Table = Table {
    name: "declaration_inquiry",
    up: include_str!("../../../../../projections/declaration_inquiry/up.sql"),
    sources: &[&[include_str!("declaration_inquiry.rs")], SOURCES],
    columns: &[&[id("id", "标识").always()], DECLARATION, PERSON, ARRIVAL, OWN],
    feed: Feed::Cases { aggregates: &["declaration"], rows },
};

const OWN: &[Column] = &[
    text("status", "审核状态").always().known_by(is_status),
    instant("handled_at", "最近审核时间"),
    name_of("handled_by_name", "最近审核人", "handled_by"),
    id("handled_by", "最近审核人账号").personal(),
    text("reviewing_organisation_name", "最近审核单位").searchable(),
    text("result", "最近审核结果").worded(result_in_words),
    text("opinion", "最近审核意见").personal().searchable().told_to("opinion_told_to"),
    list("opinion_told_to", "最近审核意见告知对象").internal(),
    date("due_on", "截止时间"),
    DWELL_WORKING_DAYS,
    OVERDUE,
    list("organisation_ids", "经过的机构").always().internal(),
];

/// One row, from the first submission on. Whether it waits is told as its stage is: of a meeting nothing before its results.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(case) = Case::submitted(id, state) else { return Ok(Vec::new()) };
    let stage = case.it.stage_outside();
    let over = stage.ended() || stage == Stage::Reported;
    let review = case.step(REVIEWS, None);
    let opinion = match review {
        Some(step) => case.clear("opinion", &step.opinion)?.and_then(Option::as_deref),
        None => None,
    };
    let at = review.and_then(|step: &Step| step.organisation.as_ref());
    Ok(vec![
        Row::new(id)
            .with([("id", id.into())])
            .with(case.cells())
            .with(case.person()?)
            .with(case.arrival())
            .with([
                ("status", if over { "done" } else { "waiting" }.into()),
                ("handled_at", review.map(|step| step.handled_at).into()),
                ("handled_by", review.and_then(handled_by).into()),
                ("reviewing_organisation_name", at.map(|node| &node.name).into()),
                ("result", review.and_then(|step| step.result).into()),
                ("opinion", opinion.into()),
                (
                    "opinion_told_to",
                    review.filter(|_| opinion.is_some()).map(|step| case.told_opinion(step)).into(),
                ),
                ("due_on", due_on(case.it).into()),
                ("organisation_ids", case.organisation_ids()),
            ]),
    ])
}

/// Until when whoever has it must have done something: pass a return on, or correct what was returned.
fn due_on(it: &Declaration) -> Option<NaiveDate> {
    let returned = it.returned.as_ref()?;
    if it.stage == Stage::ReturnedToSubordinate {
        returned.relay_by
    } else if it.stage == Stage::ReturnedToApplicant {
        returned.correct_by
    } else {
        None
    }
}
