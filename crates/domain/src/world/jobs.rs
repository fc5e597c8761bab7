//! Jobs are worked off here as the application does it for stories: one item after the other, each an ordinary command of whoever
//! started the job.

use super::{Who, World};
use crate::aggregate::{Aggregate, StreamId};
use crate::certificate::Certificate;
use crate::context::Approval;
use crate::declaration::Declaration;
use crate::job::actions::advance::Advance;
use crate::job::actions::settle::Settle;
use crate::job::{ItemOutcome, Job, Stage};
use serde_json::Value;
use uuid::Uuid;

impl World {
    /// Works off what every running job has left.
    pub fn work_off_jobs(&mut self) {
        let jobs: Vec<Uuid> = self.registers.jobs_under_way.iter().copied().collect();
        for id in jobs {
            self.work_off_job(id);
        }
    }

    fn work_off_job(&mut self, id: Uuid) {
        let job: Job = self.get(id);
        if job.unsettled {
            // nobody ends here between an item and telling
            let told = serde_json::to_value(Settle { outcomes: Vec::new() }).expect("nothing is JSON");
            self.act(Who::System, Job::TYPE, id, "settle", told).expect("a cancelled job is settled");
        }
        let (Some(order), Some(Stage::Running)) = (&job.order, job.stage) else { return };
        let Some(input): Option<&Value> = order.input.known() else { return };
        let who = Who::As(order.by, order.role, order.organisation);
        let approval = Approval::Given { asked_by: order.by, asked_as: None };
        let mut outcomes = Vec::new();
        for item in job.waiting() {
            let stream = self.acted_on(item);
            let done = self.send(who, stream.aggregate, stream.id, &order.action, input.clone(), approval);
            outcomes.push(match done {
                Ok(_) => ItemOutcome::done(item),
                Err(refusal) => ItemOutcome::refused(item, refusal.code.to_owned(), refusal.in_words()),
            });
        }
        let told = serde_json::to_value(Advance { outcomes, reverting: false });
        let told = told.expect("what came of the items is JSON");
        self.act(Who::System, Job::TYPE, id, "advance", told).expect("a running job hears of its items");
    }

    /// The declaration; of a certificate the one that it came from, or itself.
    fn acted_on(&self, item: Uuid) -> StreamId {
        let certificate: Certificate = self.get(item);
        match (certificate.exists(), certificate.declaration) {
            (true, Some(declaration)) => StreamId::of::<Declaration>(declaration.0),
            (true, None) => StreamId::of::<Certificate>(item),
            (false, _) => StreamId::of::<Declaration>(item),
        }
    }
}
