//! Working jobs off: a chunk of each in turn, every item an ordinary command under a key of its own. What a chunk came to is told to
//! the job once; a process that ends in between sends the chunk again, and what was carried out answers that it was. Before each
//! item it is asked whether the job is still at it, so that a job that is suspended or cancelled ends with the items at work. Of a
//! cancelled one the log is asked once what else was carried out, for nobody sends the rest again.

use super::{AT_ONCE, Worker, refusal_of};
use crate::app::App;
use crate::error::Error;
use crate::execute::{Request, command_of_job};
use crate::list::AFTER_WAIT;
use crate::load;
use futures::{StreamExt as _, stream};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::time::Duration;
use uuid::Uuid;
use zhicheng_domain::job::actions::advance::Advance;
use zhicheng_domain::job::actions::settle::Settle;
use zhicheng_domain::job::{ItemOutcome, Job, Order, Stage};
use zhicheng_domain::{Acting, Aggregate as _, StreamId};
use zhicheng_projections::TABLES;

/// How many items are worked off before the job is told, and looked at again.
const CHUNK: usize = 100;
/// How many items the log is asked for at one time.
const ASKED_AT_ONCE: usize = 1_000;
/// How often jobs are looked for that another process started.
const LOOK_EVERY: Duration = Duration::from_secs(2);

impl App {
    /// Works jobs off until the process ends.
    pub async fn keep_jobs(&self) {
        loop {
            if let Err(error) = self.work_off_jobs().await {
                tracing::warn!(%error, "jobs go on later");
            }
            let _ = tokio::time::timeout(LOOK_EVERY, self.jobs_may_wait()).await;
        }
    }

    /// Works off all jobs that are under way, a chunk of each in turn.
    pub async fn work_off_jobs(&self) -> Result<(), Error> {
        self.work_off(AT_ONCE).await
    }

    /// Works them off one item after the other: for stories, whose events come in one order.
    pub(crate) async fn work_off_jobs_in_turn(&self) -> Result<(), Error> {
        self.work_off(1).await
    }

    async fn work_off(&self, at_once: usize) -> Result<(), Error> {
        loop {
            self.registry().catch_up(self.store()).await?;
            let jobs: Vec<Uuid> =
                self.registry().read(|registers| registers.jobs_under_way.iter().copied().collect());
            if jobs.is_empty() {
                return Ok(());
            }
            let (mut went_on, mut failed) = (false, None);
            for job in jobs {
                match self.work_off_chunk(job, at_once).await {
                    Ok(()) => went_on = true,
                    Err(error) => {
                        tracing::warn!(%job, %error, "a job goes on later");
                        failed = Some(error);
                    }
                }
            }
            if let Some(error) = failed.filter(|_| !went_on) {
                return Err(error);
            }
        }
    }

    async fn work_off_chunk(&self, job: Uuid, at_once: usize) -> Result<(), Error> {
        let held = load::load(self.store(), StreamId::of::<Job>(job)).await?;
        let it = held.state.get::<Job>().ok_or(Error::fault("a job that is none"))?;
        let (Some(order), Some(stage)) = (&it.order, it.stage) else { return Ok(()) };
        if it.unsettled && matches!(stage, Stage::Cancelled | Stage::Undoing) {
            return self.settle(job, held.version, it).await;
        }
        let (items, reverting): (Vec<Uuid>, bool) = match stage {
            Stage::Running => (it.waiting().take(CHUNK).collect(), false),
            Stage::Undoing => (it.to_revert().take(CHUNK).collect(), true),
            Stage::Suspended | Stage::Cancelled | Stage::Finished | Stage::Undone => return Ok(()),
        };
        let undo = it.undo.as_ref().filter(|_| reverting);
        let reason = undo.and_then(|undo| undo.reason.known());
        let acting = undo.and_then(|undo| undo.by.clone()).unwrap_or_else(|| order.acting());
        let worker = self.worker(job, order, &acting);
        let each = |id: Uuid| {
            let worker = worker.as_ref();
            async move {
                if !self.is_still(job, stage).await? {
                    return Ok(None);
                }
                let outcome = match worker {
                    Some(worker) if reverting => worker.reverted(id, reason).await,
                    Some(worker) => worker.done(id).await,
                    None => Ok(Err(unreadable())),
                };
                // an item that cannot be read is told like one that was refused, and holds up no other
                let outcome = outcome.or_else(|error| refusal_of(error).map(Err))?;
                Ok(Some(told(id, outcome)))
            }
        };
        let nothing_left = items.is_empty();
        let came: Vec<Result<Option<ItemOutcome>, Error>> =
            stream::iter(items).map(each).buffered(at_once).collect().await;
        let (mut outcomes, mut failed) = (Vec::new(), None);
        for outcome in came {
            match outcome {
                Ok(outcome) => outcomes.extend(outcome),
                Err(error) => failed = Some(error),
            }
        }
        if nothing_left || !outcomes.is_empty() {
            for outcome in &outcomes {
                metrics::counter!("zhicheng_job_items_total", "result" => outcome.result.name()).increment(1);
            }
            self.tell(job, held.version, "advance", &Advance { outcomes, reverting }).await?;
        }
        failed.map_or(Ok(()), Err)
    }

