//! What the tables of declarations share: columns wherever they occur (contract.md), and the desk of one organisation.

use crate::column::{
    Column, DWELL_WORKING_DAYS, OVERDUE, boolean, date, id, instant, integer, list, name_of, text,
};
use crate::row::{Cell, Cells, RowError};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use uuid::Uuid;
use zhicheng_domain::codes::{IdNumber, Phone, Sex, id_number, region};
use zhicheng_domain::context::in_shanghai;
use zhicheng_domain::declaration::{Audience, Declaration, Stage, Step, Subject};
use zhicheng_domain::ids::NodeId;
use zhicheng_domain::label::Named as _;
use zhicheng_domain::private::Private;
use zhicheng_domain::registers::paths::Node;
use zhicheng_domain::values::{
    DeclarationKind, Hold, Level, Mode, PublicityResult, QuotaKind, Role, Verdict,
};
use zhicheng_domain::{Aggregate as _, AnyState};

/// The name of a person whose key is gone.
pub const ERASED_NAME: &str = "已清除";

/// What every declaration's row is made by, beside its own file.
pub const SOURCES: &[&str] = &[
    include_str!("case.rs"),
    include_str!("../../../domain/src/declaration/state.rs"),
    include_str!("../../../domain/src/declaration/outside.rs"),
    include_str!("../../../domain/src/declaration/evolve.rs"),
    include_str!("../../../domain/src/declaration/operations.rs"),
];

/// Columns of every table with a row per declaration.
pub const DECLARATION: &[Column] = &[
    id("declaration_id", "申报标识").always(),
    text("declaration_no", "申报编号").always(),
    integer("year", "年度").always(),
    id("batch_id", "批次"),
    text("mode", "取得方式").always().one_of::<Mode>(),
    text("level", "申报级别").always().one_of::<Level>(),
    text("series", "申报系列").always(),
    text("series_name", "申报系列名称").always().searchable(),
    text("specialty", "申报专业").always(),
    text("specialty_name", "申报专业名称").always().searchable(),
    text("title", "申报职称").always(),
    text("kind", "申报类型").always().one_of::<DeclarationKind>(),
    boolean("special_quota", "是否特殊职数").always(),
    id("employer_id", "工作单位标识").always(),
    text("employer_name", "工作单位").always().searchable(),
    text("uscc", "统一社会信用代码"),
    text("region", "统筹区").always().worded(region_in_words),
    id("organisation_id", "办理机构标识"),
    text("organisation_name", "办理机构").searchable(),
    id("final_organisation_id", "终审机构标识"),
    text("final_organisation_name", "终审机构").searchable(),
    text("stage", "申报环节").always().one_of::<Stage>().outside("stage_shown"),
    text("stage_shown", "申报环节（结果宣布前对外）").always().internal(),
    list("holds", "暂停标记").always().one_of::<Hold>(),
    integer("return_count", "退回次数").always(),
    instant("submitted_at", "提交时间"),
    text("certificate_number", "证书编号"),
    text("filing_number", "备案文号"),
    date("filed_on", "备案时间"),
    integer("version", "版本").outside("version_shown"),
    integer("version_shown", "版本（结果宣布前对外）").internal(),
];

/// Columns about the person, for those who may know who it is.
pub const PERSON: &[Column] = &[
    text("applicant_name", "姓名").always().personal().searchable(),
    text("sex", "性别").personal().worded(sex_in_words),
    text("id_number", "身份证号（掩码）").personal().matched_by("id_number_hash"),
    text("id_number_hash", "身份证号检索摘要").always().sensitive(),
    text("phone", "联系电话（掩码）").personal(),
];

/// Columns of an organisation's desk: what waits there, what was done there.
pub const DESK: &[Column] = &[
    text("status", "审核状态").always().known_by(is_status),
    instant("arrived_at", "到达时间").always(),
    instant("handled_at", "处理时间"),
    name_of("handled_by_name", "审核人", "handled_by"),
    id("handled_by", "审核人账号").personal(),
    text("result", "审核结果").worded(result_in_words),
    text("opinion", "审核意见").personal().searchable(),
    date("due_on", "截止时间"),
    DWELL_WORKING_DAYS,
    OVERDUE,
];

/// Who has the case now, beside the organisation whose desk the row is.
pub const HELD_BY: Column = text("held_by_name", "当前审核单位").searchable();

