//! 修改单位信息 Amend registration: corrects what the employer is registered as (seed 001 第一部分 第四步);
//! declarations keep the name of their time.

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome, StreamId};
use crate::context::Context;
use crate::employer::{Employer, Event, uscc_claim};
use crate::ids::OrganisationId;
use crate::input::Checks;
use crate::label::label;
use crate::values::{Nature, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendRegistration {
    /// 单位名称.
    pub name: String,
    /// 统一社会信用代码.
    pub uscc: String,
    /// 统筹区.
    pub region: String,
    /// 单位性质.
    pub nature: Nature,
    /// 审核单位.
    pub reviewing_organisation_id: OrganisationId,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "amend-registration",
    label: label("修改单位信息", "Amend registration"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere), by(Role::EmployerOperator, Place::Employer)],
    from: Start::Stages(&["approved"]),
    form: &[
        required("name", "单位名称", FieldType::Text),
        required("uscc", "统一社会信用代码", FieldType::Text),
        required("region", "统筹区", FieldType::Reference("regions")),
        required("nature", "单位性质", FieldType::Choice(&["public_institution", "enterprise", "other"])),
        required("reviewing_organisation_id", "审核单位", FieldType::Reference("organisations")),
    ],
    ..ActionSpec::DEFAULT
};

/// Corrects it; what changes nothing appends nothing.
pub fn decide(input: &AmendRegistration, it: &Employer, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let name = checks.name("/name", &input.name);
    let uscc = checks.uscc("/uscc", &input.uscc);
    let region = checks.region("/region", &input.region);
    let unchanged = it.reviewing_organisation == Some(input.reviewing_organisation_id);
    let reviewing = context.registers.organisations.get(input.reviewing_organisation_id);
    checks.ensure(
        unchanged || reviewing.is_some_and(|it| !it.deregistered),
        "/reviewing_organisation_id",
        "reference-refused",
        "没有这个审核单位。",
    );
    checks.done()?;
    let same = (&name, &uscc, &region) == (&it.name, &it.uscc, &it.region);
    if same && unchanged && it.nature == Some(input.nature) {
        return Ok(Outcome::nothing());
    }
    let stream = StreamId::of::<Employer>(id);
    let mut outcome = Outcome::of(Event::RegistrationAmended {
        name,
        nature: input.nature,
        region,
        reviewing_organisation_id: input.reviewing_organisation_id,
        uscc: uscc.clone(),
    });
    if uscc != it.uscc {
        outcome = outcome.release(uscc_claim(&it.uscc), stream).take(uscc_claim(&uscc), stream);
    }
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    use crate::employer::Employer;
    use crate::world::{Who, hunan::Hunan};
    use serde_json::{Value, json};

    fn registration(hunan: &Hunan, name: &str, uscc: &str) -> Value {
        json!({"name": name, "uscc": uscc, "region": "430100", "nature": "public_institution", "reviewing_organisation_id": hunan.changsha})
    }

    #[test]
    fn corrects_the_name_and_appends_nothing_where_nothing_changes() {
        let mut hunan = Hunan::new();
        let input = registration(&hunan, "长沙市排水事务中心", "12430100MB1F00022F");
        hunan.act(hunan.operator, "employer", hunan.drainage, "amend-registration", input.clone());
        assert_eq!(hunan.world.get::<Employer>(hunan.drainage).name, "长沙市排水事务中心");
        let again = hunan.world.act(
            Who::Account(hunan.province),
            "employer",
            hunan.drainage,
            "amend-registration",
            input,
        );
        assert_eq!(again.unwrap(), []);
    }

    #[test]
    fn a_credit_code_belongs_to_one_employer() {
        let mut hunan = Hunan::new();
        let taken = registration(&hunan, "长沙市城区排水事务中心", "11430000006123458L");
        let refused = hunan.world.act(
            Who::Account(hunan.province),
            "employer",
            hunan.drainage,
            "amend-registration",
            taken,
        );
        assert_eq!(refused.unwrap_err().code, "claim-held");
    }
}
