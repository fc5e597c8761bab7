//! Listing screens: their page, their count, the menu (contract.md, a listing screen).

use crate::app::App;
use crate::caller::{ActingAs, Signed};
use crate::error::Error;
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::time::Duration;
use zhicheng_domain::Acting;
use zhicheng_domain::calendar::WorkingCalendar;
use zhicheng_domain::context::in_shanghai;
use zhicheng_domain::refusal::{FieldProblem, Refusal, common};
use zhicheng_projections::screen::Menu;
use zhicheng_projections::{
    ReadError, Reckoning, Request, RequestError, SCREENS, Screen, Viewer, WaitError, screen,
};

/// How long a list waits for its table to reach `after`, before it says that it is behind.
pub const AFTER_WAIT: Duration = Duration::from_secs(10);

/// What was asked of a screen, by whom, and when.
pub(crate) struct Asked {
    pub(crate) screen: &'static Screen,
    pub(crate) viewer: Viewer,
    pub(crate) request: Request,
    pub(crate) calendar: WorkingCalendar,
    pub(crate) today: NaiveDate,
}

impl App {
    /// The screens of the caller, with title and count.
    pub async fn screens(&self, signed: &Signed) -> Result<Vec<Value>, Error> {
        self.registry().catch_up(self.store()).await?;
        let mut listed = Vec::new();
        for screen in SCREENS.iter().filter(|screen| screen.menu == Menu::Listed) {
            let viewers = self.viewers(signed, None, screen);
            let Some(viewer) = viewers.first() else { continue };
            let count = match self.tables().count(screen, viewer).await {
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
        let Asked { screen, viewer, request, calendar, today } = &asked;
        let keyed_hash = |text: &str| self.keyed_hash(text);
        let reckoning = Reckoning { calendar, today: *today, keyed_hash: &keyed_hash };
        let page = self.tables().page(screen, viewer, request, reckoning).await?;
        Ok(page.to_json())
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
        if let Some((_, value)) = after.first() {
            let position = value
                .parse()
                .map_err(|_| bad_parameter("after", "filter-value-invalid", "应为日志位置。"))?;
            self.wait_for(screen, position).await?;
        }
        let grant = screen.grant(viewer.role).ok_or_else(Error::not_found)?;
        let request = Request::parse(screen, grant, &parameters).map_err(|error| parameter(&error))?;
        let calendar = self.registry().read(|registers| registers.calendar.clone());
        let today = in_shanghai(self.now()).date_naive();
        Ok(Asked { screen, viewer, request, calendar, today })
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
    bad_parameter(error.parameter(), error.code(), &error.advice())
}

pub(crate) fn bad_parameter(name: &str, code: &str, message: &str) -> Error {
    let problem = FieldProblem::new(format!("?{name}"), code, message);
    Error::Refused(Refusal { problems: vec![problem], ..common::MalformedInput.refusal() })
}
