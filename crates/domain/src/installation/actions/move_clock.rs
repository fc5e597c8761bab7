//! 调整演练时钟 Move clock: only in a rehearsal and only forwards (contract.md, First start and time).

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::calendar::{YEAR_MAX, YEAR_MIN};
use crate::context::{Context, in_shanghai};
use crate::input::Checks;
use crate::installation::{Event, Installation};
use crate::label::label;
use crate::refusal::{common, refusals};
use crate::values::Role;
use chrono::{DateTime, Datelike, Utc};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// contract.md: a time before now.
    ClockBackwards { now: String } = Rule "clock-backwards", "时钟不能回拨", "演练时钟现在是{now}，只能向后调整。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveClock {
    /// What it shows from now on.
    pub now: DateTime<Utc>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "move-clock",
    label: label("调整演练时钟", "Move clock"),
    by: &[by(Role::SystemAdministrator, Place::Anywhere)],
    from: Start::Any,
    form: &[required("now", "演练时间", FieldType::Text)],
    ..ActionSpec::DEFAULT
};

/// Moves it; outside a rehearsal there is no such thing.
pub fn decide(input: &MoveClock, it: &Installation, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    if !it.is_rehearsal() {
        return Err(common::NotFound.into());
    }
    if input.now < context.now {
        let now = in_shanghai(context.now).format("%Y-%m-%d %H:%M:%S").to_string();
        return Err(ClockBackwards { now }.refusal().at("/now").into());
    }
    let mut checks = Checks::new();
    check_year(&mut checks, "/now", input.now);
    checks.done()?;
    Ok(Outcome::of(Event::ClockMoved { now: input.now }))
}

/// The working-day calendar knows these years.
pub(super) fn check_year(checks: &mut Checks, pointer: &str, time: DateTime<Utc>) {
    let known = (YEAR_MIN..=YEAR_MAX).contains(&in_shanghai(time).year());
    checks.ensure(known, pointer, "out-of-range", format!("时间应在{YEAR_MIN}年至{YEAR_MAX}年之间。"));
}

#[cfg(test)]
mod tests {
    use crate::ids::AccountId;
    use crate::installation::STREAM;
    use crate::world::{Who, World, hunan::id_number};
    use chrono::{DateTime, TimeDelta, Utc};
    use serde_json::json;

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn administrator(world: &mut World) -> AccountId {
        let account = world
            .create(Who::System, "account", json!({
                "username": "admin01", "password": "Xiang-2023-jiang", "name": "管理员", "id_number": id_number(1), "phone": "13900000001",
            }))
            .unwrap();
        let role = json!({"role": "system-administrator"});
        world.act(Who::System, "account", account, "grant-role", role).unwrap();
        AccountId(account)
    }

    #[test]
    fn the_clock_ticks_on_from_where_it_was_moved() {
        let real = time("2026-11-21T10:00:00Z");
        let mut world = World { now: real, ..World::default() };
        let start = json!({"rehearsal": "2023-01-01T09:00:00+08:00"});
        world.act(Who::System, "installation", STREAM, "begin", start).unwrap();
        let shows = |world: &World, real| world.registers.installation.clock(real);
        let later = real + TimeDelta::hours(1);
        assert_eq!(shows(&world, later), time("2023-01-01T10:00:00+08:00"));

        world.now = shows(&world, later);
        let admin = Who::Account(administrator(&mut world));
        let back = json!({"now": "2023-01-01T09:59:59+08:00"});
        let refused = world.act(admin, "installation", STREAM, "move-clock", back).unwrap_err();
        assert_eq!((refused.code, refused.problems[0].pointer.as_str()), ("clock-backwards", "/now"));
        let far = json!({"now": "2200-01-01T00:00:00+08:00"});
        let refused = world.act(admin, "installation", STREAM, "move-clock", far).unwrap_err();
        assert_eq!(refused.problems[0].code, "out-of-range");
        let forwards = json!({"now": "2023-06-01T00:00:00+08:00"});
        world.act(admin, "installation", STREAM, "move-clock", forwards).unwrap();
        assert_eq!(shows(&world, later + TimeDelta::seconds(1)), time("2023-06-01T00:00:01+08:00"));
    }

    #[test]
    fn in_service_there_is_no_clock_to_move() {
        let real = time("2026-11-21T10:00:00Z");
        let mut world = World { now: real, ..World::default() };
        world.act(Who::System, "installation", STREAM, "begin", json!({})).unwrap();
        assert_eq!(world.registers.installation.clock(real), real);
        let admin = Who::Account(administrator(&mut world));
        let forwards = json!({"now": "2027-01-01T00:00:00Z"});
        let refused = world.act(admin, "installation", STREAM, "move-clock", forwards).unwrap_err();
        assert_eq!(refused.code, "not-found");
    }

    #[test]
    fn a_rehearsal_is_chosen_while_the_log_is_empty() {
        let mut world = World::at("2026-11-21T18:00:00+08:00");
        administrator(&mut world);
        let begin = json!({"rehearsal": "2023-01-01T09:00:00+08:00"});
        let late = world.act(Who::System, "installation", STREAM, "begin", begin);
        assert_eq!(late.unwrap_err().code, "log-not-empty");
    }
}
