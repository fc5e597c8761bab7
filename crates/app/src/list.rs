//! Listing screens: their page, their count, the menu (contract.md, a listing screen).

use crate::app::App;
use crate::caller::{ActingAs, Signed};
use crate::error::Error;
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use zhicheng_domain::Acting;
use zhicheng_domain::calendar::WorkingCalendar;
use zhicheng_domain::context::in_shanghai;
use zhicheng_domain::refusal::{FieldProblem, Refusal, common};
use zhicheng_projections::screen::Menu;
use zhicheng_projections::{
    ReadError, Reckoning, Request, RequestError, SCREENS, Screen, Viewer, WaitError, screen,
};

/// How often a list looks again whose rows went with a crash of the database.
const AFTER_POLL: Duration = Duration::from_millis(20);
/// How long a list waits for its table to reach `after`, before it says that it is behind.
pub const AFTER_WAIT: Duration = Duration::from_secs(10);

/// What was asked of a screen, by whom, and when.
pub(crate) struct Asked {
    pub(crate) screen: &'static Screen,
    pub(crate) viewer: Viewer,
    pub(crate) request: Request,
    /// `after`: what is answered must show the log from here on; 0 where nobody says.
    pub(crate) shown_from: i64,
    pub(crate) calendar: WorkingCalendar,
    pub(crate) today: NaiveDate,
}

impl Asked {
    /// Whether rows as of this position are new enough. Rows that were written a moment ago may be gone: tables are written without
    /// waiting for the disk, and a database that crashed writes them again.
    pub(crate) const fn is_met_by(&self, position: i64) -> bool {
        position >= self.shown_from
    }

    /// The table is behind.
    pub(crate) fn not_met(&self) -> Error {
        Error::Unavailable { what: "table", source: None }
    }
}

impl App {
    /// The screens of the caller, in the role that is named or in any of theirs, with title and count: what two of their roles both
    /// read is counted once.
    pub async fn screens(&self, signed: &Signed, acting_as: Option<ActingAs>) -> Result<Vec<Value>, Error> {
        self.registry().catch_up(self.store()).await?;
        let mut listed = Vec::new();
        for screen in SCREENS.iter().filter(|screen| screen.menu == Menu::Listed) {
            let viewers = self.viewers(signed, acting_as, screen);
            if viewers.is_empty() {
                continue;
            }
            let count = match self.tables().count(screen, &viewers).await {
                Ok(count) => Some(count.to_string()),
                Err(ReadError::NotReady { .. }) => None,
                Err(error) => return Err(error.into()),
            };
            listed.push(json!({"screen": screen.name, "title": screen.title, "count": count}));
        }
        Ok(listed)
    }

    /// A page of a screen. `after` waits until the table shows the log up to there: never stale, or 503.
    pub async fn page(
        &self,
        signed: &Signed,
        acting_as: Option<ActingAs>,
        name: &str,
        parameters: Vec<(String, String)>,
    ) -> Result<Value, Error> {
        let asked = self.asked(signed, acting_as, name, parameters).await?;
        let Asked { screen, viewer, request, calendar, today, shown_from: _ } = &asked;
        let keyed_hash = |text: &str| self.keyed_hash(text);
        let reckoning = Reckoning { calendar, today: *today, keyed_hash: &keyed_hash };
        let until = Instant::now() + AFTER_WAIT;
        loop {
            let page = self.tables().page(screen, viewer, request, reckoning).await?;
            if asked.is_met_by(page.position) {
                return Ok(page.to_json());
            }
            if Instant::now() >= until {
                return Err(asked.not_met());
            }
            tokio::time::sleep(AFTER_POLL).await;
        }
    }

