//! 新增公示 Create: one round that names many declarations, all or nothing (seed 001 第三步; T12, T49).

use super::{check_list, of_entry};
use crate::action::{ActionSpec, FieldType, Place, Start, admit, by, optional, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::{Context, Stop};
use crate::declaration::actions::{start_employer_publicity, start_result_publicity};
use crate::declaration::{self, Declaration};
use crate::ids::{DeclarationId, NodeId, PublicityRoundId};
use crate::input::{Checks, NAME_CHARS_MAX};
use crate::label::label;
use crate::publicity_round::{Announcement, Event, Period, PublicityRound};
use crate::refusal::{FieldProblem, Refusal, common, refusals};
use crate::registers::paths::Node;
use crate::values::{PublicityKind, Role};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// A round is one organisation's announcement.
    SeveralOrganisations = Rule "several-organisations", "只能公示一个单位的申报", "一次公示只能包含同一单位（评委会）的申报，请分别新增公示。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// Of an employer or of results.
    pub kind: PublicityKind,
    /// 公示人员: at most 2,000.
    pub declaration_ids: Vec<DeclarationId>,
    /// 单位联系人: of an employer's round.
    pub contact: Option<String>,
    /// 单位联系电话: of an employer's round.
    pub phone: Option<String>,
    /// 投诉受理部门.
    pub complaint_department: String,
    /// 投诉受理电话.
    pub complaint_phone: String,
    /// 公示开始日期.
    pub starts_on: NaiveDate,
    /// 公示（工作日）天数: at least 5.
    pub working_days: u32,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "create",
    label: label("新增公示", "Create publicity round"),
    by: &[
        by(Role::EmployerOperator, Place::Anywhere),
        by(Role::CommitteeOperator, Place::Anywhere),
        by(Role::AuthorityReviewer, Place::Anywhere),
    ],
    from: Start::Nothing,
    to: &["running"],
    form: &[
        required("kind", "公示类别", FieldType::Choice(&["employer", "result"])),
        required("declaration_ids", "公示人员", FieldType::Structure),
        optional("contact", "单位联系人", FieldType::Text),
        optional("phone", "单位联系电话", FieldType::Text),
        required("complaint_department", "投诉受理部门", FieldType::Text),
        required("complaint_phone", "投诉受理电话", FieldType::Text),
        required("starts_on", "公示开始日期", FieldType::Date),
        required("working_days", "公示天数（工作日）", FieldType::Integer),
    ],
    ..ActionSpec::DEFAULT
};

/// Starts it for every declaration named, each by the rules of the single action.
pub fn decide(input: &Create, _: &PublicityRound, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    members(input)?;
    check_list("/declaration_ids", &input.declaration_ids)?;
    let announcement = announcement(
        input.contact.as_deref(),
        input.phone.as_deref(),
        &input.complaint_department,
        &input.complaint_phone,
    )?;
    let period = Period::of(input.starts_on, input.working_days, context)?;
    let round_id = PublicityRoundId(id);
    let declarations: Vec<&Declaration> = context.load_all(input.declaration_ids.iter().map(|id| id.0))?;
    let mut publisher: Option<Node> = None;
    let years = declarations.iter().filter_map(|declaration| declaration.subject.as_ref());
    let year = years.map(|subject| subject.year).max();
    let mut entered = Vec::with_capacity(declarations.len());
    for (index, (declaration_id, declaration)) in input.declaration_ids.iter().zip(declarations).enumerate() {
        let event = enter(input.kind, declaration, period, round_id, context)
            .map_err(of_entry("/declaration_ids", index))?;
        let by = publishes(input.kind, declaration).ok_or(common::NotFound)?;
        if publisher.as_ref().is_some_and(|other| other.id != by.id) {
            return Err(of_entry("/declaration_ids", index)(SeveralOrganisations.into()));
        }
        publisher = Some(by);
        entered.push((*declaration_id, event));
    }
    let Some(by) = publisher else { return Err(common::InvalidInput.into()) };
    let started = Event::Started {
        announcement,
        by,
        declaration_ids: input.declaration_ids.clone(),
        kind: input.kind,
        period,
        round_id,
        year,
    };
    let outcome = Outcome::of(started);
    Ok(entered.into_iter().fold(outcome, |outcome, (id, event)| outcome.also::<Declaration>(id, event)))
}

