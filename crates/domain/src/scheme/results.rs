//! 评审结果 What a scheme is told of its results: who passed, how their publicity ended, to whom somebody objected (T46b, T50, T52, T53). What may be put on file follows from it.

use super::{Event, Scheme};
use crate::aggregate::Outcome;
use crate::context::{Context, Stop};
use crate::declaration::Declaration;
use crate::declaration::actions::scheme_of;
use crate::ids::{DeclarationId, SchemeId};
use crate::values::PublicityResult;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// What came of a scheme.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Results {
    /// Who passed, as it was declared.
    pub passed: BTreeSet<DeclarationId>,
    /// How many of those take a place of their employer's quota; the cut found one for each (N15).
    pub with_quota: u32,
    /// First and last day of the result publicities that are over.
    pub published: Option<(NaiveDate, NaiveDate)>,
    /// 有异议: to whom somebody objected, whatever came of it, or whose publicity failed.
    pub objected: BTreeSet<DeclarationId>,
}

impl Results {
    pub(super) fn publish(&mut self, starts_on: NaiveDate, ends_on: NaiveDate, failed: &[DeclarationId]) {
        let (first, last) = self.published.unwrap_or((starts_on, ends_on));
        self.published = Some((first.min(starts_on), last.max(ends_on)));
        self.objected.extend(failed);
    }
}

/// A candidate whose result publicity is over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Published<'a> {
    /// The candidate.
    pub(crate) id: DeclarationId,
    /// As it was before.
    pub(crate) it: &'a Declaration,
    /// How it ended.
    pub(crate) result: PublicityResult,
}

/// Tells their schemes how publicities ended, each scheme once. A published award has none.
pub(crate) fn tell<E>(
    outcome: Outcome<E>,
    published: &[Published<'_>],
    context: &Context<'_>,
) -> Result<Outcome<E>, Stop> {
    let mut told: BTreeMap<SchemeId, Told> = BTreeMap::new();
    for Published { id, it, result } in published {
        let Some(publicity) = &it.result_publicity else { continue };
        let Some(scheme) = scheme_of(it, context)? else { continue };
        let period = (publicity.starts_on, publicity.ends_on);
        let told = told.entry(scheme).or_insert_with(|| Told { period, ..Told::default() });
        told.period = (told.period.0.min(period.0), told.period.1.max(period.1));
        match result {
            PublicityResult::Passed => told.passed.push(*id),
            PublicityResult::Failed => told.failed.push(*id),
        }
    }
    Ok(told.into_iter().fold(
        outcome,
        |outcome, (scheme, Told { period: (starts_on, ends_on), passed, failed })| {
            outcome.also::<Scheme>(scheme, Event::PublicityRecorded { ends_on, failed, passed, starts_on })
        },
    ))
}

#[derive(Debug, Default)]
struct Told {
    period: (NaiveDate, NaiveDate),
    passed: Vec<DeclarationId>,
    failed: Vec<DeclarationId>,
}
