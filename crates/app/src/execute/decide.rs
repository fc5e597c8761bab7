//! Deciding: load the addressed aggregate, choose the role, ask the rules, and look up what they ask back.

use super::identity::seed_of;
use super::written::Decided;
use super::{Boxes, Identified, Request};
use crate::app::App;
use crate::approvals;
use crate::caller::Caller;
use crate::error::Error;
use crate::load::{Facts, Held};
use futures::future::try_join_all;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;
use zhicheng_domain::action::{self, Proof};
use zhicheng_domain::aggregate::ActorStamp;
use zhicheng_domain::clear_text;
use zhicheng_domain::context::{self, OpenedBox};
use zhicheng_domain::refusal::{Kind, Refusal};
use zhicheng_domain::{
    Acting, Actor, AnyCommand, AnyState, Context, Known, Need, Registers, Stamp, Stop, StreamId,
};

/// How often a decision may ask for more facts.
const QUESTIONS_MAX: u32 = 32;

impl App {
    /// Decides, looking up what the decision asks for.
    pub(super) async fn decide(
        &self,
        it: &Identified,
        attempt: u32,
        boxes: Option<&Boxes>,
        facts: Facts<'_>,
    ) -> Result<Verdict, Error> {
        let Identified { request, command, id: command_id, .. } = it;
        let now = self.now();
        let seed = seed_of(*command_id, attempt);
        let nothing = Known::default();
        let id = request.id.unwrap_or_else(|| {
            self.registry()
                .read(|registers| context(Actor::Anonymous, now, seed, registers, &nothing).fresh_id(0))
        });
        let stream = StreamId { aggregate: request.aggregate, id };
        let mut held: BTreeMap<StreamId, Held> = BTreeMap::new();
        held.insert(stream, facts.load(self.store(), stream).await?);
        let addressed = held.get(&stream).ok_or(Error::fault("the addressed aggregate"))?.clone();
        self.expect_version(request, stream, &addressed).await?;
        let mut known = Known { boxes: boxes.cloned().unwrap_or_default(), ..Known::default() };
        let mut unopened = BTreeSet::new();
        let mut outrun = false;
        for _ in 0..QUESTIONS_MAX {
            let decision = self.registry().read(|registers| -> Result<_, Error> {
                let actor = choose_actor(request, command, &addressed.state, registers, now)?;
                let approval = approval_of(&request.caller);
                let context = Context { approval, ..context(actor, now, seed, registers, &known) };
                let decision = match addressed.state.decide(id, command, &context) {
                    // both accounts prove it is them, the one that asks too
                    Err(Stop::SecondPerson) => {
                        request.caller.reauthenticated(self.wall_clock())?;
                        approvals::requested(request, stream, &addressed.state, &context)
                    }
                    other => other.map(|outcome| (stream, outcome)),
                };
                let since = registers.position;
                Ok(decision.map(|(target, outcome)| (target, outcome, ActorStamp::of(&context), since)))
            })?;
            let decision = match decision {
                Ok(_) | Err(Stop::Refused(Refusal { kind: Kind::Rule | Kind::Conflict, .. }))
                    if !self.may_know_of(request, &addressed.state) =>
                {
                    return Err(Error::not_found());
                }
                other => other,
            };
            match decision {
                // What was decided on boxes that nobody has opened counts for nothing.
                Ok(_) | Err(Stop::Refused(_)) if !unopened.is_empty() => return Ok(Verdict::Boxes(unopened)),
                Ok((target, outcome, actor, since)) => {
                    clear_text::refuse_id_numbers(&request.input, &outcome)?;
                    let stamp = Stamp { actor: Some(actor), time: now };
                    return Ok(Verdict::Decided(Decided { stream: target, outcome, stamp, held, since }));
                }
                Err(Stop::Refused(refusal)) => return Err(Error::Refused(refusal)),
                Err(Stop::SecondPerson) => return Err(Error::fault("a second person is asked for twice")),
                Err(Stop::Need(needs)) => {
                    for need in &needs {
                        if let Need::BallotBox(round) = need {
                            unopened.insert(round.0);
                        }
                    }
                    let names = known.claims.len();
                    self.look_up(needs, facts, &mut known, &mut held).await?;
                    if known.claims.len() > names && known.claims.values().any(Option::is_some) {
                        outrun = true;
                        // perhaps it was taken after the streams were loaded, by somebody who is at them now
                        if matches!(facts, Facts::Log { waited: false })
                            && let Some(stream) = self.turns().contended(held.keys())
                        {
                            return Ok(Verdict::Contended(stream));
                        }
                    }
                }
            }
        }
        Err(if outrun { Error::Busy } else { Error::fault("a decision that never has enough") })
    }

    /// Whether the caller may know of the declaration that is addressed: what one may not know of is not there, whatever the rules say
    /// of it.
    fn may_know_of(&self, request: &Request, addressed: &AnyState) -> bool {
        let (Caller::Session(signed), AnyState::Declaration(it)) = (&request.caller, addressed) else {
            return true;
        };
        it.id.is_none()
            || self.registry().read(|registers| {
                !crate::visibility::readers(it, &registers.roles_of(signed.account), registers).is_empty()
            })
    }

    /// A stale `If-Match` is refused; a reader's version is that of the last event visible to it.
    pub(crate) async fn expect_version(
        &self,
        request: &Request,
        stream: StreamId,
        held: &Held,
    ) -> Result<(), Error> {
        let Some(expected) = request.if_match else { return Ok(()) };
        let present = match (&request.caller, &held.state) {
            (Caller::Session(signed), AnyState::Declaration(declaration)) => {
                let readers = self.registry().read(|registers| {
                    crate::visibility::readers(declaration, &registers.roles_of(signed.account), registers)
                });
                self.visible_end(stream, held, &readers).await?.0
            }
            _ => held.version,
        };
        if expected == present { Ok(()) } else { Err(Error::VersionMismatch { present }) }
    }

