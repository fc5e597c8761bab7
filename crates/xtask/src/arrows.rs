//! Which of our crates may depend on which, and what the pure ones may never reach.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

use crate::Finding;

/// Bottom to top: each crate and what it may use in what is shipped. An arrow points down the list only; a new crate or a new
/// arrow is a decision, made here.
pub const ALLOWED: &[(&str, &[&str])] = &[
    ("zhicheng-domain", &[]),
    ("zhicheng-journal", &[]),
    ("zhicheng-cluster", &[]),
    ("zhicheng-database", &[]),
    ("zhicheng-vault", &["zhicheng-database"]),
    ("zhicheng-materials", &["zhicheng-vault"]),
    ("zhicheng-sheets", &[]),
    ("zhicheng-eventstore", &["zhicheng-journal", "zhicheng-database"]),
    ("zhicheng-bus", &["zhicheng-domain", "zhicheng-journal", "zhicheng-eventstore"]),
    (
        "zhicheng-projections",
        &["zhicheng-domain", "zhicheng-journal", "zhicheng-database", "zhicheng-eventstore"],
    ),
    (
        "zhicheng-app",
        &[
            "zhicheng-domain",
            "zhicheng-journal",
            "zhicheng-eventstore",
            "zhicheng-vault",
            "zhicheng-projections",
            "zhicheng-materials",
            "zhicheng-sheets",
            "zhicheng-bus",
        ],
    ),
    ("zhicheng-api", &["zhicheng-app", "zhicheng-domain"]),
    (
        "zhicheng",
        &[
            "zhicheng-domain",
            "zhicheng-journal",
            "zhicheng-cluster",
            "zhicheng-vault",
            "zhicheng-materials",
            "zhicheng-eventstore",
            "zhicheng-bus",
            "zhicheng-projections",
            "zhicheng-app",
            "zhicheng-api",
        ],
    ),
    ("zhicheng-testkit", &["zhicheng-cluster"]),
    ("zhicheng-bench", &["zhicheng-domain", "zhicheng-journal", "zhicheng-cluster", "zhicheng-eventstore"]),
    ("zhicheng-xtask", &["zhicheng-domain", "zhicheng-projections", "zhicheng-app", "zhicheng-api"]),
];

/// Never part of what is shipped: others may use them for their tests alone.
const DEVELOPMENT: &[&str] = &["zhicheng-testkit", "zhicheng-bench", "zhicheng-xtask"];

/// The crates that decide and prove: same input, same answer, on every machine and in every year.
const PURE: &[&str] = &["zhicheng-domain", "zhicheng-journal"];

/// What reads clocks, sockets, files, the environment or chance; each stands for a family.
const IMPURE: &[&str] = &[
    "async-nats",
    "axum",
    "cqrs-es",
    "fastrand",
    "getrandom",
    "hyper",
    "iana-time-zone",
    "mio",
    "object_store",
    "postgres-es",
    "rand",
    "rand_core",
    "reqwest",
    "rustix",
    "socket2",
    "sqlx",
    "sqlx-core",
    "tempfile",
    "tokio",
    "tracing-subscriber",
];

/// Features that bring a clock or chance with an otherwise pure crate: the crate, the feature.
const IMPURE_FEATURES: &[(&str, &str)] = &[
    ("chrono", "clock"),
    ("chrono", "now"),
    ("chrono", "default"),
    ("uuid", "v1"),
    ("uuid", "v4"),
    ("uuid", "v6"),
    ("uuid", "v7"),
    ("uuid", "rng"),
];

/// Features that change the bytes of JSON, and with them every hash in the log, wherever in the workspace they are asked
/// for: the order of maps, the writing of numbers.
const HASH_BREAKING_FEATURES: &[&str] = &["preserve_order", "arbitrary_precision"];

