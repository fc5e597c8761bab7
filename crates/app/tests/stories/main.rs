//! The stories on real PostgreSQL: the use cases append exactly what the rules alone decide, and the read tables show of it
//! what is expected, whether they followed the log or were built anew; and so does the log in which each story was told once.
#![allow(clippy::unwrap_used, reason = "a test has nothing better to do")]

use sqlx::postgres::PgConnectOptions;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use uuid::Uuid;
use zhicheng_app::{App, Parts, SessionId, Signed, StoryPlayer, WallClock, play_together};
use zhicheng_domain::aggregate::Aggregate;
use zhicheng_domain::declaration::Declaration;
use zhicheng_domain::draw::{self, DrawRecord};
use zhicheng_domain::ids::AccountId;
use zhicheng_domain::story::Story;
use zhicheng_materials::MaterialStore;
use zhicheng_projections::{Rebuilt, TABLES, rebuild};
use zhicheng_vault::{MasterKey, Vault, VaultOptions};

mod history;
mod rows;

use rows::Tables;

/// What real time is. It stands still, so that the times of events repeat.
const REAL_TIME: &str = "2026-11-02T08:00:00Z";

/// An application on a log, with a vault and a folder of its own, while real time stands still.
async fn opened(log: PgConnectOptions, real_time: &str) -> (App, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let vault = VaultOptions::new(zhicheng_testkit::fresh_database().await.options());
    let real = real_time.parse().unwrap();
    let parts = Parts {
        log,
        vault: Vault::connect(vault, MasterKey::from_bytes([7; 32])).await.unwrap(),
        materials: MaterialStore::open(folder.path()).unwrap(),
        wall_clock: WallClock::new(move || real),
    };
    (App::open(parts).await.unwrap(), folder)
}

/// An application in a rehearsal, after its first start.
async fn rehearsal() -> (App, TempDir) {
    let log = zhicheng_testkit::fresh_database().await;
    let (app, folder) = opened(log.options(), REAL_TIME).await;
    app.begin(Some("2023-01-01T09:00:00+08:00".parse().unwrap())).await.unwrap();
    app.first_start(|| Ok("Xiang-2023-jiang".into())).await.unwrap();
    (app, folder)
}

/// A file of a story.
fn fixture(story: &str, file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../replay-fixtures").join(story).join(file)
}

