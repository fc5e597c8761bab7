//! 批量任务 Jobs: what a condition selects, and what a job would do (contract.md, a bulk action). Working it off is in [`work`]; taking
//! a transfer back in [`revert`].

mod revert;
mod work;

use crate::app::App;
use crate::caller::{ActingAs, Caller, OnBehalf, Signed};
use crate::error::Error;
use crate::execute::{Request, choose_actor, context, refused};
use crate::list::refused_at;
use crate::load::{self, Facts};
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;
use zhicheng_domain::certificate::Certificate;
use zhicheng_domain::context::{Selection, in_shanghai};
use zhicheng_domain::declaration::Declaration;
use zhicheng_domain::job::actions::Command;
use zhicheng_domain::job::actions::create::{Create, asked};
use zhicheng_domain::job::{ITEMS_MAX, Job};
use zhicheng_domain::refusal::{FieldProblem, Refusal, common};
use zhicheng_domain::{Acting, Actor, Aggregate as _, AnyCommand, AnyState, Known, Stop, StreamId};
use zhicheng_projections::{Reckoning, Request as Asked, Viewer, screen};

/// How many items a dry run shows of those that would be done.
const SAMPLE: usize = 20;
/// How many items a dry run shows of those that would be refused.
const EXCLUDED_SHOWN: usize = 200;
/// How many items are tried or done at the same time.
const AT_ONCE: usize = 16;

impl App {
    /// What a job would come to as things are: how many items there are, some of them, and those that would be refused, with
    /// the reasons. Nothing is appended.
    pub async fn try_job(
        &self,
        signed: &Signed,
        acting_as: Option<ActingAs>,
        mut input: Value,
    ) -> Result<Value, Error> {
        self.registry().catch_up(self.store()).await?;
        if let Value::Object(members) = &mut input {
            // A dry run is made to learn the count.
            members.entry("expected_count").or_insert_with(|| 0.into());
        }
        let command = AnyCommand::parse(Job::TYPE, "create", &input).map_err(refused)?;
        let AnyCommand::Job(Command::Create(create)) = &command else {
            return Err(Error::fault("another command than the one that was named"));
        };
        let request = Request {
            caller: Caller::Session(signed.clone()),
            acting_as,
            aggregate: Job::TYPE,
            id: None,
            action: "create".to_owned(),
            input: Value::Null,
            key: String::new(),
            if_match: None,
        };
        let blank = AnyState::new(Job::TYPE).ok_or(Error::fault("jobs are not known"))?;
        let now = self.now();
        let actor =
            self.registry().read(|registers| choose_actor(&request, &command, &blank, registers, now))?;
        let Actor::Account(acting) = actor else { return Err(Error::Unauthenticated) };
        let ids = self.asked_for(create, &acting).await?;
        let worker = Worker::of(self, Uuid::nil(), &acting, create.action.clone(), create.input.clone());
        let tried: Vec<Tried> =
            stream::iter(ids.iter().copied()).map(|id| worker.tried(id)).buffered(AT_ONCE).collect().await;
        let mut sample = Vec::new();
        let mut excluded = Vec::new();
        for tried in tried {
            match tried {
                Tried::Would { id, declaration_no } => {
                    sample.push(json!({"id": id, "declaration_no": declaration_no}));
                }
                Tried::Refused { id, code, detail } => {
                    excluded.push(json!({"id": id, "code": code, "detail": detail}));
                }
                Tried::Failed(error) => return Err(error),
            }
        }
        let (ready, refused) = (sample.len(), excluded.len());
        sample.truncate(SAMPLE);
        excluded.truncate(EXCLUDED_SHOWN);
        Ok(json!({
            "dry_run": true, "count": ids.len(), "ready": ready, "sample": sample,
            "excluded_count": refused, "excluded": excluded,
        }))
    }

    /// The items that a job would have, by the checks that start it.
    async fn asked_for(&self, create: &Create, acting: &Acting) -> Result<Vec<Uuid>, Error> {
        let (now, mut known) = (self.now(), Known::default());
        loop {
            let looked = self.registry().read(|registers| {
                let context = context(Actor::Account(acting.clone()), now, [0; 16], registers, &known);
                asked(create, acting, &context)
            });
            match looked {
                Ok(asked) => return Ok(asked.items),
                Err(Stop::Need(needs)) => {
                    self.look_up(needs, Facts::Log { waited: true }, &mut known, &mut BTreeMap::new()).await?
                }
                Err(stop) => return Err(refused(stop)),
            }
        }
    }

