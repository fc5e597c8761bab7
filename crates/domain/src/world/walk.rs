//! Random walks through the whole office: anybody tries anything, sensible or not, from any moment of the stories on.
//!
//! After every step: what was refused left nothing behind and has a code that is listed; every stream that moved equals a
//! fresh fold of its events; no quota is promised twice, nobody has two open declarations of a year and level, there is no
//! certificate without a filing, no ballot has more votes than voters or names a voter, numbers are unique, streams are
//! dense. Over the whole run a good share of the steps must succeed and most stages must be reached by them: a walk that
//! gets nowhere checks nothing.

use super::moments::moments;
use super::{Done, Logged, Who, World, inputs};
use crate::action::{ActionSpec, Proof, Start};
use crate::aggregate::{Aggregate, AnyState, StreamId};
use crate::batch::Batch;
use crate::certificate::Certificate;
use crate::context::{Acting, Actor, Approval, Context, Known};
use crate::declaration::{Declaration, Stage};
use crate::hundredths::Hundredths;
use crate::ids::AccountId;
use crate::label::Named;
use crate::quota_ledger::QuotaLedger;
use crate::refusal::{self, Refusal};
use crate::review_meeting::ReviewMeeting;
use crate::values::{Choice, Mode, QuotaKind, Role};
use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Walks of one run.
const WALKS: u32 = 56;
/// Steps of one walk, at most.
const STEPS_MAX: usize = 120;
/// Of a hundred steps at least so many succeed.
const DONE_PERCENT_MIN: usize = 28;
/// Stages that steps of a run lead declarations to, at least.
const STAGES_MIN: usize = 20;
/// Different actions that succeed in a run, at least.
const ACTIONS_MIN: usize = 50;
/// Different refusals in a run, at least.
const REFUSALS_MIN: usize = 30;

/// How much sense a step makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sense {
    /// An action of the stage by somebody who may take it.
    Sensible,
    /// An action of the stage by anybody.
    ByAnybody,
    /// Any action, by somebody who may take it somewhere.
    AtAnyStage,
    /// A sensible action with something wrong in its input.
    Garbled,
}

/// A step. Numbers choose among what there is when it is taken.
#[derive(Debug, Clone, Copy)]
struct Step {
    /// Days by which the clock moves first.
    days: u8,
    sense: Sense,
    kind: u8,
    thing: u16,
    action: u16,
    actor: u16,
    flavour: u16,
}

fn steps() -> impl Strategy<Value = (u16, Vec<Step>)> {
    let sense = prop_oneof![
        12 => Just(Sense::Sensible),
        1 => Just(Sense::ByAnybody),
        1 => Just(Sense::AtAnyStage),
        1 => Just(Sense::Garbled),
    ];
    let days = prop_oneof![20 => Just(0u8), 3 => 1u8..3, 1 => 5u8..12];
    let numbers = (any::<u8>(), any::<u16>(), any::<u16>(), any::<u16>(), any::<u16>());
    let step = (days, sense, numbers).prop_map(|(days, sense, (kind, thing, action, actor, flavour))| Step {
        days,
        sense,
        kind,
        thing,
        action,
        actor,
        flavour,
    });
    (any::<u16>(), proptest::collection::vec(step, 1..=STEPS_MAX))
}

/// Aggregates around the declaration, as often as they are chosen.
const AROUND: &[&str] = &[
    "review_meeting",
    "review_meeting",
    "review_meeting",
    "scheme",
    "publicity_round",
    "publicity_round",
    "certificate",
    "objection",
    "quota_application",
    "approval",
    "approval",
];

/// What is tried seldom, as is what only time does: else walks would undo and end more than they do.
const SELDOM: &[&str] = &[
    "annul",
    "attach-material",
    "cancel-filing",
    "close",
    "declare-recusal",
    "deregister",
    "disqualify",
    "erase",
    "raise-objection",
    "remove-material",
    "resolve-objection",
    "revoke-certificate",
    "revoke-role",
    "rollback",
    "suspend",
    "transfer-committee",
    "void",
    "withdraw",
];
/// One of so many choices of such an action stands.
const SELDOM_ONE_OF: u16 = 12;

/// One of so many choices of a thing is a new one.
const CREATED_ONE_OF: u16 = 24;

/// What a run came to.
#[derive(Debug, Default)]
struct Tally {
    steps: usize,
    done: usize,
    actions: BTreeSet<(&'static str, &'static str)>,
    refusals: BTreeMap<&'static str, usize>,
    stages: BTreeSet<Stage>,
}

