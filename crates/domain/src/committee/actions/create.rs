//! 新增评委会 Create: the province enters an approved committee (seed 002 人 1.10; Order 40 Arts. 6 to 9).

use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome};
use crate::committee::{Category, Committee, Event};
use crate::context::Context;
use crate::declaration::values::Coded;
use crate::ids::{CommitteeId, OrganisationId};
use crate::input::{Checks, OPINION_CHARS_MAX};
use crate::label::label;
use crate::values::{Rank, Role};
use chrono::{Months, NaiveDate};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The fewest members of a committee by series (Order 40 Art. 9).
pub const MEMBERS_BY_SERIES_MIN: u32 = 25;
/// The fewest members of a committee by specialty (Order 40 Art. 9).
pub const MEMBERS_BY_SPECIALTY_MIN: u32 = 11;
/// The longest validity, in years (Order 40 Art. 8).
pub const VALIDITY_YEARS_MAX: u32 = 3;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// 评委会名称.
    pub name: String,
    /// 级别.
    pub level: Rank,
    /// 系列 code.
    pub series: String,
    /// 评审专业 codes; empty means by series.
    pub specialties: Vec<String>,
    /// How many members a meeting draws: odd.
    pub size: u32,
    /// Who consented to a smaller size.
    pub size_consent: Option<String>,
    /// University or hospital, or other.
    pub category: Category,
    /// 核准备案机关.
    pub approved_by_id: OrganisationId,
    /// 发证单位.
    pub issuing_organisation_id: OrganisationId,
    /// First day of validity.
    pub valid_from: NaiveDate,
    /// Last day of validity.
    pub valid_to: NaiveDate,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "create",
    label: label("新增评委会", "Create committee"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Nothing,
    to: &["active"],
    form: &[
        required("name", "评委会名称", FieldType::Text),
        required("level", "级别", FieldType::Choice(&["senior", "intermediate", "junior"])),
        required("series", "系列", FieldType::Reference("series")),
        required("specialties", "评审专业", FieldType::Structure),
        required("size", "评委人数", FieldType::Integer),
        optional("size_consent", "人数核准文件", FieldType::Text),
        required("category", "组建类别", FieldType::Choice(&["university_hospital", "other"])),
        required("approved_by_id", "核准备案机关", FieldType::Reference("organisations")),
        required("issuing_organisation_id", "发证单位", FieldType::Reference("organisations")),
        required("valid_from", "有效期起", FieldType::Date),
        required("valid_to", "有效期至", FieldType::Date),
    ],
    ..ActionSpec::DEFAULT
};

/// Enters it.
pub fn decide(input: &Create, _: &Committee, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let registers = context.registers;
    let mut checks = Checks::new();
    let name = checks.name("/name", &input.name);
    let size_consent =
        input.size_consent.as_ref().map(|it| checks.text("/size_consent", it, OPINION_CHARS_MAX));
    checks.ensure(
        registers.series(&input.series).is_some(),
        "/series",
        "reference-refused",
        "没有这个系列。",
    );
    check_specialties(&mut checks, &input.series, &input.specialties, &[], context);
    check_size(&mut checks, input.size, input.specialties.is_empty(), size_consent.is_some());
    for (pointer, organisation) in [
        ("/approved_by_id", input.approved_by_id),
        ("/issuing_organisation_id", input.issuing_organisation_id),
    ] {
        let known = registers.organisations.get(organisation).is_some_and(|it| !it.deregistered);
        checks.ensure(known, pointer, "reference-refused", "没有这个机构。");
    }
    check_validity(&mut checks, input.valid_from, input.valid_to);
    checks.done()?;
    Ok(Outcome::of(Event::Created {
        approved_by_id: input.approved_by_id,
        category: input.category,
        committee_id: CommitteeId(id),
        issuing_organisation_id: input.issuing_organisation_id,
        level: input.level,
        name,
        series: input.series.clone(),
        size: input.size,
        size_consent,
        specialties: input.specialties.clone(),
        valid_from: input.valid_from,
        valid_to: input.valid_to,
    }))
}

/// Order 40 Art. 9: odd, at least 25 by series and 11 by specialty; smaller only with consent.
pub(crate) fn check_size(checks: &mut Checks, size: u32, by_series: bool, consent: bool) {
    checks.ensure(size % 2 == 1, "/size", "size-even", "评委人数须为单数。");
    let least = if by_series { MEMBERS_BY_SERIES_MIN } else { MEMBERS_BY_SPECIALTY_MIN };
    let message = format!("评委人数不得少于{least}人；确需减少的须填写核准文件。");
    checks.ensure(size >= least || (consent && size >= 3), "/size", "size-too-small", message);
}

/// Order 40 Art. 8: valid for at most three years.
pub(crate) fn check_validity(checks: &mut Checks, from: NaiveDate, to: NaiveDate) {
    let latest = from.checked_add_months(Months::new(12 * VALIDITY_YEARS_MAX));
    checks.ensure(to >= from, "/valid_to", "ends-before-start", "有效期止不能早于有效期起。");
    let message = format!("有效期不得超过{VALIDITY_YEARS_MAX}年。");
    checks.ensure(latest.is_some_and(|latest| to <= latest), "/valid_to", "validity-too-long", message);
}

/// Order 40 Art. 6: specialties of the committee's one series, each named once. Those in `kept` it has already: they may
/// stay though no longer offered. Answers them with their names.
pub(crate) fn check_specialties(
    checks: &mut Checks,
    series: &str,
    specialties: &[String],
    kept: &[String],
    context: &Context<'_>,
) -> Vec<Coded> {
    let mut coded: Vec<Coded> = Vec::new();
    for (index, code) in specialties.iter().enumerate() {
        let pointer = format!("/specialties/{index}");
        let repeated = coded.iter().any(|it| it.code == *code);
        checks.ensure(!repeated, &pointer, "repeated", "该专业重复填写。");
        let node = context.registers.specialty_ever(code);
        let known = node.is_some_and(|it| it.series == series && (!it.removed || kept.contains(code)));
        checks.ensure(known, &pointer, "reference-refused", "该系列没有这个专业。");
        coded.push(Coded { code: code.clone(), name: node.map(|it| it.name.clone()).unwrap_or_default() });
    }
    coded
}
