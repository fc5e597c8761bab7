//! `zhicheng replay <declaration> [--as-of]`: folds a declaration's events again and prints its course.

use crate::config::Settings;
use crate::{Failure, say};
use uuid::Uuid;
use zhicheng_domain::context::in_shanghai;
use zhicheng_domain::declaration::Declaration;
use zhicheng_domain::label::Named;
use zhicheng_domain::values::Role;
use zhicheng_domain::{Aggregate, AnyEvent, AnyState};

/// Replays a declaration.
#[derive(Debug, clap::Args)]
pub struct Replay {
    /// The declaration's id.
    declaration: Uuid,
    /// Only up to this position.
    #[arg(long)]
    as_of: Option<i64>,
}

impl Replay {
    /// Prints each event with the stage it led to. Judges are not named.
    pub async fn run(self, settings: Settings) -> Result<(), Failure> {
        let opened = settings.open_to_look().await?;
        let store = opened.app.store();
        let events = store.read_stream(Declaration::TYPE, &self.declaration.to_string(), 0).await?;
        if events.is_empty() {
            return Err(format!("没有申报 {}", self.declaration).into());
        }
        let mut state = AnyState::new(Declaration::TYPE).ok_or("没有这种聚合")?;
        for event in events.iter().take_while(|event| self.as_of.is_none_or(|as_of| event.position <= as_of))
        {
            let (fact, stamp) =
                AnyEvent::from_payload(&event.aggregate_type, &event.payload).ok_or("没有这种聚合")??;
            state.evolve(&fact, &stamp);
            let actor = stamp.actor.as_ref();
            let judge = actor.is_none_or(|actor| actor.role == Some(Role::Judge));
            let time = in_shanghai(stamp.time);
            let time = if judge {
                time.format("%Y-%m-%d").to_string()
            } else {
                time.format("%Y-%m-%d %H:%M:%S").to_string()
            };
            let who = match actor {
                None => "（无记名）".to_owned(),
                Some(actor) => {
                    let role = actor.role.map_or("系统", |role| role.label().zh);
                    let place = actor.organisation_name.as_deref().filter(|_| !judge).unwrap_or_default();
                    format!("{role} {place}")
                }
            };
            let stage = state.get::<Declaration>().map_or("", |it| it.stage.label().zh);
            say(&format!(
                "{:>8} {:>4}  {time:<19}  {:<44} {stage}  {who}",
                event.position, event.sequence, event.event_type
            ));
        }
        opened.close().await;
        Ok(())
    }
}
