//! 职称申报 Create: the applicant starts a declaration (seed 002 个 二(一)2; T01).
//! Year, mode, level and employer are fixed from here on.

use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome, StreamId};
use crate::context::Context;
use crate::declaration::values::{ApplicantEmployer, Coded, TitleRef};
use crate::declaration::{Declaration, Event, number_claim, open_claim};
use crate::ids::{DeclarationId, EmployerId};
use crate::input::Checks;
use crate::label::label;
use crate::person::Person;
use crate::private::Private;
use crate::refusal::{common, refusals};
use crate::values::{DeclarationKind, Level, Mode, Nature, PathKind, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// T01: some batch is open for year, mode and level.
    NoOpenBatch { year: i32 } = Rule "no-open-batch", "没有开放的批次", "{year}年度没有受理该取得方式和级别的批次，请在批次开放后申报。";
    /// domain.md 4.2: a name or number that is gone cannot be declared with.
    PersonUnknown = Rule "person-unknown", "缺少本人信息", "没有本人的姓名和身份证号，无法申报。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// 年度.
    pub year: i32,
    /// 取得方式.
    pub mode: Mode,
    /// 职称等级.
    pub level: Level,
    /// 系列 code.
    pub series: String,
    /// 专业 code.
    pub specialty: String,
    /// 申报职称, by its name.
    pub title: String,
    /// 所在单位.
    pub employer_id: EmployerId,
    /// 申报类型; left out: normal.
    pub kind: Option<DeclarationKind>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "create",
    label: label("职称申报", "Start a declaration"),
    by: &[by(Role::Applicant, Place::Anywhere)],
    from: Start::Nothing,
    to: &["draft"],
    form: &[
        required("year", "年度", FieldType::Integer),
        required("mode", "取得方式", FieldType::Choice(&["review", "initial_grant", "recognition"])),
        required(
            "level",
            "拟申报职称等级",
            FieldType::Choice(&[
                "full_senior",
                "associate_senior",
                "intermediate",
                "assistant",
                "technician",
            ]),
        ),
        required("series", "系列", FieldType::Reference("series")),
        required("specialty", "专业", FieldType::Reference("specialties")),
        required("title", "申报职称", FieldType::Reference("titles")),
        required("employer_id", "工作单位", FieldType::Reference("employers")),
        optional(
            "kind",
            "申报类型",
            FieldType::Choice(&["normal", "exceptional", "transfer", "green_channel"]),
        ),
    ],
    ..ActionSpec::DEFAULT
};

/// Starts it. One open declaration per person, year and level.
pub fn decide(input: &Create, _: &Declaration, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let acting = context.acting()?;
    let registers = context.registers;
    let mut checks = Checks::new();
    let series = registers.series(&input.series);
    checks.ensure(series.is_some(), "/series", "reference-refused", "没有这个系列。");
    let specialty = registers.specialty(&input.specialty).filter(|it| it.series == input.series);
    checks.ensure(specialty.is_some(), "/specialty", "reference-refused", "该系列没有这个专业。");
    let title = registers.title(&input.series, input.level, &input.title);
    checks.ensure(title.is_some(), "/title", "reference-refused", "该系列和级别没有这个职称。");
    let employer = registers.employers.get(input.employer_id).filter(|it| it.approved());
    checks.ensure(
        employer.is_some(),
        "/employer_id",
        "reference-refused",
        "没有这个单位，或单位尚未通过注册审核。",
    );
    checks.ensure(
        PathKind::of(input.mode, input.level).is_some(),
        "/mode",
        "mode-mismatch",
        "该取得方式不在线申报。",
    );
    checks.done()?;
    let (Some(series), Some(specialty), Some(title), Some(employer)) = (series, specialty, title, employer)
    else {
        return Err(common::InvalidInput.into());
    };
    if !registers.batches.iter().any(|(_, batch)| batch.takes(input.year, input.mode, input.level)) {
        return Err(NoOpenBatch { year: input.year }.into());
    }
    let Some(person_id) = acting.person else { return Err(PersonUnknown.into()) };
    let person: &Person = context.load(person_id)?;
    let (Private::Known(_), Private::Known(_)) = (&person.name, &person.id_number) else {
        return Err(PersonUnknown.into());
    };
    let declaration_no = declaration_no(input.year, id);
    let stream = StreamId::of::<Declaration>(id);
    Ok(Outcome::of(Event::Drafted {
        account_id: acting.account,
        declaration_id: DeclarationId(id),
        declaration_no: declaration_no.clone(),
        employer: ApplicantEmployer {
            id: input.employer_id,
            name: employer.name.clone(),
            nature: employer.nature.unwrap_or(Nature::Other),
            region: employer.region.clone(),
            uscc: Some(employer.uscc.clone()),
        },
        id_number: person.id_number.clone(),
        id_number_hash: person.id_number_hash.clone(),
        kind: input.kind.unwrap_or(DeclarationKind::Normal),
        level: input.level,
        mode: input.mode,
        name: person.name.clone(),
        person_id,
        phone: Some(person.phone.clone()),
        series: Coded { code: series.code.clone(), name: series.name.clone() },
        specialty: Coded { code: specialty.code.clone(), name: specialty.name.clone() },
        title: TitleRef { ministry_code: title.ministry_code.clone(), name: title.name.clone() },
        year: input.year,
    })
    .take(open_claim(person_id, input.year, input.level), stream)
    .take(number_claim(&declaration_no), stream))
}

/// 申报编号: the year and ten digits drawn from the declaration's id; a claim keeps it unique.
fn declaration_no(year: i32, id: Uuid) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(id.as_bytes());
    let mut number: u64 = 0;
    for byte in digest.iter().take(8) {
        number = number.wrapping_shl(8) | u64::from(*byte);
    }
    format!("{year:04}{:010}", number % 10_000_000_000)
}
