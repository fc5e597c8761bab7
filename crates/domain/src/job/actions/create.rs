//! 发起批量任务 Create: freezes what is to be done to what. By condition, and where the action itself needs two persons, a second
//! account starts it (contract.md, a bulk action and second person).

use crate::action::{ActionSpec, FieldType, Place, Proof, Start, by, required};
use crate::aggregate::{Aggregate, AnyCommand, Decision, Outcome};
use crate::certificate::actions::revoke_certificate::Grounds;
use crate::context::{Acting, Context, Selection, Stop};
use crate::declaration::Declaration;
use crate::declaration::actions::Command;
use crate::ids::NodeId;
use crate::input::Checks;
use crate::job::{Event, ITEMS_MAX, Job, bulk};
use crate::label::label;
use crate::private::PerhapsPrivate;
use crate::refusal::{common, refusals};
use crate::values::Role;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

refusals! {
    /// 人 1.27: the count is typed by whoever starts it, so that nobody moves more cases than they saw.
    ExpectedCountDiffers { expected: usize, found: usize } = Rule "expected-count-differs", "数量不符", "确认的数量为{expected}，实际符合的为{found}。请重新查询核对后再提交。";
    /// Nothing to do.
    NothingSelected = Rule "nothing-selected", "没有选中记录", "没有符合条件的记录，请重新选择。";
    /// A job is worked off in one go.
    TooManySelected { found: usize, most: usize } = Rule "too-many-selected", "选中的记录过多", "选中了{found}条，一次最多办理{most}条，请缩小范围。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// The action on each item.
    pub action: String,
    /// Which items.
    pub selection: Selected,
    /// How many there must be.
    pub expected_count: usize,
    /// The action's input, the same for every item.
    pub input: Value,
}

/// Which items.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
pub enum Selected {
    /// These.
    Ids(Ids),
    /// All rows of a screen that meet a condition.
    Condition(Condition),
}

/// Items by id.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Ids {
    /// Ids of declarations or certificates.
    pub ids: Vec<Uuid>,
}

/// Items by condition.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Condition {
    /// The screen whose rows are meant.
    pub screen: String,
    /// Its filters, as in the query of its listing.
    #[schemars(default)]
    pub filters: BTreeMap<String, String>,
}

/// What may stand in a selection, before it is known which of the two it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    #[serde(default, deserialize_with = "given")]
    ids: Option<Vec<Uuid>>,
    #[serde(default, deserialize_with = "given")]
    screen: Option<String>,
    #[serde(default, deserialize_with = "given")]
    filters: Option<BTreeMap<String, String>>,
}

/// A member that is there has a value: null is none.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// Tells which member is wrong; of an untagged enumeration serde says only that neither form fits.
impl<'de> Deserialize<'de> for Selected {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;
        match Members::deserialize(from)? {
            Members { ids: Some(ids), screen: None, filters: None } => Ok(Self::Ids(Ids { ids })),
            Members { ids: Some(_), screen: Some(_), .. } => Err(D::Error::unknown_field("screen", &["ids"])),
            Members { ids: Some(_), screen: None, filters: Some(_) } => {
                Err(D::Error::unknown_field("filters", &["ids"]))
            }
            Members { ids: None, screen: Some(screen), filters } => {
                Ok(Self::Condition(Condition { screen, filters: filters.unwrap_or_default() }))
            }
            Members { ids: None, screen: None, filters: Some(_) } => Err(D::Error::missing_field("screen")),
            Members { ids: None, screen: None, filters: None } => Err(D::Error::missing_field("ids")),
        }
    }
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "create",
    label: label("发起批量任务", "Create job"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere), by(Role::CertificateIssuer, Place::Anywhere)],
    from: Start::Nothing,
    to: &["running"],
    form: &[
        required("action", "办理事项", FieldType::Choice(crate::job::BULK)),
        required("selection", "办理范围", FieldType::Structure),
        required("expected_count", "确认数量", FieldType::Integer),
        required("input", "办理内容", FieldType::Structure),
    ],
    ..ActionSpec::DEFAULT
};

