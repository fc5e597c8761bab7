//! Organisations, paths, committees, batches, roles and the like, folded in memory in log order and brought up to the
//! head that was read when the request began: an edge confirmed a moment ago counts, in every process.

pub mod paths;

use crate::acceptance_agency::AcceptanceAgency;
use crate::account::{self, Account};
use crate::aggregate::{Aggregate, AnyEvent, Stamp};
use crate::batch::Batch;
use crate::blacklist_entry::BlacklistEntry;
use crate::calendar::WorkingCalendar;
use crate::committee::Committee;
use crate::context::Acting;
use crate::employer::Employer;
use crate::ids::{AccountId, CommitteeId, JudgeId, NodeId, PersonId};
use crate::installation::Installation;
use crate::issuing_code::IssuingCode;
use crate::job::{self, Job};
use crate::judge::Judge;
use crate::organisation::Organisation;
use crate::path_edge::PathEdge;
use crate::specialty::Specialty;
use crate::title::Title;
use crate::values::{Level, Mode, NodeType, Role};
use crate::working_calendar::PublishedCalendar;
use chrono::NaiveDate;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// All aggregates of one small kind.
#[derive(Debug, Clone)]
pub struct Register<A> {
    by_id: HashMap<Uuid, A>,
}

impl<A> Default for Register<A> {
    fn default() -> Self {
        Self { by_id: HashMap::new() }
    }
}

impl<A: Aggregate> Register<A> {
    /// The one with this id.
    pub fn get(&self, id: impl Into<Uuid>) -> Option<&A> {
        self.by_id.get(&id.into())
    }

    /// All of them, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (Uuid, &A)> {
        self.by_id.iter().map(|(id, it)| (*id, it))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    fn apply(&mut self, id: Uuid, event: &A::Event, stamp: &Stamp) {
        self.by_id.entry(id).or_default().evolve(event, stamp);
    }
}

/// What decisions look up by id without loading a stream.
#[derive(Debug, Clone, Default)]
pub struct Registers {
    /// The position they are folded up to.
    pub position: i64,
    /// Accounts with their roles.
    pub accounts: Register<Account>,
    /// Employers 用人单位.
    pub employers: Register<Employer>,
    /// Authorities and agencies.
    pub organisations: Register<Organisation>,
    /// Review-path edges 审核路径.
    pub path_edges: Register<PathEdge>,
    /// Committees 评委会.
    pub committees: Register<Committee>,
    /// Annual batches 年度批次.
    pub batches: Register<Batch>,
    /// Accepting agencies 受理机构.
    pub acceptance_agencies: Register<AcceptanceAgency>,
    /// Series and specialties 职称专业.
    pub specialties: Register<Specialty>,
    /// Titles 职称树.
    pub titles: Register<Title>,
    /// Judges 评委.
    pub judges: Register<Judge>,
    /// Blacklist entries 黑名单.
    pub blacklist: Register<BlacklistEntry>,
    /// Issuing codes 发证单位编码.
    pub issuing_codes: Register<IssuingCode>,
    /// How the installation began, and its clock.
    pub installation: Installation,
    /// Jobs that have something to do 批量任务.
    pub jobs_under_way: BTreeSet<Uuid>,
    /// The working-day calendar.
    pub calendar: WorkingCalendar,
    /// Those of them that are being taken back.
    jobs_undone: BTreeSet<Uuid>,
    edges_by_subordinate: HashMap<NodeId, Vec<Uuid>>,
    specialties_by_code: HashMap<String, Uuid>,
    judges_by_seat: HashMap<(NodeId, AccountId), Uuid>,
    judges_by_committee: HashMap<CommitteeId, BTreeSet<Uuid>>,
    blacklist_by_person: HashMap<PersonId, Vec<Uuid>>,
}