#[test]
fn whoever_does_what_in_whatever_order_the_laws_hold() {
    let beginnings = moments();
    let tally = RefCell::new(Tally::default());
    let config = ProptestConfig { cases: WALKS, ..ProptestConfig::with_source_file(file!()) };
    let walked = TestRunner::new(config).run(&steps(), |(from, steps)| {
        let mut walk = Walk { world: pick(&beginnings, from).clone(), tally: &tally };
        for step in steps {
            walk.take(step);
        }
        walk.check_streams();
        Ok(())
    });
    if let Err(error) = walked {
        let why = match &error {
            TestError::Fail(reason, (from, steps)) => format!("{reason}\nfrom {from}, by {steps:#?}"),
            TestError::Abort(reason) => reason.to_string(),
        };
        panic!("{why}");
    }
    let tally = tally.into_inner();
    println!("{} of {} steps done, {tally:#?}", tally.done, tally.steps);
    assert!(tally.done * 100 >= tally.steps * DONE_PERCENT_MIN, "{} of {}", tally.done, tally.steps);
    assert!(tally.stages.len() >= STAGES_MIN, "stages reached: {:?}", tally.stages);
    assert!(tally.actions.len() >= ACTIONS_MIN, "actions that succeeded: {:?}", tally.actions);
    assert!(tally.refusals.len() >= REFUSALS_MIN, "refusals: {:?}", tally.refusals);
}

fn pick<T>(of: &[T], number: u16) -> &T {
    &of[usize::from(number) % of.len()]
}

struct Walk<'a> {
    world: World,
    tally: &'a RefCell<Tally>,
}

