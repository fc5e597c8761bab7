//! 首次启动 What the first start enters as the system: the 27 series, their specialties and titles, and the department
//! (contract.md, First start and time). The working-day calendar of 2023 to 2026 is built in and needs no event.

use crate::aggregate::Aggregate;
use crate::organisation::Organisation;
use crate::reference::{series::SERIES, specialties::SPECIALTIES, titles::TITLES};
use crate::specialty::Specialty;
use crate::title::Title;
use serde_json::{Value, json};

/// The organisation that is there from the start.
pub const DEPARTMENT: &str = "湖南省人力资源和社会保障厅";
/// The province's region.
pub const PROVINCE_REGION: &str = "430000";

/// The creations in the order in which they must be entered, each as aggregate type and input of its `create`. The
/// same every time; what was entered before holds its claim, so that a first start cut short is simply run again: a
/// creation refused because its claim is held was entered already. (The department has no claim: look for it by name.)
pub fn commands() -> Vec<(&'static str, Value)> {
    let series =
        SERIES.iter().map(|it| (Specialty::TYPE, json!({"code": it.code, "name": it.name, "parent": null})));
    let specialties = SPECIALTIES
        .iter()
        .map(|it| (Specialty::TYPE, json!({"code": it.code, "name": it.name, "parent": it.series()})));
    let titles = TITLES.iter().map(|it| {
        let input = json!({
            "level": it.level, "ministry_code": it.ministry_code, "name": it.name, "series": it.series,
        });
        (Title::TYPE, input)
    });
    let department =
        (Organisation::TYPE, json!({"kind": "authority", "name": DEPARTMENT, "region": PROVINCE_REGION}));
    series.chain(specialties).chain(titles).chain([department]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{Who, World};

    #[test]
    fn the_rules_take_all_of_it() {
        let mut world = World::at("2023-01-01T09:00:00+08:00");
        for (aggregate, input) in commands() {
            world
                .create(Who::System, aggregate, input.clone())
                .unwrap_or_else(|refusal| panic!("{aggregate} {input}: {refusal}"));
        }
        let registers = &world.registers;
        for it in &SERIES {
            assert!(registers.series(it.code).is_some(), "{}", it.name);
            let specialties = registers.specialties.iter().filter(|(_, node)| node.series == it.code);
            assert!(specialties.count() >= 2, "{} has at least two specialties", it.name);
            assert!(registers.titles.iter().any(|(_, title)| title.series == it.code), "{}", it.name);
        }
        assert!(registers.organisations.iter().any(|(_, it)| it.name == DEPARTMENT));
    }

    #[test]
    fn run_again_it_meets_its_own_claims() {
        let mut world = World::at("2023-01-01T09:00:00+08:00");
        let claimed: Vec<_> =
            commands().into_iter().filter(|(aggregate, _)| *aggregate != Organisation::TYPE).collect();
        for (aggregate, input) in &claimed {
            world.create(Who::System, aggregate, input.clone()).unwrap();
        }
        for (aggregate, input) in claimed {
            assert_eq!(world.create(Who::System, aggregate, input).unwrap_err().code, "claim-held");
        }
    }
}
