//! What anybody may ask without signing in (contract.md, HTTP, public): is this certificate genuine, whom does this organisation
//! publish now, how were these judges drawn. Who asks for what is not there waits like one who guesses passwords, so that
//! nothing is found by trying.

use crate::app::App;
use crate::error::Error;
use crate::load;
use crate::visibility::public;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::pin::Pin;
use uuid::Uuid;
use zhicheng_domain::certificate::{Certificate, name_text};
use zhicheng_domain::certificate_number_pool::number_claim;
use zhicheng_domain::codes::{CertificateNumber, text};
use zhicheng_domain::context::in_shanghai;
use zhicheng_domain::ids::NodeId;
use zhicheng_domain::person::Person;
use zhicheng_domain::review_meeting::ReviewMeeting;
use zhicheng_domain::{AnyState, StreamId};
use zhicheng_projections::PageAfter;
use zhicheng_vault::Attempt;

/// Persons of one page of publicity where nothing else is asked for.
pub const PUBLICITY_PERSONS: u32 = 50;
/// Persons of one page of publicity at most.
pub const PUBLICITY_PERSONS_MAX: u32 = 200;

/// Whose publicity is asked for.
#[derive(Debug, Clone)]
pub enum Publisher {
    /// An employer, a committee or an authority by its id.
    Id(Uuid),
    /// The same by its whole name.
    Name(String),
}

/// What is looked for; `None` where it is not there.
type Found<'a> = Pin<Box<dyn Future<Output = Result<Option<Value>, Error>> + Send + 'a>>;

impl App {
    /// 证书信息查询 The certificate of this number and holder. A number that does not exist and another's number are answered
    /// alike.
    pub async fn public_certificate(&self, number: &str, name: &str, address: &str) -> Result<Value, Error> {
        let number = CertificateNumber::parse(number).map(|number| number.to_string()).unwrap_or_default();
        // Several may try one number from everywhere: the number waits too.
        let asked = format!("certificate {number}");
        self.answered(&asked, address, Box::pin(self.certificate_of(&number, name))).await
    }

    async fn certificate_of(&self, number: &str, name: &str) -> Result<Option<Value>, Error> {
        let Ok(name) = text::name(name) else { return Ok(None) };
        if number.is_empty() {
            return Ok(None);
        }
        let holder = self.store().claim_holder(&number_claim(number)).await?;
        let id: Option<Uuid> = holder.and_then(|(_, id)| id.parse().ok());
        let Some(id) = id else { return Ok(None) };
        let held = load::load(self.store(), StreamId::of::<Certificate>(id)).await?;
        let Some(certificate) = held.state.get::<Certificate>() else { return Ok(None) };
        let fits = certificate.names(&self.keyed_hash(&name_text(number, &name)));
        Ok(if fits { public::certificate(certificate, &name) } else { None })
    }

    /// 公示 Whom this organisation publishes today: rounds that are running, with the persons in them; a page of at most `limit`
    /// persons after `cursor`.
    pub async fn public_publicity(
        &self,
        publisher: &Publisher,
        cursor: Option<&str>,
        limit: u32,
        address: &str,
    ) -> Result<Value, Error> {
        let after = match cursor {
            None => PageAfter::default(),
            Some(cursor) => page_after(cursor)
                .ok_or_else(|| crate::list::bad_parameter("cursor", "cursor-invalid", "翻页标记有误。"))?,
        };
        let asked = match publisher {
            Publisher::Id(id) => format!("publicity {id} {address}"),
            Publisher::Name(name) => format!("publicity {name} {address}"),
        };
        self.answered(&asked, address, Box::pin(self.publicity_of(publisher, after, limit))).await
    }

    async fn publicity_of(
        &self,
        publisher: &Publisher,
        after: PageAfter,
        limit: u32,
    ) -> Result<Option<Value>, Error> {
        self.registry().catch_up(self.store()).await?;
        let organisation = self.registry().read(|registers| match publisher {
            Publisher::Id(id) => registers.node_name(NodeId(*id)).map(|_| *id),
            Publisher::Name(name) => registers.node_named(name.trim()).map(|node| node.0),
        });
        let Some(organisation) = organisation else { return Ok(None) };
        let limit = limit.clamp(1, PUBLICITY_PERSONS_MAX);
        let today = in_shanghai(self.now()).date_naive();
        let mut persons =
            self.tables().running_publicity(organisation, today, &after, limit.saturating_add(1)).await?;
        let more = persons.len() > limit as usize;
        persons.truncate(limit as usize);
        let last = persons.last().filter(|_| more);
        let next_cursor = last.map(|it| format!("{}.{}", it.round_id, it.row_key));
        let rounds = public::rounds(&persons);
        Ok(Some(json!({
            "organisation_id": organisation, "rounds": rounds, "next_cursor": next_cursor,
        })))
    }

    /// The record of a draw; with the judges once the results are declared.
    pub async fn public_draw(&self, meeting: Uuid, address: &str) -> Result<Value, Error> {
        let asked = format!("draw {meeting} {address}");
        self.answered(&asked, address, Box::pin(self.draw_of(meeting))).await
    }

    async fn draw_of(&self, meeting: Uuid) -> Result<Option<Value>, Error> {
        let held = load::load(self.store(), StreamId::of::<ReviewMeeting>(meeting)).await?;
        let Some(meeting) = held.state.get::<ReviewMeeting>() else { return Ok(None) };
        let Some(record) = &meeting.draw else { return Ok(None) };
        let names = if meeting.declared { self.names_of(&record.drawn).await? } else { BTreeMap::new() };
        Ok(Some(public::draw(record, &names, meeting.declared)))
    }

    /// The names of judges; without those who were erased.
    async fn names_of(&self, judges: &[Uuid]) -> Result<BTreeMap<Uuid, String>, Error> {
        self.registry().catch_up(self.store()).await?;
        let persons: Vec<(Uuid, StreamId)> = self.registry().read(|registers| {
            let person = |judge: &Uuid| {
                registers.judges.get(*judge).and_then(|it| it.person).map(StreamId::of::<Person>)
            };
            judges.iter().filter_map(|judge| Some((*judge, person(judge)?))).collect()
        });
        let streams: Vec<StreamId> = persons.iter().map(|(_, stream)| *stream).collect();
        let held = load::load_many(self.store(), &streams).await?;
        let name = |state: &AnyState| state.get::<Person>()?.name.known().cloned();
        Ok(persons
            .iter()
            .zip(&held)
            .filter_map(|((judge, _), held)| Some((*judge, name(&held.state)?)))
            .collect())
    }

    /// Answers, or says that it is not there. What is not there counts against who asked, as a wrong password does; the count
    /// is apart from that of signing in, so that a school's readers do not lock out its operators.
    async fn answered(&self, asked: &str, address: &str, found: Found<'_>) -> Result<Value, Error> {
        let now = self.wall_clock();
        let (asked, address) = (format!("public {asked}"), format!("public {address}"));
        if let Attempt::Wait { until } = self.vault().lockouts().attempt(&asked, &address, now).await? {
            return Err(Error::TooManyRequests { wait: (until - now).to_std().ok() });
        }
        let found = found.await?.ok_or_else(Error::not_found)?;
        self.vault().lockouts().succeeded(&asked, &address).await?;
        Ok(found)
    }
}

fn page_after(cursor: &str) -> Option<PageAfter> {
    let (round, row) = cursor.split_once('.')?;
    let (round_id, row): (Uuid, Uuid) = (round.parse().ok()?, row.parse().ok()?);
    Some(PageAfter { round_id, row_key: row.to_string() })
}
