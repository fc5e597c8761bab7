//! Signing in and out: sessions are opaque tokens whose hashes lie in the vault; real time, in a rehearsal too.

use crate::app::App;
use crate::caller::{Caller, Signed};
use crate::error::Error;
use uuid::Uuid;
use zhicheng_domain::account;
use zhicheng_domain::ids::{AccountId, PersonId};
use zhicheng_vault::{Attempt, NewSession, Session, SessionId};

/// A session that was just opened.
pub struct Opened {
    /// The token, told once.
    pub token: String,
    /// Whose it is.
    pub account: AccountId,
}

impl App {
    /// Opens a session. Unknown users, wrong passwords and suspended accounts get the same answer after the same time.
    pub async fn sign_in(
        &self,
        username: &str,
        password: &str,
        address: &str,
        agent: &str,
    ) -> Result<Opened, Error> {
        let now = self.wall_clock();
        let name = crate::secrets::spelled(username).to_lowercase();
        if let Attempt::Wait { until } = self.vault().lockouts().attempt(&name, address, now).await? {
            return Err(Error::SignInRefused { wait: (until - now).to_std().ok() });
        }
        let holder = self.store().claim_holder(&account::username_claim(&name)).await?;
        let account: Option<Uuid> = holder.and_then(|(_, id)| id.parse().ok());
        let fits = self.vault().credentials().verify(account, password).await?;
        self.registry().catch_up(self.store()).await?;
        let found = account.filter(|_| fits).and_then(|id| {
            self.registry().read(|registers| {
                registers.accounts.get(id).filter(|it| it.active()).map(|it| (AccountId(id), it.person))
            })
        });
        let Some((account, person)) = found else { return Err(Error::SignInRefused { wait: None }) };
        self.vault().lockouts().succeeded(&name, address).await?;
        let new = NewSession { account: account.0, person: person.map(|person| person.0), address, agent };
        let (token, _) = self.vault().sessions().create(new, now).await?;
        Ok(Opened { token: token.to_string(), account })
    }

    /// Who a token belongs to; nobody any more once the account is suspended.
    pub async fn caller(&self, token: &str) -> Result<Caller, Error> {
        let session =
            self.vault().sessions().find(token, self.wall_clock()).await?.ok_or(Error::Unauthenticated)?;
        let active = self
            .registry()
            .read(|registers| registers.accounts.get(session.account).is_none_or(|account| account.active()));
        if !active {
            return Err(Error::Unauthenticated);
        }
        Ok(Caller::Session(Signed {
            session: session.id,
            account: AccountId(session.account),
            person: session.person.map(PersonId),
            reauthenticated_at: session.reauthenticated_at,
        }))
    }

    /// The password is given again: for five minutes the caller has proved to be who they are.
    pub async fn reauthenticate(&self, signed: &Signed, password: &str) -> Result<(), Error> {
        self.prove(signed, password).await?;
        self.vault().sessions().reauthenticated(signed.session, self.wall_clock()).await?;
        Ok(())
    }

    /// Refuses unless this is the caller's password; failures count.
    pub(crate) async fn prove(&self, signed: &Signed, password: &str) -> Result<(), Error> {
        let name = format!("reauthentication:{}", signed.account);
        if let Attempt::Wait { until } = self.vault().lockouts().attempt(&name, "", self.wall_clock()).await?
        {
            return Err(Error::SignInRefused { wait: (until - self.wall_clock()).to_std().ok() });
        }
        if !self.vault().credentials().verify(Some(signed.account.0), password).await? {
            return Err(Error::SignInRefused { wait: None });
        }
        self.vault().lockouts().succeeded(&name, "").await?;
        Ok(())
    }

    /// Ends the session of the request.
    pub async fn sign_out(&self, signed: &Signed) -> Result<(), Error> {
        self.vault().sessions().end(signed.session).await?;
        Ok(())
    }

    /// The caller's own live sessions, the newest first.
    pub async fn sessions(&self, signed: &Signed) -> Result<Vec<Session>, Error> {
        Ok(self.vault().sessions().list(signed.account.0, self.wall_clock()).await?)
    }

    /// Ends one of the caller's own sessions.
    pub async fn end_session(&self, signed: &Signed, session: SessionId) -> Result<(), Error> {
        let own = self.sessions(signed).await?.iter().any(|it| it.id == session);
        if !own {
            return Err(Error::not_found());
        }
        self.vault().sessions().end(session).await?;
        Ok(())
    }
}

impl App {
    /// Who the caller is: account, person, roles with organisation, and the actions and screens these allow.
    pub async fn me(&self, signed: &Signed) -> Result<serde_json::Value, Error> {
        self.registry().catch_up(self.store()).await?;
        Ok(self.registry().read(|registers| {
            let username = registers.accounts.get(signed.account).map(|it| it.username.clone());
            let held = registers.roles_of(signed.account);
            let roles: Vec<serde_json::Value> = held
                .iter()
                .map(|acting| {
                    serde_json::json!({
                        "role": acting.role, "organisation_id": acting.organisation,
                        "organisation_name": acting.organisation.and_then(|node| registers.node_name(node)),
                    })
                })
                .collect();
            let actions: Vec<serde_json::Value> = zhicheng_domain::AnyState::TYPES
                .iter()
                .flat_map(|(aggregate, collection)| {
                    zhicheng_domain::AnyState::specs(aggregate).iter().map(move |spec| (collection, spec))
                })
                .filter(|(_, spec)| spec.by.iter().any(|by| held.iter().any(|acting| acting.role == by.role)))
                .map(|(collection, spec)| serde_json::json!({"collection": collection, "action": spec.name}))
                .collect();
            let screens: Vec<&str> = zhicheng_projections::SCREENS
                .iter()
                .filter(|screen| held.iter().any(|acting| screen.grant(acting.role).is_some()))
                .map(|screen| screen.name)
                .collect();
            serde_json::json!({
                "account": {"id": signed.account, "username": username}, "person_id": signed.person, "roles": roles,
                "actions": actions, "screens": screens,
            })
        }))
    }
}
