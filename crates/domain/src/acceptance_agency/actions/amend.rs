//! 修改受理机构 Amend: levels, printed name, issuer and notice; the organisation and the mode stay (seed 002 人 1.3).

use crate::acceptance_agency::{AcceptanceAgency, Event};
use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::ids::OrganisationId;
use crate::input::Checks;
use crate::label::label;
use crate::values::{Level, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Amend {
    /// Levels it takes.
    pub levels: Vec<Level>,
    /// 打在职称证书上的机构名称.
    pub printed_name: String,
    /// 发证单位.
    pub issuing_organisation_id: OrganisationId,
    /// 申报须知.
    pub notice: Option<String>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "amend",
    label: label("修改受理机构", "Amend accepting agency"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&["active"]),
    form: &[
        required("levels", "职称等级", FieldType::Structure),
        required("printed_name", "证书打印名称", FieldType::Text),
        required("issuing_organisation_id", "发证单位", FieldType::Reference("organisations")),
        optional("notice", "申报须知", FieldType::LongText),
    ],
    ..ActionSpec::DEFAULT
};

/// Changes it; what changes nothing appends nothing.
pub fn decide(input: &Amend, it: &AcceptanceAgency, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let printed_name = checks.name("/printed_name", &input.printed_name);
    let notice = checks.opinion("/notice", input.notice.as_deref());
    checks.ensure(!input.levels.is_empty(), "/levels", "empty", "至少选择一个职称等级。");
    let issuing = Some(input.issuing_organisation_id);
    let known = context.registers.organisations.get(input.issuing_organisation_id);
    checks.ensure(
        it.issuing_organisation == issuing || known.is_some_and(|it| !it.deregistered),
        "/issuing_organisation_id",
        "reference-refused",
        "没有这个机构。",
    );
    checks.done()?;
    let same = input.levels == it.levels && printed_name == it.printed_name && notice == it.notice;
    if same && it.issuing_organisation == issuing {
        return Ok(Outcome::nothing());
    }
    Ok(Outcome::of(Event::Amended {
        issuing_organisation_id: input.issuing_organisation_id,
        levels: input.levels.clone(),
        notice,
        printed_name,
    }))
}

#[cfg(test)]
mod tests {
    use crate::values::{Level, Mode};
    use crate::world::{Who, hunan::Hunan};
    use serde_json::json;

    #[test]
    fn takes_the_levels_it_is_registered_for_until_it_is_deregistered() {
        let mut hunan = Hunan::new();
        let (province, changsha) = (hunan.province, hunan.changsha);
        let mut registration = json!({
            "organisation_id": changsha, "mode": "initial_grant", "levels": ["assistant"],
            "printed_name": "长沙市人力资源和社会保障局", "issuing_organisation_id": changsha,
        });
        let agency = hunan.create(Who::Account(province), "acceptance_agency", registration.clone());
        let accepts =
            |hunan: &Hunan, level| hunan.world.registers.accepts(changsha.into(), Mode::InitialGrant, level);
        assert!(accepts(&hunan, Level::Assistant) && !accepts(&hunan, Level::Intermediate));
        registration["levels"] = json!(["assistant", "intermediate"]);
        let mut change = registration.clone();
        let fixed = change.as_object_mut().unwrap();
        fixed.remove("organisation_id");
        fixed.remove("mode");
        hunan.act(province, "acceptance_agency", agency, "amend", change.clone());
        assert!(accepts(&hunan, Level::Intermediate));
        change["levels"] = json!([]);
        let empty = hunan.refused(province, "acceptance_agency", agency, "amend", change);
        assert_eq!(empty.problems[0].pointer, "/levels");

        let reason = json!({"reason": "受理职能划转"});
        hunan.act(province, "acceptance_agency", agency, "deregister", reason.clone());
        assert!(!accepts(&hunan, Level::Assistant));
        assert_eq!(
            hunan.refused(province, "acceptance_agency", agency, "deregister", reason).code,
            "stage-refused"
        );
        hunan.create(Who::Account(province), "acceptance_agency", registration);
        assert!(accepts(&hunan, Level::Assistant));
    }
}
