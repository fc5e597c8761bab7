//! 组建单位 Set forming units: the units that form the committee, kept with their names of this time
//! (seed 002 人 1.10, 4.2; X-26).

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::committee::{Committee, Event};
use crate::context::Context;
use crate::ids::NodeId;
use crate::input::Checks;
use crate::label::label;
use crate::registers::paths::Node;
use crate::values::{NodeType, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The most units that form one committee.
pub const FORMING_UNITS_MAX: usize = 200;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetFormingUnits {
    /// Employers or organisations.
    pub unit_ids: Vec<NodeId>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "set-forming-units",
    label: label("设置组建单位", "Set forming units"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&["active", "suspended"]),
    form: &[required("unit_ids", "组建单位", FieldType::Structure)],
    ..ActionSpec::DEFAULT
};

/// Replaces the list; what changes nothing appends nothing.
pub fn decide(input: &SetFormingUnits, it: &Committee, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    checks.ensure(
        input.unit_ids.len() <= FORMING_UNITS_MAX,
        "/unit_ids",
        "too-many",
        format!("组建单位不超过{FORMING_UNITS_MAX}个。"),
    );
    let mut units: Vec<Node> = Vec::new();
    for (index, id) in input.unit_ids.iter().take(FORMING_UNITS_MAX).enumerate() {
        let pointer = format!("/unit_ids/{index}");
        let repeated = units.iter().any(|unit| unit.id == *id);
        checks.ensure(!repeated, &pointer, "repeated", "该单位重复填写。");
        let is_unit = matches!(context.registers.node_type(*id), Some(NodeType::Employer | NodeType::Agency));
        checks.ensure(is_unit, &pointer, "reference-refused", "没有这个单位或机构。");
        let name = context.registers.node_name(*id).unwrap_or_default().to_owned();
        units.push(Node { id: *id, name });
    }
    checks.done()?;
    if units == it.forming_units {
        return Ok(Outcome::nothing());
    }
    Ok(Outcome::of(Event::FormingUnitsSet { units }))
}

#[cfg(test)]
mod tests {
    use crate::committee::Committee;
    use crate::world::hunan::Hunan;
    use serde_json::json;

    #[test]
    fn keeps_the_names_and_refuses_committees() {
        let mut hunan = Hunan::new();
        let (province, committee) = (hunan.province, hunan.committee);
        let input = json!({"unit_ids": [hunan.housing, hunan.department]});
        hunan.act(province, "committee", committee, "set-forming-units", input);
        let it = hunan.world.get::<Committee>(committee);
        assert_eq!(it.forming_units[0].name, "长沙市住房和城乡建设局");
        let itself = json!({"unit_ids": [committee]});
        let refused = hunan.refused(province, "committee", committee, "set-forming-units", itself);
        assert_eq!(refused.problems[0].pointer, "/unit_ids/0");
    }
}
