//! 投票 On whom a judge has to vote, and on whom the ballot is closed. Judges read the name and not the ID
//! number (domain.md 1.8); who voted already nobody can tell from here (contract.md, Voting in secret).

use crate::column::{Column, id, instant, integer, text};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::{Case, SOURCES, is_status};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::declaration::Stage;
use zhicheng_domain::values::{Choice, DeclarationKind, Level, Role};

/// The screen.
pub const SCREEN: Screen = Screen::over(&TABLE, "voting", "投票", "Voting")
    .granted(&[grant(Role::Judge, Scope::OwnJudge("judge_id"))])
    .newest_first("arrived_at")
    .row_actions(&["cast-vote", "open-ballot", "close-ballot"])
    .counts_waiting();

/// The table.
pub const TABLE: Table = Table {
    name: "voting",
    up: include_str!("../../../../../projections/voting/up.sql"),
    sources: &[include_str!("voting.rs"), SOURCES[0], SOURCES[1], SOURCES[2]],
    columns: &[COLUMNS],
    feed: Feed::Cases { aggregates: &["declaration"], rows },
};

const COLUMNS: &[Column] = &[
    id("id", "标识").always(),
    id("judge_id", "评委标识").always().personal().internal(),
    id("declaration_id", "申报标识").always(),
    text("declaration_no", "申报编号").always(),
    text("applicant_name", "姓名").always().personal().searchable(),
    integer("year", "年度").always(),
    text("level", "申报级别").always().one_of::<Level>(),
    text("series", "申报系列").always(),
    text("specialty", "申报专业").always(),
    text("specialty_name", "申报专业名称").always().searchable(),
    text("title", "申报职称").always(),
    text("kind", "申报类型").always().one_of::<DeclarationKind>(),
    id("organisation_id", "评委会标识"),
    text("organisation_name", "评委会").searchable(),
    id("review_meeting_id", "评审会议"),
    text("stage", "申报环节").always().one_of::<Stage>(),
    text("group_conclusion", "小组评议结论").one_of::<Choice>(),
    text("group_opinion", "小组评议意见").personal().searchable(),
    text("status", "投票状态").always().known_by(is_status),
    instant("arrived_at", "开始投票时间").always(),
    instant("handled_at", "结束投票时间"),
];

/// One row for each judge who may vote in the round that counts.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(case) = Case::submitted(id, state) else { return Ok(Vec::new()) };
    let Some(ballot) = &case.it.review.ballot else { return Ok(Vec::new()) };
    let open = ballot.tally.is_none();
    let closed = case.step(&["close-ballot"], None).filter(|_| !open);
    let group = case.it.review.group_opinion.as_ref();
    let opinion = match group {
        Some(group) => case.clear("group_opinion", &group.opinion)?,
        None => None,
    };
    let (subject, name, holder) = (case.subject, case.name()?, case.final_organisation());
    let row = |judge: Uuid| {
        Row::new(format!("{id}/{judge}")).with([
            ("id", id.into()),
            ("judge_id", judge.into()),
            ("declaration_id", id.into()),
            ("declaration_no", (&subject.declaration_no).into()),
            ("applicant_name", name.into()),
            ("year", subject.year.into()),
            ("level", subject.level.name().into()),
            ("series", (&subject.series.code).into()),
            ("specialty", (&subject.specialty.code).into()),
            ("specialty_name", (&subject.specialty.name).into()),
            ("title", (&subject.title.name).into()),
            ("kind", subject.kind.name().into()),
            ("organisation_id", holder.as_ref().map(|node| node.id.0).into()),
            ("organisation_name", holder.as_ref().map(|node| &node.name).into()),
            ("review_meeting_id", case.it.review.meeting.map(|meeting| meeting.0).into()),
            ("stage", case.it.stage.name().into()),
            ("group_conclusion", group.map(|group| group.conclusion.name()).into()),
            ("group_opinion", opinion.into()),
            ("status", if open { "waiting" } else { "done" }.into()),
            ("arrived_at", closed.map_or(case.it.arrived_at, |step| step.arrived_at).into()),
            ("handled_at", closed.map(|step| step.handled_at).into()),
        ])
    };
    Ok(ballot.attending.iter().map(|judge| row(judge.0)).collect())
}