/// Freezes the items and starts.
pub fn decide(input: &Create, _: &Job, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    // the one who acts, or, where a second person does, the one who asked
    let acting = context.asker()?;
    if !may_start(&input.action, (acting.role, acting.organisation), context.acting()?) {
        return Err(common::NotAllowed { action: SPEC.label.zh }.into());
    }
    let Asked { spec, items } = asked(input, &acting, context)?;
    if items.is_empty() {
        return Err(NothingSelected.refusal().at("/selection").into());
    }
    if items.len() != input.expected_count {
        let differs = ExpectedCountDiffers { expected: input.expected_count, found: items.len() };
        return Err(differs.refusal().at("/expected_count").into());
    }
    let condition = match &input.selection {
        Selected::Condition(condition) => Some(condition),
        Selected::Ids(_) => None,
    };
    if condition.is_some() || spec.proof == Proof::SecondPerson {
        context.second_person()?;
    }
    Ok(Outcome::of(Event::Started {
        action: input.action.clone(),
        filters: condition.map(|condition| PerhapsPrivate::about(acting.person, json!(condition.filters))),
        input: PerhapsPrivate::about(acting.person, input.input.clone()),
        items,
        organisation_id: acting.organisation,
        role: acting.role,
        screen: condition.map(|condition| condition.screen.clone()),
        started_by: acting.account,
        started_by_person: acting.person,
    }))
}

/// What somebody asks to be done to what: what starting a job and trying it have in common.
pub struct Asked {
    /// The action.
    pub spec: &'static ActionSpec,
    /// Its items, each once.
    pub items: Vec<Uuid>,
}

/// Checks what is asked, and looks up what a condition selects.
pub fn asked(input: &Create, acting: &Acting, context: &Context<'_>) -> Result<Asked, Stop> {
    let spec = bulk_action(input)?;
    if !spec.by.iter().any(|by| by.role == acting.role) {
        return Err(common::NotAllowed { action: spec.label.zh }.into());
    }
    let items = items(&input.selection, acting, context)?;
    if items.len() > ITEMS_MAX {
        return Err(TooManySelected { found: items.len(), most: ITEMS_MAX }
            .refusal()
            .at("/selection")
            .into());
    }
    Ok(Asked { spec, items })
}

/// Whether somebody in this role may approve a job that was asked for in that one: the province whatever it may do itself, others
/// what was asked for in their own role at their own place, for of elsewhere they could do no item. What names no action of jobs is
/// refused for that.
pub(crate) fn may_approve(input: &Value, asked_as: (Role, Option<NodeId>), approver: &Acting) -> bool {
    let action = input.get("action").and_then(Value::as_str).unwrap_or_default();
    may_start(action, asked_as, approver)
}

fn may_start(action: &str, asked_as: (Role, Option<NodeId>), acting: &Acting) -> bool {
    let Some(spec) = bulk(action) else { return true };
    let same = (acting.role, acting.organisation) == asked_as;
    spec.by.iter().any(|by| by.role == acting.role) && (same || acting.role == Role::ProvincialAdministrator)
}

/// The action, and that its input has the right form and values that can be, so that not every item is refused for the same slip.
fn bulk_action(input: &Create) -> Result<&'static ActionSpec, Stop> {
    let mut checks = Checks::new();
    let Some(spec) = bulk(&input.action) else {
        checks.problem("/action", "unknown-value", "不能批量办理该事项。");
        return Err(checks.done().err().unwrap_or_else(|| common::InvalidInput.into()));
    };
    let command = AnyCommand::parse(Declaration::TYPE, &input.action, &input.input);
    if let Err(Stop::Refused(refusal)) = command.and_then(|command| checked(&command)) {
        checks.absorb("/input", refusal);
    }
    checks.done()?;
    Ok(spec)
}

/// The rules that an action has for its input alone, whatever it is done to. A new action of jobs brings its own here.
fn checked(command: &AnyCommand) -> Result<(), Stop> {
    let AnyCommand::Declaration(command) = command else { return Ok(()) };
    match command {
        Command::TransferCommittee(input) => input.checked().map(drop),
        Command::GenerateECertificate(input) => input.checked().map(drop),
        Command::RevokeCertificate(input) => Grounds::of(&input.reason, input.basis.as_deref()).map(drop),
        // issuing and reporting take nothing, and no other is an action of jobs
        _ => Ok(()),
    }
}

fn items(selected: &Selected, acting: &Acting, context: &Context<'_>) -> Result<Vec<Uuid>, Stop> {
    match selected {
        Selected::Ids(Ids { ids }) => {
            let mut seen = BTreeSet::new();
            Ok(ids.iter().copied().filter(|id| seen.insert(*id)).collect())
        }
        Selected::Condition(Condition { screen, filters }) => {
            let asked =
                Selection { screen: screen.clone(), filters: filters.clone(), acting: acting.clone() };
            Ok(context.selected(&asked)?.to_vec())
        }
    }
}
