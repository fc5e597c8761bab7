//! Looking things up: review paths, names for forms, the working calendar. For anyone signed in.

use crate::app::App;
use crate::error::Error;
use crate::list::bad_parameter;
use serde_json::{Value, json};
use zhicheng_domain::calendar::CalendarYear;
use zhicheng_domain::codes::region;
use zhicheng_domain::ids::{EmployerId, NodeId};
use zhicheng_domain::path_edge::Stage;
use zhicheng_domain::registers::paths::{Question, Resolution, resolve};
use zhicheng_domain::values::{Level, Mode};

/// The most answers of a lookup (contract.md, HTTP).
pub const LOOKUP_ANSWERS_MAX: usize = 50;

/// What is asked of the review paths.
#[derive(Debug, Clone)]
pub struct PathQuestion {
    /// From where.
    pub employer: EmployerId,
    /// How the title is acquired.
    pub mode: Mode,
    /// The declaration's level.
    pub level: Level,
    /// Series code.
    pub series: String,
    /// Specialty code.
    pub specialty: String,
}

impl App {
    /// All ways from an employer to a final organisation, and where they break.
    pub async fn resolve_path(&self, question: &PathQuestion) -> Result<Resolution, Error> {
        self.registry().catch_up(self.store()).await?;
        let today = zhicheng_domain::context::in_shanghai(self.now()).date_naive();
        Ok(self.registry().read(|registers| {
            resolve(
                registers,
                &Question {
                    employer: question.employer,
                    mode: question.mode,
                    level: question.level,
                    series: &question.series,
                    specialty: &question.specialty,
                    today,
                },
            )
        }))
    }

    /// The edges on one side of a node.
    pub async fn edges(&self, of: NodeId, side: Side) -> Result<Vec<Value>, Error> {
        self.registry().catch_up(self.store()).await?;
        Ok(self.registry().read(|registers| {
            let mut edges: Vec<_> = registers
                .path_edges
                .iter()
                .filter(|(_, edge)| matches!(edge.stage, Stage::Proposed | Stage::Confirmed))
                .filter(|(_, edge)| match side {
                    Side::Superiors => edge.subordinate == of,
                    Side::Subordinates => edge.superior == of,
                })
                .collect();
            edges.sort_by_key(|(id, _)| *id);
            let node = |id: NodeId| json!({"id": id, "name": registers.node_name(id)});
            edges
                .into_iter()
                .map(|(id, edge)| {
                    json!({
                        "id": id, "kind": edge.kind, "levels": edge.levels, "subordinate": node(edge.subordinate),
                        "superior": node(edge.superior), "node_type": registers.node_type(edge.superior),
                        "confirmed": edge.stage == Stage::Confirmed,
                    })
                })
                .collect()
        }))
    }

    /// Names for a form, at most fifty.
    pub async fn lookup(&self, what: &str, query: &Lookup) -> Result<Vec<Value>, Error> {
        self.registry().catch_up(self.store()).await?;
        query.refused_for(what)?;
        let fits = |name: &str| query.q.as_ref().is_none_or(|q| name.contains(q.trim()));
        let answers = self.registry().read(|registers| -> Option<Vec<(String, Value)>> {
            Some(match what {
                "employers" => registers
                    .employers
                    .iter()
                    .filter(|(_, it)| it.approved() && fits(&it.name))
                    .map(|(id, it)| (it.name.clone(), json!({"id": id, "name": it.name})))
                    .collect(),
                "organisations" => registers
                    .organisations
                    .iter()
                    .filter(|(_, it)| !it.deregistered && fits(&it.name))
                    .map(|(id, it)| (it.name.clone(), json!({"id": id, "name": it.name})))
                    .collect(),
                "committees" => registers
                    .committees
                    .iter()
                    .filter(|(_, it)| !it.deregistered && fits(&it.name))
                    .map(|(id, it)| (it.name.clone(), json!({"id": id, "name": it.name})))
                    .collect(),
                "series" => registers
                    .specialties
                    .iter()
                    .filter(|(_, it)| it.series.is_empty() && !it.removed && fits(&it.name))
                    .map(|(_, it)| (it.code.clone(), json!({"code": it.code, "name": it.name})))
                    .collect(),
                "specialties" => registers
                    .specialties
                    .iter()
                    .filter(|(_, it)| !it.series.is_empty() && !it.removed && fits(&it.name))
                    .filter(|(_, it)| query.series.as_ref().is_none_or(|series| *series == it.series))
                    .filter(|(_, it)| query.level.is_none_or(|level| registers.has_title(&it.series, level)))
                    .map(|(_, it)| {
                        let level = query.level;
                        let specialty =
                            json!({"code": it.code, "name": it.name, "series": it.series, "level": level});
                        (it.code.clone(), specialty)
                    })
                    .collect(),
                "titles" => registers
                    .titles
                    .iter()
                    .filter(|(_, it)| !it.removed && fits(&it.name))
                    .filter(|(_, it)| query.series.as_ref().is_none_or(|series| *series == it.series))
                    .filter(|(_, it)| query.level.is_none_or(|level| it.level == Some(level)))
                    .map(|(id, it)| {
                        let order = format!("{} {:?} {}", it.series, it.level, it.name);
                        (order, json!({"id": id, "name": it.name, "series": it.series, "level": it.level}))
                    })
                    .collect(),
                "batches" => registers
                    .batches
                    .iter()
                    .filter_map(|(id, it)| {
                        let terms = it.terms.as_ref()?;
                        let holder = registers.node_name(terms.holder_id).unwrap_or_default();
                        let name = format!("{}年度 {holder}", terms.year);
                        fits(&name).then(|| (name.clone(), json!({"id": id, "name": name})))
                    })
                    .collect(),
                "regions" => region::search(query.q.as_deref().unwrap_or_default())
                    .map(|it| (it.code.to_owned(), json!({"code": it.code, "name": it.name})))
                    .collect(),
                _ => return None,
            })
        });
        let mut answers = answers.ok_or_else(Error::not_found)?;
        answers.sort_by(|(left, _), (right, _)| left.cmp(right));
        Ok(answers.into_iter().take(LOOKUP_ANSWERS_MAX).map(|(_, answer)| answer).collect())
    }

    /// Every day of a year, with its notice.
    pub async fn working_calendar(&self, year: i32) -> Result<CalendarYear, Error> {
        self.registry().catch_up(self.store()).await?;
        Ok(self.registry().read(|registers| registers.calendar.year(year)))
    }
}

/// Which side of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Upwards.
    Superiors,
    /// Downwards.
    Subordinates,
}

impl Lookup {
    /// Refuses series and level where what is looked up has neither: an unknown filter.
    fn refused_for(&self, what: &str) -> Result<(), Error> {
        if matches!(what, "specialties" | "titles") {
            return Ok(());
        }
        let given = [("series", self.series.is_some()), ("level", self.level.is_some())];
        match given.into_iter().find(|(_, given)| *given) {
            Some((name, _)) => {
                let message = "此项查询没有这个筛选条件，请去掉后重试。";
                Err(bad_parameter(name, "unknown-filter", message))
            }
            None => Ok(()),
        }
    }
}

/// What is looked for.
#[derive(Debug, Clone, Default)]
pub struct Lookup {
    /// A part of the name.
    pub q: Option<String>,
    /// Only of this series.
    pub series: Option<String>,
    /// Only of this level: of specialties those of series that have a title of it, for a specialty stands at every level.
    pub level: Option<Level>,
}
