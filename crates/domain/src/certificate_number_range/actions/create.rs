//! 批量生成证号 Create: the province enters a range of serials for an issuing unit, ahead of issuing (seed 002 人 1.16).

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Aggregate, Decision, Outcome};
use crate::certificate_number_pool::{self as pool, NumberPool, PoolKey};
use crate::certificate_number_range::{Event, NumberRange};
use crate::codes::certificate_number::{SERIAL_MAX, SERIAL_MIN, YEAR_MAX, YEAR_MIN};
use crate::context::Context;
use crate::ids::NodeId;
use crate::input::Checks;
use crate::label::label;
use crate::refusal::refusals;
use crate::registers::paths::Node;
use crate::values::{Mode, Rank, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// numbers go out in the order of their serials, and none twice.
    RangeOverlaps { highest: u16 } = Rule "range-overlaps", "编号段重叠", "该编号段的序号已编至{highest:04}，新的开始序号须大于它。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// 级别.
    pub level: Rank,
    /// 系列 code.
    pub series: String,
    /// 年度 of acquisition.
    pub year: i32,
    /// 取得方式.
    pub mode: Mode,
    /// 发证单位.
    pub organisation_id: NodeId,
    /// 开始序号, from 1.
    pub from: u16,
    /// 结束序号, up to 9999.
    pub to: u16,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "create",
    label: label("批量生成证号", "Create number range"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Nothing,
    form: &[
        required("level", "级别", FieldType::Choice(&["senior", "intermediate", "junior"])),
        required("series", "系列", FieldType::Reference("series")),
        required("year", "年度", FieldType::Integer),
        required(
            "mode",
            "取得方式",
            FieldType::Choice(&["review", "initial_grant", "recognition", "examination"]),
        ),
        required("organisation_id", "发证单位", FieldType::Reference("organisations")),
        required("from", "开始序号", FieldType::Integer),
        required("to", "结束序号", FieldType::Integer),
    ],
    ..ActionSpec::DEFAULT
};

/// Enters it, after every serial that the pool has already.
pub fn decide(input: &Create, _: &NumberRange, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let registers = context.registers;
    let mut checks = Checks::new();
    let organisation = registers.organisations.get(input.organisation_id).filter(|it| !it.deregistered);
    checks.ensure(organisation.is_some(), "/organisation_id", "reference-refused", "没有这个机构。");
    let series = registers.series(&input.series);
    checks.ensure(series.is_some(), "/series", "reference-refused", "没有这个系列。");
    let years = i32::from(YEAR_MIN)..=i32::from(YEAR_MAX);
    checks.ensure(years.contains(&input.year), "/year", "year-out-of-range", "年度应在2000至2099之间。");
    let serials = SERIAL_MIN..=SERIAL_MAX;
    let message = format!("序号应在{SERIAL_MIN:04}至{SERIAL_MAX}之间。");
    checks.ensure(serials.contains(&input.from), "/from", "out-of-range", message.clone());
    checks.ensure(serials.contains(&input.to), "/to", "out-of-range", message);
    checks.ensure(input.from <= input.to, "/to", "ends-before-start", "结束序号不能小于开始序号。");
    checks.done()?;
    let key =
        PoolKey::of(input.level, &input.series, input.year, input.mode, input.organisation_id, registers)?;
    let stream = key.stream();
    let numbers: &NumberPool = context.load(stream)?;
    let highest = numbers.highest().max(numbers.last);
    if input.from <= highest {
        return Err(RangeOverlaps { highest }.refusal().at("/from").into());
    }
    let organisation =
        Node { id: input.organisation_id, name: organisation.map(|it| it.name.clone()).unwrap_or_default() };
    let mut outcome = Outcome::of(Event::Created {
        from: input.from,
        level: input.level,
        mode: input.mode,
        organisation,
        pool_id: stream,
        prefix: key.prefix(),
        range_id: id,
        series: input.series.clone(),
        to: input.to,
        year: input.year,
    });
    if !numbers.exists() {
        let opened = pool::Event::Opened { organisation_id: input.organisation_id, prefix: key.prefix() };
        outcome = outcome.also::<NumberPool>(stream, opened);
    }
    let extended = pool::Event::Extended { from: input.from, range_id: Some(id), to: input.to };
    Ok(outcome.also::<NumberPool>(stream, extended))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Who;
    use crate::world::hunan::Hunan;
    use serde_json::json;

    fn range(organisation: Uuid, from: u32, to: u32) -> serde_json::Value {
        json!({
            "level": "senior", "series": "01", "year": 2023, "mode": "review", "organisation_id": organisation,
            "from": from, "to": to,
        })
    }

    #[test]
    fn a_range_goes_on_after_the_one_before() {
        let mut hunan = Hunan::new();
        hunan.issuing_code(hunan.department, "0000");
        let province = Who::Account(hunan.province);
        let kind = "certificate_number_range";
        let first = hunan.create(province, kind, range(hunan.department, 1, 50));
        for from in [1, 50] {
            let refused = hunan.world.create(province, kind, range(hunan.department, from, 60)).unwrap_err();
            assert_eq!((refused.code, refused.problems[0].pointer.as_str()), ("range-overlaps", "/from"));
        }
        hunan.create(province, kind, range(hunan.department, 51, 9999));
        let entered = hunan.world.get::<NumberRange>(first).entered.unwrap();
        assert_eq!(entered.prefix, "A0123100000000");
        let numbers = hunan.world.get::<NumberPool>(entered.pool);
        assert_eq!((numbers.ranges.clone(), numbers.remaining()), (vec![(1, 50), (51, 9999)], 9_999));
    }

    #[test]
    fn serials_end_at_9999_and_do_not_run_backwards() {
        let mut hunan = Hunan::new();
        hunan.issuing_code(hunan.department, "0000");
        let province = Who::Account(hunan.province);
        for (from, to, pointer) in [(0, 5, "/from"), (1, 10_000, "/to"), (6, 5, "/to")] {
            let input = range(hunan.department, from, to);
            let refused = hunan.world.create(province, "certificate_number_range", input).unwrap_err();
            assert_eq!(refused.problems[0].pointer, pointer);
        }
    }

    #[test]
    fn a_unit_without_a_code_has_no_numbers() {
        let mut hunan = Hunan::new();
        let input = range(hunan.department, 1, 5);
        let refused =
            hunan.world.create(Who::Account(hunan.province), "certificate_number_range", input).unwrap_err();
        assert_eq!(refused.code, "issuing-code-missing");
    }
}