impl Walk<'_> {
    /// Takes a step and holds the laws against it.
    fn take(&mut self, step: Step) {
        if step.days > 0 {
            let before = self.world.log.len();
            self.world.now += chrono::Duration::days(step.days.into());
            self.world.take_due_steps();
            self.check(before);
        }
        let (stream, spec) = self.choose(step);
        let state = self.world.state(stream);
        let fitting = fitting(&self.world, &state, spec);
        let acting = match step.sense {
            Sense::Sensible | Sense::AtAnyStage | Sense::Garbled if !fitting.is_empty() => {
                Some(pick(&fitting, step.actor).clone())
            }
            Sense::Sensible | Sense::AtAnyStage | Sense::Garbled => None,
            Sense::ByAnybody => Some(pick(&everybody(&self.world), step.actor).clone()),
        };
        let who = match &acting {
            Some(acting) => Who::As(acting.account, acting.role, acting.organisation),
            None if spec.by.is_empty() && spec.proof != Proof::Nothing && step.sense == Sense::Sensible => {
                Who::System
            }
            None => Who::Anonymous,
        };
        let plain = inputs::sensible(&self.world, stream, spec, acting.as_ref(), step.flavour);
        let input = match step.sense {
            Sense::Garbled => inputs::garbled(plain, step.flavour),
            Sense::Sensible | Sense::ByAnybody | Sense::AtAnyStage => plain,
        };
        let (before, stages) = (self.world.log.len(), stages(&self.world));
        let claims = self.world.claims.clone();
        let tried = self.carry_out(who, stream, spec, input);
        let mut tally = self.tally.borrow_mut();
        tally.steps += 1;
        match tried {
            Ok(()) => {
                tally.done += 1;
                tally.actions.insert((stream.aggregate, spec.name));
                let moved = self::stages(&self.world);
                tally
                    .stages
                    .extend(moved.iter().filter(|(id, now)| stages.get(id) != Some(now)).map(|it| *it.1));
            }
            Err(refusal) => {
                *tally.refusals.entry(refusal.code).or_default() += 1;
                assert!(listed(refusal.code), "{} is not listed", refusal.code);
                assert_eq!(self.world.log.len(), before, "{}: a refusal appends nothing", spec.name);
                assert_eq!(self.world.claims, claims, "{}: a refusal takes no name", spec.name);
                assert!(self.world.state(stream) == state, "{}: a refusal changes nothing", spec.name);
            }
        }
        drop(tally);
        self.check(before);
    }

    /// What is acted on, and how. What is created gets a fresh id.
    fn choose(&mut self, step: Step) -> (StreamId, &'static ActionSpec) {
        let aggregate = match step.kind {
            0..=150 => Declaration::TYPE,
            151..=240 => pick(AROUND, step.kind.into()),
            241..=255 => pick(AnyState::TYPES, step.thing).0,
        };
        let known = self.world.states.keys().any(|stream| stream.aggregate == aggregate);
        let creates =
            inputs::ripe(&self.world, aggregate) && (!known || step.flavour.is_multiple_of(CREATED_ONE_OF));
        let aggregate = if known || creates { aggregate } else { Declaration::TYPE };
        let there: Vec<StreamId> =
            self.world.states.keys().copied().filter(|stream| stream.aggregate == aggregate).collect();
        let under_way = |stream: &StreamId| {
            self.world.states[stream]
                .get::<Declaration>()
                .is_none_or(|it| !it.stage.ended() || step.thing.is_multiple_of(8))
        };
        let often = |spec: &ActionSpec| {
            let seldom = spec.by.is_empty() || SELDOM.contains(&spec.name);
            !seldom || step.flavour.is_multiple_of(SELDOM_ONE_OF)
        };
        let sensible = |state: &AnyState| -> Vec<&'static ActionSpec> {
            let specs = AnyState::specs(aggregate).iter().copied();
            specs.filter(|spec| starts(spec, state) && often(spec)).collect()
        };
        let possible = |stream: &StreamId| !sensible(&self.world.states[stream]).is_empty();
        let there: Vec<StreamId> =
            there.into_iter().filter(|stream| under_way(stream) && possible(stream)).collect();
        let stream = match creates || there.is_empty() {
            true => StreamId { aggregate, id: self.world.fresh() },
            false => *pick(&there, step.thing),
        };
        let all = AnyState::specs(aggregate);
        let sensible = sensible(&self.world.state(stream));
        let among: &[&'static ActionSpec] = match step.sense {
            Sense::AtAnyStage => all,
            Sense::Sensible | Sense::ByAnybody | Sense::Garbled => &sensible,
        };
        if among.is_empty() {
            // nothing can be done with it: somebody begins a declaration instead
            let stream = StreamId { aggregate: Declaration::TYPE, id: self.world.fresh() };
            return (stream, AnyState::specs(Declaration::TYPE)[0]);
        }
        (stream, *pick(among, step.action))
    }

    fn carry_out(
        &mut self,
        who: Who,
        stream: StreamId,
        spec: &'static ActionSpec,
        input: Value,
    ) -> Result<(), Refusal> {
        let StreamId { aggregate, id } = stream;
        match (aggregate, spec.name) {
            (Declaration::TYPE, "cast-vote") => {
                self.world.act(who, aggregate, id, spec.name, input.clone())?;
                let choice: Choice = serde_json::from_value(input["choice"].clone()).unwrap();
                self.world.put_in(who, id, choice);
            }
            (ReviewMeeting::TYPE, "cast-votes") => self.world.vote_on_many(who, id, input)?,
            _ => match self.world.send(who, aggregate, id, spec.name, input.clone(), Approval::NotGiven)? {
                Done::Appended(_) => {}
                Done::SecondPersonNeeded => {
                    self.world.request(who, aggregate, id, spec.name, input)?;
                }
            },
        }
        Ok(())
    }

    /// The laws after what was appended since.
    fn check(&self, before: usize) {
        let moved: BTreeSet<StreamId> = self.world.log[before..].iter().map(|it| it.stream).collect();
        for stream in moved {
            let mut fresh = AnyState::new(stream.aggregate).unwrap();
            let events = self.world.log.iter().filter(|logged| logged.stream == stream);
            events.for_each(|logged| fresh.evolve(&logged.event, &logged.stamp));
            assert!(self.world.state(stream) == fresh, "{stream:?} equals a fresh fold");
        }
        let ballots = self.world.log[before..].iter().filter(|it| it.event.name() == "declaration.vote_cast");
        ballots.for_each(|it| assert_eq!(it.stamp.actor, None, "a ballot names nobody"));
        self.check_quotas();
        self.check_declarations();
    }

    /// Nobody is promised what was not approved, times the largest factor that any batch allows; a cut uses no more than
    /// was approved.
    fn check_quotas(&self) {
        let factors = self.all::<Batch>().filter_map(|(_, batch)| batch.terms.as_ref());
        let factor = factors.map(|terms| terms.recommendation_factor).max().unwrap_or(Hundredths::ONE);
        for (id, ledger) in self.all::<QuotaLedger>() {
            for kind in QuotaKind::ALL {
                let of = |places: &BTreeMap<_, crate::quota_ledger::Place>| {
                    places.values().filter(|place| place.kind == *kind).count()
                };
                let approved = i64::from(ledger.approved(*kind));
                let (reserved, consumed) = (of(&ledger.reserved), of(&ledger.consumed));
                let limit = usize::try_from(approved * factor.0 / 100).unwrap();
                assert!(reserved + consumed <= limit, "{id}: {reserved} and {consumed} of {limit} {kind}");
                assert!(
                    consumed <= usize::try_from(approved).unwrap(),
                    "{id}: {consumed} of {approved} {kind}"
                );
            }
        }
    }

    fn check_declarations(&self) {
        let mut open = BTreeSet::new();
        let mut numbers = BTreeSet::new();
        for (id, it) in self.all::<Declaration>() {
            let Some(subject) = &it.subject else { continue };
            if !it.stage.ended() {
                let first = open.insert((subject.person, subject.year, subject.level));
                assert!(first, "{id} is a second open declaration of its person, year and level");
            }
            if let Some(certificate) = &it.certificate {
                assert!(numbers.insert(&certificate.number), "{} is unique", certificate.number);
                let filed = it.filing.is_some() || subject.mode != Mode::Review;
                assert!(filed, "{id} has a certificate before its filing");
            }
            if let Some(ballot) = &it.review.ballot {
                let voters = ballot.attending.len();
                assert!(voters <= ballot.size as usize, "{id}: {voters} of {} judges", ballot.size);
                if let Some(tally) = ballot.tally {
                    let votes = (tally.agree + tally.disagree) as usize;
                    assert!(votes <= voters, "{id}: {votes} votes of {voters}");
                }
                if let Some(inside) = self.world.boxes.get(&ballot.round) {
                    let strangers = inside.keys().filter(|judge| !ballot.attending.contains(judge));
                    assert_eq!(strangers.count(), 0, "{id}: who voted may vote");
                }
            }
        }
        let certificates: Vec<_> = self.all::<Certificate>().collect();
        assert!(certificates.len() >= numbers.len(), "every certificate has its own stream");
    }

    /// Every stream is numbered without a gap, and every state is a fold of its events.
    fn check_streams(&self) {
        let mut streams: BTreeMap<StreamId, Vec<&Logged>> = BTreeMap::new();
        self.world.log.iter().for_each(|it| streams.entry(it.stream).or_default().push(it));
        for (stream, events) in &streams {
            assert!((1..).zip(events).all(|(number, it)| it.sequence == number), "{stream:?} is dense");
        }
        assert!(streams.keys().eq(self.world.states.keys()), "no state without events");
    }

    fn all<A: Aggregate>(&self) -> impl Iterator<Item = (Uuid, &A)> {
        self.world.states.iter().filter_map(|(stream, state)| Some((stream.id, state.get::<A>()?)))
    }
}

