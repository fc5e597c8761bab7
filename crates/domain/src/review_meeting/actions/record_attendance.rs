//! 评委签到 Record attendance: the whole list of who is present; it replaces an earlier one.

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::label::label;
use crate::review_meeting::{Event, ReviewMeeting};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::check_seats;
use crate::ids::JudgeId;
use crate::input::Checks;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordAttendance {
    /// Who is present.
    pub judge_ids: Vec<JudgeId>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "record-attendance",
    label: label("评委签到", "Record attendance"),
    by: &[by(Role::CommitteeOperator, Place::Committee)],
    from: Start::Stages(&["drawn", "assigned"]),
    form: &[required("judge_ids", "到会评委", FieldType::Structure)],
    ..ActionSpec::DEFAULT
};

/// Records the list; the same list again changes nothing.
pub fn decide(input: &RecordAttendance, it: &ReviewMeeting, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    check_seats(&mut checks, it, &input.judge_ids, "/judge_ids");
    checks.done()?;
    if input.judge_ids == it.attending {
        return Ok(Outcome::nothing());
    }
    Ok(Outcome::of(Event::AttendanceRecorded { judge_ids: input.judge_ids.clone() }))
}
