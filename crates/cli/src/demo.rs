//! `zhicheng demo`: a rehearsal with the stories of `replay-fixtures/` played in it, and an account of every role.

use crate::broker::Broker;
use crate::config::{Join, Settings};
use crate::{Failure, say, serve};
use chrono::{DateTime, Utc};
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use zhicheng_app::{App, StoryPlayer, play_together};
use zhicheng_domain::account::username_claim;
use zhicheng_domain::context::in_shanghai;
use zhicheng_domain::ids::NodeId;
use zhicheng_domain::label::Named;
use zhicheng_domain::story::{Story, StoryError};
use zhicheng_domain::values::Role;

/// When the rehearsal starts.
const START: &str = "2023-01-01T09:00:00+08:00";
/// The password of every account: the stories say it too, so it is no secret.
const PASSWORD: &str = "Xiang-2023-jiang";
/// An account that only the prelude creates.
const OF_THE_PRELUDE: &str = "省专技处";
/// What all stories share.
const PRELUDE: &str = include_str!("../../../replay-fixtures/prelude/commands.jsonl");
/// The stories, played side by side.
const STORIES: &[(&str, &str)] = &[
    (
        "01-senior-review-online",
        include_str!("../../../replay-fixtures/01-senior-review-online/commands.jsonl"),
    ),
    ("02-rollback", include_str!("../../../replay-fixtures/02-rollback/commands.jsonl")),
    ("13-under-way", include_str!("../../../replay-fixtures/13-under-way/commands.jsonl")),
];

/// Fills an empty log with a demonstration whose passwords everybody knows.
#[derive(Debug, clap::Args)]
pub struct Demo {
    /// Serves it afterwards.
    #[arg(long)]
    serve: bool,
    /// The address to listen on.
    #[arg(long, env = "ZHICHENG_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

impl Demo {
    /// Plays the stories where the log is empty; where they were played already it only says who can sign in.
    pub async fn run(self, settings: Settings) -> Result<(), Failure> {
        let listener = match self.serve {
            true => Some(serve::listener(self.listen).await?),
            false => None,
        };
        let opened = settings.open(Join::Never).await?;
        let ready = match filled(&opened.app).await {
            Ok(()) => listener,
            Err(error) => {
                opened.close().await;
                return Err(error);
            }
        };
        print_accounts(&opened.app);
        match ready {
            Some(listener) => serve::serve(opened, listener, Broker::of(&settings)).await,
            None => {
                opened.close().await;
                Ok(())
            }
        }
    }
}

/// Fills the log, where it is empty.
async fn filled(app: &App) -> Result<(), Failure> {
    let stories = STORIES.iter().map(|(name, text)| Ok((*name, parsed(name, text)?)));
    let stories: Vec<(&str, Story)> = stories.collect::<Result<_, Failure>>()?;
    if app.store().head().await? == 0 {
        return play(app, stories).await;
    }
    let ends = stories.iter().flat_map(|(_, story)| &story.lines).filter_map(|(_, line)| line.at).max();
    let prelude = app.store().claim_holder(&username_claim(OF_THE_PRELUDE)).await?.is_some();
    match prelude && app.is_rehearsal() && ends.is_some_and(|ends| app.now() >= ends) {
        true => Ok(()),
        false => Err("数据目录已有别的记录，或上次演示没有建完；演示须使用新的空数据目录（--data）。".into()),
    }
}

async fn play(app: &App, stories: Vec<(&str, Story)>) -> Result<(), Failure> {
    let start: DateTime<Utc> = START.parse()?;
    app.begin(Some(start)).await?;
    app.first_start(|| Ok(PASSWORD.to_owned())).await?;
    let prelude = parsed("prelude", PRELUDE)?;
    let mut player = StoryPlayer::new(app).await?.telling("prelude");
    player.play(&prelude).await.map_err(|error| went_wrong("prelude", error))?;
    let lines: usize = stories.iter().map(|(_, story)| story.lines.len()).sum();
    let bar = ProgressBar::new(u64::try_from(lines).unwrap_or_default())
        .with_style(ProgressStyle::with_template("{bar:40} {pos}/{len} 步")?);
    let parts = stories.into_iter().map(|(name, story)| (player.telling(name), story)).collect();
    let played = play_together(parts, |count| bar.set_position(u64::try_from(count).unwrap_or_default()));
    let played = played.await;
    bar.finish_and_clear();
    played.map_err(|(name, error)| went_wrong(&name, error))
}

fn parsed(name: &str, text: &str) -> Result<Story, Failure> {
    Story::parse(text).map_err(|error| went_wrong(name, error))
}

fn went_wrong(name: &str, error: StoryError) -> Failure {
    format!("演示剧本 {name} 第{}行: {}", error.line, in_full(&error.fault)).into()
}

/// An error with its causes in one line.
fn in_full(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Who can sign in: a line for each role and place.
fn print_accounts(app: &App) {
    let mut accounts: BTreeMap<(usize, Option<NodeId>), Vec<String>> = BTreeMap::new();
    let mut places: BTreeMap<NodeId, String> = BTreeMap::new();
    app.registry().read(|registers| {
        let mut all: Vec<_> = registers.accounts.iter().filter(|(_, it)| it.active()).collect();
        all.sort_by_key(|(id, _)| *id);
        for (_, account) in all {
            for grant in &account.roles {
                let order = Role::ALL.iter().position(|role| *role == grant.role).unwrap_or_default();
                let key = (order, grant.organisation_id);
                accounts.entry(key).or_default().push(account.username.clone());
                if let Some(node) = grant.organisation_id {
                    places.insert(node, registers.node_name(node).unwrap_or_default().to_owned());
                }
            }
        }
    });
    say(&format!("演示时间 {}，所有账号的密码: {PASSWORD}", in_shanghai(app.now()).format("%Y-%m-%d %H:%M")));
    for ((order, place), usernames) in accounts {
        let Some(role) = Role::ALL.get(order) else { continue };
        let place = place.and_then(|node| places.get(&node)).map(String::as_str).unwrap_or("—");
        say(&format!("{}\t{}\t{place}\t{}", role.label().zh, role.name(), usernames.join("、")));
    }
}