    /// Whether the job is still at what it was at.
    async fn is_still(&self, job: Uuid, stage: Stage) -> Result<bool, Error> {
        let held = load::load(self.store(), StreamId::of::<Job>(job)).await?;
        Ok(held.state.get::<Job>().and_then(|it| it.stage) == Some(stage))
    }

    /// Tells a cancelled job what of its rest is in the log. Whoever is at an item just now tells it all the same, afterwards.
    async fn settle(&self, job: Uuid, version: i64, it: &Job) -> Result<(), Error> {
        let waiting: Vec<Uuid> = it.waiting().collect();
        let mut outcomes = Vec::new();
        for items in waiting.chunks(ASKED_AT_ONCE) {
            let commands: BTreeMap<Uuid, Uuid> =
                items.iter().map(|item| (command_of_job(job, &key_of(*item)), *item)).collect();
            let ids: Vec<Uuid> = commands.keys().copied().collect();
            let found = self.store().commands_among(&ids).await?;
            outcomes.extend(found.iter().filter_map(|id| commands.get(id)).copied().map(ItemOutcome::done));
        }
        self.tell(job, version, "settle", &Settle { outcomes }).await
    }

    /// Tells the job, and waits until the read tables have followed: people come before jobs.
    async fn tell(&self, job: Uuid, version: i64, action: &str, input: &impl Serialize) -> Result<(), Error> {
        let input = serde_json::to_value(input)
            .map_err(|error| Error::internal("what a job came to is not JSON", error))?;
        // two processes that were at the same chunk have each their own to tell
        let said = hex::encode(Sha256::digest(input.to_string()));
        let key = format!("{action}:{job}:{version}:{said}");
        let request = Request::of_system(Job::TYPE, Some(job), action, input, key);
        match self.execute(request).await {
            Ok(_) => {}
            // It ended meanwhile.
            Err(Error::Refused(_)) => return Ok(()),
            Err(error) => return Err(error),
        }
        let head = self.store().head().await?;
        for table in TABLES {
            if let Err(error) = self.tables().wait_until(table, head, AFTER_WAIT).await {
                tracing::debug!(table = table.name, %error, "a job does not wait for this table");
            }
        }
        Ok(())
    }

    fn worker(&self, job: Uuid, order: &Order, acting: &Acting) -> Option<Worker<'_>> {
        let input: &Value = order.input.known()?;
        Some(Worker::of(self, job, acting, order.action.clone(), input.clone()))
    }
}

impl Worker<'_> {
    /// Does one item; the outer error is no word on it.
    pub(super) async fn done(&self, item: Uuid) -> Result<Result<(), (String, String)>, Error> {
        let request = self.request(item, key_of(item)).await?;
        Ok(match self.app.execute(request).await {
            Ok(_) => Ok(()),
            Err(error) => Err(refusal_of(error)?),
        })
    }
}

/// The key under which an item is done.
pub(super) fn key_of(item: Uuid) -> String {
    item.to_string()
}

fn told(id: Uuid, outcome: Result<(), (String, String)>) -> ItemOutcome {
    match outcome {
        Ok(()) => ItemOutcome::done(id),
        Err((code, detail)) => ItemOutcome::refused(id, code, detail),
    }
}

fn unreadable() -> (String, String) {
    ("job-unreadable".to_owned(), "任务内容已随发起人的个人信息清除，无法办理。".to_owned())
}
