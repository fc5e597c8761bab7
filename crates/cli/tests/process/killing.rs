//! Killed in the middle of a load, again and again, and then in the middle of jobs: no acknowledged command is lost, none is carried
//! out twice, and `zhicheng check` finds nothing wrong with whatever else there is.

use std::time::Duration;

use rustix::process::Signal;
use sqlx::PgPool;

use crate::applicants::Load;
use crate::client::Client;
use crate::office::Office;
use crate::server::{ADMIN_PASSWORD, Place, Server, data_folder, postmaster, signal};
use crate::transferring::{finished, ordered, recommended, until_transferred};

/// How many clients work at once.
const WORKERS: usize = 8;

/// How often each is killed, unless `ZHICHENG_TEST_KILLS` says otherwise.
const KILLS: usize = 8;

/// Of so many kills of the server one is in the middle of a job.
const KILLS_A_JOB: usize = 4;

/// The number of the first applicant whom jobs transfer; the load's begin with 1.
const APPLICANTS_OF_JOBS: u32 = 1_000_000;

/// How many declarations a job transfers.
const ITEMS: usize = 60;

/// At most so many commands are acknowledged between two kills.
const COMMANDS_BETWEEN_MAX: u64 = 120;

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_command_is_lost_when_the_server_is_killed() {
    let folder = data_folder();
    let place = Place::private(folder.path());
    let mut server = Server::start(place, "127.0.0.1:0");
    let address = server.address.clone();
    let client = Client::new(&[&address]);
    let office = Office::open(&client).await;
    let load = Load::start(&client, &office, WORKERS);
    let mut chance = Chance::new();
    let in_jobs = kills() / KILLS_A_JOB;
    for _ in in_jobs..kills() {
        client.journal.grows_by(chance.below(COMMANDS_BETWEEN_MAX)).await;
        server.kill();
        server = Server::start(place, &address);
    }
    client.journal.grows_by(WORKERS).await;
    load.finish().await;
    holds(&client, folder.path()).await;

    let other = office.second_committee(&client).await;
    recommended(&client, &office, APPLICANTS_OF_JOBS, ITEMS).await;
    let (mut from, mut to) = (&office.committee, &other);
    for before in 0..in_jobs {
        let job = ordered(&client, &office, ITEMS, (from, to)).await;
        let some = chance.below(ITEMS as u64);
        until_transferred(folder.path(), before * ITEMS + some).await;
        server.kill();
        server = Server::start(place, &address);
        finished(&client, &office, &job, ITEMS).await;
        (from, to) = (to, from);
    }
    until_transferred(folder.path(), in_jobs * ITEMS).await;
    place.check_with(&client.journal);
    server.stop();
    let report = place.check_with(&client.journal);
    assert!(report.lines().any(|line| line.starts_with("好") && line.ends_with("（published）")), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_command_is_lost_when_postgresql_is_killed() {
    let folder = data_folder();
    let place = Place::private(folder.path());
    let server = Server::start(place, "127.0.0.1:0");
    let client = Client::new(&[&server.address]);
    let office = Office::open(&client).await;
    let load = Load::start(&client, &office, WORKERS);
    let mut chance = Chance::new();
    let mut killed = None;
    for _ in 0..kills() {
        client.journal.grows_by(chance.below(COMMANDS_BETWEEN_MAX)).await;
        // Another one than before: the server has started it again.
        let pid = loop {
            match postmaster(folder.path()).filter(|pid| Some(*pid) != killed) {
                Some(pid) => break pid,
                None => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        };
        signal(pid, Signal::KILL);
        killed = Some(pid);
    }
    client.journal.grows_by(WORKERS).await;
    load.finish().await;
    holds(&client, folder.path()).await;
    server.stop();
    place.check_with(&client.journal);
}

async fn holds(client: &Client, folder: &std::path::Path) {
    let urls = std::fs::read_to_string(folder.join("running.urls")).unwrap();
    let log = PgPool::connect(urls.lines().next().unwrap()).await.unwrap();
    client.journal.holds(&log, first_command(&log).await).await;
    log.close().await;
    let logged = std::fs::read_to_string(folder.join("server.log")).unwrap();
    for personal in ["周明", ADMIN_PASSWORD] {
        assert!(!logged.contains(personal), "{personal} stands in the server's log");
    }
    assert_eq!(personal_number(&logged), None, "a number of a person stands in the server's log");
}

/// An ID number or a telephone number. Whole numbers only: digits of a time, a duration or an identifier may read like the beginning of
/// one.
fn personal_number(logged: &str) -> Option<&str> {
    logged.split(|character: char| !character.is_ascii_alphanumeric() && character != '.').find(|number| {
        let digits = number.bytes().take_while(u8::is_ascii_digit).count();
        let is_id_number = number.len() == 18 && digits >= 17 && number.starts_with("430102");
        let is_phone = number.len() == 11 && digits == 11 && number.starts_with("139");
        is_id_number || is_phone
    })
}

#[test]
fn a_number_of_a_person_is_found_in_a_log_and_a_time_is_none() {
    for personal in ["person=43010219750102012X,", "\"430102197501020128\"", "phone 13900000012 of"] {
        assert!(personal_number(personal).is_some(), "{personal}");
    }
    for time in
        ["2026-11-28T23:20:07.430102Z", "019acd43-0102-7000-8000-430102197501", "took 13900000012.5 ns"]
    {
        assert_eq!(personal_number(time), None, "{time}");
    }
}

/// Where the commands of the first start end: the first one of an account follows.
pub async fn first_command(log: &PgPool) -> i64 {
    let first: i64 = sqlx::query_scalar(
        "select min(position)
         from events
         where command_id is not null
           and payload::jsonb #>> '{actor,kind}' = 'account'",
    )
    .fetch_one(log)
    .await
    .unwrap();
    first - 1
}

fn kills() -> usize {
    std::env::var("ZHICHENG_TEST_KILLS").map_or(KILLS, |kills| kills.parse().unwrap())
}

/// Random numbers (SplitMix64) from a seed that is printed, or given by `ZHICHENG_TEST_SEED`.
struct Chance(u64);

impl Chance {
    fn new() -> Self {
        let seed = std::env::var("ZHICHENG_TEST_SEED")
            .map_or_else(|_| uuid::Uuid::new_v4().as_u64_pair().1, |seed| seed.parse().unwrap());
        eprintln!("ZHICHENG_TEST_SEED={seed}");
        Self(seed)
    }

    fn below(&mut self, limit: u64) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % limit).unwrap()
    }
}
