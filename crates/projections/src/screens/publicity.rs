//! 公示 Whom an organisation has still to publish, and the rounds in which it has.

use super::case::{Case, is_status, region_in_words, sex_in_words};
use crate::column::{Column, OVERDUE, boolean, date, id, instant, integer, text};
use crate::row::{Cells, Row, RowError};
use chrono::NaiveDate;
use uuid::Uuid;
use zhicheng_domain::codes::Education;
use zhicheng_domain::declaration::Content;
use zhicheng_domain::declaration::values::SectionKey;
use zhicheng_domain::label::Named as _;
use zhicheng_domain::publicity_round::{PublicityRound, Standing};
use zhicheng_domain::registers::paths::Node;
use zhicheng_domain::values::{DeclarationKind, Level, PublicityKind};

/// What the rows of rounds are made by.
pub const ROUND_SOURCES: &[&str] =
    &[include_str!("publicity.rs"), include_str!("../../../domain/src/publicity_round/mod.rs")];

/// Columns of rounds and of declarations that wait for one; the latter have no `id`.
pub const COLUMNS: &[Column] = &[
    id("id", "公示标识"),
    id("declaration_id", "申报标识"),
    text("declaration_no", "申报编号"),
    text("level", "申报级别").one_of::<Level>(),
    text("series", "申报系列"),
    text("series_name", "申报系列名称").searchable(),
    text("specialty", "申报专业"),
    text("specialty_name", "申报专业名称").searchable(),
    text("title", "申报职称"),
    text("kind", "申报类型").one_of::<DeclarationKind>(),
    text("education", "学历").personal(),
    date("work_started_on", "资历（参加工作时间）").personal(),
    text("achievements", "成果摘要").personal(),
    text("applicant_name", "姓名").personal().searchable(),
    text("sex", "性别").personal().worded(sex_in_words),
    text("id_number", "身份证号（掩码）").personal().matched_by("id_number_hash"),
    text("id_number_hash", "身份证号检索摘要").sensitive(),
    text("applicant_phone", "联系电话（掩码）").personal(),
    id("employer_id", "工作单位标识"),
    text("employer_name", "工作单位").searchable(),
    text("uscc", "统一社会信用代码"),
    text("region", "统筹区").worded(region_in_words),
    integer("year", "年度").always(),
    id("organisation_id", "公示单位标识").always(),
    text("organisation_name", "公示单位").always().searchable(),
    text("status", "状态").always().known_by(is_status),
    instant("arrived_at", "到达时间"),
    date("starts_on", "公示开始日期"),
    date("ends_on", "公示截止日期"),
    integer("working_days", "公示（工作日）天数"),
    boolean("provisional", "截止日期是否暂定"),
    integer("persons", "人数"),
    integer("passed", "通过人数"),
    integer("failed", "不通过人数"),
    integer("voided", "作废人数"),
    integer("objections", "异议数"),
    text("contact", "单位联系人").personal().searchable(),
    text("phone", "单位联系电话").personal(),
    text("complaint_department", "投诉受理部门").searchable(),
    text("complaint_phone", "投诉受理电话"),
    date("due_on", "截止时间"),
    OVERDUE,
];

/// The row of a declaration that waits for a round of this organisation.
pub fn waiting(case: &Case<'_>, publishes: &Node) -> Result<Row, RowError> {
    let subject = case.subject;
    // here the telephone is the contact's
    let person = case.person()?.into_iter().map(|(name, cell)| match name {
        "phone" => ("applicant_phone", cell),
        other => (other, cell),
    });
    let declaration = [
        ("id", None::<Uuid>.into()),
        ("declaration_id", case.id.into()),
        ("declaration_no", (&subject.declaration_no).into()),
        ("level", subject.level.name().into()),
        ("series", (&subject.series.code).into()),
        ("series_name", (&subject.series.name).into()),
        ("specialty", (&subject.specialty.code).into()),
        ("specialty_name", (&subject.specialty.name).into()),
        ("title", (&subject.title.name).into()),
        ("kind", subject.kind.name().into()),
        ("education", education(case).into()),
        ("work_started_on", work_started_on(case).into()),
        ("achievements", achievements(case).into()),
    ];
    let employer = [
        ("employer_id", subject.employer.id.0.into()),
        ("employer_name", (&subject.employer.name).into()),
        ("uscc", subject.employer.uscc.as_ref().into()),
        ("region", (&subject.employer.region).into()),
    ];
    let cells: Cells = declaration.into_iter().chain(person).chain(employer).collect();
    Ok(complete(Row::new(case.id).with(cells).with([
        ("year", subject.year.into()),
        ("organisation_id", publishes.id.0.into()),
        ("organisation_name", (&publishes.name).into()),
        ("status", "waiting".into()),
        ("arrived_at", case.it.arrived_at.into()),
    ])))
}

