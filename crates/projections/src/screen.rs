//! A listing screen is one value: its table, who reads it and which rows, what may be asked, what may be done to a row.

use crate::column::{Class, Column, Computed, Filter, Kind, Place};
use crate::table::Table;
use uuid::Uuid;
use zhicheng_domain::context::Acting;
use zhicheng_domain::registers::Registers;
use zhicheng_domain::values::Role;

/// Which rows a reader may see at all. It is always ANDed; no filter can widen it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All of them.
    Everything,
    /// Those of the reader's person.
    OwnPerson(&'static str),
    /// Those of the reader's account.
    OwnAccount(&'static str),
    /// Those of the organisation at which the reader holds the role.
    OwnOrganisation(&'static str),
    /// Those of the reader as a judge.
    OwnJudge(&'static str),
    /// Those that have been at the reader's organisation, or lie with a committee that it approved.
    OnPath {
        /// The list of organisations that the case has been at.
        organisations: &'static str,
        /// The final organisation.
        committee: &'static str,
    },
    /// Those of the reader's organisation's own people, wherever they are; the list of organisations is what is looked up.
    OwnPeople {
        /// The list of organisations that the case has been at.
        organisations: &'static str,
        /// The employer.
        employer: &'static str,
    },
    /// Those of committees that the reader's organisation approved.
    ApprovedByOwn(&'static str),
    /// Those that the reader asked for, or may approve in the reader's role where it is held; see [`may_approve`].
    MayApprove {
        /// The list of roles in which somebody may approve.
        approvers: &'static str,
        /// The account that asked.
        requested_by: &'static str,
    },
    /// Those whose committee or accepting agency names the reader's organisation as the one that issues.
    IssuedByOwn(&'static str),
}

impl Scope {
    /// The columns that it looks at.
    pub fn columns(self) -> Vec<&'static str> {
        match self {
            Self::Everything => Vec::new(),
            Self::OwnPerson(column)
            | Self::OwnAccount(column)
            | Self::OwnOrganisation(column)
            | Self::OwnJudge(column)
            | Self::ApprovedByOwn(column)
            | Self::IssuedByOwn(column) => vec![column],
            Self::OnPath { organisations, committee } => vec![organisations, committee],
            Self::OwnPeople { organisations, employer } => vec![organisations, employer],
            Self::MayApprove { approvers, requested_by } => vec![approvers, requested_by],
        }
    }
}

/// Whether a reader sees the course of a meeting before its results are declared (contract.md, Who sees what).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// The committee's: everything.
    Committee,
    /// Everybody else's: 方案已核准 from the draw until the results are declared.
    Outside,
}

/// Whether a reader sees who the persons are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Persons {
    /// By name.
    Named,
    /// Personal columns masked, and neither filtered nor sorted by.
    Masked,
}

/// What a role may see of a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// Which rows.
    pub scope: Scope,
    /// Which of two values.
    pub view: View,
    /// Which persons.
    pub persons: Persons,
}

/// What a role may see: the committee's own people have its view, auditors see persons masked.
pub const fn grant(role: Role, scope: Scope) -> Grant {
    let view = if role.is_of_committee() { View::Committee } else { View::Outside };
    let persons = match role {
        Role::Auditor => Persons::Masked,
        Role::Applicant
        | Role::EmployerOperator
        | Role::SuperiorReviewer
        | Role::AuthorityReviewer
        | Role::SchemeReviewer
        | Role::SpecialSchemeReviewer
        | Role::CommitteeOperator
        | Role::Judge
        | Role::DisciplineWitness
        | Role::CertificateIssuer
        | Role::ProvincialAdministrator
        | Role::SystemAdministrator
        | Role::ReportJob => Persons::Named,
    };
    Grant { role, scope, view, persons }
}

impl Grant {
    /// What a filter on this column means to this role; none where it is not to be asked about.
    pub fn filter(&self, column: &Column) -> Option<Filter> {
        self.may_ask(column).then_some(column.filter)
    }

    /// Whether this role may order by this column.
    pub fn may_sort(&self, column: &Column) -> bool {
        column.kind != Kind::TextList && self.may_ask(column)
    }

    fn may_ask(&self, column: &Column) -> bool {
        let shown = column.place != Place::Internal;
        let clear = column.class == Class::Public || self.persons == Persons::Named;
        shown && clear
    }

    /// The stored column that this role reads under a column's name.
    pub fn read(&self, column: &'static Column) -> &'static str {
        match (self.view, column.outside) {
            (View::Outside, Some(outside)) => outside,
            (View::Outside, None) | (View::Committee, _) => column.name,
        }
    }
}

/// Which end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The smallest.
    Ascending,
    /// The largest.
    Descending,
}

/// In which order rows come when nobody says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// The column.
    pub column: &'static str,
    /// Which end comes first.
    pub direction: Direction,
}

/// A column equals a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fixed {
    /// The column.
    pub column: &'static str,
    /// The text that it equals.
    pub value: &'static str,
}

/// Whether a screen stands in the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Menu {
    /// It does.
    Listed,
    /// It is the detail of another one.
    DetailOf(&'static str),
}

/// A listing screen.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    /// Its name in URLs.
    pub name: &'static str,
    /// 标题.
    pub title: &'static str,
    /// The same in English.
    pub title_en: &'static str,
    /// Its table.
    pub table: &'static Table,
    /// Who reads it.
    pub grants: &'static [Grant],
    /// Which of the table's rows are on it.
    pub fixed: &'static [Fixed],
    /// The order of its rows; the key decides between equals.
    pub order: Order,
    /// The actions on a row, by name.
    pub row_actions: &'static [&'static str],
    /// Which rows wait for somebody; none where none can.
    pub waiting: Option<Fixed>,
    /// Whether it stands in the menu.
    pub menu: Menu,
}

