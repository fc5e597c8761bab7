//! 逾期自动下转 Relay when due: a return that nobody passed on within two working days goes down by itself (TM3, X-15).

use super::relay_return::relay;
use crate::action::{ActionSpec, Start};
use crate::aggregate::Decision;
use crate::context::Context;
use crate::declaration::{Declaration, Event, Stage};
use crate::label::label;
use crate::refusal::refusals;
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// each level has its own limit.
    RelayNotDue { relay_by: NaiveDate } = Rule "relay-not-due", "尚未到期", "该退回须由现单位在{relay_by}（含当日）前下转，尚未到期。";
}

/// The input: nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RelayWhenDue {}

/// The action as data: by the system alone.
pub const SPEC: ActionSpec = ActionSpec {
    name: "relay-when-due",
    label: label("逾期自动下转", "Relay when due"),
    from: Start::Stages(&[Stage::ReturnedToSubordinate.name()]),
    to: &[Stage::ReturnedToSubordinate.name(), Stage::ReturnedToApplicant.name()],
    ..ActionSpec::DEFAULT
};

/// Passes it on.
pub fn decide(_: &RelayWhenDue, it: &Declaration, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let relay_by = it.returned.as_ref().and_then(|returned| returned.relay_by);
    match relay_by.filter(|relay_by| context.today() <= *relay_by) {
        Some(relay_by) => Err(RelayNotDue { relay_by }.into()),
        None => relay(it, None, context),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Who;
    use crate::world::hunan::Hunan;
    use serde_json::json;

    #[test]
    fn comes_after_two_working_days_at_each_level() {
        let mut hunan = Hunan::new();
        let case = hunan.at_changsha();
        let back = json!({"decision": "return", "opinion": "请更正。"});
        hunan.act(hunan.changsha_reviewer, "declaration", case, "review-by-superior", back);
        let relay =
            |hunan: &mut Hunan| hunan.world.act(Who::System, "declaration", case, SPEC.name, json!({}));
        hunan.world.clock("2023-05-12T23:59:00+08:00");
        assert_eq!(relay(&mut hunan).unwrap_err().code, "relay-not-due", "10 May + 2 working days");
        hunan.world.clock("2023-05-13T00:00:00+08:00");
        relay(&mut hunan).unwrap();
        let it = hunan.world.get::<Declaration>(case);
        assert_eq!(it.holder().unwrap().name, "长沙市城区排水事务中心");
        assert_eq!(relay(&mut hunan).unwrap_err().code, "relay-not-due", "each level has its own limit");
        hunan.world.clock("2023-05-17T00:00:00+08:00");
        relay(&mut hunan).unwrap();
        let it = hunan.world.get::<Declaration>(case);
        assert_eq!(it.stage, Stage::ReturnedToApplicant);
        assert_eq!(it.returned.unwrap().correct_by.unwrap().to_string(), "2023-05-24");
    }
}