/// The row of a round of this kind; it waits until a result is saved for everyone in it.
pub fn round(id: Uuid, round: &PublicityRound, kind: PublicityKind) -> Option<Row> {
    use chrono::Datelike as _;
    let (by, period) = (round.by.as_ref()?, round.period.as_ref()?);
    if round.kind != Some(kind) {
        return None;
    }
    let standing = |wanted: Standing| {
        let found = round.declarations.iter().filter(|(_, standing)| *standing == wanted);
        i64::try_from(found.count()).unwrap_or(i64::MAX)
    };
    let running = standing(Standing::Running) > 0;
    let announcement = &round.announcement;
    let row = Row::new(id).with([("id", id.into())]);
    let without_case = COLUMNS.iter().skip(1).take_while(|column| column.name != "year");
    let row = row.with(without_case.map(|column| (column.name, None::<Uuid>.into())));
    Some(row.with([
        ("year", round.year.unwrap_or_else(|| period.starts_on.year()).into()),
        ("organisation_id", by.id.0.into()),
        ("organisation_name", (&by.name).into()),
        ("status", if running { "waiting" } else { "done" }.into()),
        ("arrived_at", None::<Uuid>.into()),
        ("starts_on", period.starts_on.into()),
        ("ends_on", period.ends_on.into()),
        ("working_days", period.working_days.into()),
        ("provisional", period.provisional.into()),
        ("persons", i64::try_from(round.declarations.len()).unwrap_or(i64::MAX).into()),
        ("passed", standing(Standing::Passed).into()),
        ("failed", standing(Standing::Failed).into()),
        ("voided", standing(Standing::Voided).into()),
        ("objections", i64::from(round.objections).into()),
        ("contact", announcement.contact.as_ref().into()),
        ("phone", announcement.phone.as_ref().into()),
        ("complaint_department", (&announcement.complaint_department).into()),
        ("complaint_phone", (&announcement.complaint_phone).into()),
        ("due_on", running.then_some(period.ends_on).into()),
    ]))
}

/// What was submitted; nothing of who was erased.
fn submitted<'a>(case: &Case<'a>) -> Option<&'a Content> {
    case.it.submitted.as_deref().filter(|_| !case.it.erased)
}

/// 学历 on which the declaration is based; of several the last one named.
fn education(case: &Case<'_>) -> Option<&'static str> {
    let entries = submitted(case)?.section(SectionKey::Education)?;
    let mut basis = entries.as_array()?.iter().filter(|entry| entry["is_basis"] == true);
    Some(Education::by_code(basis.next_back()?["education_code"].as_str()?)?.name)
}

/// Since when the applicant works.
fn work_started_on(case: &Case<'_>) -> Option<NaiveDate> {
    let basic = submitted(case)?.section(SectionKey::Basic)?;
    basic["work_started_on"].as_str()?.parse().ok()
}

/// How much of what was declared: 论文2、著作教材1.
fn achievements(case: &Case<'_>) -> Option<String> {
    let submitted = submitted(case)?;
    let count = |key: &SectionKey| {
        let entries = submitted.section(*key)?.as_array()?.len();
        (entries > 0).then(|| format!("{}{entries}", key.label().zh))
    };
    let declared: Vec<String> = ACHIEVEMENTS.iter().filter_map(count).collect();
    (!declared.is_empty()).then(|| declared.join("、"))
}

/// Sections that list what somebody achieved.
const ACHIEVEMENTS: &[SectionKey] = &[
    SectionKey::Papers,
    SectionKey::Books,
    SectionKey::Projects,
    SectionKey::Patents,
    SectionKey::Awards,
    SectionKey::Outcomes,
];

/// Nothing in the columns that only rounds have.
fn complete(row: Row) -> Row {
    let filled = row.cells.len();
    let rest = COLUMNS.iter().filter(|column| column.is_stored()).skip(filled);
    let rest: Cells = rest.map(|column| (column.name, None::<Uuid>.into())).collect();
    row.with(rest)
}
