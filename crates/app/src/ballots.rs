//! Secret ballots between the rules and the vault (contract.md, Voting in secret; architecture.md, Secret ballots).
//!
//! Opening stores the round's key before the event that opens it; a vote waits in the box; closing holds the round's lock
//! from reading the box until the outcome of the append is known.

use crate::app::App;
use crate::error::Error;
use crate::execute::{Boxes, Done, Halt, Identified, Receipt, Request, choose_actor, context};
use crate::load;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;
use zhicheng_domain::context::OpenedBox;
use zhicheng_domain::declaration::actions::cast_vote;
use zhicheng_domain::declaration::{Declaration, Event};
use zhicheng_domain::ids::{BallotRoundId, JudgeId};
use zhicheng_domain::refusal::common;
use zhicheng_domain::review_meeting::actions::cast_votes;
use zhicheng_domain::values::Choice;
use zhicheng_domain::{
    AnyCommand, AnyEvent, AnyState, Known, Need, Outcome, Stop, StreamId, declaration, review_meeting,
};
use zhicheng_eventstore::{Append, AppendError, Appended};
use zhicheng_vault::{AppendFailure, BallotError, Cast, Closing, Opening, RoundFate, SETTLED_AFTER};

/// How often what is over is destroyed.
const SWEEP_EVERY: std::time::Duration = std::time::Duration::from_secs(60);
/// Whether a round was opened in a stream.
const OPENED_IN: &str = "select aggregate_id::uuid
     from events
     where aggregate_type = 'declaration'
       and aggregate_id = $2::text
       and event_type = 'declaration.ballot_opened'
       and payload -> 'event' -> 'ballot_opened' ->> 'round_id' = $1";
/// The same of a round that does not say whose it is: all declarations are looked through.
const OPENED_ANYWHERE: &str = "select aggregate_id::uuid
     from events
     where aggregate_type = 'declaration'
       and $2::text is null
       and event_type = 'declaration.ballot_opened'
       and payload -> 'event' -> 'ballot_opened' ->> 'round_id' = $1";
/// How often the set of boxes to open may grow while a closing is decided.
const GROWTHS_MAX: usize = 101;

/// The rounds that an outcome opens, with their electorates.
pub(crate) fn rounds_opened(stream: StreamId, outcome: &Outcome<AnyEvent>) -> Vec<Opening> {
    let own = outcome.events.iter().map(|event| (stream, event));
    let others = outcome.others.iter().map(|(stream, event)| (*stream, event));
    own.chain(others)
        .filter_map(|(stream, event)| match event {
            AnyEvent::Declaration(Event::BallotOpened { attending, round_id, .. }) => Some(Opening {
                round: round_id.0,
                declaration: stream.id,
                electorate: attending.iter().map(|judge| judge.0).collect(),
            }),
            _ => None,
        })
        .collect()
}

impl App {
    /// Appends the opening of rounds whose keys are stored first.
    pub(crate) async fn open_rounds(
        &self,
        rounds: Vec<Opening>,
        append: Append,
    ) -> Result<Result<Appended, AppendError>, Halt> {
        let store = self.store();
        let opened = self
            .vault()
            .ballots()
            .open_many(&rounds, async || {
                store.append(append).await.map_err(|error| match error {
                    error @ AppendError::Unknown { .. } => AppendFailure::Unknown(error),
                    error => AppendFailure::NotAppended(error),
                })
            })
            .await;
        match opened {
            Ok(appended) => Ok(Ok(appended)),
            Err(BallotError::Log(AppendFailure::NotAppended(error) | AppendFailure::Unknown(error))) => {
                Ok(Err(error))
            }
            Err(BallotError::Vault(error)) => Err(Halt::Error(error.into())),
        }
    }