    /// What a condition selects, on rows that show the log as it is now.
    pub(crate) async fn select(&self, asked: &Selection) -> Result<Vec<Uuid>, Error> {
        let screen = screen(&asked.screen)
            .ok_or_else(|| invalid("/selection/screen", "unknown-value", "没有这个列表。"))?;
        let grant = screen
            .grant(asked.acting.role)
            .ok_or_else(|| Error::from(common::NotAllowed { action: screen.title }.refusal()))?;
        let viewer = self.registry().read(|registers| Viewer::of(&asked.acting, registers));
        let filters: Vec<_> =
            asked.filters.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let request = Asked::condition(screen, grant, &filters)
            .map_err(|error| refused_at(&format!("/selection/filters/{}", error.parameter()), &error))?;
        self.wait_for(screen, self.store().head().await?).await?;
        let calendar = self.registry().read(|registers| registers.calendar.clone());
        let today = in_shanghai(self.now()).date_naive();
        let keyed_hash = |text: &str| self.keyed_hash(text);
        let reckoning = Reckoning { calendar: &calendar, today, keyed_hash: &keyed_hash };
        Ok(self.tables().selected(screen, &viewer, &request, reckoning, ITEMS_MAX + 1).await?)
    }
}

/// Whoever works a job off: for whom, and what is done to each item.
struct Worker<'a> {
    app: &'a App,
    on_behalf: OnBehalf,
    acting_as: ActingAs,
    action: String,
    input: Value,
}

/// What a dry run of an item came to.
enum Tried {
    Would { id: Uuid, declaration_no: Option<String> },
    Refused { id: Uuid, code: String, detail: String },
    Failed(Error),
}

impl<'a> Worker<'a> {
    fn of(app: &'a App, job: Uuid, acting: &Acting, action: String, input: Value) -> Self {
        let on_behalf = OnBehalf { job, account: acting.account };
        let acting_as = ActingAs { role: acting.role, organisation: acting.organisation };
        Self { app, on_behalf, acting_as, action, input }
    }

    /// The command on one item: the declaration, or the certificate that has none.
    async fn request(&self, item: Uuid, key: String) -> Result<Request, Error> {
        let mut stream = StreamId::of::<Declaration>(item);
        if !load::load(self.app.store(), stream).await?.state.exists() {
            let own = StreamId::of::<Certificate>(item);
            let held = load::load(self.app.store(), own).await?;
            let certificate = held.state.get::<Certificate>().filter(|_| held.state.exists());
            match certificate.map(|it| it.declaration) {
                Some(Some(declaration)) => stream = StreamId::of::<Declaration>(declaration.0),
                Some(None) => stream = own,
                None => {}
            }
        }
        Ok(Request {
            caller: Caller::Job(self.on_behalf),
            acting_as: Some(self.acting_as),
            aggregate: stream.aggregate,
            id: Some(stream.id),
            action: self.action.clone(),
            input: self.input.clone(),
            key,
            if_match: None,
        })
    }

    async fn tried(&self, id: Uuid) -> Tried {
        let request = match self.request(id, id.to_string()).await {
            Ok(request) => request,
            Err(error) => return Tried::Failed(error),
        };
        let declaration = StreamId::of::<Declaration>(request.id.unwrap_or(id));
        match self.app.would(request).await {
            Ok(()) => match load::load(self.app.store(), declaration).await {
                Ok(held) => {
                    let it = held.state.get::<Declaration>().and_then(|it| it.subject.as_ref());
                    Tried::Would { id, declaration_no: it.map(|it| it.declaration_no.clone()) }
                }
                Err(error) => Tried::Failed(error),
            },
            Err(error) => match refusal_of(error) {
                Ok((code, detail)) => Tried::Refused { id, code, detail },
                Err(error) => Tried::Failed(error),
            },
        }
    }
}

/// Code and words of what stands with an item; what may go away by itself is no word on the item.
fn refusal_of(error: Error) -> Result<(String, String), Error> {
    match error {
        Error::Refused(refusal) => Ok((refusal.code.to_owned(), refusal.in_words())),
        Error::ClaimHeld { .. } => refusal_of(common::ClaimHeld.refusal().into()),
        Error::Internal { what, source } => {
            tracing::error!(what, cause = ?source, "an item of a job");
            Ok(("internal".to_owned(), "系统故障，未能办理，请联系系统管理员。".to_owned()))
        }
        other => Err(other),
    }
}

fn invalid(pointer: &str, code: &str, message: &str) -> Error {
    let problem = FieldProblem::new(pointer, code, message);
    Error::Refused(Refusal { problems: vec![problem], ..common::InvalidInput.refusal() })
}
