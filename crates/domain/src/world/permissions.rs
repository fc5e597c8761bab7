//! Role × organisation × stage × action, all of them: what a declaration offers to somebody can be filled in so that it is not
//! refused for stage or person, and what it does not offer is refused.
//!
//! Declarations are taken from the stories, one for each stage, mode and set of holds that they reach. Who acts: everybody
//! of the story in each of their roles, and every role at every organisation that stands in some relation to the case and at
//! one that stands in none, held by the applicant and by a stranger.

use super::moments::moments;
use super::walk::everybody;
use super::{World, inputs};
use crate::action::Proof;
use crate::aggregate::{Aggregate, AnyCommand, AnyState, StreamId};
use crate::context::{Acting, Actor, Approval, Context, Known, Stop};
use crate::declaration::{Declaration, Stage};
use crate::ids::{AccountId, NodeId};
use crate::label::Named;
use crate::refusal::{Kind, Refusal};
use crate::values::Role;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Stages that the stories leave declarations at, at some moment, at least.
const STAGES_MIN: usize = 28;
/// Actions that are offered somewhere and then carried out, at least.
const CARRIED_OUT_MIN: usize = 20;

/// Ways to fill in a form: choices differ, and an action may be open at a stage for some of them only.
const FLAVOURS: [u16; 3] = [1, 12, 18];

#[test]
fn what_is_offered_is_not_refused_for_stage_or_person_and_the_rest_is_refused() {
    let moments = moments();
    let cases = cases(&moments);
    let stages: BTreeSet<Stage> = cases.iter().map(|(_, it)| it.stage).collect();
    let (mut offered, mut refused) = (0u32, 0u32);
    let mut carried_out: BTreeSet<&str> = BTreeSet::new();
    let mut wrong: BTreeSet<String> = BTreeSet::new();
    for (world, it) in &cases {
        let stream = StreamId::of::<Declaration>(it.id.expect("it exists"));
        let state = world.state(stream);
        let actors = actors(world, it);
        for spec in AnyState::specs(Declaration::TYPE) {
            let filled_in = |acting, flavour| {
                let input = inputs::sensible(world, stream, spec, acting, flavour);
                AnyCommand::parse(stream.aggregate, spec.name, &input).map_err(refusal)
            };
            let plain = filled_in(None, FLAVOURS[0]).ok();
            for acting in &actors {
                let place = || format!("{} at {:?} to {}", spec.name, it.stage, acting.role);
                if state.offers(spec, &context(world, &Known::default(), acting)) {
                    offered += 1;
                    let outcomes = FLAVOURS.map(|flavour| {
                        let command = filled_in(Some(acting), flavour)?;
                        decided(world, stream.id, &state, &command, acting)
                    });
                    if outcomes.iter().any(Result::is_ok) {
                        carried_out.insert(spec.name);
                    }
                    if outcomes.iter().all(|outcome| outcome.as_ref().is_err_and(bars)) {
                        let codes = outcomes.map(|outcome| outcome.err().map(|refusal| refusal.code));
                        wrong.insert(format!("{} is offered and refused: {codes:?}", place()));
                    }
                } else if let Some(command) = plain.as_ref().filter(|_| spec.proof != Proof::Nothing) {
                    refused += 1;
                    if decided(world, stream.id, &state, command, acting).is_ok() {
                        wrong.insert(format!("{} is not offered and not refused", place()));
                    }
                }
            }
        }
    }
    println!("{} cases, {offered} offered, {refused} not; carried out: {carried_out:?}", cases.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(stages.len() >= STAGES_MIN, "{stages:?}");
    assert!(carried_out.len() >= CARRIED_OUT_MIN, "{carried_out:?}");
}

/// A declaration for each stage, mode and set of holds, with the world that it is in.
fn cases(moments: &[World]) -> Vec<(&World, Declaration)> {
    let mut found = BTreeMap::new();
    for world in moments {
        for it in world.states.values().filter_map(|state| state.get::<Declaration>()) {
            let Some(subject) = &it.subject else { continue };
            let holds: Vec<&str> = it.holds.iter().map(|hold| hold.name()).collect();
            found.entry((it.stage, subject.mode.name(), holds)).or_insert((world, it.clone()));
        }
    }
    found.into_values().collect()
}

/// Everybody there is, and every role in every relation.
fn actors(world: &World, it: &Declaration) -> Vec<Acting> {
    let mut actors = everybody(world);
    let Some(subject) = &it.subject else { return actors };
    let mut organisations: BTreeSet<Option<NodeId>> =
        BTreeSet::from([None, Some(NodeId(Uuid::from_u128(1)))]);
    organisations.insert(Some(subject.employer.node().id));
    organisations.insert(it.holder().map(|holder| holder.id));
    organisations.insert(it.final_organisation.as_ref().map(|decides| decides.node.id));
    organisations.extend(it.route.iter().map(|node| Some(node.id)));
    let committees = world.registers.committees.iter().map(|(_, committee)| committee);
    organisations.extend(
        committees
            .flat_map(|it| [it.approved_by.map(NodeId::from), it.issuing_organisation.map(NodeId::from)]),
    );
    for role in Role::ALL {
        for organisation in &organisations {
            for person in [Some(subject.person), None] {
                let account = AccountId(Uuid::from_u128(2));
                actors.push(Acting { account, person, role: *role, organisation: *organisation });
            }
        }
    }
    actors
}

fn context<'a>(world: &'a World, known: &'a Known, acting: &Acting) -> Context<'a> {
    Context {
        actor: Actor::Account(acting.clone()),
        now: world.now,
        seed: [0; 16],
        registers: &world.registers,
        known,
        approval: Approval::Given { asked_by: acting.account, asked_as: None },
    }
}

/// Whether a refusal says that it is not the moment or not the person.
fn bars(refusal: &Refusal) -> bool {
    refusal.code == "stage-refused" || refusal.kind == Kind::Forbidden
}

/// What the rules say; nothing is appended.
fn decided(
    world: &World,
    id: Uuid,
    state: &AnyState,
    command: &AnyCommand,
    acting: &Acting,
) -> Result<(), Refusal> {
    let mut known = Known::default();
    loop {
        match state.decide(id, command, &context(world, &known, acting)) {
            Ok(_) => return Ok(()),
            Err(Stop::Need(needs)) => needs.into_iter().for_each(|need| world.look_up(need, &mut known)),
            Err(stop) => return Err(refusal(stop)),
        }
    }
}

fn refusal(stop: Stop) -> Refusal {
    match stop {
        Stop::Refused(refusal) => refusal,
        Stop::Need(_) | Stop::SecondPerson => {
            panic!("what is needed is looked up, and everything is approved")
        }
    }
}
