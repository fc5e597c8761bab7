//! 新增发证单位编码 Create: the province gives an organisation its four digits (seed 002 人 1.9).

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome, StreamId};
use crate::context::Context;
use crate::ids::OrganisationId;
use crate::input::Checks;
use crate::issuing_code::{Event, IssuingCode, check_code, code_claim, organisation_claim};
use crate::label::label;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// 发证单位.
    pub organisation_id: OrganisationId,
    /// Four digits.
    pub code: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "create",
    label: label("新增发证单位编码", "Create issuing code"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Nothing,
    to: &["active"],
    form: &[
        required("organisation_id", "发证单位", FieldType::Reference("organisations")),
        required("code", "编码", FieldType::Text),
    ],
    ..ActionSpec::DEFAULT
};

/// Enters it; one organisation a code, one code an organisation.
pub fn decide(input: &Create, _: &IssuingCode, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let code = check_code(&mut checks, &input.code);
    let organisation = context.registers.organisations.get(input.organisation_id);
    let organisation = organisation.filter(|it| !it.deregistered);
    checks.ensure(organisation.is_some(), "/organisation_id", "reference-refused", "没有这个机构。");
    checks.done()?;
    let stream = StreamId::of::<IssuingCode>(id);
    Ok(Outcome::of(Event::Created {
        code: code.clone(),
        organisation_id: input.organisation_id,
        organisation_name: organisation.map(|it| it.name.clone()).unwrap_or_default(),
    })
    .take(code_claim(&code), stream)
    .take(organisation_claim(input.organisation_id), stream))
}

#[cfg(test)]
mod tests {
    use crate::ids::NodeId;
    use crate::world::{Who, hunan::Hunan};
    use serde_json::json;

    #[test]
    fn an_organisation_has_one_code_and_a_code_one_organisation() {
        let mut hunan = Hunan::new();
        let province = Who::Account(hunan.province);
        let department = json!({"organisation_id": hunan.department, "code": "0000"});
        let code = hunan.create(province, "issuing_code", department.clone());
        let code_of = |hunan: &Hunan, organisation: uuid::Uuid| {
            hunan.world.registers.issuing_code_of(NodeId(organisation)).map(str::to_owned)
        };
        assert_eq!(code_of(&hunan, hunan.department).as_deref(), Some("0000"));
        assert_eq!(code_of(&hunan, hunan.changsha), None);
        for input in [department, json!({"organisation_id": hunan.changsha, "code": "0000"})] {
            let refused = hunan.world.create(province, "issuing_code", input).unwrap_err();
            assert_eq!(refused.code, "claim-held");
        }
        hunan.act(hunan.province, "issuing_code", code, "amend", json!({"code": "0001"}));
        assert_eq!(code_of(&hunan, hunan.department).as_deref(), Some("0001"));

        for own in ["0000", "0001"] {
            hunan.act(hunan.province, "issuing_code", code, "amend", json!({"code": own}));
        }
        hunan.act(hunan.province, "issuing_code", code, "deregister", json!({"reason": "机构改革"}));
        assert_eq!(code_of(&hunan, hunan.department), None);
        for used in ["0000", "0001"] {
            let input = json!({"organisation_id": hunan.changsha, "code": used});
            let refused = hunan.world.create(province, "issuing_code", input).unwrap_err();
            assert_eq!(refused.code, "claim-held", "{used} stands in numbers that were issued");
        }
        hunan.create(province, "issuing_code", json!({"organisation_id": hunan.department, "code": "0002"}));
        assert_eq!(code_of(&hunan, hunan.department).as_deref(), Some("0002"));
    }

    #[test]
    fn has_four_digits() {
        let mut hunan = Hunan::new();
        for code in ["010", "01000", "01a0", ""] {
            let input = json!({"organisation_id": hunan.department, "code": code});
            let refused =
                hunan.world.create(Who::Account(hunan.province), "issuing_code", input).unwrap_err();
            assert_eq!(refused.problems[0].pointer, "/code", "{code}");
        }
        let wide = json!({"organisation_id": hunan.department, "code": " ０１００ "});
        hunan.create(Who::Account(hunan.province), "issuing_code", wide);
        assert_eq!(hunan.world.registers.issuing_code_of(NodeId(hunan.department)), Some("0100"));
    }
}
