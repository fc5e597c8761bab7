//! What an organisation is publishing now, for the public: its rounds that run on a day, and who is in them.

use crate::query::{Bind, Statement};
use crate::reader::{ReadError, Reader};
use crate::screens::publicity_person;
use chrono::NaiveDate;
use sqlx::FromRow;
use uuid::Uuid;

/// Somebody in a round that is running.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct PublishedPerson {
    /// The round.
    pub round_id: Uuid,
    /// `employer` or `result`.
    pub round_kind: String,
    /// Who publishes.
    pub organisation_name: String,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day, inclusive.
    pub ends_on: NaiveDate,
    /// Length in working days.
    pub working_days: i64,
    /// Whether the last day rests on a calendar that is not published yet.
    pub provisional: bool,
    /// 投诉受理部门.
    pub complaint_department: String,
    /// 投诉受理电话.
    pub complaint_phone: String,
    /// Its place in the list; see [`PageAfter`].
    pub row_key: String,
    /// 姓名.
    pub applicant_name: String,
    /// 工作单位.
    pub employer_name: String,
    /// 申报级别.
    pub level: String,
    /// 申报系列.
    pub series: String,
    /// Its name.
    pub series_name: String,
    /// 申报专业.
    pub specialty: String,
    /// Its name.
    pub specialty_name: String,
    /// 申报职称.
    pub title: String,
    /// 申报类型.
    pub kind: String,
}

/// Where the page before ended: round and row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageAfter {
    /// The round.
    pub round_id: Uuid,
    /// The row.
    pub row_key: String,
}

impl Reader {
    /// Who is in a round of this organisation that runs on this day, by round; at most `limit` of them.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn running_publicity(
        &self,
        organisation: Uuid,
        day: NaiveDate,
        after: &PageAfter,
        limit: u32,
    ) -> Result<Vec<PublishedPerson>, ReadError> {
        let sql = "with running as (
                       select id, 'employer' as round_kind, organisation_name, starts_on, ends_on, working_days,
                              provisional, complaint_department, complaint_phone
                       from projections.employer_publicity
                       where organisation_id = $1
                         and status = 'waiting'
                         and id is not null
                         and starts_on <= $2
                         and ends_on >= $2
                       union all
                       select id, 'result', organisation_name, starts_on, ends_on, working_days,
                              provisional, complaint_department, complaint_phone
                       from projections.result_publicity
                       where organisation_id = $1
                         and status = 'waiting'
                         and id is not null
                         and starts_on <= $2
                         and ends_on >= $2
                   )
                   select running.id as round_id, running.round_kind, running.organisation_name, running.starts_on,
                          running.ends_on, running.working_days, running.provisional, running.complaint_department,
                          running.complaint_phone, person.row_key, person.applicant_name, person.employer_name,
                          person.level, person.series, person.series_name, person.specialty, person.specialty_name,
                          person.title, person.kind
                   from running
                   join projections.publicity_person as person on person.round_id = running.id
                   where (person.round_id, person.row_key) > ($3, $4)
                   order by person.round_id, person.row_key
                   limit $5";
        let binds = vec![
            Bind::Cell(organisation.into()),
            Bind::Cell(day.into()),
            Bind::Cell(after.round_id.into()),
            Bind::Cell((&after.row_key).into()),
            Bind::Cell(i64::from(limit).into()),
        ];
        let found = self.fetch(&publicity_person::TABLE, &Statement { sql: sql.to_owned(), binds }).await?;
        Ok(found.iter().map(PublishedPerson::from_row).collect::<Result<_, _>>()?)
    }
}