fn read(story: &str, file: &str) -> String {
    let path = fixture(story, file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn parsed(story: &str) -> Story {
    Story::parse(&read(story, "commands.jsonl")).unwrap()
}

/// Plays a story and holds its events against those that the rules alone gave.
async fn plays(player: &StoryPlayer, story: &str) -> StoryPlayer {
    let mut player = player.telling(story);
    let played = player.play(&parsed(story)).await;
    let events = played.unwrap_or_else(|error| panic!("{story}: {error}: {:?}", error.fault));
    let expected = read(story, "events.jsonl");
    for (number, (is, expected)) in (1..).zip(events.iter().zip(expected.lines())) {
        assert_eq!(is, expected, "{story}/events.jsonl, line {number}");
    }
    assert_eq!(events.len(), expected.lines().count(), "{story}: as many events as expected");
    player
}

/// Plays a story and holds against its files what was appended, and what the read tables show of it: as they followed the
/// log, and built anew from it.
async fn holds(app: &App, player: &StoryPlayer, story: &str) {
    let before = Tables::of(app).await;
    let player = plays(player, story).await;
    let followed = Tables::of(app).await;
    rows::hold_or_bless(story, &before, &followed, Some(player.cast()));
    built_anew_they_hold_the_same(app, story, &followed).await;
}

/// Builds all tables anew and holds them against what they held.
async fn built_anew_they_hold_the_same(app: &App, story: &str, followed: &Tables) {
    let rebuilt = rebuild(app.store(), app.store().pool(), TABLES, |_| {}).await.unwrap();
    let in_place = |outcome: &Rebuilt| matches!(outcome, Rebuilt::InPlace { .. });
    assert!(rebuilt.len() == TABLES.len() && rebuilt.iter().all(in_place), "{rebuilt:?}");
    assert_eq!(Tables::of(app).await, *followed, "{story}: tables built anew hold what they held");
}

/// A rehearsal, and a player to whom the prelude's names are known.
async fn after_the_prelude() -> (App, StoryPlayer, TempDir) {
    let (app, folder) = rehearsal().await;
    let player = StoryPlayer::new(&app).await.unwrap();
    let player = plays(&player, "prelude").await;
    (app, player, folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_prelude_appends_what_the_rules_decide_and_shows_as_expected() {
    let (app, _folder) = rehearsal().await;
    let player = StoryPlayer::new(&app).await.unwrap();
    holds(&app, &player, "prelude").await;
}

mod appends_what_the_rules_decide_and_shows_as_expected {
    macro_rules! tests {
        ($($name:ident $folder:literal;)*) => {$(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let (app, player, _folder) = super::after_the_prelude().await;
                super::holds(&app, &player, $folder).await;
                super::further(&app, $folder).await;
            }
        )*};
    }
    zhicheng_domain::each_story!(tests);
}

/// What a story is the occasion to look at besides.
async fn further(app: &App, story: &str) {
    match story {
        "01-senior-review-online" => {
            tells_what_is_easily_faked();
            can_be_drawn_again(app).await;
        }
        "13-under-way" => the_log_does_not_tell_who_judges(app).await,
        _ => {}
    }
}

/// One meeting's results are declared, another meeting has only drawn its judges.
async fn the_log_does_not_tell_who_judges(app: &App) {
    let pool = app.store().pool();
    let texts = async |sql: &str| sqlx::query_scalar::<_, String>(sql).fetch_all(pool).await.unwrap();
    let administrator = texts(
        "select aggregate_id
         from events
         where event_type = 'account.registered'
         order by position
         limit 1",
    )
    .await;
    let judges = texts(
        "select unnest(array[aggregate_id, payload -> 'event' -> 'created' ->> 'account_id'])
         from events
         where event_type = 'judge.created'",
    )
    .await;
    let declared = texts(
        "select aggregate_id
         from events
         where event_type = 'review_meeting.results_declared'",
    )
    .await;
    let signed = Signed {
        session: SessionId(Uuid::nil()),
        account: AccountId(administrator[0].parse().unwrap()),
        person: None,
        reauthenticated_at: None,
    };
    let (mut after, mut draws) = (0, Vec::new());
    loop {
        let page = app.log(&signed, after, 1_000).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last["position"].as_i64().unwrap();
        for entry in &page {
            let text = entry.to_string();
            let told = judges.iter().any(|judge| text.contains(judge));
            let aggregate = entry["aggregate"].as_str().unwrap();
            if entry["type"] == "review_meeting.judges_drawn" {
                let public = declared.iter().any(|meeting| entry["aggregate_id"] == meeting.as_str());
                assert_eq!(told, public, "{text}");
                draws.push(public);
            } else if matches!(aggregate, "declaration" | "review_meeting" | "scheme") {
                assert!(!told, "{text}");
            }
        }
    }
    draws.sort_unstable();
    assert_eq!(draws, [false, true], "a draw before the results and one after them");
}

/// From what the log says of a draw, and nothing else, the same judges are drawn again; from another pool others.
async fn can_be_drawn_again(app: &App) {
    let payload: String = sqlx::query_scalar(
        "select payload::text
         from events
         where event_type = 'review_meeting.judges_drawn'",
    )
    .fetch_one(app.store().pool())
    .await
    .unwrap();
    let fact: serde_json::Value = serde_json::from_str(&payload).unwrap();
    let record = fact.pointer("/event/judges_drawn/record").cloned().unwrap();
    let record: DrawRecord = serde_json::from_value(record).unwrap();
    assert_eq!(record.algorithm, draw::ALGORITHM);
    let again = |pool: &[Uuid]| {
        draw::draw(&record.commitments, record.seeds, pool.iter().copied(), record.size).unwrap()
    };
    let drawn = again(&record.pool);
    assert_eq!((&drawn.drawn, &drawn.substitutes), (&record.drawn, &record.substitutes));
    assert_eq!((drawn.drawn.len(), drawn.substitutes.len()), (11, 2));
    let without_the_first: Vec<_> =
        record.pool.iter().copied().filter(|judge| *judge != record.drawn[0]).collect();
    assert_ne!(again(&without_the_first).drawn, record.drawn, "the pool decides");
}

/// What is easily faked is told once in the first story, in its files.
fn tells_what_is_easily_faked() {
    const STORY: &str = "01-senior-review-online";
    let rows = |table: &str, of: &str| {
        let mut rows = rows::expected(STORY, table);
        rows.retain(|row| row["declaration_id"] == of);
        rows
    };
    let fixed = |table: &str, of: &str| rows(table, of).pop().unwrap_or_else(|| panic!("{table} of {of}"));
    // 用时: from Wednesday 21 June to Tuesday 27 June lie two days of the holiday and the Sunday on which all worked
    let review = rows("process_step", "$xie-case")
        .into_iter()
        .find(|step| step["action"] == "review-by-employer" && step["result"] == "fail")
        .unwrap();
    assert_eq!(review["arrived_at"], "2023-06-21T09:00:00+08:00");
    assert_eq!(review["handled_at"], "2023-06-27T09:00:00+08:00");
    assert_eq!(review["working_days"], 3, "25, 26 and 27 June; Mondays to Fridays would be four");
    // checks that fail before a submission, then the submission that passes them
    let lines = parsed(STORY).lines;
    let submissions: Vec<_> = lines
        .iter()
        .map(|(_, line)| line)
        .filter(|line| line.action == "submit" && line.id.as_deref() == Some("huang-case"))
        .collect();
    assert_eq!(submissions[0].refused.as_deref(), Some("incomplete"));
    assert!(submissions[0].problems.as_ref().is_some_and(|problems| problems.len() == 2));
    assert_eq!(submissions.last().unwrap().refused, None);
    assert_eq!(fixed("my_declarations", "$huang-case")["submitted_at"], "2023-05-15T09:00:00+08:00");
    // a vote that passed, and a quota that did not reach that far
    let events = read(STORY, "events.jsonl");
    let closed = events
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .find(|it| it["event"] == "declaration.ballot_closed" && it["stream"] == "$ouyang-case")
        .unwrap();
    let ballot = &closed["data"];
    assert_eq!((&ballot["agree"], &ballot["passed"]), (&9.into(), &true.into()), "{ballot}");
    assert_eq!(fixed("process_tracking", "$ouyang-case")["stage"], "vote_failed");
    assert_eq!(rows("certificate_issuance", "$ouyang-case"), [] as [serde_json::Value; 0]);
    // one filing for the scheme, and its number with each candidate
    let filings = lines.iter().filter(|(_, line)| line.action.ends_with("-filing"));
    assert!(filings.map(|(_, line)| &*line.collection).eq(["schemes", "schemes"]));
    for case in ["$huang-case", "$peng-case"] {
        assert_eq!(fixed("process_tracking", case)["filing_number"], "湘人社函〔2023〕118号");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stories_go_on_side_by_side() {
    let (app, _folder) = rehearsal().await;
    let mut player = StoryPlayer::new(&app).await.unwrap().telling("prelude");
    player.play(&parsed("prelude")).await.unwrap();
    let names = ["01-senior-review-online", "02-rollback", "13-under-way"];
    let parts: Vec<_> = names.iter().map(|name| (player.telling(name), parsed(name))).collect();
    let lines: usize = parts.iter().map(|(_, story)| story.lines.len()).sum();
    let mut told = 0;
    play_together(parts, |count| told = count)
        .await
        .unwrap_or_else(|(story, error)| panic!("{story}: {error}: {:?}", error.fault));
    assert_eq!(told, lines);
    let ended: Vec<(String,)> = sqlx::query_as(
        "select distinct event_type
         from events
         where aggregate_type = $1
           and event_type in ('declaration.report_acknowledged', 'declaration.certificate_revoked')
         order by event_type",
    )
    .bind(Declaration::TYPE)
    .fetch_all(app.store().pool())
    .await
    .unwrap();
    assert_eq!(ended.len(), 2, "both ends of the first story are reached");
}