/// What an announcement says, checked.
pub(crate) fn announcement(
    contact: Option<&str>,
    phone: Option<&str>,
    complaint_department: &str,
    complaint_phone: &str,
) -> Result<Announcement, Stop> {
    let mut checks = Checks::new();
    let announcement = Announcement {
        complaint_department: checks.text("/complaint_department", complaint_department, NAME_CHARS_MAX),
        complaint_phone: checks.phone("/complaint_phone", complaint_phone),
        contact: contact.map(|contact| checks.name("/contact", contact)),
        phone: phone.map(|phone| checks.phone("/phone", phone)),
    };
    checks.done()?;
    Ok(announcement)
}

/// The fields of the single action of that kind, no fewer and no more (contract.md, Who creates what).
fn members(input: &Create) -> Result<(), Stop> {
    let fields = [("contact", input.contact.is_some()), ("phone", input.phone.is_some())];
    let problems: Vec<FieldProblem> = fields
        .into_iter()
        .filter_map(|(name, given)| match (input.kind, given) {
            (PublicityKind::Employer, false) => {
                let message = format!("缺少“{name}”。");
                Some(FieldProblem::new(format!("/{name}"), "missing-member", message))
            }
            (PublicityKind::Result, true) => {
                let message = format!("评审结果公示没有“{name}”这个字段。");
                Some(FieldProblem::new(format!("/{name}"), "unknown-member", message))
            }
            (PublicityKind::Employer, true) | (PublicityKind::Result, false) => None,
        })
        .collect();
    if problems.is_empty() {
        return Ok(());
    }
    Err(Stop::Refused(Refusal { problems, ..common::MalformedInput.refusal() }))
}

/// The declaration's own event, by the checks and rules of the single action of that kind.
fn enter(
    kind: PublicityKind,
    declaration: &Declaration,
    period: Period,
    round_id: PublicityRoundId,
    context: &Context<'_>,
) -> Result<declaration::Event, Stop> {
    if !reached(kind, declaration) {
        return Err(common::NotFound.into());
    }
    match kind {
        PublicityKind::Employer => {
            admit(declaration, &start_employer_publicity::SPEC, context)?;
            Ok(start_employer_publicity::enter(period, round_id))
        }
        PublicityKind::Result => {
            admit(declaration, &start_result_publicity::SPEC, context)?;
            start_result_publicity::enter(declaration, period, round_id, context)
        }
    }
}

/// Whether whoever publishes may know of it at all: a draft is its owner's alone, and what has not come up so far is not there for those
/// who decide.
fn reached(kind: PublicityKind, declaration: &Declaration) -> bool {
    let at = |node: NodeId| declaration.route.iter().any(|on_way| on_way.id == node);
    match kind {
        PublicityKind::Employer => declaration.submitted.is_some(),
        PublicityKind::Result => {
            let decides = declaration.final_organisation.as_ref().map(|chosen| chosen.node.id);
            let handled = declaration.steps.iter().filter_map(|step| step.organisation.as_deref());
            let holder = declaration.holder();
            let mut lay_at = handled.chain(&holder).map(|node| node.id);
            decides.is_some_and(|decides| at(decides) || lay_at.any(|node| node == decides))
        }
    }
}

/// The organisation whose announcement it is.
fn publishes(kind: PublicityKind, declaration: &Declaration) -> Option<Node> {
    match kind {
        PublicityKind::Employer => declaration.subject.as_ref().map(|subject| subject.employer.node()),
        PublicityKind::Result => declaration.final_organisation.as_ref().map(|chosen| chosen.node.clone()),
    }
}
