//! 评审结果 What a committee's meeting came to for each candidate: scores, votes, rank, and why somebody did not pass. Its office
//! alone reads it (domain.md 1.8): scores once every sheet is locked, votes once they are counted.

use crate::column::{Column, DWELL_WORKING_DAYS, boolean, date, decimal, id, instant, integer, text};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::{Case, DECLARATION, PERSON, SOURCES, Status, is_status};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::declaration::values::Sheet;
use zhicheng_domain::declaration::{Declaration, Stage, score};
use zhicheng_domain::label::Named as _;
use zhicheng_domain::values::{Medium, Role};

/// The screen.
pub const SCREEN: Screen = Screen::over(&TABLE, "review-results", "评审结果", "Review results")
    .granted(&[grant(Role::CommitteeOperator, Scope::OwnOrganisation("final_organisation_id"))])
    .newest_first("arrived_at")
    .row_actions(&["record-offline-result", "record-failure-reason"])
    .counts_waiting();

/// The table.
pub const TABLE: Table = Table {
    name: "review_results",
    up: include_str!("../../../../../projections/review_results/up.sql"),
    sources: &[
        &[include_str!("review_results.rs"), include_str!("../../../../domain/src/declaration/score.rs")],
        SOURCES,
    ],
    columns: &[&[id("id", "标识").always()], DECLARATION, PERSON, OWN],
    feed: Feed::Cases { aggregates: &["declaration"], rows },
};

const OWN: &[Column] = &[
    id("scheme_id", "评审方案").always(),
    id("review_meeting_id", "评审会议"),
    text("medium", "评审方式").always().one_of::<Medium>(),
    date("opens_on", "开评日期"),
    decimal("material_score", "材料分").personal(),
    decimal("interview_score", "面试分").personal(),
    decimal("total_score", "总分").personal(),
    integer("size", "应到人数"),
    integer("attending", "实到人数"),
    integer("agree", "同意票数").personal(),
    integer("disagree", "反对票数").personal(),
    text("result", "表决结果").personal().worded(result_in_words),
    integer("rank", "排名").personal(),
    boolean("kept", "是否在职数和比例内").personal(),
    boolean("takes_quota", "是否占职数").always(),
    text("failure_category", "未通过原因类别").personal().searchable(),
    text("failure_reason", "未通过原因").personal().searchable(),
    text("status", "评审状态").always().known_by(is_status),
    instant("arrived_at", "到达时间").always(),
    instant("handled_at", "处理时间"),
    DWELL_WORKING_DAYS,
];

fn result_in_words(name: &str) -> Option<&'static str> {
    match name {
        "passed" => Some(Stage::VotePassed.label().zh),
        "failed" => Some(Stage::VoteFailed.label().zh),
        _ => None,
    }
}

/// One row, from the approval of the scheme on, as long as the candidate is in it. It waits for the result to be declared and,
/// of who did not pass, for the reason (N22).
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(case) = Case::submitted(id, state) else { return Ok(Vec::new()) };
    let review = &case.it.review;
    let (Some(scheme), Some(medium)) = (review.scheme, review.medium) else { return Ok(Vec::new()) };
    let tally = review.tally();
    let online = review.ballot.as_ref().filter(|_| tally.is_some()).map(|ballot| ballot.size);
    let size = online.or(review.offline.as_ref().map(|offline| offline.size));
    let failure = match &review.failure_reason {
        Some((category, reason)) => Some((category, case.clear("failure_reason", reason)?)),
        None => None,
    };
    let last = case.step(&["declare-results", "review-material", "record-offline-result"], None);
    let desk = case.desk(Status::waiting_if(waits(case.it), None), last)?;
    let of_desk = |name: &str| ["status", "arrived_at", "handled_at"].contains(&name);
    Ok(vec![
        Row::new(id)
            .with([("id", id.into())])
            .with(case.cells())
            .with(case.person()?)
            .with([
                ("scheme_id", scheme.0.into()),
                ("review_meeting_id", review.meeting.map(|meeting| meeting.0).into()),
                ("medium", medium.name().into()),
                ("opens_on", review.opens_on.into()),
                ("material_score", score::mean(review, Sheet::Material).into()),
                ("interview_score", score::mean(review, Sheet::Interview).into()),
                ("total_score", score::total(review).into()),
                ("size", size.into()),
                ("attending", tally.map(|tally| tally.attending).into()),
                ("agree", tally.map(|tally| tally.agree).into()),
                ("disagree", tally.map(|tally| tally.disagree).into()),
                ("result", tally.map(|tally| if tally.passed { "passed" } else { "failed" }).into()),
                ("rank", review.cut.as_ref().map(|cut| cut.rank).into()),
                ("kept", review.cut.as_ref().map(|cut| cut.kept).into()),
                ("takes_quota", takes_quota(case.it).into()),
                ("failure_category", failure.map(|(category, _)| category).into()),
                ("failure_reason", failure.and_then(|(_, reason)| reason).into()),
            ])
            .with(desk.into_iter().filter(|(name, _)| of_desk(name))),
    ])
}

fn waits(it: &Declaration) -> bool {
    let failed = matches!(it.stage, Stage::VoteFailed | Stage::MaterialReviewFailed);
    if failed && it.review.failure_reason.is_none() {
        return true;
    }
    // whose material failed waits for the reason alone
    it.review.declared.is_none() && it.stage != Stage::MaterialReviewFailed && it.stage != Stage::Lapsed
}

/// Whether the candidate's title takes a place of the employer's quota: it is reserved or used for somebody who has not failed.
fn takes_quota(it: &Declaration) -> bool {
    it.quota.is_some() && !it.stage.ended()
}
