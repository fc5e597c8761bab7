//! Passwords never enter the log: they are taken from the input and put into the vault, under the account that the decision
//! made, before its events are appended. A hash without an account is harmless; an account without its hash would be locked.

use crate::app::App;
use crate::error::Error;
use crate::execute::Identified;
use chrono::{DateTime, Utc};
use serde_json::Value;
use zhicheng_domain::account::{self, Account};
use zhicheng_domain::aggregate::Aggregate;
use zhicheng_domain::codes::username::Username;
use zhicheng_domain::refusal::{FieldProblem, Refusal, common};
use zhicheng_domain::{AnyCommand, AnyEvent, Outcome, StreamId};
use zhicheng_vault::Vault;

/// Passwords of a request, by user name.
#[derive(Default)]
pub(crate) struct Secrets {
    by_username: Vec<(String, String)>,
    own: Option<String>,
}

/// The passwords of an input: of an account, of an employer's operator, or the new one of a change.
pub(crate) fn take(input: &Value) -> Secrets {
    let text = |value: &Value, member: &str| value.get(member).and_then(Value::as_str).map(str::to_owned);
    let mut secrets = Secrets { by_username: Vec::new(), own: text(input, "new_password") };
    for place in [Some(input), input.get("operator")].into_iter().flatten() {
        if let (Some(username), Some(password)) = (text(place, "username"), text(place, "password")) {
            secrets.by_username.push((spelled(&username), password));
        }
    }
    secrets
}

/// A user name in the spelling in which it is registered; what is no user name stays as it is and fits nobody.
pub(crate) fn spelled(typed: &str) -> String {
    Username::parse(typed).map_or_else(|_| typed.trim().to_owned(), |username| username.as_str().to_owned())
}

/// Stores the passwords of the accounts that this outcome registers, or changes.
pub(crate) async fn store(
    vault: &Vault,
    secrets: &Secrets,
    outcome: &Outcome<AnyEvent>,
    addressed: StreamId,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let own = outcome.events.iter().map(|event| (addressed, event));
    let others = outcome.others.iter().map(|(stream, event)| (*stream, event));
    for (stream, event) in own.chain(others) {
        if stream.aggregate != Account::TYPE {
            continue;
        }
        let password = match event {
            AnyEvent::Account(account::Event::Registered { username, .. }) => {
                secrets.by_username.iter().find(|(name, _)| name == username).map(|(_, password)| password)
            }
            AnyEvent::Account(account::Event::PasswordChanged) => secrets.own.as_ref(),
            _ => None,
        };
        if let Some(password) = password {
            vault.credentials().set_password(stream.id, password, now).await?;
        }
    }
    Ok(())
}

impl App {
    /// Changing a password needs the present one; wrong ones count as failed sign-ins. Where the new one is there already the
    /// change was begun before and did not come into the log.
    pub(crate) async fn current_password(&self, it: &Identified) -> Result<(), Error> {
        let AnyCommand::Account(account::actions::Command::ChangePassword(input)) = &it.command else {
            return Ok(());
        };
        let signed = it.request.caller.signed()?;
        match self.prove(signed, &input.current_password).await {
            Err(Error::SignInRefused { wait: None })
                if self.vault().credentials().verify(Some(signed.account.0), &input.new_password).await? =>
            {
                Ok(())
            }
            Err(Error::SignInRefused { .. }) => {
                let message = "原密码不正确，或尝试次数过多。请核对后再试。";
                let problem = FieldProblem::new("/current_password", "password-wrong", message);
                Err(Error::Refused(Refusal { problems: vec![problem], ..common::InvalidInput.refusal() }))
            }
            proved => proved,
        }
    }

    /// Whoever changes a password leaves nobody else signed in with the old one.
    pub(crate) async fn end_other_sessions(&self, it: &Identified) -> Result<(), Error> {
        if let AnyCommand::Account(account::actions::Command::ChangePassword(_)) = &it.command {
            let signed = it.request.caller.signed()?;
            self.vault().sessions().end_others(signed.account.0, signed.session).await?;
        }
        Ok(())
    }
}
