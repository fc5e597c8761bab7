//! What an action is: its specification as data, the checks that all actions share, and the list macro.
//!
//! From the lists come the command enumerations, the routes and their OpenAPI entries, the forms and buttons, the
//! permission table, the schemas and the state diagram.

use crate::aggregate::{Aggregate, AnyState};
use crate::context::{Acting, Actor, Context, Stop};
use crate::label::{Label, Named};
use crate::refusal::{FieldProblem, Refusal, common};
use crate::values::Role;

/// The relation in which an actor must stand to the thing acted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// The role alone is enough.
    Anywhere,
    /// The person whom it is about.
    Owner,
    /// At the employer of the declaration, or the employer itself.
    Employer,
    /// At the organisation that has the case now.
    Holder,
    /// At the committee, or the committee itself.
    Committee,
    /// At the organisation that decides finally (初定, 认定).
    FinalOrganisation,
    /// A judge of the panel assigned to this case.
    Panel,
    /// The panel's reviewer, who alone reviews the material.
    Reviewer,
    /// The leader of the panel's group.
    GroupLeader,
    /// The chair of the review meeting.
    Chair,
    /// The chair, or the leader of the group.
    ChairOrGroupLeader,
    /// At the authority that approved the committee.
    ApprovingAuthority,
    /// At the organisation that issues the certificate.
    IssuingUnit,
    /// At the organisation that reviews this one.
    ReviewingOrganisation,
    /// At the superior end of a path edge.
    Superior,
    /// At the subordinate end of a path edge.
    Subordinate,
    /// At the organisation that holds the batch.
    BatchHolder,
    /// Whoever may perform the operation that waits.
    Approver,
}

/// One way in which an action may be taken: in this role, standing in this relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct By {
    /// The role.
    pub role: Role,
    /// The relation.
    pub place: Place,
}

/// Shorthand for a [`By`].
pub const fn by(role: Role, place: Place) -> By {
    By { role, place }
}

/// The stages from which an action starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// It creates the thing.
    Nothing,
    /// Any stage of a thing that exists.
    Any,
    /// These stages.
    Stages(&'static [&'static str]),
}

/// What a field of a form holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// A line of text.
    Text,
    /// Several lines of text.
    LongText,
    /// A whole number.
    Integer,
    /// A day, YYYY-MM-DD.
    Date,
    /// Yes or no.
    Boolean,
    /// One of a closed set of values.
    Choice(&'static [&'static str]),
    /// The id of something of a collection.
    Reference(&'static str),
    /// A list or an object; the schema says of what.
    Structure,
}

/// A field of an action's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name in the input.
    pub name: &'static str,
    /// Its label.
    pub label: &'static str,
    /// What it holds.
    pub of: FieldType,
    /// Whether it must be given.
    pub required: bool,
}

/// A field that must be given.
pub const fn required(name: &'static str, label: &'static str, of: FieldType) -> Field {
    Field { name, label, of, required: true }
}

/// A field that may be left out.
pub const fn optional(name: &'static str, label: &'static str, of: FieldType) -> Field {
    Field { name, label, of, required: false }
}

/// An action as data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActionSpec {
    /// Its name in URLs.
    pub name: &'static str,
    /// What people call it.
    pub label: Label,
    /// Who may take it.
    pub by: &'static [By],
    /// Where it starts.
    pub from: Start,
    /// The stages it can lead to; empty where the stage stays.
    pub to: &'static [&'static str],
    /// Whether a hold refuses it.
    pub forward: Forward,
    /// What the one who acts must have proved.
    pub proof: Proof,
    /// Events, of whatever stream, beside which it must not have been decided: its rules look through all aggregates of a register, and
    /// two that do not know of each other may break together what each of them keeps.
    pub alone_with: &'static [&'static str],
    /// Its form.
    pub form: &'static [Field],
}

impl ActionSpec {
    /// An action with nothing special about it; the rest is set with `..`.
    pub const DEFAULT: Self = Self {
        name: "",
        label: Label { zh: "", en: "" },
        by: &[],
        from: Start::Any,
        to: &[],
        forward: Forward::No,
        proof: Proof::Session,
        alone_with: &[],
        form: &[],
    };

    /// Whether it starts from this stage.
    pub fn starts_at(&self, stage: &str) -> bool {
        match self.from {
            Start::Stages(stages) => stages.contains(&stage),
            Start::Any => true,
            Start::Nothing => false,
        }
    }
}

/// Whether an action is a step forward, which a hold refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forward {
    /// A hold refuses it.
    Yes,
    /// It stays possible under a hold.
    No,
}

/// What the one who acts must have proved, each more than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// Whoever registers: nothing.
    Nothing,
    /// A session.
    Session,
    /// A session whose password was given again within the last five minutes.
    Reauthenticated,
    /// That, and a second account that approves it.
    SecondPerson,
}

