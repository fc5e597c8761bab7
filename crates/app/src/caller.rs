//! Who sends a request.

use crate::error::Error;
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;
use zhicheng_domain::Acting;
use zhicheng_domain::ids::{AccountId, NodeId, PersonId};
use zhicheng_domain::label::Named;
use zhicheng_domain::refusal::common;
use zhicheng_domain::values::Role;
use zhicheng_vault::SessionId;

/// How long a re-authentication holds (contract.md, proving it is you).
pub const REAUTHENTICATION_MINUTES: i64 = 5;

/// Who sends a request.
#[derive(Debug, Clone)]
pub enum Caller {
    /// Nobody signed in.
    Anonymous,
    /// A policy of this process.
    System,
    /// A signed-in account.
    Session(Signed),
    /// A job, for the account that started it, or that takes it back.
    Job(OnBehalf),
}

/// A job that acts for the account that started it, or that takes it back: its proofs were given, and approved where need be, when
/// that was asked for.
#[derive(Debug, Clone, Copy)]
pub struct OnBehalf {
    /// The job.
    pub job: Uuid,
    /// Who started it, or takes it back.
    pub account: AccountId,
}

/// A session that was found valid when the request began.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The session.
    pub session: SessionId,
    /// Whose it is.
    pub account: AccountId,
    /// The person behind it.
    pub person: Option<PersonId>,
    /// When the password was last given.
    pub reauthenticated_at: Option<DateTime<Utc>>,
}

impl Caller {
    /// The signed-in account.
    pub fn signed(&self) -> Result<&Signed, Error> {
        match self {
            Self::Session(signed) => Ok(signed),
            Self::Anonymous | Self::System | Self::Job(_) => Err(Error::Unauthenticated),
        }
    }

    /// Refuses unless the password was given again a moment ago; policies and jobs need none. Real time, in a rehearsal too.
    pub fn reauthenticated(&self, now: DateTime<Utc>) -> Result<(), Error> {
        match self {
            Self::System | Self::Job(_) => Ok(()),
            Self::Anonymous => Err(Error::Unauthenticated),
            Self::Session(signed) => {
                let limit = TimeDelta::minutes(REAUTHENTICATION_MINUTES);
                let fresh = signed.reauthenticated_at.is_some_and(|at| now - at <= limit);
                if fresh { Ok(()) } else { Err(Error::ReauthenticationRequired) }
            }
        }
    }
}

/// `Acting-As: <role>@<organisation_id>`, without organisation for roles held nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActingAs {
    /// The role.
    pub role: Role,
    /// Where it is held.
    pub organisation: Option<NodeId>,
}

impl ActingAs {
    /// Reads the header.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let malformed = || Error::Refused(common::MalformedInput.refusal());
        let (role, organisation) = match text.split_once('@') {
            Some((role, organisation)) => {
                let id: Uuid = organisation.trim().parse().map_err(|_| malformed())?;
                (role, Some(NodeId(id)))
            }
            None => (text, None),
        };
        let role = Role::from_name(role.trim()).ok_or_else(malformed)?;
        Ok(Self { role, organisation })
    }

    /// Whether this is the role it names.
    pub fn fits(&self, acting: &Acting) -> bool {
        self.role == acting.role && (self.organisation.is_none() || self.organisation == acting.organisation)
    }
}