    /// Who asks for what, checked: what a page and an export have in common. Returns once the table has reached `after`.
    pub(crate) async fn asked(
        &self,
        signed: &Signed,
        acting_as: Option<ActingAs>,
        name: &str,
        parameters: Vec<(String, String)>,
    ) -> Result<Asked, Error> {
        self.registry().catch_up(self.store()).await?;
        let screen = screen(name).ok_or_else(Error::not_found)?;
        let mut viewers = self.viewers(signed, acting_as, screen);
        let viewer = match viewers.len() {
            0 => return Err(common::NotAllowed { action: screen.title }.refusal().into()),
            1 => viewers.remove(0),
            _ => {
                let roles = viewers.iter().map(|viewer| viewer.role.name()).collect::<Vec<_>>().join("、");
                return Err(common::ActingRoleAmbiguous { roles }.refusal().into());
            }
        };
        let (after, parameters): (Vec<_>, Vec<_>) =
            parameters.into_iter().partition(|(name, _)| name == "after");
        let mut shown_from = 0;
        if let Some((_, value)) = after.first() {
            let position = value
                .parse()
                .map_err(|_| bad_parameter("after", "filter-value-invalid", "应为日志位置。"))?;
            self.wait_for(screen, position).await?;
            shown_from = position;
        }
        let grant = screen.grant(viewer.role).ok_or_else(Error::not_found)?;
        let request = Request::parse(screen, grant, &parameters).map_err(|error| parameter(&error))?;
        let calendar = self.registry().read(|registers| registers.calendar.clone());
        let today = in_shanghai(self.now()).date_naive();
        Ok(Asked { screen, viewer, request, shown_from, calendar, today })
    }

    pub(crate) async fn wait_for(&self, screen: &'static Screen, position: i64) -> Result<(), Error> {
        let head = self.store().head().await?;
        if position > head {
            return Err(bad_parameter("after", "filter-value-invalid", "日志还没有这个位置。"));
        }
        for table in screen.tables() {
            self.tables().wait_until(table, position, AFTER_WAIT).await.map_err(|error| match error {
                WaitError::TimedOut { .. } | WaitError::Stopped { .. } => {
                    Error::Unavailable { what: "table", source: Some(Box::new(error)) }
                }
                WaitError::Database(error) => error.into(),
            })?;
        }
        Ok(())
    }

    /// The caller's roles that may see the screen.
    pub(crate) fn viewers(
        &self,
        signed: &Signed,
        acting_as: Option<ActingAs>,
        screen: &Screen,
    ) -> Vec<Viewer> {
        self.registry().read(|registers| {
            registers
                .roles_of(signed.account)
                .iter()
                .filter(|acting: &&Acting| screen.grant(acting.role).is_some())
                .filter(|acting| acting_as.is_none_or(|named| named.fits(acting)))
                .map(|acting| Viewer::of(acting, registers))
                .collect()
        })
    }
}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::NotGranted { .. } => common::NotAllowed { action: "查看该列表" }.refusal().into(),
            ReadError::NotReady { .. } => Self::Unavailable { what: "table", source: Some(Box::new(error)) },
            ReadError::Database(error) => error.into(),
        }
    }
}

fn parameter(error: &RequestError) -> Error {
    refused_at(&format!("?{}", error.parameter()), error)
}

/// What cannot be read is malformed; what can be read and does not exist is refused (contract.md, HTTP).
pub(crate) fn refused_at(pointer: &str, error: &RequestError) -> Error {
    let refusal = match error {
        RequestError::UnknownFilter(_)
        | RequestError::UnknownSort(_)
        | RequestError::FilterValueInvalid { .. }
        | RequestError::CursorInvalid => common::MalformedInput.refusal(),
        RequestError::FilterValueRefused { .. } => common::InvalidInput.refusal(),
    };
    let problem = FieldProblem::new(pointer, error.code(), error.advice());
    Error::Refused(Refusal { problems: vec![problem], ..refusal })
}

pub(crate) fn bad_parameter(name: &str, code: &str, message: &str) -> Error {
    let problem = FieldProblem::new(format!("?{name}"), code, message);
    Error::Refused(Refusal { problems: vec![problem], ..common::MalformedInput.refusal() })
}
