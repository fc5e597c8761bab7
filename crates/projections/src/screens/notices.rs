//! 通知 What people were told: everybody their own, the newest first. When somebody read it is joined from [`super::notice_read`]: a row
//! is folded from the thing that it is about, and what was read is an event of the reader's account.

use crate::column::{Column, Computed, Kind, Place, date, id, instant, text};
use crate::row::{Row, RowError};
use crate::screen::{Grant, Scope, Screen, grant};
use crate::screens::case::{Case, SOURCES, is_status};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::notice::{NoticeKind, Told};
use zhicheng_domain::review_meeting::ReviewMeeting;
use zhicheng_domain::values::Role;

/// The screen. What is not read yet waits.
pub const SCREEN: Screen = Screen::over(&TABLE, "notices", "通知", "Notices")
    .granted(GRANTS)
    .newest_first("at")
    .row_actions(&["mark-read"])
    .counts_waiting();

/// The table.
pub const TABLE: Table = Table {
    name: "notice",
    up: include_str!("../../../../projections/notice/up.sql"),
    sources: &[
        &[
            include_str!("notices.rs"),
            include_str!("../../../domain/src/notice.rs"),
            include_str!("../../../domain/src/declaration/notices.rs"),
            include_str!("../../../domain/src/review_meeting/notices.rs"),
            include_str!("../../../domain/src/review_meeting/evolve.rs"),
        ],
        SOURCES,
    ],
    columns: &[COLUMNS],
    feed: Feed::Cases { aggregates: &["declaration", "review_meeting"], rows },
};

/// Applicants by account, judges by seat, whoever acts for an organisation by it; to the others nothing is addressed yet. Ids of
/// accounts, organisations and judges do not mix, so that one column holds whoever is addressed.
const GRANTS: &[Grant] = &[
    grant(Role::Applicant, Scope::OwnAccount("addressee_id")),
    grant(Role::EmployerOperator, Scope::OwnOrganisation("addressee_id")),
    grant(Role::SuperiorReviewer, Scope::OwnOrganisation("addressee_id")),
    grant(Role::AuthorityReviewer, Scope::OwnOrganisation("addressee_id")),
    grant(Role::SchemeReviewer, Scope::OwnAccount("addressee_id")),
    grant(Role::SpecialSchemeReviewer, Scope::OwnAccount("addressee_id")),
    grant(Role::CommitteeOperator, Scope::OwnOrganisation("addressee_id")),
    grant(Role::Judge, Scope::OwnJudge("addressee_id")),
    grant(Role::DisciplineWitness, Scope::OwnAccount("addressee_id")),
    grant(Role::CertificateIssuer, Scope::OwnAccount("addressee_id")),
    grant(Role::ProvincialAdministrator, Scope::OwnAccount("addressee_id")),
    grant(Role::SystemAdministrator, Scope::OwnAccount("addressee_id")),
    grant(Role::Auditor, Scope::OwnAccount("addressee_id")),
    grant(Role::ReportJob, Scope::OwnAccount("addressee_id")),
];

const COLUMNS: &[Column] = &[
    id("id", "通知标识").always(),
    text("kind", "通知类别").always().one_of::<NoticeKind>(),
    text("text", "通知内容").always().personal().searchable(),
    id("declaration_id", "申报标识"),
    text("declaration_no", "申报编号"),
    id("review_meeting_id", "评审会议"),
    instant("at", "通知时间").always(),
    date("due_on", "截止时间"),
    id("addressee_id", "收件人标识").always().personal().internal(),
    Column {
        place: Place::Computed(Computed::ReadStatus),
        ..Column::new("status", "阅读状态", Kind::Text).always().known_by(is_status)
    },
    Column {
        place: Place::Computed(Computed::ReadAt), ..Column::new("read_at", "阅读时间", Kind::Instant)
    },
];

/// One row for each notice, of a declaration to the applicant and its organisations, of a meeting to its judges.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    if let Some(meeting) = state.get::<ReviewMeeting>() {
        return Ok(meeting.told.iter().map(|told| row(id, told, None, Some(id))).collect());
    }
    let Some(case) = Case::any(id, state) else { return Ok(Vec::new()) };
    let about = (id, case.subject.declaration_no.as_str());
    Ok(case.it.told.iter().map(|told| row(id, told, Some(about), None)).collect())
}

fn row(stream: Uuid, told: &Told, declaration: Option<(Uuid, &str)>, meeting: Option<Uuid>) -> Row {
    Row::new(format!("{stream}/{:05}", told.number)).with([
        ("id", told.id(stream).into()),
        ("kind", told.kind.name().into()),
        ("text", (&told.text).into()),
        ("declaration_id", declaration.map(|(id, _)| id).into()),
        ("declaration_no", declaration.map(|(_, number)| number).into()),
        ("review_meeting_id", meeting.into()),
        ("at", told.at.into()),
        ("due_on", told.due_on.into()),
        ("addressee_id", told.to.id().into()),
    ])
}