impl Registers {
    /// The aggregate types folded here.
    pub const TYPES: &'static [&'static str] = &[
        Account::TYPE,
        Employer::TYPE,
        Organisation::TYPE,
        PathEdge::TYPE,
        Committee::TYPE,
        Batch::TYPE,
        AcceptanceAgency::TYPE,
        Specialty::TYPE,
        Title::TYPE,
        Judge::TYPE,
        BlacklistEntry::TYPE,
        IssuingCode::TYPE,
        Job::TYPE,
        PublishedCalendar::TYPE,
        Installation::TYPE,
    ];

    /// Folds one event of the log. Events of other aggregates only move the position.
    pub fn apply(&mut self, position: i64, id: Uuid, event: &AnyEvent, stamp: &Stamp) {
        match event {
            // nobody looks up what somebody has read
            AnyEvent::Account(account::Event::NoticeRead { .. }) => {}
            AnyEvent::Account(event) => self.accounts.apply(id, event, stamp),
            AnyEvent::Employer(event) => self.employers.apply(id, event, stamp),
            AnyEvent::Organisation(event) => self.organisations.apply(id, event, stamp),
            AnyEvent::PathEdge(event) => {
                self.path_edges.apply(id, event, stamp);
                if let Some(edge) = self.path_edges.get(id) {
                    let ids = self.edges_by_subordinate.entry(edge.subordinate).or_default();
                    if !ids.contains(&id) {
                        ids.push(id);
                    }
                }
            }
            AnyEvent::Committee(event) => self.committees.apply(id, event, stamp),
            AnyEvent::Batch(event) => self.batches.apply(id, event, stamp),
            AnyEvent::AcceptanceAgency(event) => self.acceptance_agencies.apply(id, event, stamp),
            AnyEvent::Specialty(event) => {
                self.specialties.apply(id, event, stamp);
                if let Some(specialty) = self.specialties.get(id) {
                    self.specialties_by_code.insert(specialty.code.clone(), id);
                }
            }
            AnyEvent::Title(event) => self.titles.apply(id, event, stamp),
            AnyEvent::Judge(event) => {
                self.judges.apply(id, event, stamp);
                if let Some((committee, account)) =
                    self.judges.get(id).and_then(|it| it.committee.zip(it.account))
                {
                    self.judges_by_seat.insert((committee.into(), account), id);
                    self.judges_by_committee.entry(committee).or_default().insert(id);
                }
            }
            AnyEvent::BlacklistEntry(event) => {
                self.blacklist.apply(id, event, stamp);
                if let Some(person) = self.blacklist.get(id).and_then(|it| it.person) {
                    let ids = self.blacklist_by_person.entry(person).or_default();
                    if !ids.contains(&id) {
                        ids.push(id);
                    }
                }
            }
            AnyEvent::IssuingCode(event) => self.issuing_codes.apply(id, event, stamp),
            AnyEvent::WorkingCalendar(event) => event.publish_in(&mut self.calendar),
            AnyEvent::Installation(event) => self.installation.evolve(event, stamp),
            AnyEvent::Declaration(_)
            | AnyEvent::Person(_)
            | AnyEvent::StoredMaterial(_)
            | AnyEvent::Approval(_)
            | AnyEvent::PublicityRound(_)
            | AnyEvent::Objection(_)
            | AnyEvent::QuotaApplication(_)
            | AnyEvent::QuotaLedger(_)
            | AnyEvent::Scheme(_)
            | AnyEvent::ReviewMeeting(_)
            | AnyEvent::Certificate(_)
            | AnyEvent::NumberRange(_)
            | AnyEvent::NumberPool(_) => {}
            AnyEvent::Job(event) => self.note_job(id, event),
        }
        self.position = position;
    }

    fn note_job(&mut self, id: Uuid, event: &job::Event) {
        match event {
            // of a cancelled one the log is asked what of the rest was carried out
            job::Event::Started { .. } | job::Event::Resumed | job::Event::Cancelled => {
                self.jobs_under_way.insert(id);
            }
            job::Event::UndoStarted { .. } => {
                self.jobs_under_way.insert(id);
                self.jobs_undone.insert(id);
            }
            job::Event::Settled if self.jobs_undone.contains(&id) => {}
            job::Event::Suspended | job::Event::Settled | job::Event::Finished => {
                self.jobs_under_way.remove(&id);
            }
            job::Event::Undone => {
                self.jobs_under_way.remove(&id);
                self.jobs_undone.remove(&id);
            }
            job::Event::Advanced { .. } | job::Event::Reverted { .. } | job::Event::PersonErased => {}
        }
    }

    /// What a node of the path, or the place of a role, is called.
    pub fn node_name(&self, node: NodeId) -> Option<&str> {
        self.employers
            .get(node)
            .map(|it| it.name.as_str())
            .or_else(|| self.organisations.get(node).map(|it| it.name.as_str()))
            .or_else(|| self.committees.get(node).map(|it| it.name.as_str()))
    }

    /// The employer, organisation or committee of exactly this name; of several the first by id.
    pub fn node_named(&self, name: &str) -> Option<NodeId> {
        let employers = self.employers.iter().filter(|(_, it)| it.name == name).map(|(id, _)| id);
        let organisations = self.organisations.iter().filter(|(_, it)| it.name == name).map(|(id, _)| id);
        let committees = self.committees.iter().filter(|(_, it)| it.name == name).map(|(id, _)| id);
        employers.chain(organisations).chain(committees).min().map(NodeId)
    }

    /// What kind of node it is.
    pub fn node_type(&self, node: NodeId) -> Option<NodeType> {
        if self.employers.get(node).is_some() {
            Some(NodeType::Employer)
        } else if self.organisations.get(node).is_some() {
            Some(NodeType::Agency)
        } else if self.committees.get(node).is_some() {
            Some(NodeType::Committee)
        } else {
            None
        }
    }

    /// Whether a series has a title of this level that is offered.
    pub fn has_title(&self, series: &str, level: Level) -> bool {
        self.titles.iter().any(|(_, it)| !it.removed && it.series == series && it.level == Some(level))
    }

    /// A series by its code, while it is offered.
    pub fn series(&self, code: &str) -> Option<&Specialty> {
        self.specialty_node(code).filter(|it| it.series.is_empty())
    }

    /// A specialty by its code, while it is offered.
    pub fn specialty(&self, code: &str) -> Option<&Specialty> {
        self.specialty_node(code).filter(|it| !it.series.is_empty())
    }

    /// A specialty by its code, also where it is no longer offered.
    pub fn specialty_ever(&self, code: &str) -> Option<&Specialty> {
        self.node_ever(code).filter(|it| !it.series.is_empty())
    }

    fn specialty_node(&self, code: &str) -> Option<&Specialty> {
        self.node_ever(code).filter(|it| !it.removed)
    }

    fn node_ever(&self, code: &str) -> Option<&Specialty> {
        self.specialties_by_code.get(code).and_then(|id| self.specialties.get(*id))
    }

    /// A title of a series and level by its name, while it is offered.
    pub fn title(&self, series: &str, level: Level, name: &str) -> Option<&Title> {
        self.titles
            .iter()
            .map(|(_, it)| it)
            .find(|it| !it.removed && it.series == series && it.level == Some(level) && it.name == name)
    }

    /// Whether an organisation is registered to grant or recognise titles of this level.
    pub fn accepts(&self, organisation: NodeId, mode: Mode, level: Level) -> bool {
        self.agency(organisation, mode).is_some_and(|it| it.accepts(mode, level))
    }

    /// The registration of an organisation for 初定 or 认定.
    pub fn agency(&self, organisation: NodeId, mode: Mode) -> Option<&AcceptanceAgency> {
        self.acceptance_agencies.iter().map(|(_, it)| it).find(|it| {
            it.mode == Some(mode)
                && it.organisation.map(NodeId::from) == Some(organisation)
                && !it.deregistered
        })
    }

    /// Edges upwards from a node.
    pub fn edges_from(&self, node: NodeId) -> impl Iterator<Item = (Uuid, &PathEdge)> {
        self.edges_by_subordinate
            .get(&node)
            .into_iter()
            .flatten()
            .filter_map(|id| self.path_edges.get(*id).map(|edge| (*id, edge)))
    }

    /// Whether a person stands on the blacklist on this day.
    pub fn blacklisted(&self, person: PersonId, day: NaiveDate) -> bool {
        let ids = self.blacklist_by_person.get(&person).into_iter().flatten();
        ids.filter_map(|id| self.blacklist.get(*id)).any(|it| it.in_force_on(day))
    }

    /// Who stands on the blacklist on this day, in the order of their ids.
    pub fn everyone_blacklisted(&self, day: NaiveDate) -> BTreeSet<PersonId> {
        let entries = self.blacklist.iter().filter(|(_, it)| it.in_force_on(day));
        entries.filter_map(|(_, it)| it.person).collect()
    }

    /// The seat of a judge who acts.
    pub fn judge_of(&self, acting: &Acting) -> Option<JudgeId> {
        let committee = acting.organisation.filter(|_| acting.role == Role::Judge)?;
        let id = *self.judges_by_seat.get(&(committee, acting.account))?;
        self.judges.get(id).filter(|it| !it.disqualified).map(|_| JudgeId(id))
    }

    /// All judges ever entered for a committee, in the order of their ids.
    pub fn judges_of(&self, committee: CommitteeId) -> impl Iterator<Item = (JudgeId, &Judge)> {
        let ids = self.judges_by_committee.get(&committee).into_iter().flatten();
        ids.filter_map(|id| self.judges.get(*id).map(|it| (JudgeId(*id), it)))
    }

    /// The four digits of an issuing unit in certificate numbers, while it has some (seed 002 人 1.9).
    pub fn issuing_code_of(&self, organisation: impl Into<NodeId>) -> Option<&str> {
        let organisation = organisation.into();
        self.issuing_codes
            .iter()
            .map(|(_, it)| it)
            .find(|it| !it.deregistered && it.organisation.map(NodeId::from) == Some(organisation))
            .map(|it| it.code.as_str())
    }

    /// The roles in which an account may act now. A role counts from the next request of a running session; one held
    /// at an employer only while that is approved (seed 002 人 1.25).
    pub fn roles_of(&self, account: AccountId) -> Vec<Acting> {
        let Some(it) = self.accounts.get(account).filter(|it| it.active()) else { return Vec::new() };
        it.roles
            .iter()
            .filter(|grant| {
                let employer = grant.organisation_id.and_then(|node| self.employers.get(node));
                employer.is_none_or(Employer::approved)
            })
            .map(|grant| Acting {
                account,
                person: it.person,
                role: grant.role,
                organisation: grant.organisation_id,
            })
            .collect()
    }

    /// Whether the account holds the role anywhere.
    pub fn has_role(&self, account: AccountId, role: Role) -> bool {
        self.accounts.get(account).is_some_and(|it| it.roles.iter().any(|grant| grant.role == role))
    }
}
