//! The first start on an empty log: the series, titles and specialties, the provincial department, and the account `admin`
//! (contract.md, First start and time). Each entry is a command with a key of its own, so a start that was interrupted is
//! finished by the next one, and two processes that start at once agree.

use crate::app::App;
use crate::error::Error;
use crate::execute::Request;
use futures::{StreamExt, TryStreamExt};
use serde_json::{Value, json};
use zhicheng_domain::account::Account;
use zhicheng_domain::aggregate::Aggregate;
use zhicheng_domain::organisation::Organisation;
use zhicheng_domain::reference::{series::SERIES, specialties::SPECIALTIES, titles::TITLES};
use zhicheng_domain::specialty::Specialty;
use zhicheng_domain::title::Title;

/// How many entries are appended at the same time.
const SEEDS_AT_ONCE: usize = 32;

/// The user name of the first account.
pub const ADMIN: &str = "admin";
/// The organisation that the first start creates.
pub const DEPARTMENT: &str = "湖南省人力资源和社会保障厅";

impl App {
    /// Enters what every system starts with. `password` is asked for only where there is no `admin` yet; it answers whether
    /// it was used. The account comes last: where it is there, everything is.
    pub async fn first_start(&self, password: impl FnOnce() -> Result<String, Error>) -> Result<bool, Error> {
        let claim = zhicheng_domain::account::username_claim(ADMIN);
        if self.store().claim_holder(&claim).await?.is_some() {
            return Ok(false);
        }
        let password = password()?;
        self.seed_all(SERIES.iter().map(|it| {
            let input = json!({"code": it.code, "name": it.name});
            (Specialty::TYPE, "create", format!("series:{}", it.code), input)
        }))
        .await?;
        let specialties = SPECIALTIES.iter().map(|it| {
            let input = json!({"parent": it.series(), "code": it.code, "name": it.name});
            (Specialty::TYPE, "create", format!("specialty:{}", it.code), input)
        });
        let titles = TITLES.iter().map(|it| {
            let input = json!({"series": it.series, "level": it.level, "name": it.name, "ministry_code": it.ministry_code});
            (Title::TYPE, "create", format!("title:{}:{}:{}", it.series, it.level, it.name), input)
        });
        self.seed_all(specialties.chain(titles)).await?;
        let department = json!({"name": DEPARTMENT, "kind": "authority", "region": "430000"});
        let admin = json!({"username": ADMIN, "password": password});
        self.seed((Organisation::TYPE, "create", "organisation:department".into(), department)).await?;
        self.seed((Account::TYPE, "create-first", "account:admin".into(), admin)).await?;
        Ok(true)
    }

    async fn seed_all(&self, seeds: impl Iterator<Item = Seed>) -> Result<(), Error> {
        futures::stream::iter(seeds)
            .map(|seed| self.seed(seed))
            .buffer_unordered(SEEDS_AT_ONCE)
            .try_collect()
            .await
    }

    async fn seed(&self, (aggregate, action, key, input): Seed) -> Result<(), Error> {
        let key = format!("first-start:{key}");
        let request = Request::of_system(aggregate, None, action, input, key);
        self.execute(request).await?.receipt().map(drop)
    }
}

/// Aggregate type, action, the rest of the key, and the input.
type Seed = (&'static str, &'static str, String, Value);
