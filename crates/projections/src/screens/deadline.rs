//! 期限 What ends by itself and when: what the policies that keep deadlines have to do. No screen shows it.

use crate::column::{Column, id, instant, text};
use crate::row::{Row, RowError};
use crate::screens::case::{Case, SOURCES};
use crate::table::{Feed, Table};
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::approval::{Approval, Stage as ApprovalStage};
use zhicheng_domain::batch::{Batch, Stage as BatchStage};
use zhicheng_domain::blacklist_entry::{BlacklistEntry, Stage as EntryStage};
use zhicheng_domain::context::end_of_day;
use zhicheng_domain::declaration::Stage;

/// The table.
pub const TABLE: Table = Table {
    name: "deadline",
    up: include_str!("../../../../projections/deadline/up.sql"),
    sources: &[
        &[
            include_str!("deadline.rs"),
            include_str!("../../../domain/src/approval/mod.rs"),
            include_str!("../../../domain/src/batch/mod.rs"),
            include_str!("../../../domain/src/blacklist_entry/mod.rs"),
        ],
        SOURCES,
    ],
    columns: &[COLUMNS],
    feed: Feed::Cases { aggregates: &["approval", "batch", "blacklist_entry", "declaration"], rows },
};

const COLUMNS: &[Column] = &[
    text("kind", "期限类别").always(),
    instant("due_at", "到期时刻").always(),
    text("aggregate", "聚合类型").always(),
    id("aggregate_id", "聚合标识").always(),
];

/// At most one row for each: a case waits for one thing at a time.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let due = if let Some(batch) = state.get::<Batch>() {
        of_batch(batch).map(|last_day| ("batch_close", end_of_day(last_day)))
    } else if let Some(entry) = state.get::<BlacklistEntry>() {
        of_entry(entry).map(|last_day| ("blacklist_end", end_of_day(last_day)))
    } else if let Some(approval) = state.get::<Approval>() {
        of_approval(approval).map(|expires_at| ("approval_end", expires_at))
    } else {
        let case = Case::submitted(id, state);
        case.and_then(|case| of_case(&case)).map(|(kind, last_day)| (kind, end_of_day(last_day)))
    };
    let aggregate = state.aggregate();
    let row = |(kind, due_at): (&str, DateTime<Utc>)| {
        Row::new(format!("{aggregate}/{id}/{kind}")).with([
            ("kind", kind.into()),
            ("due_at", due_at.into()),
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

/// `expires_on` is the first day on which the entry is no longer in force.
fn of_entry(entry: &BlacklistEntry) -> Option<NaiveDate> {
    match entry.stage {
        EntryStage::Active => entry.expires_on.and_then(|day| day.pred_opt()),
        EntryStage::Lifted | EntryStage::Expired => None,
    }
}

fn of_approval(approval: &Approval) -> Option<DateTime<Utc>> {
    match approval.stage {
        ApprovalStage::Open => approval.request.as_ref().map(|request| request.expires_at),
        ApprovalStage::Approved | ApprovalStage::Declined | ApprovalStage::Expired => None,
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
