//! 暂存申报 Save draft: named sections replace the stored ones whole, others stay; the final organisation is chosen here
//! from the resolved paths (seed 002 个 二(一)2, 人 1.28 step 5; T02, T03).

use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome};
use crate::batch::Batch;
use crate::context::{Context, Stop};
use crate::declaration::sections;
use crate::declaration::values::{FinalOrganisation, SectionKey};
use crate::declaration::{Declaration, Event, Stage};
use crate::ids::NodeId;
use crate::input::Checks;
use crate::label::{Named as _, label};
use crate::private::Private;
use crate::refusal::{common, refusals};
use crate::registers::paths::{self, Question};
use crate::values::{NodeType, Role};
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use uuid::Uuid;

refusals! {
    /// T02: after a return only what it names is open, with no items all.
    SectionClosed { section: &'static str } = Rule "section-closed", "该部分未退回", "“{section}”不在退回修改范围内，只能修改退回意见指明的内容。";
    /// T03: the chosen organisation is not at the end of a valid way.
    FinalOrganisationRefused { name: String } = Rule "final-organisation-refused", "不能选择该终审机构", "按已确认的审核路径不能到达“{name}”，或该机构不能评审所报专业。请在可选的终审机构中选择。";
    /// The organisation has no open batch for this declaration.
    FinalOrganisationNoBatch { name: String } = Rule "no-open-batch", "没有开放的批次", "“{name}”没有受理该年度、取得方式和级别的开放批次。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveDraft {
    /// Section bodies by key.
    #[serde(deserialize_with = "by_key")]
    pub sections: BTreeMap<SectionKey, serde_json::Value>,
    /// 终审机构.
    pub final_organisation_id: Option<NodeId>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "save-draft",
    label: label("暂存申报", "Save draft"),
    by: &[by(Role::Applicant, Place::Owner)],
    from: Start::Stages(&[Stage::Draft.name(), Stage::ReturnedToApplicant.name()]),
    form: &[
        required("sections", "申报内容", FieldType::Structure),
        optional("final_organisation_id", "终审机构", FieldType::Reference("organisations")),
    ],
    ..ActionSpec::DEFAULT
};

/// Saves it; what changes nothing appends nothing.
pub fn decide(input: &SaveDraft, it: &Declaration, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let mut changed = BTreeMap::new();
    for (key, body) in &input.sections {
        let normalised = sections::check(*key, body, &format!("/sections/{key}"), &mut checks);
        if it.draft.section(*key).as_ref() != Some(&normalised) {
            changed.insert(*key, Private::Known(normalised));
        }
    }
    checks.done()?;
    for key in changed.keys() {
        if !section_open(it, *key) {
            return Err(SectionClosed { section: key.label().zh }.into());
        }
    }
    let chosen = match input.final_organisation_id {
        Some(node) if it.final_organisation.as_ref().is_none_or(|chosen| chosen.node.id != node) => {
            Some(choose(it, node, context)?)
        }
        Some(_) | None => None,
    };
    if changed.is_empty() && chosen.is_none() {
        return Ok(Outcome::nothing());
    }
    Ok(Outcome::of(Event::DraftSaved { final_organisation: chosen, sections: changed }))
}

/// Sections by key. A key that is none is a member that the input does not have (400), not a value that is refused (422).
fn by_key<'de, D: Deserializer<'de>>(
    sections: D,
) -> Result<BTreeMap<SectionKey, serde_json::Value>, D::Error> {
    #[derive(PartialEq, Eq, PartialOrd, Ord)]
    struct Key(SectionKey);
    impl<'de> Deserialize<'de> for Key {
        fn deserialize<D: Deserializer<'de>>(name: D) -> Result<Self, D::Error> {
            let name = String::deserialize(name)?;
            let known = SectionKey::from_name(&name).map(Self);
            known.ok_or_else(|| D::Error::custom(format!("unknown field `{name}`, expected a section's key")))
        }
    }
    let sections = BTreeMap::<Key, serde_json::Value>::deserialize(sections)?;
    Ok(sections.into_iter().map(|(Key(key), body)| (key, body)).collect())
}

/// Whether a section may be edited: all of a draft; after a return those that its items name, with no items all.
pub(super) fn section_open(it: &Declaration, key: SectionKey) -> bool {
    anchors(it).is_none_or(|anchors| {
        anchors.iter().any(|anchor| anchor.split('/').next().is_some_and(|first| first == key.name()))
    })
}

/// Whether materials of a kind may be exchanged.
pub(super) fn material_open(it: &Declaration, kind: &str) -> bool {
    anchors(it)
        .is_none_or(|anchors| anchors.iter().any(|anchor| anchor.strip_prefix("materials/") == Some(kind)))
}

/// The places that a return names; none where everything is open.
fn anchors(it: &Declaration) -> Option<Vec<&str>> {
    if it.stage != Stage::ReturnedToApplicant {
        return None;
    }
    let items = it.returned.as_ref()?.items.known()?;
    (!items.is_empty()).then(|| items.iter().map(|item| item.anchor.as_str()).collect())
}

/// The final organisation with its batch, where a valid way leads to it.
fn choose(it: &Declaration, node: NodeId, context: &Context<'_>) -> Result<FinalOrganisation, Stop> {
    let Some(subject) = &it.subject else { return Err(common::NotFound.into()) };
    let registers = context.registers;
    let Some(name) = registers.node_name(node).map(str::to_owned) else {
        return Err(common::ReferenceRefused { what: "终审机构" }
            .refusal()
            .at("/final_organisation_id")
            .into());
    };
    let resolution = paths::resolve(registers, &question(it, context)?);
    if paths::PathSnapshot::to(&resolution, node).is_none() {
        return Err(FinalOrganisationRefused { name }.refusal().at("/final_organisation_id").into());
    }
    let batch =
        Batch::of(&registers.batches, node, subject.year, subject.mode, subject.level).and_then(|it| it.id);
    let Some(batch_id) = batch else {
        return Err(FinalOrganisationNoBatch { name }.refusal().at("/final_organisation_id").into());
    };
    let node_type = registers.node_type(node).unwrap_or(NodeType::Agency);
    Ok(FinalOrganisation { batch_id, node: paths::Node { id: node, name }, node_type })
}

/// The question that a declaration asks of the review paths.
pub(crate) fn question<'a>(it: &'a Declaration, context: &Context<'_>) -> Result<Question<'a>, Stop> {
    let Some(subject) = &it.subject else { return Err(common::NotFound.into()) };
    Ok(Question {
        employer: subject.employer.id,
        mode: subject.mode,
        level: subject.level,
        series: &subject.series.code,
        specialty: &subject.specialty.code,
        today: context.today(),
    })
}