/// Columns that say when a case arrived at its stage.
pub const ARRIVAL: &[Column] = &[
    instant("arrived_at", "到达本环节时间").outside("arrived_at_shown"),
    instant("arrived_at_shown", "到达本环节时间（结果宣布前对外）").internal(),
];

/// The account that took a step; of a judge it is told to nobody.
pub fn handled_by(step: &Step) -> Option<Uuid> {
    let actor = step.actor.as_ref().filter(|actor| actor.role != Some(Role::Judge))?;
    actor.account_id.map(Uuid::from)
}

/// What came of a step: of a review, or of a publicity.
pub fn result_in_words(name: &str) -> Option<&'static str> {
    let verdict = Verdict::from_name(name).map(|verdict| verdict.label().zh);
    verdict.or_else(|| Some(PublicityResult::from_name(name)?.label().zh))
}

/// What was done: an action of the declaration or of what holds many of them, or what the system does by itself.
pub fn action_in_words(name: &str) -> Option<&'static str> {
    let of_declaration = std::iter::once(Declaration::TYPE);
    let types = of_declaration.chain(AnyState::TYPES.iter().map(|(aggregate, _)| *aggregate));
    let mut specs = types.flat_map(AnyState::specs);
    specs.find(|spec| spec.name == name).map(|spec| spec.label.zh)
}

/// A region's name.
pub fn region_in_words(code: &str) -> Option<&'static str> {
    region::by_code(code).map(|region| region.name)
}

/// 性别 as the ID number says it: `male` or `female`.
pub fn sex_of(id_number: &str) -> Option<&'static str> {
    match IdNumber::parse(id_number).ok()?.sex()? {
        Sex::Male => Some("male"),
        Sex::Female => Some("female"),
        Sex::Unknown | Sex::Unstated => None,
    }
}

/// 男 or 女.
pub fn sex_in_words(name: &str) -> Option<&'static str> {
    match name {
        "male" => Some(Sex::Male.label()),
        "female" => Some(Sex::Female.label()),
        _ => None,
    }
}

/// A telephone number as lists show it; one that is none is not shown.
pub fn phone_masked(phone: &str) -> Option<String> {
    Some(Phone::parse(phone).ok()?.masked())
}

/// Whether a text is a status.
pub fn is_status(text: &str) -> bool {
    matches!(text, "waiting" | "done")
}

/// A declaration that exists, with what was fixed at its start.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// Its id.
    pub id: Uuid,
    /// It.
    pub it: &'a Declaration,
    /// What was fixed.
    pub subject: &'a Subject,
}

impl<'a> Case<'a> {
    /// The declaration of a state, drafts included; none where the state is another thing's or before creation.
    pub fn any(id: Uuid, state: &'a AnyState) -> Option<Self> {
        let it: &Declaration = state.get()?;
        Some(Self { id, it, subject: it.subject.as_deref()? })
    }

    /// A declaration that was submitted: a draft is visible to its owner only.
    pub fn submitted(id: Uuid, state: &'a AnyState) -> Option<Self> {
        Self::any(id, state).filter(|case| case.it.submissions > 0)
    }

    /// [`DECLARATION`] as others see it: as of the last submission, lying where it lies.
    pub fn cells(&self) -> Cells {
        self.cells_at(self.it.holder(), self.final_organisation(), self.it.batch.map(|it| it.0), &[])
    }

    /// [`DECLARATION`] with this organisation in place of the one that has it.
    pub fn cells_at_desk(&self, desk: &Node) -> Cells {
        self.cells_at(Some(desk.clone()), self.final_organisation(), self.it.batch.map(|it| it.0), &[])
    }

    /// [`DECLARATION`] as the owner sees it: with what is chosen and not yet submitted.
    pub fn cells_for_owner(&self) -> Cells {
        let chosen = self.it.final_organisation.as_ref();
        let batch = self.it.batch.or(chosen.map(|it| it.batch_id));
        let chosen = chosen.map(|it| it.node.clone());
        self.cells_at(self.it.holder(), chosen, batch.map(|it| it.0), &[Audience::Owner])
    }