    /// Decides and appends a closing while the vault holds the rounds' locks. It runs as a task of its own: a client that
    /// goes away does not leave a round half closed.
    pub(crate) async fn close_ballots(
        &self,
        it: &Identified,
        mut rounds: BTreeSet<Uuid>,
    ) -> Result<Done, Error> {
        for _ in 0..GROWTHS_MAX {
            let (app, asked, named) =
                (self.clone(), it.clone(), rounds.iter().copied().collect::<Vec<Uuid>>());
            let closed = tokio::spawn(async move {
                let ballots = app.vault().ballots();
                ballots
                    .close_many(&named, async |closings: Vec<Closing>| {
                        let boxes = opened(&closings);
                        app.attempt(&asked, Some(&boxes)).await.map_err(|halt| match halt {
                            halt @ Halt::Unknown(_) => AppendFailure::Unknown(halt),
                            halt @ (Halt::Error(_) | Halt::Boxes(_)) => AppendFailure::NotAppended(halt),
                        })
                    })
                    .await
            })
            .await
            .map_err(|error| Error::internal("closing a ballot", error))?;
            match closed {
                Ok(done) => return Ok(done),
                Err(BallotError::Log(AppendFailure::NotAppended(Halt::Boxes(more)))) => rounds.extend(more),
                Err(BallotError::Log(AppendFailure::NotAppended(halt) | AppendFailure::Unknown(halt))) => {
                    return Err(halt.into());
                }
                // somebody else has closed it meanwhile: what the log says now is the answer
                Err(BallotError::Vault(zhicheng_vault::Error::RoundMissing { .. })) => {
                    return match self.attempt(it, None).await {
                        Err(Halt::Boxes(_)) => Err(Error::Unavailable { what: "ballot", source: None }),
                        other => other.map_err(Error::from),
                    };
                }
                Err(BallotError::Vault(error)) => return Err(error.into()),
            }
        }
        Err(Error::fault("ballot boxes are asked for again and again"))
    }

    /// Takes a judge's votes into the box. Nothing is appended, logged or counted.
    pub(crate) async fn vote(&self, request: &Request, command: &AnyCommand) -> Result<Receipt, Error> {
        let Some(id) = request.id else { return Err(Error::not_found()) };
        let addressed = StreamId { aggregate: request.aggregate, id };
        let held = load::load(self.store(), addressed).await?;
        self.expect_version(request, addressed, &held).await?;
        let votes = self.votes(request, command, addressed, &held).await?;
        let voter = votes
            .first()
            .map(|vote| vote.voter)
            .ok_or_else(|| Error::Refused(common::InvalidInput.refusal()))?;
        let named: Vec<(Uuid, zhicheng_vault::Choice)> = votes
            .iter()
            .map(|vote| {
                let choice = match vote.choice {
                    Choice::Agree => zhicheng_vault::Choice::Agree,
                    Choice::Disagree => zhicheng_vault::Choice::Disagree,
                };
                (vote.round.0, choice)
            })
            .collect();
        let declarations: BTreeMap<Uuid, Uuid> =
            votes.iter().map(|vote| (vote.round.0, vote.declaration)).collect();
        let cast = self
            .vault()
            .ballots()
            .cast_many(voter.0, &request.key, &named, |round| {
                let declaration = declarations.get(&round).copied();
                async move { self.is_open(declaration, round).await }
            })
            .await
            .map_err(|error| match error {
                BallotError::Log(error) => error,
                BallotError::Vault(error) => error.into(),
            })?;
        let replayed = match cast {
            Cast::Accepted => false,
            Cast::Repeated => true,
            Cast::AlreadyVoted { .. } => return Err(Error::Refused(cast_vote::AlreadyVoted.refusal())),
            Cast::Closed { .. } => return Err(Error::Refused(cast_vote::BallotOver.refusal())),
            Cast::NotInElectorate { .. } => return Err(Error::Refused(cast_vote::NotInElectorate.refusal())),
            Cast::Closing { .. } => return Err(Error::Unavailable { what: "ballot", source: None }),
            Cast::KeyLost { .. } => return Err(Error::fault("the key of an open ballot round is lost")),
        };
        let (version, position, stage) = (held.version, held.position, held.state.stage());
        Ok(Receipt { id, version, position, stage, replayed })
    }