/// The checks that every action shares, in the order in which refusals win: it exists, the caller may, not one's own
/// case, the stage, the holds. Policies act as the system and skip the questions about the caller.
pub fn admit<A: Aggregate>(it: &A, spec: &ActionSpec, context: &Context<'_>) -> Result<(), Stop> {
    match (spec.from, it.exists()) {
        (Start::Nothing, true) => return Err(common::AlreadyExists.into()),
        (Start::Any | Start::Stages(_), false) => return Err(common::NotFound.into()),
        (Start::Nothing, false) | (Start::Any | Start::Stages(_), true) => {}
    }
    match &context.actor {
        Actor::System => {}
        Actor::Anonymous => {
            if spec.proof != Proof::Nothing {
                return Err(common::NotAllowed { action: spec.label.zh }.into());
            }
        }
        Actor::Account(acting) => {
            if !fits(it, spec, acting, context) {
                if !fits_elsewhere(it, spec, acting) {
                    return Err(common::NotAllowed { action: spec.label.zh }.into());
                }
                return Err(stage_refused(it, spec, context));
            }
            let own = it.stands(Place::Owner, acting, context);
            if own && A::TYPE == "declaration" && acting.role != Role::Applicant {
                return Err(common::OwnDeclaration.into());
            }
        }
    }
    if refused_by_stage(it, spec) {
        return Err(stage_refused(it, spec, context));
    }
    match (spec.forward, it.holds()) {
        (Forward::Yes, Some(holds)) => Err(common::DeclarationHeld { holds }.into()),
        (Forward::Yes, None) | (Forward::No, _) => Ok(()),
    }
}

/// Whether the one who acts may take the action, by role and relation alone.
pub fn fits<A: Aggregate>(it: &A, spec: &ActionSpec, acting: &Acting, context: &Context<'_>) -> bool {
    spec.by.iter().any(|by| {
        by.role == acting.role && (by.place == Place::Anywhere || it.stands(by.place, acting, context))
    })
}

/// Whether the one who acts may take the action while the thing lies with them, which it does not now: the stage refuses them,
/// their role does not (contract.md, HTTP: wrong stage included). Relations that no stage changes are not asked.
pub fn fits_elsewhere<A: Aggregate>(it: &A, spec: &ActionSpec, acting: &Acting) -> bool {
    let stage_refuses = refused_by_stage(it, spec);
    let moves = |place: Place| place == Place::Holder || (place == Place::FinalOrganisation && stage_refuses);
    it.passes(acting) && spec.by.iter().any(|by| by.role == acting.role && moves(by.place))
}

fn refused_by_stage<A: Aggregate>(it: &A, spec: &ActionSpec) -> bool {
    match spec.from {
        Start::Stages(stages) => !it.stage().is_some_and(|stage| stages.contains(&stage)),
        Start::Nothing | Start::Any => false,
    }
}

fn stage_refused<A: Aggregate>(it: &A, spec: &ActionSpec, context: &Context<'_>) -> Stop {
    let stage = match context.actor.acting() {
        Some(acting) => it.stage_told(acting),
        None => it.stage_label().to_owned(),
    };
    common::StageRefused { action: spec.label.zh, stage }.into()
}

/// Which of an account's roles acts: the one it names, else the only one that fits. Where none fits now, one that fits at
/// another time: the shared checks then tell the stage.
pub fn choose_role(
    candidates: Vec<Acting>,
    spec: &ActionSpec,
    state: &AnyState,
    context: &Context<'_>,
) -> Result<Acting, Refusal> {
    let elsewhere = candidates.iter().find(|acting| state.fits_elsewhere(spec, acting)).cloned();
    let mut fitting: Vec<Acting> =
        candidates.into_iter().filter(|acting| state.fits(spec, acting, context)).collect();
    match fitting.len() {
        0 => elsewhere.ok_or_else(|| common::NotAllowed { action: spec.label.zh }.refusal()),
        1 => Ok(fitting.remove(0)),
        // everybody's: it makes no difference in which role
        _ if Role::ALL.iter().all(|role| spec.by.iter().any(|by| by.role == *role)) => Ok(fitting.remove(0)),
        _ => {
            let roles = fitting.iter().map(|acting| acting.role.label().zh).collect::<Vec<_>>().join("、");
            Err(common::ActingRoleAmbiguous { roles }.refusal())
        }
    }
}

