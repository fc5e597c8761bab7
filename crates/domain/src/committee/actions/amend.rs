//! 修改评委会 Amend: name, size, category, approving authority and issuer; level and series stay, since what it reviews is
//! what was approved (seed 002 人 1.10; Order 40 Arts. 6, 9).

use super::create::check_size;
use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome};
use crate::committee::{Category, Committee, Event};
use crate::context::Context;
use crate::ids::OrganisationId;
use crate::input::{Checks, OPINION_CHARS_MAX};
use crate::label::label;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Amend {
    /// 评委会名称.
    pub name: String,
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
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "amend",
    label: label("修改评委会", "Amend committee"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&["active", "suspended"]),
    form: &[
        required("name", "评委会名称", FieldType::Text),
        required("size", "评委人数", FieldType::Integer),
        optional("size_consent", "人数核准文件", FieldType::Text),
        required("category", "组建类别", FieldType::Choice(&["university_hospital", "other"])),
        required("approved_by_id", "核准备案机关", FieldType::Reference("organisations")),
        required("issuing_organisation_id", "发证单位", FieldType::Reference("organisations")),
    ],
    ..ActionSpec::DEFAULT
};

/// Changes it; what changes nothing appends nothing.
pub fn decide(input: &Amend, it: &Committee, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let name = checks.name("/name", &input.name);
    let size_consent =
        input.size_consent.as_ref().map(|it| checks.text("/size_consent", it, OPINION_CHARS_MAX));
    check_size(&mut checks, input.size, it.specialties.is_empty(), size_consent.is_some());
    for (pointer, organisation, present) in [
        ("/approved_by_id", input.approved_by_id, it.approved_by),
        ("/issuing_organisation_id", input.issuing_organisation_id, it.issuing_organisation),
    ] {
        let known = context.registers.organisations.get(organisation).is_some_and(|it| !it.deregistered);
        let stays = present == Some(organisation);
        checks.ensure(known || stays, pointer, "reference-refused", "没有这个机构。");
    }
    checks.done()?;
    let same = (&name, input.size, &size_consent) == (&it.name, it.size, &it.size_consent)
        && it.category == Some(input.category)
        && it.approved_by == Some(input.approved_by_id)
        && it.issuing_organisation == Some(input.issuing_organisation_id);
    if same {
        return Ok(Outcome::nothing());
    }
    Ok(Outcome::of(Event::Amended {
        approved_by_id: input.approved_by_id,
        category: input.category,
        issuing_organisation_id: input.issuing_organisation_id,
        name,
        size: input.size,
        size_consent,
    }))
}

#[cfg(test)]
mod tests {
    use crate::committee::Committee;
    use crate::world::{Who, hunan::Hunan};
    use serde_json::json;

    #[test]
    fn changes_the_size_within_order_40() {
        let mut hunan = Hunan::new();
        let (province, committee) = (hunan.province, hunan.committee);
        let input = |size: u32, consent: Option<&str>| {
            json!({
                "name": "省高校教师系列高评会", "size": size, "size_consent": consent, "category": "university_hospital",
                "approved_by_id": hunan.department, "issuing_organisation_id": hunan.department,
            })
        };
        let (even, small, consented) =
            (input(26, None), input(23, None), input(23, Some("湘人社函〔2023〕1号")));
        assert_eq!(
            hunan.refused(province, "committee", committee, "amend", even).problems[0].code,
            "size-even"
        );
        assert_eq!(
            hunan.refused(province, "committee", committee, "amend", small).problems[0].code,
            "size-too-small"
        );
        hunan.act(province, "committee", committee, "amend", consented.clone());
        assert_eq!(hunan.world.get::<Committee>(committee).size, 23);
        let again = hunan.world.act(Who::Account(province), "committee", committee, "amend", consented);
        assert_eq!(again.unwrap(), []);
    }
}
