//! Plays stories (`replay-fixtures/`) through the use cases: the same commands that the rules are held against alone, on the
//! real log. The demonstration is made of them, and tests compare their events with the expected ones.

use crate::app::App;
use crate::caller::{ActingAs, Caller, Signed};
use crate::error::Error;
use crate::execute::{Done, Request};
use crate::first_start::ADMIN;
use crate::load;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use std::collections::VecDeque;
use uuid::Uuid;
use zhicheng_domain::account::{self, Account};
use zhicheng_domain::approval::Approval;
use zhicheng_domain::ids::AccountId;
use zhicheng_domain::organisation::Organisation;
use zhicheng_domain::refusal::common;
use zhicheng_domain::story::{Cast, Fault, Happened, Line, References, Story, StoryError, Upload};
use zhicheng_domain::{AnyEvent, AnyState, StreamId};
use zhicheng_vault::SessionId;

/// Events of the log read at once.
const PAGE_EVENTS: u32 = 1_000;

/// Plays one story, or several that share what went before.
#[derive(Clone)]
pub struct StoryPlayer {
    app: App,
    cast: Cast,
    admin: AccountId,
    /// Tells the commands of one story from those of another.
    name: String,
}

impl StoryPlayer {
    /// On a system after its first start.
    ///
    /// # Errors
    /// Where there was no first start, or the log cannot be reached.
    pub async fn new(app: &App) -> Result<Self, Error> {
        app.registry().catch_up(app.store()).await?;
        let admin = app.store().claim_holder(&account::username_claim(ADMIN)).await?;
        let admin: Uuid = admin
            .and_then(|(_, id)| id.parse().ok())
            .ok_or(Error::fault("a story needs a system after its first start"))?;
        let department = app
            .registry()
            .read(|registers| {
                let mut all = registers.organisations.iter();
                all.find(|(_, it)| it.name == crate::first_start::DEPARTMENT).map(|(id, _)| id)
            })
            .ok_or(Error::fault("a story needs the provincial department"))?;
        let mut cast = Cast::default();
        cast.bind("admin", StreamId::of::<Account>(admin));
        cast.bind("department", StreamId::of::<Organisation>(department));
        Ok(Self { app: app.clone(), cast, admin: AccountId(admin), name: String::new() })
    }