impl Screen {
    /// A screen over a table, with the newest rows (by key) first.
    pub const fn over(
        table: &'static Table,
        name: &'static str,
        title: &'static str,
        title_en: &'static str,
    ) -> Self {
        Self {
            name,
            title,
            title_en,
            table,
            grants: &[],
            fixed: &[],
            order: Order { column: "id", direction: Direction::Descending },
            row_actions: &[],
            waiting: None,
            menu: Menu::Listed,
        }
    }

    /// Who reads it.
    #[must_use]
    pub const fn granted(self, grants: &'static [Grant]) -> Self {
        Self { grants, ..self }
    }

    /// The tables that its rows are as new as: its own, and those of which its columns show what changes.
    pub fn tables(&self) -> impl Iterator<Item = &'static Table> + use<> {
        self.joining(Computed::is_waited_for)
    }

    /// Every table that is read with its rows.
    pub fn tables_read(&self) -> impl Iterator<Item = &'static Table> + use<> {
        self.joining(|_| true)
    }

    fn joining(&self, of: impl Fn(Computed) -> bool) -> std::vec::IntoIter<&'static Table> {
        let mut tables = vec![self.table];
        for column in self.table.columns() {
            let Place::Computed(computed) = column.place else { continue };
            for joined in computed.tables().iter().filter(|_| of(computed)) {
                if tables.iter().all(|table| table.name != joined.name) {
                    tables.push(joined);
                }
            }
        }
        tables.into_iter()
    }

    /// The largest of this column first.
    #[must_use]
    pub const fn newest_first(self, column: &'static str) -> Self {
        Self { order: Order { column, direction: Direction::Descending }, ..self }
    }

    /// The smallest of this column first.
    #[must_use]
    pub const fn oldest_first(self, column: &'static str) -> Self {
        Self { order: Order { column, direction: Direction::Ascending }, ..self }
    }

    /// Only rows for which this holds.
    #[must_use]
    pub const fn only(self, fixed: &'static [Fixed]) -> Self {
        Self { fixed, ..self }
    }

    /// What may be done to a row.
    #[must_use]
    pub const fn row_actions(self, row_actions: &'static [&'static str]) -> Self {
        Self { row_actions, ..self }
    }

    /// Rows whose `status` is `waiting` are counted in the menu.
    #[must_use]
    pub const fn counts_waiting(self) -> Self {
        Self { waiting: Some(Fixed { column: "status", value: "waiting" }), ..self }
    }

    /// It is the detail of another screen and not in the menu.
    #[must_use]
    pub const fn detail_of(self, screen: &'static str) -> Self {
        Self { menu: Menu::DetailOf(screen), ..self }
    }

    /// What a role may see of it.
    pub fn grant(&self, role: Role) -> Option<&'static Grant> {
        let grants: &'static [Grant] = self.grants;
        grants.iter().find(|grant| grant.role == role)
    }

    /// The columns that readers get, in order.
    pub fn shown(&self) -> impl Iterator<Item = &'static Column> + use<> {
        self.table.columns().filter(|column| column.place != Place::Internal)
    }
}

/// Who reads, and what scopes ask about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// The role.
    pub role: Role,
    /// The account.
    pub account: Uuid,
    /// The person whose account it is.
    pub person: Option<Uuid>,
    /// Where the role is held.
    pub organisation: Option<Uuid>,
    /// The reader's seats as a judge.
    pub judges: Vec<Uuid>,
    /// Committees that the organisation approved.
    pub approves: Vec<Uuid>,
    /// Committees and accepting agencies that name the organisation as the one that issues, see [`issued_from`], and itself.
    pub issues_for: Vec<String>,
}

impl Viewer {
    /// Whoever acts, with what the registers say of the organisation.
    pub fn of(acting: &Acting, registers: &Registers) -> Self {
        let own = acting.organisation.map(Uuid::from);
        let is_own = |organisation: Option<Uuid>| own.is_some() && organisation == own;
        let committees = || registers.committees.iter();
        let mut issues_for: Vec<String> = committees()
            .filter(|(_, it)| is_own(it.issuing_organisation.map(Uuid::from)))
            .map(|(id, _)| issued_from(id, None))
            .collect();
        issues_for.extend(own.map(issued_by));
        for (_, agency) in registers.acceptance_agencies.iter().filter(|(_, agency)| !agency.deregistered) {
            if let (Some(organisation), Some(mode)) = (agency.organisation, agency.mode)
                && is_own(agency.issuing_organisation.map(Uuid::from))
            {
                issues_for.push(issued_from(organisation.into(), Some(mode.name())));
            }
        }
        Self {
            role: acting.role,
            account: acting.account.into(),
            person: acting.person.map(Uuid::from),
            organisation: own,
            judges: registers.judge_of(acting).map(Uuid::from).into_iter().collect(),
            approves: committees()
                .filter(|(_, it)| is_own(it.approved_by.map(Uuid::from)))
                .map(|(id, _)| id)
                .collect(),
            issues_for,
        }
    }
}

/// What names the issuing organisation of a declaration: its committee, or its accepting agency in this mode.
pub fn issued_from(final_organisation: Uuid, mode: Option<&str>) -> String {
    match mode {
        None => final_organisation.to_string(),
        Some(mode) => format!("{final_organisation}:{mode}"),
    }
}

/// What names the organisation that has issued a certificate.
pub fn issued_by(organisation: Uuid) -> String {
    format!("issued:{organisation}")
}

/// What names a role where it is held, among those who may approve an operation.
pub fn may_approve(role: Role, organisation: Option<Uuid>) -> String {
    match organisation {
        None => role.name().to_owned(),
        Some(organisation) => format!("{}@{organisation}", role.name()),
    }
}
