//! 账号 An account: a user name that signs in, the person it belongs to, and the roles it holds.
//! The password is not here: its hash lies in the vault, where it can vanish.

pub mod actions;

use crate::action::Place;
use crate::aggregate::{Aggregate, Outcome, Stamp, StreamId, events};
use crate::context::{Acting, Context, Stop};
use crate::ids::{AccountId, NodeId, PersonId};
use crate::input::Checks;
use crate::person::{self, Person};
use crate::private::PerhapsPrivate;
use crate::values::Role;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

events! {
    /// What happens to an account.
    pub enum Event of "account" {
        /// Somebody registered as an applicant, or an administrator created a staff account.
        Registered { account_id: AccountId, person_id: Option<PersonId>, username: String } = "registered",
        /// 授予角色.
        RoleGranted { organisation_id: Option<NodeId>, role: Role } = "role_granted",
        /// 收回角色.
        RoleRevoked { organisation_id: Option<NodeId>, role: Role } = "role_revoked",
        /// The password was changed; its hash lies in the vault.
        PasswordChanged = "password_changed",
        /// 标为已读: a notice of its own.
        NoticeRead { notice_id: Uuid } = "notice_read",
        /// 停用.
        Suspended { reason: PerhapsPrivate<String> } = "suspended",
        /// 恢复.
        Resumed = "resumed",
        /// The key of its person was destroyed: nobody signs in with it any more.
        PersonErased = "person_erased",
    }
}

/// A role and where it is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleGrant {
    /// The role.
    pub role: Role,
    /// Where; none for applicant and the last three roles.
    pub organisation_id: Option<NodeId>,
}

/// An account.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Account {
    /// Its id; none before registration.
    pub id: Option<AccountId>,
    /// What it signs in with; empty before registration.
    pub username: String,
    /// Whose it is; accounts of jobs and the first one have nobody.
    pub person: Option<PersonId>,
    /// Its roles.
    pub roles: Vec<RoleGrant>,
    /// Whether it is or was an applicant's: then its name is one that not everybody is told.
    pub declares: bool,
    /// Why it was suspended, while it is.
    pub suspended: Option<PerhapsPrivate<String>>,
    /// Notices that were read, and when.
    pub read: BTreeMap<Uuid, DateTime<Utc>>,
    /// Whether its person was erased.
    pub erased: bool,
}

impl Account {
    /// Whether it may sign in.
    pub const fn active(&self) -> bool {
        self.suspended.is_none() && !self.erased
    }

    /// Whether it holds the role anywhere.
    pub fn holds(&self, role: Role) -> bool {
        self.roles.iter().any(|grant| grant.role == role)
    }
}

/// Who is to be registered: the part of an account's creation that is about the person.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// What it signs in with.
    pub username: String,
    /// By the password policy; it is never part of an event.
    pub password: String,
    /// The person's name.
    pub name: String,
    /// Resident ID number.
    pub id_number: String,
    /// Mobile number.
    pub phone: String,
}

/// The claim that makes a user name unique.
pub fn username_claim(username: &str) -> String {
    format!("account:username:{}", username.to_lowercase())
}

/// The claim that keeps a person, by the keyed hash of the ID number, to one account that declares.
pub fn applicant_claim(id_number_hash: &str) -> String {
    format!("account:applicant:{id_number_hash}")
}

/// Registers an account for a person, who is found by ID number or registered in the same append; with its first role.
///
/// `account` is the new account's id, `fresh` the number of the fresh id for a new person.
pub fn register<E>(
    mut outcome: Outcome<E>,
    input: &NewAccount,
    account: AccountId,
    grant: Option<RoleGrant>,
    fresh: u32,
    pointer: &str,
    context: &Context<'_>,
) -> Result<(Outcome<E>, Vec<Event>), Stop> {
    let mut checks = Checks::new();
    let username = checks.username(&format!("{pointer}/username"), &input.username);
    checks.password(&format!("{pointer}/password"), &username, &input.password);
    let name = checks.name(&format!("{pointer}/name"), &input.name);
    let id_number = checks.id_number(&format!("{pointer}/id_number"), &input.id_number);
    let phone = checks.phone(&format!("{pointer}/phone"), &input.phone);
    checks.done()?;

    let hash = context.keyed_hash(&id_number)?.to_owned();
    let claim = person::id_number_claim(&hash);
    let person = match context.claim_holder(&claim)? {
        Some(holder) => PersonId(holder.id),
        None => {
            let person = PersonId(context.fresh_id(fresh));
            let registered = person::Event::Registered {
                id_number: id_number.into(),
                id_number_hash: hash.clone(),
                name: name.into(),
                person_id: person,
                phone: phone.into(),
            };
            outcome =
                outcome.also::<Person>(person.0, registered).take(claim, StreamId::of::<Person>(person.0));
            person
        }
    };
    let stream = StreamId::of::<Account>(account.0);
    outcome = outcome.take(username_claim(&username), stream);
    if grant.is_some_and(|grant| grant.role == Role::Applicant) {
        outcome = outcome.take(applicant_claim(&hash), stream);
    }
    let mut events = vec![Event::Registered { account_id: account, person_id: Some(person), username }];
    if let Some(RoleGrant { role, organisation_id }) = grant {
        events.push(Event::RoleGranted { organisation_id, role });
    }
    Ok((outcome, events))
}

impl Aggregate for Account {
    const TYPE: &'static str = "account";
    const COLLECTION: &'static str = "accounts";
    type Command = actions::Command;
    type Event = Event;

    fn exists(&self) -> bool {
        !self.username.is_empty()
    }

    fn stage(&self) -> Option<&'static str> {
        self.exists().then_some(match (self.erased, &self.suspended) {
            (true, _) => "erased",
            (false, Some(_)) => "suspended",
            (false, None) => "active",
        })
    }

    fn stage_label(&self) -> &'static str {
        match (self.erased, &self.suspended) {
            (true, _) => "已清除",
            (false, Some(_)) => "已停用",
            (false, None) => "有效",
        }
    }

    fn stands(&self, place: Place, acting: &Acting, _: &Context<'_>) -> bool {
        let same_person = acting.person.is_some() && acting.person == self.person;
        place == Place::Owner && (self.id == Some(acting.account) || same_person)
    }

    fn subject(&self) -> Option<PersonId> {
        self.person
    }

    fn person_erased() -> Option<Event> {
        Some(Event::PersonErased)
    }

    fn view(&self) -> serde_json::Value {
        serde_json::json!({"username": self.username, "person_id": self.person, "roles": self.roles})
    }

    fn evolve(&mut self, event: &Event, stamp: &Stamp) {
        match event {
            Event::Registered { account_id, person_id, username } => {
                self.id = Some(*account_id);
                self.person = *person_id;
                username.clone_into(&mut self.username);
            }
            Event::RoleGranted { organisation_id, role } => {
                let grant = RoleGrant { role: *role, organisation_id: *organisation_id };
                self.declares |= *role == Role::Applicant;
                if !self.roles.contains(&grant) {
                    self.roles.push(grant);
                }
            }
            Event::RoleRevoked { organisation_id, role } => {
                self.roles.retain(|grant| (grant.role, grant.organisation_id) != (*role, *organisation_id));
            }
            Event::PasswordChanged => {}
            Event::NoticeRead { notice_id } => {
                self.read.entry(*notice_id).or_insert(stamp.time);
            }
            Event::Suspended { reason } => self.suspended = Some(reason.clone()),
            Event::Resumed => self.suspended = None,
            Event::PersonErased => self.erased = true,
        }
    }
}