    fn cells_at(
        &self,
        at: Option<Node>,
        decides: Option<Node>,
        batch: Option<Uuid>,
        outside: &[Audience],
    ) -> Cells {
        let (it, subject) = (self.it, self.subject);
        let version = |audience| i64::try_from(it.version_for(audience)).unwrap_or(i64::MAX);
        vec![
            ("declaration_id", self.id.into()),
            ("declaration_no", (&subject.declaration_no).into()),
            ("year", subject.year.into()),
            ("batch_id", batch.into()),
            ("mode", subject.mode.name().into()),
            ("level", subject.level.name().into()),
            ("series", (&subject.series.code).into()),
            ("series_name", (&subject.series.name).into()),
            ("specialty", (&subject.specialty.code).into()),
            ("specialty_name", (&subject.specialty.name).into()),
            ("title", (&subject.title.name).into()),
            ("kind", subject.kind.name().into()),
            ("special_quota", it.quota.as_ref().is_some_and(|quota| quota.kind != QuotaKind::Normal).into()),
            ("employer_id", subject.employer.id.0.into()),
            ("employer_name", (&subject.employer.name).into()),
            ("uscc", subject.employer.uscc.as_ref().into()),
            ("region", (&subject.employer.region).into()),
            ("organisation_id", at.as_ref().map(|node| node.id.0).into()),
            ("organisation_name", at.map(|node| node.name).into()),
            ("final_organisation_id", decides.as_ref().map(|node| node.id.0).into()),
            ("final_organisation_name", decides.map(|node| node.name).into()),
            ("stage", it.stage.name().into()),
            ("stage_shown", self.it.stage_outside().name().into()),
            ("holds", it.holds.iter().map(|hold| hold.name().to_owned()).collect::<Vec<_>>().into()),
            ("return_count", it.return_count.into()),
            ("submitted_at", it.submitted_at.into()),
            ("certificate_number", it.certificate.as_ref().map(|certificate| &certificate.number).into()),
            ("filing_number", it.filing.as_ref().map(|(number, _)| number).into()),
            ("filed_on", it.filing.as_ref().map(|(_, day)| *day).into()),
            ("version", version(&[Audience::Committee]).into()),
            ("version_shown", version(outside).into()),
        ]
    }

    /// [`PERSON`].
    ///
    /// # Errors
    ///
    /// [`RowError::Sealed`] where the log was read without the person's key.
    pub fn person(&self) -> Result<Cells, RowError> {
        let number = self.clear("id_number", &self.subject.id_number)?;
        let masked = number.map(|number| id_number::masked(number));
        let phone = match &self.subject.phone {
            Some(phone) => self.clear("phone", phone)?,
            None => None,
        };
        Ok(vec![
            ("applicant_name", self.name()?.into()),
            ("sex", number.and_then(|number| sex_of(number)).into()),
            ("id_number", masked.into()),
            ("id_number_hash", (&self.subject.id_number_hash).into()),
            ("phone", phone.and_then(|phone| phone_masked(phone)).into()),
        ])
    }

