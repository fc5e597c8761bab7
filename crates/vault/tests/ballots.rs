//! Secret ballots: every vote accepted is counted once, whatever races or crashes.
#![allow(clippy::unwrap_used)]

mod support;

use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::{Connection, PgConnection};
use tokio::sync::oneshot;
use uuid::Uuid;
use zhicheng_vault::{
    AppendFailure, BallotError, Ballots, Cast, Choice, Closing, Error, Opening, RoundFate, SETTLED_AFTER,
};

const ROUND: Uuid = Uuid::from_u128(0xa1);
const OTHER_ROUND: Uuid = Uuid::from_u128(0xa2);

/// Stands for the log: what was opened, and what was closed with which result.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<BTreeMap<Uuid, Option<Closing>>>>);

impl Log {
    fn is_open(&self, round: Uuid) -> bool {
        self.0.lock().unwrap().get(&round) == Some(&None)
    }

    fn closing(&self, round: Uuid) -> Closing {
        self.0.lock().unwrap().get(&round).cloned().flatten().unwrap()
    }

    fn fate(&self, round: Uuid) -> RoundFate {
        match self.0.lock().unwrap().get(&round) {
            None => RoundFate::NeverOpened,
            Some(None) => RoundFate::Open,
            Some(Some(_)) => RoundFate::Over,
        }
    }

    fn append_closing(&self, closing: Closing) -> Result<(), AppendFailure<&'static str>> {
        match self.0.lock().unwrap().insert(closing.round, Some(closing)) {
            Some(None) => Ok(()),
            _ => Err(AppendFailure::NotAppended("not open")),
        }
    }

    async fn open(&self, ballots: &Ballots, round: Uuid, electorate: &[Uuid]) {
        ballots
            .open_round(opening(round, electorate), async || {
                self.0.lock().unwrap().insert(round, None);
                Ok::<_, AppendFailure<Infallible>>(())
            })
            .await
            .unwrap();
    }

    async fn cast(&self, ballots: &Ballots, round: Uuid, voter: Uuid, key: &str, choice: Choice) -> Cast {
        ballots
            .cast(round, voter, key, choice, async |round| Ok::<_, Infallible>(self.is_open(round)))
            .await
            .unwrap()
    }

    async fn close(&self, ballots: &Ballots, round: Uuid) {
        ballots.close(round, async |closing| self.append_closing(closing)).await.unwrap();
    }
}

fn opening(round: Uuid, electorate: &[Uuid]) -> Opening {
    Opening { round, declaration: Uuid::max(), electorate: electorate.to_vec() }
}

fn voters(count: u128) -> Vec<Uuid> {
    (1..=count).map(Uuid::from_u128).collect()
}