/// Reads an action's input, in which no list stands where its form has an object.
pub fn parse_of_form<T: for<'de> serde::Deserialize<'de>>(
    input: &serde_json::Value,
    form: &serde_json::Value,
) -> Result<T, Stop> {
    match crate::form::misplaced_list(form, input) {
        // serde would take the members of a list in their order
        Some(pointer) => Err(Stop::Refused(problem_of(&pointer, "invalid type: a list"))),
        None => parse_input(input),
    }
}

/// Reads an input. A wrong form is malformed (400); a right form with a value that cannot be is invalid (422); both name the field.
pub fn parse_input<T: for<'de> serde::Deserialize<'de>>(input: &serde_json::Value) -> Result<T, Stop> {
    if !input.is_object() {
        // serde would take the members of a list in their order
        return Err(Stop::Refused(problem_of("", "invalid type: expected an object")));
    }
    serde_path_to_error::deserialize(input).map_err(|error| {
        let pointer = error.path().iter().fold(String::new(), |mut pointer, segment| {
            use serde_path_to_error::Segment;
            let part = match segment {
                Segment::Seq { index } => index.to_string(),
                Segment::Map { key } => key.clone(),
                Segment::Enum { variant } => variant.clone(),
                Segment::Unknown => return pointer,
            };
            pointer.push('/');
            pointer.push_str(&part.replace('~', "~0").replace('/', "~1"));
            pointer
        });
        Stop::Refused(problem_of(&pointer, &error.inner().to_string()))
    })
}

/// serde says in words what it found; the words' first part tells a wrong form from a refused value.
fn problem_of(pointer: &str, words: &str) -> Refusal {
    let quoted = words.split('`').nth(1).unwrap_or_default();
    let below = |name: &str| format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
    let (base, problem) = if words.starts_with("unknown field") {
        let message = format!("没有“{quoted}”这个字段。");
        (common::MalformedInput.refusal(), FieldProblem::new(pointer, "unknown-member", message))
    } else if words.starts_with("missing field") {
        let message = format!("缺少“{quoted}”。");
        (common::MalformedInput.refusal(), FieldProblem::new(below(quoted), "missing-member", message))
    } else if words.starts_with("invalid type") || words.starts_with("invalid length") {
        (common::MalformedInput.refusal(), FieldProblem::new(pointer, "wrong-type", "类型不符合接口要求。"))
    } else if words.starts_with("duplicate field") {
        let message = format!("“{quoted}”重复出现。");
        (common::MalformedInput.refusal(), FieldProblem::new(pointer, "duplicate-member", message))
    } else if words.starts_with("unknown variant") {
        let message = format!("“{quoted}”不在可选范围内。");
        (common::InvalidInput.refusal(), FieldProblem::new(pointer, "unknown-value", message))
    } else {
        (
            common::InvalidInput.refusal(),
            FieldProblem::new(pointer, "invalid-value", "填写的值无效，请核对。"),
        )
    };
    Refusal { problems: vec![problem], ..base }
}

/// Declares an aggregate's commands from the one list of its actions: `actions! { Declaration; submit::Submit, … }`.
/// Each module has `SPEC` and `decide(&input, &aggregate, id, &context)`.
macro_rules! actions {
    ($aggregate:ty; $($module:ident :: $variant:ident),* $(,)?) => {
        /// The commands, one for each action.
        #[derive(Debug, Clone)]
        pub enum Command { $(#[doc = concat!("See `", stringify!($module), "`.")] $variant($module::$variant),)* }

        impl $crate::aggregate::Command<$aggregate> for Command {
            const SPECS: &'static [&'static $crate::action::ActionSpec] = &[$(&$module::SPEC,)*];
            fn parse(action: &str, input: &serde_json::Value) -> Result<Self, $crate::context::Stop> {
                let _ = (action, input);
                $(if action == $module::SPEC.name {
                    static FORM: std::sync::LazyLock<serde_json::Value> =
                        std::sync::LazyLock::new(|| schemars::schema_for!($module::$variant).to_value());
                    return $crate::action::parse_of_form(input, &FORM).map(Self::$variant);
                })*
                Err($crate::refusal::common::NotFound.into())
            }
            fn spec(&self) -> &'static $crate::action::ActionSpec {
                match *self { $(Self::$variant(ref _input) => &$module::SPEC,)* }
            }
            fn decide(
                &self,
                it: &$aggregate,
                id: uuid::Uuid,
                context: &$crate::context::Context<'_>,
            ) -> $crate::aggregate::Decision<<$aggregate as $crate::aggregate::Aggregate>::Event> {
                let _ = (it, id, context);
                match *self { $(Self::$variant(ref input) => $module::decide(input, it, id, context),)* }
            }
            fn schema(action: &str, generator: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
                let _ = (action, &generator);
                $(if action == $module::SPEC.name {
                    return Some(generator.subschema_for::<$module::$variant>());
                })*
                None
            }
        }
    };
}
pub(crate) use actions;
