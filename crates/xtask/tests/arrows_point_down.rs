//! Dependencies between our crates point down, and the rules reach no clock, no chance and no wire.

use zhicheng_xtask::arrows::{self, ALLOWED};
use zhicheng_xtask::repository_root;

#[test]
fn in_every_manifest() {
    let found = arrows::check(&repository_root()).unwrap();
    let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert!(found.is_empty(), "{}", lines.join("\n"));
}

#[test]
fn in_the_table_itself() {
    for (place, (name, uses)) in ALLOWED.iter().enumerate() {
        for used in *uses {
            let below = ALLOWED[..place].iter().any(|(lower, _)| lower == used);
            assert!(below, "{name} may use {used}, which does not lie below it");
        }
    }
}

#[test]
fn notices_a_clock_and_a_wire() {
    let tree = "zhicheng-domain v0.1.0 (/here)|\nchrono v0.4.45|clock,serde,std\ntokio v1.54.1|rt\nuuid v1.26.1|serde,std\n";
    let found: Vec<String> =
        arrows::stays_pure("zhicheng-domain", tree).iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("gets chrono with \"clock\""), "{}", found[0]);
    assert!(found[1].contains("reaches tokio"), "{}", found[1]);
}