/// Whether an action starts from where a thing stands.
fn starts(spec: &ActionSpec, state: &AnyState) -> bool {
    match spec.from {
        Start::Nothing => !state.exists(),
        Start::Any => state.exists(),
        Start::Stages(stages) => state.stage().is_some_and(|stage| stages.contains(&stage)),
    }
}

fn stages(world: &World) -> BTreeMap<Uuid, Stage> {
    let declarations = world.states.iter();
    declarations.filter_map(|(stream, it)| Some((stream.id, it.get::<Declaration>()?.stage))).collect()
}

/// Whether the rules may answer with this code, or the log where a name is taken.
fn listed(code: &str) -> bool {
    code == "claim-held" || refusal::all().iter().any(|it| it.code == code)
}

/// Everybody in each of their roles, in an order that repeats.
pub fn everybody(world: &World) -> Vec<Acting> {
    let accounts: BTreeSet<Uuid> = world.registers.accounts.iter().map(|(id, _)| id).collect();
    accounts.into_iter().flat_map(|id| world.registers.roles_of(AccountId(id))).collect()
}

/// Who may take an action, stage and holds aside.
fn fitting(world: &World, state: &AnyState, spec: &ActionSpec) -> Vec<Acting> {
    let known = Known::default();
    let context = Context {
        actor: Actor::Anonymous,
        now: world.now,
        seed: [0; 16],
        registers: &world.registers,
        known: &known,
        approval: Approval::NotGiven,
    };
    let fits = |acting: &Acting| {
        spec.by.iter().any(|by| {
            let anywhere = by.place == crate::action::Place::Anywhere;
            by.role == acting.role && (anywhere || state.stands(by.place, acting, &context))
        })
    };
    let roles: BTreeSet<Role> = spec.by.iter().map(|by| by.role).collect();
    everybody(world).into_iter().filter(|acting| roles.contains(&acting.role) && fits(acting)).collect()
}