    /// The names known so far, for a story of this name that goes on from here.
    #[must_use]
    pub fn telling(&self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self.clone() }
    }

    /// For a story that goes on where others were told before: these names are known from them.
    #[must_use]
    pub fn knowing(self, cast: Cast) -> Self {
        Self { cast, ..self }
    }

    /// The names known so far and what they stand for.
    pub const fn cast(&self) -> &Cast {
        &self.cast
    }

    /// Plays a story; answers its events as `events.jsonl` holds them.
    ///
    /// # Errors
    /// Where it does not go as it says.
    pub async fn play(&mut self, story: &Story) -> Result<Vec<String>, StoryError> {
        let mut events = Vec::new();
        for (number, line) in &story.lines {
            let told = self.tell(*number, line, &mut events).await;
            told.map_err(|fault| fault.at(*number))?;
        }
        Ok(events)
    }

    async fn tell(&mut self, number: usize, line: &Line, events: &mut Vec<String>) -> Result<(), Fault> {
        let before = self.head().await?;
        self.move_clock(number, line.at).await?;
        self.transcribe(None, before, events).await?;
        let before = self.head().await?;
        let addressed = self.act(number, line).await?;
        self.transcribe(addressed, before, events).await
    }

    /// Moves the clock forwards; every step that is due then is taken.
    async fn move_clock(&self, number: usize, at: Option<DateTime<Utc>>) -> Result<(), Fault> {
        let Some(at) = at.filter(|at| *at > self.app.now()) else { return Ok(()) };
        let key = format!("story:{}:{number}:clock", self.name);
        self.app.move_clock(&self.signed(self.admin), None, key, at).await.map(drop).map_err(failed)
    }

    /// Carries out one line; answers what was acted on, none where the rules had to say no and did.
    async fn act(&mut self, number: usize, line: &Line) -> Result<Option<StreamId>, Fault> {
        let mut states = References::new();
        for stream in self.cast.looked_into(line)? {
            states.insert(stream, self.state(stream).await?);
        }
        self.app.registry().catch_up(self.app.store()).await.map_err(failed)?;
        let account = self.app.registry().read(|registers| self.cast.account(line, &states, registers))?;
        let aggregate = line.aggregate()?;
        let request = Request {
            caller: account.map_or(Caller::Anonymous, |account| Caller::Session(self.signed(account))),
            acting_as: self.cast.acting_as(line)?.map(|(role, organisation)| ActingAs { role, organisation }),
            aggregate,
            id: self.cast.addressed(line, &states)?,
            action: line.action.clone(),
            input: self.cast.resolve(&line.input, &states)?,
            key: format!("story:{}:{number}", self.name),
            if_match: None,
        };
        let addressed = request.id;
        let sent = match Upload::of(line)? {
            Some(upload) => self.upload(upload, request).await,
            None => self.app.execute(request).await,
        };
        let done = match sent {
            Ok(done) => done,
            Err(Error::Refused(refusal)) => {
                line.expect_refusal(Some(&refusal))?;
                return Ok(None);
            }
            Err(Error::ClaimHeld { .. }) => {
                line.expect_refusal(Some(&common::ClaimHeld.refusal()))?;
                return Ok(None);
            }
            Err(error) => return Err(failed(error)),
        };
        line.expect_refusal(None)?;
        let stream = match (done, &line.awaits) {
            (Done::Receipt(receipt), None) => StreamId { aggregate, id: addressed.unwrap_or(receipt.id) },
            (Done::AwaitsApproval { approval_id, .. }, Some(name)) => {
                self.cast.bind(name, StreamId::of::<Approval>(approval_id));
                match addressed {
                    Some(id) => StreamId { aggregate, id },
                    None => StreamId::of::<Approval>(approval_id),
                }
            }
            (Done::Receipt(_), Some(_)) | (Done::AwaitsApproval { .. }, None) => {
                return Err(Fault::SecondPerson);
            }
        };
        if let Some(name) = &line.save {
            self.cast.bind(name, stream);
        }
        if let (AnyState::ReviewMeeting(meeting), "draw", Some(name)) =
            (self.state(stream).await?, line.action.as_str(), &line.id)
        {
            let Self { app, cast, .. } = self;
            app.registry().read(|registers| cast.seat(name, &meeting, registers));
        }
        self.app.work_off_jobs_in_turn().await.map_err(failed)?;
        Ok(Some(stream))
    }

    async fn upload(&self, upload: Upload, request: Request) -> Result<Done, Error> {
        let Upload { name, content } = upload;
        let Caller::Session(signed) = request.caller else { return Err(Error::Unauthenticated) };
        let content = futures::stream::iter([Ok::<_, std::io::Error>(Bytes::from(content))]);
        let uploaded = self.app.upload(&signed, request.acting_as, request.key, &name, content).await?;
        Ok(Done::Receipt(uploaded.receipt))
    }

    async fn state(&self, stream: StreamId) -> Result<AnyState, Fault> {
        load::load(self.app.store(), stream).await.map(|held| held.state).map_err(failed)
    }

    async fn head(&self) -> Result<i64, Fault> {
        self.app.store().head().await.map_err(|error| failed(error.into()))
    }

    async fn transcribe(
        &mut self,
        addressed: Option<StreamId>,
        mut after: i64,
        events: &mut Vec<String>,
    ) -> Result<(), Fault> {
        let mut happened = Vec::new();
        loop {
            let page = self.app.store().read_after(after, PAGE_EVENTS, None).await;
            let page = page.map_err(|error| failed(error.into()))?;
            let Some(last) = page.last() else { break };
            after = last.position;
            for recorded in &page {
                let unknown = || failed(Error::fault("an aggregate type that nobody knows"));
                let aggregate = AnyState::type_of(&recorded.aggregate_type).ok_or_else(unknown)?;
                let id = recorded.aggregate_id.parse().map_err(|error| Fault::Player(Box::new(error)))?;
                let (event, stamp) = AnyEvent::from_payload(aggregate, &recorded.payload)
                    .ok_or_else(unknown)?
                    .map_err(|error| Fault::Player(Box::new(error)))?;
                happened.push(Happened { stream: StreamId { aggregate, id }, event, stamp });
            }
        }
        let written = self.cast.transcribe(addressed, &happened);
        events.extend(written.map_err(|error| Fault::Player(Box::new(error)))?);
        Ok(())
    }

    /// Somebody who has just proved to be who they are: a story is told in the process, past the sign-in.
    fn signed(&self, account: AccountId) -> Signed {
        let person =
            self.app.registry().read(|registers| registers.accounts.get(account).and_then(|it| it.person));
        let reauthenticated_at = Some(self.app.wall_clock());
        Signed { session: SessionId(Uuid::nil()), account, person, reauthenticated_at }
    }
}

/// Plays stories side by side in the order of their times: the clock only goes forwards. `told` hears after each line how
/// many are done.
///
/// # Errors
/// Where a story does not go as it says; its name comes with the error.
pub async fn play_together(
    parts: Vec<(StoryPlayer, Story)>,
    mut told: impl FnMut(usize),
) -> Result<(), (String, StoryError)> {
    let mut parts: Vec<Part> = parts
        .into_iter()
        .map(|(player, story)| Part { player, lines: story.lines.into(), at: DateTime::<Utc>::MIN_UTC })
        .collect();
    let mut count = 0;
    while let Some(part) =
        parts.iter_mut().filter(|part| !part.lines.is_empty()).min_by_key(|part| part.next_at())
    {
        let Some((number, line)) = part.lines.pop_front() else { break };
        part.at = line.at.unwrap_or(part.at);
        let told_so = match part.player.move_clock(number, line.at).await {
            Ok(()) => part.player.act(number, &line).await,
            Err(fault) => Err(fault),
        };
        told_so.map_err(|fault| (part.player.name.clone(), fault.at(number)))?;
        count += 1;
        told(count);
    }
    Ok(())
}

/// A story and how far it is told.
struct Part {
    player: StoryPlayer,
    lines: VecDeque<(usize, Line)>,
    at: DateTime<Utc>,
}

impl Part {
    fn next_at(&self) -> DateTime<Utc> {
        self.lines.front().and_then(|(_, line)| line.at).unwrap_or(self.at)
    }
}

fn failed(error: Error) -> Fault {
    Fault::Player(Box::new(error))
}
