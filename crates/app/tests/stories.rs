//! The stories on real PostgreSQL: the use cases append exactly what the rules alone decide.
#![allow(clippy::unwrap_used, reason = "a test has nothing better to do")]

use chrono::{DateTime, Utc};
use std::path::Path;
use tempfile::TempDir;
use uuid::Uuid;
use zhicheng_app::{App, Parts, SessionId, Signed, StoryPlayer, WallClock, play_together};
use zhicheng_domain::aggregate::Aggregate;
use zhicheng_domain::declaration::Declaration;
use zhicheng_domain::ids::AccountId;
use zhicheng_domain::story::Story;
use zhicheng_materials::MaterialStore;
use zhicheng_vault::{MasterKey, Vault, VaultOptions};

/// An application in a rehearsal, after its first start. Real time stands still, so that the times of events repeat.
async fn rehearsal() -> (App, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let (log, vault) = tokio::join!(zhicheng_testkit::fresh_database(), zhicheng_testkit::fresh_database());
    let vault = VaultOptions::new(vault.options());
    let real: DateTime<Utc> = "2026-11-02T08:00:00Z".parse().unwrap();
    let parts = Parts {
        log: log.options(),
        vault: Vault::connect(vault, MasterKey::from_bytes([7; 32])).await.unwrap(),
        materials: MaterialStore::open(folder.path()).unwrap(),
        wall_clock: WallClock::new(move || real),
    };
    let app = App::open(parts).await.unwrap();
    app.begin(Some("2023-01-01T09:00:00+08:00".parse().unwrap())).await.unwrap();
    app.first_start(|| Ok("Xiang-2023-jiang".into())).await.unwrap();
    (app, folder)
}

fn read(story: &str, file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../replay-fixtures").join(story).join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn parsed(story: &str) -> Story {
    Story::parse(&read(story, "commands.jsonl")).unwrap()
}

/// Plays a story and holds its events against those that the rules alone gave.
async fn holds(player: &StoryPlayer, story: &str) -> StoryPlayer {
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

#[tokio::test(flavor = "multi_thread")]
async fn a_senior_review_appends_what_the_rules_decide() {
    let (app, _folder) = rehearsal().await;
    let player = StoryPlayer::new(&app).await.unwrap();
    let player = holds(&player, "prelude").await;
    holds(&player, "01-senior-review-online").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_appends_what_the_rules_decide() {
    let (app, _folder) = rehearsal().await;
    let player = StoryPlayer::new(&app).await.unwrap();
    let player = holds(&player, "prelude").await;
    holds(&player, "02-rollback").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_year_after_appends_what_the_rules_decide() {
    let (app, _folder) = rehearsal().await;
    let player = StoryPlayer::new(&app).await.unwrap();
    let player = holds(&player, "prelude").await;
    holds(&player, "03-under-way").await;
    the_log_does_not_tell_who_judges(&app).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn stories_go_on_side_by_side() {
    let (app, _folder) = rehearsal().await;
    let mut player = StoryPlayer::new(&app).await.unwrap().telling("prelude");
    player.play(&parsed("prelude")).await.unwrap();
    let names = ["01-senior-review-online", "02-rollback", "03-under-way"];
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
