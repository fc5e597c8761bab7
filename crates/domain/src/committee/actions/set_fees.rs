//! 缴费标准 Set fees: what candidates pay, item by item, in yuan (seed 002 人 1.10, 4.3; N35, X-32). The amounts are data;
//! the process does not wait for a payment.

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::committee::{Committee, Event, Fee};
use crate::context::Context;
use crate::hundredths::Hundredths;
use crate::input::Checks;
use crate::label::label;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The most items of one committee.
pub const FEES_MAX: usize = 50;
/// The largest amount of one item, in yuan.
pub const AMOUNT_YUAN_MAX: i64 = 1_000_000;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetFees {
    /// 缴费项目 with 金额.
    pub fees: Vec<Fee>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "set-fees",
    label: label("设置缴费标准", "Set fees"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&["active", "suspended"]),
    form: &[required("fees", "缴费标准", FieldType::Structure)],
    ..ActionSpec::DEFAULT
};

/// Replaces the list; what changes nothing appends nothing.
pub fn decide(input: &SetFees, it: &Committee, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    checks.ensure(input.fees.len() <= FEES_MAX, "/fees", "too-many", format!("缴费项目不超过{FEES_MAX}个。"));
    let mut fees: Vec<Fee> = Vec::new();
    for (index, fee) in input.fees.iter().take(FEES_MAX).enumerate() {
        let item = checks.name(&format!("/fees/{index}/item"), &fee.item);
        let repeated = fees.iter().any(|fee| fee.item == item);
        checks.ensure(!repeated, &format!("/fees/{index}/item"), "repeated", "该缴费项目重复填写。");
        checks.ensure(
            (Hundredths(0)..=Hundredths::whole(AMOUNT_YUAN_MAX)).contains(&fee.amount),
            &format!("/fees/{index}/amount"),
            "out-of-range",
            format!("金额应在0到{AMOUNT_YUAN_MAX}元之间。"),
        );
        fees.push(Fee { amount: fee.amount, item });
    }
    checks.done()?;
    if fees == it.fees {
        return Ok(Outcome::nothing());
    }
    Ok(Outcome::of(Event::FeesSet { fees }))
}

#[cfg(test)]
mod tests {
    use crate::committee::Committee;
    use crate::hundredths::Hundredths;
    use crate::world::hunan::Hunan;
    use serde_json::json;

    #[test]
    fn holds_exact_amounts() {
        let mut hunan = Hunan::new();
        let (province, committee) = (hunan.province, hunan.committee);
        let input =
            json!({"fees": [{"item": "评审费", "amount": "400.50"}, {"item": "答辩费", "amount": 0}]});
        hunan.act(province, "committee", committee, "set-fees", input);
        assert_eq!(hunan.world.get::<Committee>(committee).fees[0].amount, Hundredths(40_050));
    }

    #[test]
    fn refuses_negative_amounts_and_repeated_items() {
        let mut hunan = Hunan::new();
        for (input, pointer) in [
            (json!({"fees": [{"item": "评审费", "amount": "-0.01"}]}), "/fees/0/amount"),
            (
                json!({"fees": [{"item": "评审费", "amount": 1}, {"item": "评审费", "amount": 2}]}),
                "/fees/1/item",
            ),
        ] {
            let refused = hunan.refused(hunan.province, "committee", hunan.committee, "set-fees", input);
            assert_eq!(refused.problems[0].pointer, pointer);
        }
    }
}
