//! When the rules say no: a stable code, a Chinese sentence that says what to do, and the facts.
//!
//! A refusal is declared beside the rule that makes it, with `refusals!`; the list of all codes is [`all`].

use serde::Serialize;

/// Why a command is not carried out, in the terms of whoever sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A rule of the domain says no.
    Rule,
    /// This caller may not.
    Forbidden,
    /// There is no such thing, or the caller may not know of it.
    Unknown,
    /// Somebody else holds or did it already.
    Conflict,
    /// The request does not have the form of its command.
    Malformed,
}

/// One field of a request that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct FieldProblem {
    /// JSON pointer into the request body.
    pub pointer: String,
    /// Stable code, in kebab case.
    pub code: String,
    /// What is wrong and what to do, in Chinese.
    pub message: String,
}

impl FieldProblem {
    /// A problem with the field at `pointer`.
    pub fn new(pointer: impl Into<String>, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code: code.into(), message: message.into() }
    }
}

/// One of several things to choose from, when the caller must say which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct NamedChoice {
    /// The value to send.
    pub id: uuid::Uuid,
    /// What people call it.
    pub name: String,
}

/// A command that the rules turn down. Nothing is appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Whose fault it is, roughly.
    pub kind: Kind,
    /// Stable code, in kebab case: clients rely on it.
    pub code: &'static str,
    /// The kind of refusal, in Chinese.
    pub title: &'static str,
    /// What happened, why, and what to do now, in Chinese.
    pub detail: String,
    /// The fields concerned.
    pub problems: Vec<FieldProblem>,
    /// What may be chosen, where a choice is missing.
    pub choices: Vec<NamedChoice>,
}

impl Refusal {
    /// The same refusal, naming the field that caused it.
    #[must_use]
    pub fn at(mut self, pointer: &str) -> Self {
        let message = self.detail.clone();
        self.problems.push(FieldProblem::new(pointer, self.code, message));
        self
    }

    /// What it says in one text: the detail, and what its problems say besides.
    pub fn in_words(&self) -> String {
        let messages = self.problems.iter().map(|problem| problem.message.as_str());
        let more = messages.filter(|message| !self.detail.contains(message));
        std::iter::once(self.detail.as_str()).chain(more).collect()
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl std::error::Error for Refusal {}

/// A code that may be answered, for the list of problem codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// Whose fault it is, roughly.
    pub kind: Kind,
    /// The stable code.
    pub code: &'static str,
    /// Its title, in Chinese.
    pub title: &'static str,
}

/// Declares refusals as types that carry their facts:
/// `/// source` `NotEnded { ends_on: NaiveDate } = Rule "publicity-not-ended", "公示期未满", "公示期至{ends_on}。";`
/// The facts are used by name in the sentence. Each converts into a [`Refusal`] and into a [`Stop`](crate::Stop);
/// `CODES` lists them.
macro_rules! refusals {
    (@define [$($attribute:tt)*] $name:ident;) => {
        $($attribute)*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name;
    };
    (@define [$($attribute:tt)*] $name:ident { $($field:ident : $type:ty),* };) => {
        $($attribute)*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name { $(#[doc = "A fact of the sentence."] pub $field: $type),* }
    };
    ($($(#[$doc:meta])* $name:ident $({ $($field:ident : $type:ty),* $(,)? })? = $kind:ident $code:literal, $title:literal, $detail:literal;)+) => {
        $(
            $crate::refusal::refusals!(@define [
                $(#[$doc])*
                #[doc = ""]
                #[doc = concat!("`", $code, "` ", $title)]
            ] $name $({ $($field: $type),* })?;);
            impl $name {
                /// The refusal in words.
                pub fn refusal(self) -> $crate::refusal::Refusal {
                    $(let Self { $($field),* } = self;)?
                    $crate::refusal::Refusal {
                        kind: $crate::refusal::Kind::$kind,
                        code: $code,
                        title: $title,
                        detail: format!($detail),
                        problems: Vec::new(),
                        choices: Vec::new(),
                    }
                }
            }
            impl From<$name> for $crate::refusal::Refusal {
                fn from(it: $name) -> Self { it.refusal() }
            }
            impl From<$name> for $crate::context::Stop {
                fn from(it: $name) -> Self { Self::Refused(it.refusal()) }
            }
        )+
        /// Every refusal declared here.
        pub const CODES: &[$crate::refusal::Code] = &[
            $($crate::refusal::Code { kind: $crate::refusal::Kind::$kind, code: $code, title: $title },)+
        ];
    };
}
pub(crate) use refusals;

/// What every action may be refused for, whatever it is about.
pub mod common {
    crate::refusal::refusals! {
        /// The stage is checked before anything special to the action (contract.md, Actions).
        StageRefused { action: &'static str, stage: String } = Rule "stage-refused", "当前环节不能办理", "当前处于“{stage}”环节，不能办理“{action}”。请刷新后查看可办理的操作。";
        /// contract.md, Stages: a hold refuses every step forward.
        DeclarationHeld { holds: String } = Rule "declaration-held", "申报已暂停", "该申报因{holds}暂停办理，须先解除后再继续。";
        /// The role, or the organisation it is held at, does not fit.
        NotAllowed { action: &'static str } = Forbidden "not-allowed", "没有办理权限", "当前身份不能办理“{action}”。请确认登录的角色和所在单位。";
        /// contract.md, HTTP: nobody acts on their own declaration in another role.
        OwnDeclaration = Forbidden "own-declaration", "不能办理本人的申报", "不能以审核人身份办理本人的申报，请由其他经办人办理。";
        /// Also what the caller may not know of.
        NotFound = Unknown "not-found", "没有找到", "没有找到该记录，或无权查看。";
        /// contract.md, HTTP: an account with two roles that fit says which.
        ActingRoleAmbiguous { roles: String } = Rule "acting-role-ambiguous", "需要指明身份", "您有多个身份可以办理：{roles}。请在 Acting-As 中指明一个。";
        /// Values that have the right type and are refused; the fields say which.
        InvalidInput = Rule "invalid-input", "填写内容有误", "填写内容有误，请按各字段的说明修改后重新提交。";
        /// What does not have the form of the command; the fields say where.
        MalformedInput = Malformed "malformed-input", "请求格式有误", "请求内容不符合接口要求，请检查字段名称和类型。";
        /// Something named in the request does not exist or is not active.
        ReferenceRefused { what: &'static str } = Rule "reference-refused", "引用的记录不存在或已停用", "所选{what}不存在或已停用，请重新选择。";
        /// A creation whose id is taken; ids are fresh, so this is a repeat that lost its way.
        AlreadyExists = Conflict "already-exists", "记录已存在", "该记录已存在，请刷新后查看。";
        /// A number, a name or an open declaration that somebody else holds.
        ClaimHeld = Conflict "claim-held", "已被占用", "同样的编号、名称或申报已经存在，不能重复。";
        /// A reason is part of the operation.
        ReasonRequired = Rule "reason-required", "须填写原因", "请填写原因后再提交。";
        /// contract.md, HTTP: a second person of the role performs it.
        SamePerson = Rule "same-person", "须由另一人办理", "该操作须由另一人办理，不能由同一人完成两个步骤。";
    }
}

/// Every code that the rules may answer with, in the order of the modules.
pub fn all() -> Vec<Code> {
    crate::REFUSALS.iter().flat_map(|codes| codes.iter().copied()).collect()
}
