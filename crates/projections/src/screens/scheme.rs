//! What the tables of schemes share: which scheme it is, of which committee, and how many it reviews.

use crate::column::{Column, date, id, integer, text};
use crate::row::Cells;
use chrono::Datelike as _;
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::ids::CommitteeId;
use zhicheng_domain::scheme::{Scheme, Terms};
use zhicheng_domain::values::{Medium, SchemeKind};

/// What every scheme's row is made by, beside its own file.
pub const SOURCES: &[&str] = &[
    include_str!("scheme.rs"),
    include_str!("../../../domain/src/scheme/mod.rs"),
    include_str!("../../../domain/src/scheme/terms.rs"),
    include_str!("../../../domain/src/scheme/filings.rs"),
];

/// Columns of every table with a row per scheme.
pub const PLAN: &[Column] = &[
    id("id", "评审方案").always(),
    integer("year", "年度").always(),
    id("batch_id", "批次").always(),
    text("kind", "方案类别").always().one_of::<SchemeKind>(),
    text("medium", "评审方式").always().one_of::<Medium>(),
    date("opens_on", "开评日期").always(),
    id("final_organisation_id", "评委会标识").always(),
    text("final_organisation_name", "评委会").searchable(),
    integer("participants", "参评人数").always(),
];

/// A scheme that exists, with what it says.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// Its id.
    pub id: Uuid,
    /// It.
    pub it: &'a Scheme,
    /// What it says.
    pub terms: &'a Terms,
    /// The committee that reviews.
    pub committee: CommitteeId,
}

impl<'a> Plan<'a> {
    /// The scheme of a state; none where the state is another thing's or before creation.
    pub fn of(id: Uuid, state: &'a AnyState) -> Option<Self> {
        let it: &Scheme = state.get()?;
        Some(Self { id, it, terms: it.terms.as_ref()?, committee: it.committee? })
    }

    /// [`PLAN`].
    pub fn cells(&self) -> Cells {
        let Self { id, it, terms, committee } = *self;
        vec![
            ("id", id.into()),
            ("year", it.year.unwrap_or_else(|| terms.opens_on.year()).into()),
            ("batch_id", terms.batch_id.0.into()),
            ("kind", terms.kind.name().into()),
            ("medium", terms.medium.name().into()),
            ("opens_on", terms.opens_on.into()),
            ("final_organisation_id", committee.0.into()),
            ("final_organisation_name", it.committee_name.as_ref().into()),
            ("participants", i64::try_from(terms.participants.len()).unwrap_or(i64::MAX).into()),
        ]
    }
}