/// All checks, over the checkout at `root`.
///
/// # Errors
///
/// When cargo does not answer; it is asked offline.
pub fn check(root: &Path) -> Result<Vec<Finding>, cargo_metadata::Error> {
    let manifest = root.join("Cargo.toml");
    let offline = ["--offline".to_owned()];
    let ours = MetadataCommand::new().manifest_path(&manifest).no_deps().other_options(offline).exec()?;
    let mut found = point_down(&ours);
    for name in PURE {
        found.extend(stays_pure(name, &tree(&manifest, &["--package", name])?));
    }
    found.extend(keeps_json_canonical(&tree(&manifest, &["--workspace"])?));
    Ok(found)
}

fn point_down(ours: &Metadata) -> Vec<Finding> {
    let names: BTreeSet<&str> = ours.packages.iter().map(|package| package.name.as_str()).collect();
    let mut found = Vec::new();
    for package in &ours.packages {
        let name = package.name.as_str();
        let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| *known == name) else {
            found.push(Finding::new(name, "is a new crate: give it its place in crates/xtask/src/arrows.rs"));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|it| names.contains(it.name.as_str())) {
            let to = dependency.name.as_str();
            if dependency.kind == DependencyKind::Development {
                // A test may use what lies beside the crate, never what is built on top of it.
                if !DEVELOPMENT.contains(&to) && !lies_below(to, name) {
                    found.push(Finding::new(name, format!("its tests depend on {to}, which lies above it")));
                }
            } else if !allowed.contains(&to) {
                found.push(Finding::new(
                    name,
                    format!(
                        "may not depend on {to}; move the code, or decide so in crates/xtask/src/arrows.rs"
                    ),
                ));
            }
        }
    }
    found
}

/// Whether `lower` stands before `upper` in the table.
fn lies_below(lower: &str, upper: &str) -> bool {
    let place = |name| ALLOWED.iter().position(|(known, _)| *known == name);
    place(lower) < place(upper)
}

/// What a crate is built with when it is built alone, or all of them together: a line `name version|feature,feature` for each dependency. Build
/// scripts and macros run at build time and do not count.
///
/// Asked of `cargo tree`, since the features that `cargo metadata` resolves are those of the whole workspace together.
fn tree(manifest: &Path, of: &[&str]) -> Result<String, cargo_metadata::Error> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--edges", "normal,no-proc-macro"])
        .args(of)
        .args(["--prefix", "none", "--no-dedupe", "--format", "{p}|{f}", "--manifest-path"])
        .arg(manifest)
        .output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(cargo_metadata::Error::CargoMetadata { stderr: String::from_utf8_lossy(&output.stderr).into_owned() })
}

/// Whether nobody in the workspace changes what serde_json writes.
fn keeps_json_canonical(tree: &str) -> BTreeSet<Finding> {
    let lines = tree.lines().filter_map(|line| line.split_once('|'));
    let asked =
        lines.filter(|(package, _)| package.starts_with("serde_json ")).flat_map(|(_, it)| it.split(','));
    let breaking = asked.filter(|feature| HASH_BREAKING_FEATURES.contains(feature));
    let message = |feature| format!("is built with \"{feature}\", which changes the hash of every event");
    breaking.map(|feature| Finding::new("serde_json", message(feature))).collect()
}

/// The check over the lines of `cargo tree`.
pub fn stays_pure(name: &str, tree: &str) -> BTreeSet<Finding> {
    let mut found = BTreeSet::new();
    for (package, features) in tree.lines().filter_map(|line| line.split_once('|')) {
        let reached = package.split(' ').next().unwrap_or(package);
        if IMPURE.contains(&reached) {
            found.insert(Finding::new(name, format!("reaches {reached}: rules and proofs do no I/O")));
        }
        for (_, feature) in IMPURE_FEATURES.iter().filter(|(of, _)| *of == reached) {
            if features.split(',').any(|asked| asked == *feature) {
                let message = format!(
                    "gets {reached} with \"{feature}\", a clock or chance; time and ids are passed in"
                );
                found.insert(Finding::new(name, message));
            }
        }
    }
    found
}
