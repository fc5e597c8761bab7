//! The law of rollback on random walks: whatever was done and undone, the state is that of the operations that were not
//! undone; k operations and k rollbacks lead back to where they began, but for version, history and arrival.

use super::{Declaration, OperationKind};
use crate::world::sitting::{Sitting, opinion, sheet};
use chrono::DateTime;
use proptest::prelude::*;
use serde_json::{Value, json};

/// What the committee does to one candidate, or undoes.
#[derive(Debug, Clone, Copy)]
enum Move {
    ReviewMaterial(bool),
    Score(usize, bool, i64, bool),
    GroupOpinion,
    Ballot(usize),
    CommitteeOpinion,
    Cut,
    RollBack,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let any = prop_oneof![
        2 => any::<bool>().prop_map(Move::ReviewMaterial),
        8 => (0usize..3, any::<bool>(), 0i64..=50, any::<bool>())
            .prop_map(|(seat, material, score, locked)| Move::Score(seat, material, score, locked)),
        3 => Just(Move::GroupOpinion),
        3 => (0usize..=25).prop_map(Move::Ballot),
        3 => Just(Move::CommitteeOpinion),
        1 => Just(Move::Cut),
        6 => Just(Move::RollBack),
    ];
    proptest::collection::vec(any, 1..40)
}

/// A state without what a rollback leaves behind: version, history and arrival, and whom a repeated ballot binds.
fn bare(it: &Declaration) -> Declaration {
    let mut bare = it.clone();
    bare.version = 0;
    bare.arrived_at = DateTime::UNIX_EPOCH;
    bare.steps.clear();
    bare.tellings.clear();
    bare.told.clear();
    bare.review.sheets.values_mut().for_each(|sheet| sheet.version = 0);
    for opinion in [&mut bare.review.group_opinion, &mut bare.review.committee_opinion].into_iter().flatten()
    {
        opinion.version = 0;
    }
    bare.annulled_ballots.clear();
    bare.review.bound_electorate = None;
    for operation in &mut bare.operations {
        operation.id.clear();
        operation.step = 0;
    }
    bare
}

/// Tries a move; whether it was carried out.
fn take(sitting: &mut Sitting, step: Move) -> bool {
    let id = sitting.candidates[0];
    let judge = |sitting: &mut Sitting, seat: usize, action: &str, input: Value| {
        let account = sitting.seat(seat);
        sitting.tries(account, "declaration", id, action, input).is_ok()
    };
    match step {
        Move::ReviewMaterial(pass) => {
            let decision = if pass { "pass" } else { "fail" };
            judge(sitting, 0, "review-material", json!({"decision": decision, "opinion": "已阅"}))
        }
        Move::Score(seat, material, score, locked) => {
            let (action, item) =
                if material { ("score-material", "业绩成果") } else { ("score-interview", "答辩") };
            let mut input = sheet(item, score);
            input["locked"] = json!(locked);
            judge(sitting, seat, action, input)
        }
        Move::GroupOpinion => {
            // what is left open is locked first, so that walks get further
            for seat in 0..3 {
                judge(sitting, seat, "score-material", sheet("业绩成果", 30));
                judge(sitting, seat, "score-interview", sheet("答辩", 30));
            }
            judge(sitting, 0, "give-opinion", opinion("group"))
        }
        Move::Ballot(agree) => {
            let attending = json!({"attending": sitting.seats});
            if !judge(sitting, 3, "open-ballot", attending) {
                return false;
            }
            sitting.votes(0, agree, 25);
            judge(sitting, 3, "close-ballot", json!({}))
        }
        Move::CommitteeOpinion => judge(sitting, 3, "give-opinion", opinion("committee")),
        Move::Cut => {
            let (office, meeting) = (sitting.hunan.committee_operator, sitting.meeting);
            sitting.tries(office, "review_meeting", meeting, "apply-cut", json!({})).is_ok()
        }
        // the qualification stays: with it the candidate leaves the scheme, which is compensated and not restored
        Move::RollBack => {
            let latest = sitting.candidate(0).latest_operation().map(|latest| latest.kind.clone());
            match latest {
                Some(OperationKind::Qualification) | None => false,
                Some(_) => sitting.roll_back(0).is_ok(),
            }
        }
    }
}

/// The state from the events of what was not undone: of each rollback, the operation's events are skipped.
fn surviving(sitting: &Sitting) -> Declaration {
    use crate::AnyEvent;
    use crate::declaration::Event;
    let stream = crate::StreamId::of::<Declaration>(sitting.candidates[0]);
    let mut kept: Vec<(&Event, &crate::Stamp, Option<OperationKind>)> = Vec::new();
    let mut replayed = Declaration::default();
    for logged in sitting.hunan.world.log.iter().filter(|logged| logged.stream == stream) {
        let AnyEvent::Declaration(event) = &logged.event else { continue };
        let before = replayed.clone();
        crate::Aggregate::evolve(&mut replayed, event, &logged.stamp);
        match event {
            Event::OperationRolledBack { .. } => {
                let undone = before.latest_operation().map(|it| it.kind.clone());
                kept.retain(|(_, _, kind)| kind.is_none() || *kind != undone);
            }
            // a cut is void together with the rollback that follows
            Event::CutVoided { .. } => kept.retain(|(event, ..)| !matches!(event, Event::CutApplied { .. })),
            Event::VoteCast { .. } => kept.push((event, &logged.stamp, Some(OperationKind::Ballot))),
            _ => {
                let done = replayed
                    .operations
                    .last()
                    .filter(|latest| Some(&latest.id) != before.operations.last().map(|it| &it.id));
                kept.push((event, &logged.stamp, done.map(|it| it.kind.clone())));
            }
        }
    }
    let mut state = Declaration::default();
    for (event, stamp, _) in kept {
        crate::Aggregate::evolve(&mut state, event, stamp);
    }
    state
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_state_is_that_of_what_was_not_undone(moves in moves()) {
        let mut sitting = ready();
        let mut before: Vec<Declaration> = Vec::new();
        for step in moves {
            let state = sitting.candidate(0);
            let done = take(&mut sitting, step);
            if done && !matches!(step, Move::RollBack) {
                before.push(state);
            }
            prop_assert_eq!(bare(&sitting.candidate(0)), bare(&surviving(&sitting)));
        }
        // and all the way back
        while take(&mut sitting, Move::RollBack) {}
        if let Some(first) = before.first() {
            prop_assert_eq!(bare(&sitting.candidate(0)), bare(first));
        }
    }
}

thread_local! {
    static READY: Sitting = Sitting::assigned(1, |_| {});
}

/// A candidate whose panel was assigned; built once, walked many times.
fn ready() -> Sitting {
    READY.with(Clone::clone)
}
