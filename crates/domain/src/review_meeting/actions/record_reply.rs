//! 评委确认 Record reply: whether a drawn judge comes (T35).

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::label::label;
use crate::review_meeting::{Event, ReviewMeeting};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use crate::ids::JudgeId;
use crate::input::Checks;
use crate::review_meeting::Reply;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordReply {
    /// Whose answer.
    pub judge_id: JudgeId,
    /// The answer.
    pub reply: Reply,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "record-reply",
    label: label("登记评委答复", "Record reply"),
    by: &[by(Role::CommitteeOperator, Place::Committee)],
    from: Start::Stages(&["drawn", "assigned"]),
    form: &[
        required("judge_id", "评委", FieldType::Reference("judges")),
        required("reply", "答复", FieldType::Choice(&["confirmed", "declined"])),
    ],
    ..ActionSpec::DEFAULT
};

/// Records it; the same answer again changes nothing.
pub fn decide(input: &RecordReply, it: &ReviewMeeting, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let seated = it.seats.contains(&input.judge_id);
    checks.ensure(seated, "/judge_id", "judge-not-seated", "不是本次会议抽取的评委。");
    checks.done()?;
    if it.replies.get(&input.judge_id) == Some(&input.reply) {
        return Ok(Outcome::nothing());
    }
    Ok(Outcome::of(Event::ReplyRecorded { judge_id: input.judge_id, reply: input.reply }))
}