    pub(crate) async fn look_up(
        &self,
        needs: Vec<Need>,
        facts: Facts<'_>,
        known: &mut Known,
        held: &mut BTreeMap<StreamId, Held>,
    ) -> Result<(), Error> {
        let mut streams = Vec::new();
        for need in needs {
            match need {
                Need::Stream(stream) => match held.get(&stream) {
                    Some(held) => {
                        known.streams.insert(stream, held.state.clone());
                    }
                    None => streams.push(stream),
                },
                Need::KeyedHash(text) => {
                    let hash = self.keyed_hash(&text);
                    known.hashes.insert(text, hash);
                }
                Need::Claim(name) if matches!(facts, Facts::AtHand { claims: false, .. }) => {
                    known.claims.insert(name, None);
                }
                Need::Claim(name) => {
                    let holder = self.store().claim_holder(&name).await?.and_then(|(aggregate, id)| {
                        Some(StreamId { aggregate: AnyState::type_of(&aggregate)?, id: id.parse().ok()? })
                    });
                    known.claims.insert(name, holder);
                }
                // Stands in for a box until the real one is opened under its lock.
                Need::BallotBox(round) => {
                    known.boxes.insert(round, OpenedBox::default());
                }
                Need::Selected(asked) => {
                    let ids = self.select(&asked).await?;
                    known.selected.insert(asked, ids);
                }
                Need::StreamsOf(person) => {
                    let streams = self.streams_of(person).await?;
                    known.streams_of.insert(person, streams);
                }
            }
        }
        let loaded = try_join_all(streams.iter().map(|stream| facts.load(self.store(), *stream))).await?;
        for (stream, loaded) in streams.into_iter().zip(loaded) {
            known.streams.insert(stream, loaded.state.clone());
            held.insert(stream, loaded);
        }
        Ok(())
    }

    /// The streams that are about a person, by the metadata of their events.
    pub(crate) async fn streams_of(
        &self,
        person: zhicheng_domain::ids::PersonId,
    ) -> Result<Vec<StreamId>, Error> {
        let rows: Vec<(String, String)> = sqlx::query_as(
            "select distinct aggregate_type, aggregate_id
             from events
             where metadata ->> 'subject' = $1
             order by aggregate_type, aggregate_id",
        )
        .bind(person.to_string())
        .fetch_all(self.store().pool())
        .await?;
        Ok(rows
            .into_iter()
            .filter_map(|(aggregate, id)| {
                Some(StreamId { aggregate: AnyState::type_of(&aggregate)?, id: id.parse().ok()? })
            })
            .collect())
    }
}

/// What a decision came to.
pub(super) enum Verdict {
    /// Events to append, perhaps none.
    Decided(Decided),
    /// The boxes of these rounds must be opened first.
    Boxes(BTreeSet<Uuid>),
    /// Others change this stream faster than it can be looked at: its turn must be waited for.
    Contended(StreamId),
}

/// Who acts: the system, nobody, or an account in the role it names or in the only one that fits.
pub(crate) fn choose_actor(
    request: &Request,
    command: &AnyCommand,
    addressed: &AnyState,
    registers: &Registers,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Actor, Error> {
    let spec = command.spec();
    let account = match &request.caller {
        Caller::System => return Ok(Actor::System),
        Caller::Anonymous if spec.proof == Proof::Nothing => return Ok(Actor::Anonymous),
        Caller::Anonymous => return Err(Error::Unauthenticated),
        Caller::Session(session) => session.account,
        Caller::Job(on_behalf) => on_behalf.account,
    };
    let candidates: Vec<Acting> = registers
        .roles_of(account)
        .into_iter()
        .filter(|acting| request.acting_as.is_none_or(|named| named.fits(acting)))
        .collect();
    let known = Known::default();
    let context = context(Actor::Anonymous, now, [0; 16], registers, &known);
    if !addressed.exists() && request.id.is_some() {
        return Err(Error::not_found());
    }
    let hidden = request.id.is_some()
        && !crate::visibility::may_read(addressed, &registers.roles_of(account), registers);
    // A draft is its owner's alone: nobody else learns that it is there, whatever the action.
    let draft = matches!(addressed, AnyState::Declaration(it) if it.submitted.is_none());
    if hidden && draft {
        return Err(Error::not_found());
    }
    match action::choose_role(candidates, spec, addressed, &context) {
        Ok(acting) if hidden && !addressed.fits(spec, &acting, &context) => Err(Error::not_found()),
        Ok(acting) => Ok(Actor::Account(acting)),
        // Who may not know of it does not learn from a refusal that it is there.
        Err(refusal) if refusal.kind == Kind::Forbidden && hidden => Err(Error::not_found()),
        Err(refusal) => Err(refusal.into()),
    }
}

/// What a job does was approved when it was started, where a second person had to.
const fn approval_of(caller: &Caller) -> context::Approval {
    match caller {
        Caller::Job(on_behalf) => context::Approval::Given { asked_by: on_behalf.account, asked_as: None },
        Caller::Anonymous | Caller::System | Caller::Session(_) => context::Approval::NotGiven,
    }
}

/// What the rules are told beside state and command.
pub(crate) fn context<'a>(
    actor: Actor,
    now: chrono::DateTime<chrono::Utc>,
    seed: [u8; 16],
    registers: &'a Registers,
    known: &'a Known,
) -> Context<'a> {
    Context { actor, now, seed, registers, known, approval: context::Approval::NotGiven }
}
