//! The ballot boxes in the vault: every round that is being voted in could be closed, and no round that is over left anything.

use super::{Check, Checked, Look, Seen, System};
use crate::error::Error;
use futures::future::BoxFuture;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;
use zhicheng_domain::AnyEvent;
use zhicheng_domain::aggregate::AnyState;
use zhicheng_domain::declaration::{Declaration, Event, Stage};
use zhicheng_vault::{RoundFate, SETTLED_AFTER};

/// A box whose closing died after it was in the log is destroyed by the next sweep, which comes every minute.
const SWEPT_WITHIN_SECONDS: i64 = 120;

/// A round that is being voted in.
struct Open {
    declaration: Uuid,
    electorate: BTreeSet<Uuid>,
}

/// The rounds of the log.
pub(super) struct Boxes {
    checked: Checked,
    /// Being voted in.
    open: BTreeMap<Uuid, Open>,
}

impl Boxes {
    pub(super) const fn new() -> Self {
        Self { checked: Checked::new(Check::Boxes), open: BTreeMap::new() }
    }
}

impl Look for Boxes {
    fn after(&mut self, seen: &Seen<'_>, state: &AnyState) {
        let (AnyEvent::Declaration(event), Some(it)) = (seen.fact, state.get::<Declaration>()) else {
            return;
        };
        if let Event::BallotClosed { round_id, .. } = event {
            self.open.remove(&round_id.0);
        }
        if let (Event::BallotOpened { .. }, Some(ballot)) = (event, &it.review.ballot) {
            let electorate = ballot.attending.iter().map(|judge| judge.0).collect();
            let Ok(declaration) = seen.event.aggregate_id.parse() else { return };
            self.open.insert(ballot.round.0, Open { declaration, electorate });
        }
    }

    /// Voting ended otherwise: rolled back, annulled, lapsed.
    fn stream_ended(&mut self, _: &str, state: &AnyState) {
        let Some(it) = state.get::<Declaration>() else { return };
        let annulled = it.annulled_ballots.iter().map(|ballot| ballot.round.0);
        let current = it.review.ballot.iter().map(|ballot| ballot.round.0);
        for round in annulled.chain(current.filter(|_| it.stage != Stage::Balloting)) {
            self.open.remove(&round);
        }
    }

    fn finish<'a>(mut self: Box<Self>, system: &'a System<'a>) -> BoxFuture<'a, Vec<Checked>> {
        Box::pin(async move {
            if let Err(error) = self.look(system).await {
                self.checked.broke_off(&error);
            }
            vec![self.checked]
        })
    }
}

impl Boxes {
    async fn look(&mut self, system: &System<'_>) -> Result<(), Error> {
        let ballots = system.app.vault().ballots();
        let mut after = Uuid::nil();
        loop {
            let page = ballots.inspect_after(after).await?;
            let Some(last) = page.last() else { break };
            after = last.round;
            for it in page {
                let round = it.round;
                let expected = self.open.remove(&round);
                // asked anew: a round may have been opened or closed since the log was read
                let wrong = match (system.app.fate(round, it.declaration).await?, it.fault) {
                    (RoundFate::Open, Some(error)) => Some(format!("开不了箱：{error}")),
                    (RoundFate::Open, None) => {
                        let electorate: BTreeSet<Uuid> = it.electorate.into_iter().collect();
                        let other = expected.is_some_and(|expected| expected.electorate != electorate);
                        other.then(|| "可以投票的人与日志不符".to_owned())
                    }
                    (RoundFate::Over, _) => {
                        let settling =
                            it.closing_seconds.is_some_and(|seconds| seconds <= SWEPT_WITHIN_SECONDS);
                        (!settling).then(|| "已经结束，票箱还在".to_owned())
                    }
                    (RoundFate::NeverOpened, _) => {
                        let settled = i64::try_from(SETTLED_AFTER.as_secs()).unwrap_or(i64::MAX);
                        let settling = it.age_seconds <= settled.saturating_add(SWEPT_WITHIN_SECONDS);
                        (!settling).then(|| "日志中没有这个轮次".to_owned())
                    }
                };
                self.checked
                    .expect(wrong.is_none(), || format!("轮次 {round} {}", wrong.unwrap_or_default()));
            }
        }
        for (round, open) in std::mem::take(&mut self.open) {
            if system.app.fate(round, Some(open.declaration)).await? == RoundFate::Open {
                self.checked.expect(false, || format!("轮次 {round} 正在投票，票箱不见了"));
            }
        }
        Ok(())
    }
}
