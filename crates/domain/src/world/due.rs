//! The steps that the system takes by itself, as the application's policies take them.

use super::{Who, World};
use crate::aggregate::{Aggregate, StreamId};
use crate::approval::Approval;
use crate::batch::Batch;
use crate::blacklist_entry::BlacklistEntry;
use crate::context::in_shanghai;
use crate::declaration::Declaration;
use crate::publicity_round::PublicityRound;
use serde_json::json;
use uuid::Uuid;

/// The steps that may be due, by aggregate; those of batches aside.
const STEPS: &[(&str, &[&str])] = &[
    (PublicityRound::TYPE, &["reckon-anew"]),
    (BlacklistEntry::TYPE, &["expire"]),
    (Approval::TYPE, &["expire"]),
    (
        Declaration::TYPE,
        &[
            "end-publicity",
            "relay-when-due",
            "abandon",
            "lapse",
            "hold-when-blacklisted",
            "lift-blacklist-hold",
        ],
    ),
];

impl World {
    /// Takes every step that is due now, and those that become due by them.
    pub fn take_due_steps(&mut self) {
        loop {
            let before = self.log.len();
            let today = in_shanghai(self.now).date_naive();
            let over: Vec<Uuid> = self
                .registers
                .batches
                .iter()
                .filter(|(_, batch)| batch.is_over_on(today))
                .map(|(id, _)| id)
                .collect();
            for id in over {
                self.try_step(StreamId::of::<Batch>(id), "close");
            }
            for (aggregate, steps) in STEPS {
                let streams: Vec<StreamId> =
                    self.states.keys().copied().filter(|stream| stream.aggregate == *aggregate).collect();
                for stream in streams {
                    for step in *steps {
                        self.try_step(stream, step);
                    }
                }
            }
            if self.log.len() == before {
                return;
            }
        }
    }

    /// What is not due is refused, and that is all.
    fn try_step(&mut self, stream: StreamId, action: &str) {
        let _ = self.act(Who::System, stream.aggregate, stream.id, action, json!({}));
    }
}