    /// 姓名.
    ///
    /// # Errors
    ///
    /// [`RowError::Sealed`] where the log was read without the person's key.
    pub fn name(&self) -> Result<&'a str, RowError> {
        let name = self.clear("applicant_name", &self.subject.name)?;
        Ok(name.map_or(ERASED_NAME, String::as_str))
    }

    /// [`ARRIVAL`]. Outside, a scheme that was approved has no arrival: else its going would tell of the draw.
    pub fn arrival(&self) -> Cells {
        let hidden = self.it.stage_outside() == Stage::SchemeApproved;
        vec![
            ("arrived_at", self.it.arrived_at.into()),
            ("arrived_at_shown", (!hidden).then_some(self.it.arrived_at).into()),
        ]
    }

    /// [`HELD_BY`].
    pub fn held_by(&self) -> (&'static str, Cell) {
        (HELD_BY.name, self.it.holder().map(|holder| holder.name).into())
    }

    /// The final organisation as of the last submission: the applicant may be choosing another one in a draft.
    pub fn final_organisation(&self) -> Option<Node> {
        self.it.final_organisation_submitted().cloned()
    }

    /// The organisations that have or had it, the employer first.
    pub fn organisations(&self) -> Vec<Node> {
        let mut nodes = vec![self.subject.employer.node()];
        let handled = self.it.steps.iter().filter(|step| REVIEWS.contains(&step.action));
        for node in handled.filter_map(|step| step.organisation.as_deref()).chain(&self.it.route) {
            if nodes.iter().all(|known| known.id != node.id) {
                nodes.push(node.clone());
            }
        }
        nodes
    }

    /// The organisation from which the case came to this one: the next one below on its way, as it lies or as it last lay there.
    pub fn below(&self, here: NodeId) -> Option<Node> {
        let at = |way: &[NodeId]| way.iter().position(|node| *node == here);
        let lies: Vec<NodeId> = self.it.route.iter().map(|node| node.id).collect();
        let way = match at(&lies) {
            Some(_) => lies,
            None => self.it.way_at(self.step(REVIEWS, Some(here))?),
        };
        let below = *way.get(at(&way)?.checked_sub(1)?)?;
        self.organisations().into_iter().find(|node| node.id == below)
    }

    /// Those organisations' ids as texts, for scopes that ask whether one is among them.
    pub fn organisation_ids(&self) -> Cell {
        self.organisations().into_iter().map(|node| node.id.to_string()).collect::<Vec<_>>().into()
    }

    /// The organisations of the way that are told what was said at a step, as texts.
    pub fn told_opinion(&self, step: &Step) -> Vec<String> {
        self.it.opinion_levels(step).iter().map(ToString::to_string).collect()
    }

    /// A private text, where it is known; none where the person was erased.
    ///
    /// # Errors
    ///
    /// [`RowError::Sealed`] where the log was read without the person's key.
    pub fn clear<'b, T>(
        &self,
        column: &'static str,
        value: &'b Private<T>,
    ) -> Result<Option<&'b T>, RowError> {
        if self.it.erased { Ok(None) } else { clear(column, value) }
    }

    /// The latest step of these actions that counts, at this organisation where one is named.
    pub fn step(&self, actions: &[&str], at: Option<NodeId>) -> Option<&'a Step> {
        self.it.steps.iter().rev().find(|step| {
            let here = at.is_none_or(|at| step.organisation.as_ref().is_some_and(|node| node.id == at));
            here && !step.rolled_back && actions.contains(&step.action)
        })
    }

    /// The step that made a version of the declaration.
    pub fn step_of(&self, version: u64) -> Option<&'a Step> {
        self.it.steps.iter().find(|step| step.version == version)
    }

    /// [`DESK`]: waiting since the case arrived at its stage, or done with the latest of these steps.
    ///
    /// # Errors
    ///
    /// [`RowError::Sealed`] where the log was read without the person's key.
    pub fn desk(&self, status: Status, last: Option<&Step>) -> Result<Cells, RowError> {
        let waiting = match status {
            Status::Waiting { due_on } => Some(due_on),
            Status::Done => None,
        };
        let done = last.filter(|_| waiting.is_none());
        let opinion = match done {
            Some(step) => self.clear("opinion", &step.opinion)?.and_then(Option::as_deref),
            None => None,
        };
        // what ended without having been handled here was there until its last step
        let left = self.it.steps.last().map_or(self.it.arrived_at, |step| step.arrived_at);
        let arrived_at: DateTime<Utc> = match (waiting, done) {
            (Some(_), _) => self.it.arrived_at,
            (None, Some(step)) => step.arrived_at,
            (None, None) => left,
        };
        Ok(vec![
            ("status", if waiting.is_some() { "waiting" } else { "done" }.into()),
            ("arrived_at", arrived_at.into()),
            ("handled_at", done.map(|step| step.handled_at).into()),
            ("handled_by", done.and_then(handled_by).into()),
            ("result", done.and_then(|step| step.result).into()),
            ("opinion", opinion.into()),
            ("due_on", waiting.flatten().into()),
        ])
    }
}

/// A private value, where it is known; none where it was erased.
///
/// # Errors
///
/// [`RowError::Sealed`] where the log was read without the person's key.
pub fn clear<'a, T>(column: &'static str, value: &'a Private<T>) -> Result<Option<&'a T>, RowError> {
    match value {
        Private::Known(value) => Ok(Some(value)),
        Private::Erased => Ok(None),
        Private::Sealed(_) => Err(RowError::Sealed { column }),
    }
}

/// The first moment of that day in Asia/Shanghai.
pub fn day_of(moment: DateTime<Utc>) -> DateTime<Utc> {
    let local = in_shanghai(moment);
    local.with_time(NaiveTime::MIN).single().map_or(moment, |midnight| midnight.to_utc())
}

/// Whether a desk has something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It has, until this day where there is one.
    Waiting {
        /// The last day.
        due_on: Option<NaiveDate>,
    },
    /// It has not, or no longer.
    Done,
}

impl Status {
    /// Waiting, if so.
    pub const fn waiting_if(waiting: bool, due_on: Option<NaiveDate>) -> Self {
        if waiting { Self::Waiting { due_on } } else { Self::Done }
    }
}

/// Actions by which an organisation of the path handles a case.
pub const REVIEWS: &[&str] =
    &["review-by-employer", "review-by-superior", "relay-return", "review-qualification"];
