//! The system at moments of every story, for tests that look at it from anywhere.

use super::World;
use super::player::{Player, STORIES};
use crate::story::Story;
use std::path::Path;

/// Lines of a story from one moment to the next, at most; the last is its end.
const LINES_APART: usize = 16;

/// What was there then.
pub fn moments() -> Vec<World> {
    let story = |name: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../replay-fixtures").join(name);
        Story::parse(&std::fs::read_to_string(folder.join("commands.jsonl")).unwrap()).unwrap()
    };
    let mut prelude = Player::new("2023-01-01T09:00:00+08:00");
    prelude.play(&story("prelude")).unwrap();
    let mut moments = Vec::new();
    for name in STORIES {
        let (mut player, lines) = (prelude.clone(), story(name).lines);
        for part in lines.chunks(LINES_APART) {
            player.play(&Story { lines: part.to_vec() }).unwrap();
            moments.push(player.world.clone());
        }
    }
    moments
}