/// Rows left in the three tables.
async fn rows(address: &str) -> (i64, i64, i64) {
    let mut connection = PgConnection::connect(address).await.unwrap();
    sqlx::query_as(
        "select
             (select count(*) from ballot_rounds),
             (select count(*) from ballot_roll),
             (select count(*) from ballot_box)",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_round_from_opening_to_closing() {
    let address = support::fresh_database().await;
    let vault = support::vault(&address).await;
    let (ballots, log, judges) = (vault.ballots(), Log::default(), voters(5));
    log.open(ballots, ROUND, &judges).await;
    for (index, judge) in judges.iter().enumerate() {
        assert!(!ballots.all_voted(ROUND).await.unwrap());
        let choice = if index < 3 { Choice::Agree } else { Choice::Disagree };
        assert_eq!(log.cast(ballots, ROUND, *judge, "key", choice).await, Cast::Accepted);
    }
    assert!(ballots.all_voted(ROUND).await.unwrap());
    log.close(ballots, ROUND).await;
    let closing = log.closing(ROUND);
    assert_eq!((closing.voters, closing.agree, closing.disagree), (judges.clone(), 3, 2));
    assert_eq!(closing.choices.iter().filter(|choice| **choice == Choice::Agree).count(), 3);
    assert_eq!(closing.choices.len(), 5);
    assert_eq!(rows(&address).await, (0, 0, 0));
    assert_eq!(
        log.cast(ballots, ROUND, judges[0], "late", Choice::Agree).await,
        Cast::Closed { round: ROUND }
    );
    let again = ballots.close(ROUND, async |closing| log.append_closing(closing)).await;
    assert!(matches!(again, Err(BallotError::Vault(Error::RoundMissing { round: ROUND }))));
}

#[tokio::test]
async fn a_second_vote_is_refused_and_a_repeat_is_answered_as_one() {
    let vault = support::vault(&support::fresh_database().await).await;
    let (ballots, log, judges) = (vault.ballots(), Log::default(), voters(3));
    log.open(ballots, ROUND, &judges).await;
    assert_eq!(log.cast(ballots, ROUND, judges[0], "a", Choice::Agree).await, Cast::Accepted);
    assert_eq!(log.cast(ballots, ROUND, judges[0], "a", Choice::Disagree).await, Cast::Repeated);
    assert_eq!(
        log.cast(ballots, ROUND, judges[0], "b", Choice::Agree).await,
        Cast::AlreadyVoted { round: ROUND }
    );
    // Another voter's key may read the same.
    assert_eq!(log.cast(ballots, ROUND, judges[1], "a", Choice::Disagree).await, Cast::Accepted);
    let stranger = Uuid::from_u128(99);
    assert_eq!(
        log.cast(ballots, ROUND, stranger, "a", Choice::Agree).await,
        Cast::NotInElectorate { round: ROUND }
    );
    log.close(ballots, ROUND).await;
    let closing = log.closing(ROUND);
    assert_eq!((closing.voters.len(), closing.agree, closing.disagree), (2, 1, 1));
}

#[tokio::test]
async fn inspecting_names_the_round_that_could_not_be_closed_and_changes_nothing() {
    let address = support::fresh_database().await;
    let vault = support::vault(&address).await;
    let (ballots, log, judges) = (vault.ballots(), Log::default(), voters(3));
    for round in [ROUND, OTHER_ROUND] {
        log.open(ballots, round, &judges).await;
        assert_eq!(log.cast(ballots, round, judges[0], "key", Choice::Agree).await, Cast::Accepted);
    }
    let inspected = async || {
        let page = ballots.inspect_after(Uuid::nil()).await.unwrap();
        assert!(page.iter().all(|it| it.electorate == judges && it.closing_seconds.is_none()));
        assert!(ballots.inspect_after(page.last().unwrap().round).await.unwrap().is_empty());
        page.iter().map(|it| (it.round, it.fault.is_none())).collect::<Vec<_>>()
    };
    assert_eq!(inspected().await, [(ROUND, true), (OTHER_ROUND, true)]);
    // the other round's box in its place, and then none
    let mut connection = PgConnection::connect(&address).await.unwrap();
    for damage in [
        "update ballot_box set sealed = (select sealed from ballot_box as other where other.round <> ballot_box.round)
         where round = $1",
        "delete from ballot_box where round = $1",
    ] {
        sqlx::query(damage).bind(OTHER_ROUND).execute(&mut connection).await.unwrap();
        assert_eq!(inspected().await, [(ROUND, true), (OTHER_ROUND, false)]);
    }
    log.close(ballots, ROUND).await;
    assert_eq!(log.closing(ROUND).voters, [judges[0]]);
}

#[tokio::test]
async fn all_who_vote_at_once_are_counted() {
    let address = support::fresh_database().await;
    // Two processes, so to speak.
    let (vault, other_vault) = (support::vault(&address).await, support::vault(&address).await);
    let (log, judges) = (Log::default(), voters(40));
    log.open(vault.ballots(), ROUND, &judges).await;
    let tasks: Vec<_> = judges
        .iter()
        .enumerate()
        .map(|(index, judge)| {
            let (judge, log) = (*judge, log.clone());
            let ballots = if index % 2 == 0 { vault.ballots() } else { other_vault.ballots() }.clone();
            let choice = if index < 25 { Choice::Agree } else { Choice::Disagree };
            tokio::spawn(async move { log.cast(&ballots, ROUND, judge, "key", choice).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), Cast::Accepted);
    }
    log.close(vault.ballots(), ROUND).await;
    let closing = log.closing(ROUND);
    assert_eq!((closing.voters, closing.agree, closing.disagree), (judges, 25, 15));
}

#[tokio::test]
async fn of_one_voter_twice_at_once_one_vote_counts() {
    let vault = support::vault(&support::fresh_database().await).await;
    let (log, judges) = (Log::default(), voters(2));
    log.open(vault.ballots(), ROUND, &judges).await;
    let tasks: Vec<_> = (0..8)
        .map(|index| {
            let (ballots, log, judge) = (vault.ballots().clone(), log.clone(), judges[0]);
            tokio::spawn(
                async move { log.cast(&ballots, ROUND, judge, &format!("{index}"), Choice::Agree).await },
            )
        })
        .collect();
    let mut accepted = 0;
    for task in tasks {
        match task.await.unwrap() {
            Cast::Accepted => accepted += 1,
            other => assert_eq!(other, Cast::AlreadyVoted { round: ROUND }),
        }
    }
    assert_eq!(accepted, 1);
    log.close(vault.ballots(), ROUND).await;
    assert_eq!(log.closing(ROUND).choices.len(), 1);
}

#[tokio::test]
async fn a_vote_racing_the_closing_is_counted_or_refused() {
    let address = support::fresh_database().await;
    let (vault, other_vault) = (support::vault(&address).await, support::vault(&address).await);
    for turn in 0..12 {
        let (log, judges, round) = (Log::default(), voters(12), Uuid::from_u128(0x100 + turn));
        log.open(vault.ballots(), round, &judges).await;
        let tasks: Vec<_> = judges
            .iter()
            .map(|judge| {
                let (ballots, log, judge) = (vault.ballots().clone(), log.clone(), *judge);
                tokio::spawn(
                    async move { (judge, log.cast(&ballots, round, judge, "key", Choice::Agree).await) },
                )
            })
            .collect();
        log.close(other_vault.ballots(), round).await;
        let mut accepted = Vec::new();
        for task in tasks {
            match task.await.unwrap() {
                (judge, Cast::Accepted) => accepted.push(judge),
                (_, other) => assert_eq!(other, Cast::Closed { round }),
            }
        }
        let closing = log.closing(round);
        assert_eq!(closing.voters, accepted);
        assert_eq!(closing.choices.len(), accepted.len());
    }
    assert_eq!(rows(&address).await, (0, 0, 0));
}

#[tokio::test]
async fn a_vote_dropped_half_way_leaves_the_box_whole() {
    let vault = support::vault(&support::fresh_database().await).await;
    let (log, judges) = (Log::default(), voters(2));
    log.open(vault.ballots(), ROUND, &judges).await;
    let (reached, reaching) = oneshot::channel();
    let reached = Mutex::new(Some(reached));
    let (ballots, judge) = (vault.ballots().clone(), judges[0]);
    let vote = tokio::spawn(async move {
        ballots
            .cast(ROUND, judge, "key", Choice::Agree, async |_| {
                reached.lock().unwrap().take().unwrap().send(()).unwrap();
                std::future::pending::<Result<bool, Infallible>>().await
            })
            .await
    });
    reaching.await.unwrap();
    vote.abort();
    assert!(vote.await.unwrap_err().is_cancelled());
    assert_eq!(log.cast(vault.ballots(), ROUND, judges[0], "again", Choice::Disagree).await, Cast::Accepted);
    log.close(vault.ballots(), ROUND).await;
    let closing = log.closing(ROUND);
    assert_eq!((closing.voters, closing.agree, closing.disagree), (vec![judges[0]], 0, 1));
}

#[tokio::test]
async fn a_closing_that_died_takes_no_votes_until_it_is_repeated() {
    let address = support::fresh_database().await;
    let vault = support::vault(&address).await;
    let (log, judges) = (Log::default(), voters(2));
    log.open(vault.ballots(), ROUND, &judges).await;
    assert_eq!(log.cast(vault.ballots(), ROUND, judges[0], "key", Choice::Agree).await, Cast::Accepted);
    let (reached, reaching) = oneshot::channel();
    let ballots = vault.ballots().clone();
    let closing = tokio::spawn(async move {
        ballots
            .close(ROUND, async |closing: Closing| {
                reached.send(closing).unwrap();
                std::future::pending::<Result<(), AppendFailure<Infallible>>>().await
            })
            .await
    });
    assert_eq!(reaching.await.unwrap().voters, [judges[0]]);
    closing.abort();
    assert!(closing.await.unwrap_err().is_cancelled());
    assert_eq!(rows(&address).await, (1, 1, 1));
    // The append may still be on its way: a vote now could be lost.
    assert_eq!(
        log.cast(vault.ballots(), ROUND, judges[1], "key", Choice::Agree).await,
        Cast::Closing { round: ROUND }
    );
    assert_eq!(log.cast(vault.ballots(), ROUND, judges[0], "key", Choice::Agree).await, Cast::Repeated);
    log.close(vault.ballots(), ROUND).await;
    assert_eq!(log.closing(ROUND).voters, [judges[0]]);
    assert_eq!(rows(&address).await, (0, 0, 0));
}

#[tokio::test]
async fn a_closing_that_loses_its_lock_loses_no_vote() {
    let address = support::fresh_database().await;
    let vault = support::vault(&address).await;
    let (ballots, log, judges) = (vault.ballots(), Log::default(), voters(2));
    log.open(ballots, ROUND, &judges).await;
    assert_eq!(log.cast(ballots, ROUND, judges[0], "key", Choice::Agree).await, Cast::Accepted);
    let closed = ballots.close(ROUND, async |closing| {
        // As when the process stood still for too long, or PostgreSQL restarted.
        let mut connection = PgConnection::connect(&address).await.unwrap();
        sqlx::query(
            "select pg_terminate_backend(pid, 10000)
             from pg_stat_activity
             where datname = current_database() and state = 'idle in transaction'",
        )
        .execute(&mut connection)
        .await
        .unwrap();
        let late = log.cast(ballots, ROUND, judges[1], "key", Choice::Agree).await;
        assert_eq!(late, Cast::Closing { round: ROUND });
        log.append_closing(closing)
    });
    closed.await.unwrap();
    assert_eq!(log.closing(ROUND).voters, [judges[0]]);
    assert_eq!(
        log.cast(ballots, ROUND, judges[1], "key", Choice::Agree).await,
        Cast::Closed { round: ROUND }
    );
    assert_eq!(rows(&address).await, (1, 1, 1));
    let fate = async |round, _| Ok::<_, Infallible>(log.fate(round));
    assert_eq!(ballots.sweep(SETTLED_AFTER, fate).await.unwrap().destroyed, 1);
    assert_eq!(rows(&address).await, (0, 0, 0));
}

#[tokio::test]
async fn a_closing_that_was_not_appended_leaves_the_round_open() {
    let address = support::fresh_database().await;
    let vault = support::vault(&address).await;
    let (log, judges) = (Log::default(), voters(2));
    log.open(vault.ballots(), ROUND, &judges).await;
    log.cast(vault.ballots(), ROUND, judges[0], "key", Choice::Agree).await;
    let refused = vault
        .ballots()
        .close(ROUND, async |_| Err::<(), _>(AppendFailure::NotAppended("quorum missing")))
        .await;
    assert!(matches!(refused, Err(BallotError::Log(AppendFailure::NotAppended("quorum missing")))));
    assert_eq!(log.cast(vault.ballots(), ROUND, judges[1], "key", Choice::Disagree).await, Cast::Accepted);
    log.close(vault.ballots(), ROUND).await;
    assert_eq!(log.closing(ROUND).voters, judges);
}

#[tokio::test]
async fn a_closing_of_unknown_outcome_is_settled_by_the_sweep() {
    let address = support::fresh_database().await;
    let vault = support::vault(&address).await;
    let (ballots, log, judges) = (vault.ballots(), Log::default(), voters(2));
    for (round, appended) in [(ROUND, true), (OTHER_ROUND, false)] {
        log.open(ballots, round, &judges).await;
        let unknown = ballots
            .close(round, async |closing| {
                if appended {
                    log.append_closing(closing).unwrap();
                }
                Err::<(), _>(AppendFailure::Unknown("connection lost"))
            })
            .await;
        assert!(matches!(unknown, Err(BallotError::Log(AppendFailure::Unknown(_)))));
    }
    let sweep = async |settled_after| {
        ballots.sweep(settled_after, async |round, _| Ok::<_, Infallible>(log.fate(round))).await.unwrap()
    };
    let swept = sweep(Duration::from_secs(60)).await;
    assert_eq!((swept.destroyed, swept.released), (1, 0));
    assert_eq!(rows(&address).await, (1, 1, 1));
    let swept = sweep(Duration::ZERO).await;
    assert_eq!((swept.destroyed, swept.released), (0, 1));
    assert_eq!(log.cast(ballots, OTHER_ROUND, judges[0], "key", Choice::Agree).await, Cast::Accepted);
    log.close(ballots, OTHER_ROUND).await;
    assert_eq!(log.closing(OTHER_ROUND).voters, [judges[0]]);
}

#[tokio::test]
async fn keys_of_rounds_that_were_never_opened_go() {
    let address = support::fresh_database().await;
    let vault = support::vault(&address).await;
    let (ballots, log, judges) = (vault.ballots(), Log::default(), voters(2));
    let refused = ballots
        .open_round(opening(ROUND, &judges), async || {
            Err::<(), _>(AppendFailure::NotAppended("stage refused"))
        })
        .await;
    assert!(matches!(refused, Err(BallotError::Log(AppendFailure::NotAppended(_)))));
    assert_eq!(rows(&address).await, (0, 0, 0));
    let unknown = ballots
        .open_round(opening(ROUND, &judges), async || Err::<(), _>(AppendFailure::Unknown("lost")))
        .await;
    assert!(matches!(unknown, Err(BallotError::Log(AppendFailure::Unknown(_)))));
    assert_eq!(rows(&address).await, (1, 1, 1));
    let fate = async |round, _| Ok::<_, Infallible>(log.fate(round));
    assert_eq!(ballots.sweep(Duration::from_secs(60), fate).await.unwrap().destroyed, 0);
    // A repeat of the same opening finds its round; one with another electorate does not.
    let other = ballots
        .open_round(opening(ROUND, &judges[..1]), async || Ok::<_, AppendFailure<Infallible>>(()))
        .await;
    assert!(matches!(other, Err(BallotError::Vault(Error::RoundExists { round: ROUND }))));
    log.open(ballots, ROUND, &judges).await;
    // An opening that is refused because it happened before takes no key away.
    let again = ballots
        .open_round(opening(ROUND, &judges), async || Err::<(), _>(AppendFailure::NotAppended("open")))
        .await;
    assert!(again.is_err());
    assert_eq!(log.cast(ballots, ROUND, judges[0], "key", Choice::Agree).await, Cast::Accepted);
    log.0.lock().unwrap().clear();
    let fate = async |round, _| Ok::<_, Infallible>(log.fate(round));
    assert_eq!(ballots.sweep(Duration::ZERO, fate).await.unwrap().destroyed, 1);
    assert_eq!(rows(&address).await, (0, 0, 0));
}

#[tokio::test]
async fn a_vote_waits_for_the_opening_and_a_lost_key_is_told() {
    let vault = support::vault(&support::fresh_database().await).await;
    let (log, judges) = (Log::default(), voters(2));
    log.0.lock().unwrap().insert(ROUND, None);
    assert_eq!(
        log.cast(vault.ballots(), ROUND, judges[0], "key", Choice::Agree).await,
        Cast::KeyLost { round: ROUND }
    );
    log.0.lock().unwrap().clear();
    let (may_append, appending) = oneshot::channel::<()>();
    let (reached, reaching) = oneshot::channel();
    let opening = tokio::spawn({
        let (ballots, log, judges) = (vault.ballots().clone(), log.clone(), judges.clone());
        async move {
            ballots
                .open_round(opening(ROUND, &judges), async || {
                    reached.send(()).unwrap();
                    appending.await.unwrap();
                    log.0.lock().unwrap().insert(ROUND, None);
                    Ok::<_, AppendFailure<Infallible>>(())
                })
                .await
                .unwrap();
        }
    });
    reaching.await.unwrap();
    let asked = Arc::new(AtomicBool::new(false));
    let vote = tokio::spawn({
        let (ballots, log, asked, judge) = (vault.ballots().clone(), log.clone(), asked.clone(), judges[0]);
        async move {
            ballots
                .cast(ROUND, judge, "key", Choice::Agree, async |round| {
                    asked.store(true, Ordering::SeqCst);
                    Ok::<_, Infallible>(log.is_open(round))
                })
                .await
                .unwrap()
        }
    });
    tokio::task::yield_now().await;
    assert!(!asked.load(Ordering::SeqCst));
    may_append.send(()).unwrap();
    opening.await.unwrap();
    assert_eq!(vote.await.unwrap(), Cast::Accepted);
}

#[tokio::test]
async fn votes_in_several_rounds_are_taken_all_or_none() {
    let vault = support::vault(&support::fresh_database().await).await;
    let (ballots, log, judges) = (vault.ballots(), Log::default(), voters(3));
    let rounds: Vec<Uuid> = (0..20).map(|index| Uuid::from_u128(0x200 + index)).collect();
    let opened: Vec<_> = rounds.iter().map(|round| opening(*round, &judges)).collect();
    ballots
        .open_many(&opened, async || {
            log.0.lock().unwrap().extend(rounds.iter().map(|round| (*round, None)));
            Ok::<_, AppendFailure<Infallible>>(())
        })
        .await
        .unwrap();
    let is_open = async |round| Ok::<_, Infallible>(log.is_open(round));
    // In any order: locks are taken in sorted order.
    let votes: Vec<_> = rounds.iter().rev().map(|round| (*round, Choice::Agree)).collect();
    let both = tokio::join!(
        ballots.cast_many(judges[0], "key", &votes, is_open),
        ballots.cast_many(judges[1], "key", &votes, is_open)
    );
    assert_eq!((both.0.unwrap(), both.1.unwrap()), (Cast::Accepted, Cast::Accepted));
    assert_eq!(ballots.cast_many(judges[0], "key", &votes[..3], is_open).await.unwrap(), Cast::Repeated);
    assert_eq!(log.cast(ballots, rounds[7], judges[2], "alone", Choice::Disagree).await, Cast::Accepted);
    assert_eq!(
        ballots.cast_many(judges[2], "key", &votes, is_open).await.unwrap(),
        Cast::AlreadyVoted { round: rounds[7] }
    );
    assert!(matches!(
        ballots.cast_many(judges[2], "key", &[votes[0], votes[0]], is_open).await,
        Err(BallotError::Vault(Error::RoundsNamed))
    ));
    ballots
        .close_many(&rounds, async |closings| {
            closings.into_iter().try_for_each(|closing| log.append_closing(closing))
        })
        .await
        .unwrap();
    for round in &rounds {
        let closing = log.closing(*round);
        let expected =
            if *round == rounds[7] { (judges.clone(), 2, 1) } else { (judges[..2].to_vec(), 2, 0) };
        assert_eq!((closing.voters, closing.agree, closing.disagree), expected);
    }
}

#[tokio::test]
async fn nothing_in_the_rows_grows_with_the_votes() {
    let address = support::fresh_database().await;
    let vault = support::vault(&address).await;
    let (ballots, log, judges) = (vault.ballots(), Log::default(), voters(7));
    log.open(ballots, ROUND, &judges).await;
    let mut connection = PgConnection::connect(&address).await.unwrap();
    let mut lengths = std::collections::BTreeSet::new();
    for judge in &judges {
        log.cast(ballots, ROUND, *judge, "key", Choice::Agree).await;
        let found: (i32, i32) = sqlx::query_as(
            "select length(ballot_roll.sealed), length(ballot_box.sealed)
             from ballot_roll
             join ballot_box on ballot_box.round = ballot_roll.round",
        )
        .fetch_one(&mut connection)
        .await
        .unwrap();
        lengths.insert(found);
    }
    assert_eq!(lengths.len(), 1);
}