    /// The votes of a request, each checked by the rules.
    async fn votes(
        &self,
        request: &Request,
        command: &AnyCommand,
        addressed: StreamId,
        held: &load::Held,
    ) -> Result<Vec<Vote>, Error> {
        let (now, mut known) = (self.now(), Known::default());
        loop {
            let votes = self.registry().read(|registers| -> Result<_, Error> {
                let actor = choose_actor(request, command, &held.state, registers, now)?;
                let context = context(actor, now, [0; 16], registers, &known);
                Ok(held.state.decide(addressed.id, command, &context).and_then(|_| {
                    match (command, &held.state) {
                        (
                            AnyCommand::Declaration(declaration::actions::Command::CastVote(input)),
                            AnyState::Declaration(it),
                        ) => cast_vote::ballot(it, &context).map(|ballot| {
                            let cast_vote::Ballot { round, voter } = ballot;
                            vec![Vote { declaration: addressed.id, round, voter, choice: input.choice }]
                        }),
                        (
                            AnyCommand::ReviewMeeting(review_meeting::actions::Command::CastVotes(input)),
                            AnyState::ReviewMeeting(it),
                        ) => cast_votes::ballots(input, it, &context).map(|ballots| {
                            ballots
                                .into_iter()
                                .map(|(declaration, ballot, choice)| Vote {
                                    declaration: declaration.0,
                                    round: ballot.round,
                                    voter: ballot.voter,
                                    choice,
                                })
                                .collect()
                        }),
                        _ => Err(common::NotFound.into()),
                    }
                }))
            })?;
            match votes {
                Ok(votes) => return Ok(votes),
                Err(Stop::Refused(refusal)) => return Err(Error::Refused(refusal)),
                Err(Stop::SecondPerson) => return Err(Error::fault("a vote that asks for a second person")),
                Err(Stop::Need(needs)) => {
                    for need in needs {
                        let Need::Stream(stream) = need else {
                            return Err(Error::fault("a vote that asks for more"));
                        };
                        let loaded = load::load(self.store(), stream).await?;
                        known.streams.insert(stream, loaded.state);
                    }
                }
            }
        }
    }

    /// Whether the log says that the round is open.
    async fn is_open(&self, declaration: Option<Uuid>, round: Uuid) -> Result<bool, Error> {
        let Some(declaration) = declaration else { return Ok(false) };
        let held = load::load(self.store(), StreamId::of::<Declaration>(declaration)).await?;
        let voted_in = held.state.get::<Declaration>().and_then(Declaration::voted_in);
        Ok(voted_in.is_some_and(|voted_in| voted_in.0 == round))
    }

    /// Destroys boxes and keys of rounds that the log says are over, and keys of rounds that were never opened.
    pub async fn sweep_ballots(&self) -> Result<(), Error> {
        self.vault()
            .ballots()
            .sweep(SETTLED_AFTER, |round, declaration| async move { self.fate(round, declaration).await })
            .await
            .map(drop)
            .map_err(|error| match error {
                BallotError::Log(error) => error,
                BallotError::Vault(error) => error.into(),
            })
    }

    /// Sweeps at start and every minute, until the process ends: ballots, sessions, tickets and lock-outs.
    pub async fn keep_swept(&self) {
        loop {
            let now = self.wall_clock();
            if let Err(error) = self.sweep_ballots().await {
                tracing::warn!(%error, "ballots are swept later");
            }
            if let Err(error) = self.sweep_erased().await {
                tracing::warn!(%error, "erased persons are swept later");
            }
            let vault = self.vault();
            let swept = [
                vault.sessions().sweep(now).await,
                vault.tickets().sweep(now).await,
                vault.lockouts().sweep(now).await,
            ];
            for error in swept.into_iter().filter_map(Result::err) {
                tracing::warn!(%error, "sessions are swept later");
            }
            tokio::time::sleep(SWEEP_EVERY).await;
        }
    }

    /// What the log says of a round: it is looked for in the stream of its declaration, where that is known.
    pub(crate) async fn fate(&self, round: Uuid, declaration: Option<Uuid>) -> Result<RoundFate, Error> {
        let opened: Option<Uuid> = sqlx::query_scalar(match declaration {
            Some(_) => OPENED_IN,
            None => OPENED_ANYWHERE,
        })
        .bind(round.to_string())
        .bind(declaration.map(|declaration| declaration.to_string()))
        .fetch_optional(self.store().pool())
        .await?;
        Ok(match opened {
            None => RoundFate::NeverOpened,
            Some(declaration) if self.is_open(Some(declaration), round).await? => RoundFate::Open,
            Some(_) => RoundFate::Over,
        })
    }
}

/// One vote that the rules let pass.
struct Vote {
    declaration: Uuid,
    round: BallotRoundId,
    voter: JudgeId,
    choice: Choice,
}

fn opened(closings: &[Closing]) -> Boxes {
    closings
        .iter()
        .map(|closing| {
            let choices = closing
                .choices
                .iter()
                .map(|choice| match choice {
                    zhicheng_vault::Choice::Agree => Choice::Agree,
                    zhicheng_vault::Choice::Disagree => Choice::Disagree,
                })
                .collect();
            let voters = closing.voters.iter().map(|voter| JudgeId(*voter)).collect();
            (BallotRoundId(closing.round), OpenedBox { voters, choices })
        })
        .collect()
}
