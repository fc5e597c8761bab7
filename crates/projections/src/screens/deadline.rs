//! 期限 What ends by itself and when: what the policies that keep deadlines have to do. No screen shows it.

use crate::column::{Column, date, id, text};
use crate::row::{Row, RowError};
use crate::screens::case::{Case, SOURCES};
use crate::table::{Feed, Table};
use chrono::NaiveDate;
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::batch::{Batch, Stage as BatchStage};
use zhicheng_domain::declaration::Stage;

/// The table.
pub const TABLE: Table = Table {
    name: "deadline",
    up: include_str!("../../../../projections/deadline/up.sql"),
    sources: &[
        include_str!("deadline.rs"),
        include_str!("../../../domain/src/batch/mod.rs"),
        SOURCES[0],
        SOURCES[1],
        SOURCES[2],
    ],
    columns: &[COLUMNS],
    feed: Feed::Cases { aggregates: &["batch", "declaration"], rows },
};

const COLUMNS: &[Column] = &[
    text("kind", "期限类别").always(),
    date("due_on", "最后一日").always(),
    text("aggregate", "聚合类型").always(),
    id("aggregate_id", "聚合标识").always(),
];

/// At most one row for each: a case waits for one thing at a time.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let due = match state.get::<Batch>() {
        Some(batch) => of_batch(batch).map(|due_on| ("batch", "batch_close", due_on)),
        None => Case::submitted(id, state)
            .and_then(|case| of_case(&case))
            .map(|(kind, due_on)| ("declaration", kind, due_on)),
    };
    let row = |(aggregate, kind, due_on): (&str, &str, NaiveDate)| {
        Row::new(format!("{aggregate}/{id}/{kind}")).with([
            ("kind", kind.into()),
            ("due_on", due_on.into()),
            ("aggregate", aggregate.into()),
            ("aggregate_id", id.into()),
        ])
    };
    Ok(due.map(row).into_iter().collect())
}

fn of_batch(batch: &Batch) -> Option<NaiveDate> {
    match batch.stage {
        BatchStage::Draft | BatchStage::Open => batch.terms.as_ref().map(|terms| terms.closes_on),
        BatchStage::Closed => None,
    }
}

fn of_case(case: &Case<'_>) -> Option<(&'static str, NaiveDate)> {
    let returned = case.it.returned.as_ref();
    match case.it.stage {
        Stage::EmployerPublicity => {
            case.it.publicity.as_ref().map(|publicity| ("publicity_end", publicity.ends_on))
        }
        Stage::ReturnedToSubordinate => returned?.relay_by.map(|day| ("relay", day)),
        Stage::ReturnedToApplicant => returned?.correct_by.map(|day| ("correction", day)),
        Stage::Draft
        | Stage::EmployerReview
        | Stage::EmployerFailed
        | Stage::EmployerPublicityDue
        | Stage::EmployerPublicityEnded
        | Stage::EmployerPublicityFailed
        | Stage::Recommendation
        | Stage::SuperiorReview
        | Stage::SuperiorFailed
        | Stage::QualificationReview
        | Stage::QualificationFailed
        | Stage::Qualified
        | Stage::SchemeSubmitted
        | Stage::SchemeApproved
        | Stage::JudgesDrawn
        | Stage::MaterialReviewed
        | Stage::MaterialReviewFailed
        | Stage::Scoring
        | Stage::OpinionGiven
        | Stage::Balloting
        | Stage::VotePassed
        | Stage::VoteFailed
        | Stage::ResultPublicity
        | Stage::ResultPublicityPassed
        | Stage::ObjectionUpheld
        | Stage::FilingRequested
        | Stage::Filed
        | Stage::FinalApproved
        | Stage::CertificateIssued
        | Stage::ECertificateGenerated
        | Stage::Reported
        | Stage::Revoked
        | Stage::Withdrawn
        | Stage::Abandoned
        | Stage::FilingCancelled
        | Stage::Lapsed => None,
    }
}
