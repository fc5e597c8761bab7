//! A small aggregate of cqrs-es, for the tests that need one.

use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, DomainEvent};
use serde::{Deserialize, Serialize};

#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    pub applied: u32,
    pub balance_fen: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum AccountEvent {
    Paid { payer: String, amount_fen: i64 },
    Refunded { amount_fen: i64 },
}

impl DomainEvent for AccountEvent {
    fn event_type(&self) -> String {
        match self {
            Self::Paid { .. } => "account.paid".into(),
            Self::Refunded { .. } => "account.refunded".into(),
        }
    }

    fn event_version(&self) -> String {
        "1".into()
    }
}

pub enum AccountCommand {
    Pay(i64),
    Refund(i64),
    Nothing,
}

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("only {balance_fen} left")]
pub struct TooLittle {
    balance_fen: i64,
}

impl Aggregate for Account {
    const TYPE: &'static str = "account";
    type Command = AccountCommand;
    type Event = AccountEvent;
    type Error = TooLittle;
    type Services = ();

    async fn handle(
        &mut self,
        command: AccountCommand,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), TooLittle> {
        match command {
            AccountCommand::Pay(amount_fen) => {
                sink.write(AccountEvent::Paid { payer: "欧阳·𠮷".into(), amount_fen }, self).await;
            }
            AccountCommand::Refund(amount_fen) if amount_fen > self.balance_fen => {
                return Err(TooLittle { balance_fen: self.balance_fen });
            }
            AccountCommand::Refund(amount_fen) => {
                sink.write(AccountEvent::Refunded { amount_fen }, self).await
            }
            AccountCommand::Nothing => {}
        }
        Ok(())
    }

    fn apply(&mut self, event: AccountEvent) {
        self.applied += 1;
        match event {
            AccountEvent::Paid { amount_fen, .. } => self.balance_fen += amount_fen,
            AccountEvent::Refunded { amount_fen } => self.balance_fen -= amount_fen,
        }
    }
}
