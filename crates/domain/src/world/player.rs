//! Plays stories on a system in memory.

use super::{Done, Who, World};
use crate::account::Account;
use crate::aggregate::{Aggregate, AnyState, StreamId};
use crate::approval::Approval as WaitingApproval;
use crate::context::Approval;
use crate::declaration::Declaration;
use crate::organisation::Organisation;
use crate::reference;
use crate::refusal::Refusal;
use crate::review_meeting::ReviewMeeting;
use crate::story::{Cast, Fault, Happened, Line, References, Story, StoryError, Upload};
use crate::values::Choice;
use serde_json::{Value, json};
use uuid::Uuid;

/// Hands every story but the prelude to a macro, each as `name_of_its_test "folder in replay-fixtures";`. Whoever tests stories
/// makes one test of each, so that no story is told and not tested.
#[macro_export]
macro_rules! each_story {
    ($each:ident) => {
        $each! {
            a_senior_review_online "01-senior-review-online";
            a_rollback "02-rollback";
            a_senior_review_offline "03-senior-review-offline";
            an_initial_grant "04-initial-grant";
            a_recognition "05-recognition";
            a_return_level_by_level "06-returned-and-resubmitted";
            an_upheld_objection "07-upheld-objection";
            a_batch_transfer "08-batch-transfer";
            a_vote_that_fails_by_one "09-vote-fails-by-one";
            a_broken_path "10-broken-path";
            a_revocation_by_two "11-revocation-by-two";
            a_person_erased "12-person-erased";
            a_year_under_way "13-under-way";
        }
    };
}

macro_rules! folders {
    ($($name:ident $folder:literal;)*) => { &[$($folder),*] };
}

/// The folders of all stories but the prelude, in order.
pub const STORIES: &[&str] = each_story!(folders);

/// A system after its first start, and who plays in it.
#[derive(Debug, Clone)]
pub struct Player {
    /// The system.
    pub world: World,
    /// Names and what they stand for.
    pub cast: Cast,
}

impl Player {
    /// After the first start (contract.md, First start and time): series, specialties, titles, the provincial department
    /// `department` and the account `admin`.
    ///
    /// # Panics
    /// Where the reference data is refused.
    pub fn new(time: &str) -> Self {
        let mut world = World::at(time);
        let mut create = |aggregate: &str, action: &str, input: Value| {
            let id = world.fresh();
            world.act(Who::System, aggregate, id, action, input).expect("the reference data");
            id
        };
        for it in &reference::series::SERIES {
            create("specialty", "create", json!({"code": it.code, "name": it.name}));
        }
        for it in reference::specialties::SPECIALTIES {
            create("specialty", "create", json!({"parent": it.series(), "code": it.code, "name": it.name}));
        }
        for it in reference::titles::TITLES {
            let input = json!({"series": it.series, "level": it.level, "name": it.name, "ministry_code": it.ministry_code});
            create("title", "create", input);
        }
        let input = json!({"name": "湖南省人力资源和社会保障厅", "kind": "authority", "region": "430000"});
        let department = create("organisation", "create", input);
        let input = json!({"username": "admin", "password": "Xiang-2023-jiang"});
        let admin = create("account", "create-first", input);
        let mut cast = Cast::default();
        cast.bind("department", StreamId::of::<Organisation>(department));
        cast.bind("admin", StreamId::of::<Account>(admin));
        Self { world, cast }
    }

    /// Plays a story; answers its events as `events.jsonl` holds them.
    ///
    /// # Errors
    /// Where it does not go as it says.
    pub fn play(&mut self, story: &Story) -> Result<Vec<String>, StoryError> {
        let mut events = Vec::new();
        for (number, line) in &story.lines {
            self.line(line, &mut events).map_err(|fault| fault.at(*number))?;
        }
        Ok(events)
    }

    fn line(&mut self, line: &Line, events: &mut Vec<String>) -> Result<(), Fault> {
        if let Some(at) = line.at {
            if at < self.world.now {
                return Err(Fault::ClockBackwards { now: self.world.now });
            }
            let before = self.world.log.len();
            self.world.now = at;
            self.world.take_due_steps();
            self.transcribe(None, before, events)?;
        }
        let before = self.world.log.len();
        let states: References = self
            .cast
            .looked_into(line)?
            .into_iter()
            .map(|stream| (stream, self.world.state(stream)))
            .collect();
        let stream = StreamId {
            aggregate: line.aggregate()?,
            id: self.cast.addressed(line, &states)?.unwrap_or_else(|| self.world.fresh()),
        };
        let account = self.cast.account(line, &states, &self.world.registers)?;
        let who = match (account, self.cast.acting_as(line)?) {
            (None, _) => Who::Anonymous,
            (Some(account), None) => Who::Account(account),
            (Some(account), Some((role, organisation))) => Who::As(account, role, organisation),
        };
        let done = match Upload::of(line)? {
            Some(upload) => {
                let person = account.and_then(|account| self.world.registers.accounts.get(account)?.person);
                let nobody = || Fault::NobodyThere(line.by.clone().unwrap_or_default());
                self.carry_out(who, stream, "store", upload.stored(person.ok_or_else(nobody)?))
            }
            None => {
                let input = self.cast.resolve(&line.input, &states)?;
                self.carry_out(who, stream, &line.action, input)
            }
        };
        line.expect_refusal(done.as_ref().err())?;
        match (done, &line.awaits) {
            (Ok(Carried::Out), None) => {
                if let Some(name) = &line.save {
                    self.cast.bind(name, stream);
                }
            }
            (Ok(Carried::Waits(approval)), Some(name)) => {
                self.cast.bind(name, StreamId::of::<WaitingApproval>(approval));
            }
            (Ok(_), _) => return Err(Fault::SecondPerson),
            (Err(_), _) => return Ok(()),
        }
        if let (AnyState::ReviewMeeting(meeting), "draw", Some(name)) =
            (self.world.state(stream), line.action.as_str(), &line.id)
        {
            self.cast.seat(name, &meeting, &self.world.registers);
        }
        self.world.work_off_jobs();
        self.transcribe(Some(stream), before, events)
    }

    fn carry_out(
        &mut self,
        who: Who,
        stream: StreamId,
        action: &str,
        input: Value,
    ) -> Result<Carried, Refusal> {
        let StreamId { aggregate, id } = stream;
        match (aggregate, action) {
            (Declaration::TYPE, "cast-vote") => {
                let choice = serde_json::from_value(input["choice"].clone()).unwrap_or(Choice::Disagree);
                self.world.vote(who, id, choice)?;
            }
            (ReviewMeeting::TYPE, "cast-votes") => self.world.vote_on_many(who, id, input)?,
            _ => match self.world.send(who, aggregate, id, action, input.clone(), Approval::NotGiven)? {
                Done::Appended(_) => {}
                Done::SecondPersonNeeded => {
                    return self.world.request(who, aggregate, id, action, input).map(Carried::Waits);
                }
            },
        }
        Ok(Carried::Out)
    }

    fn transcribe(
        &mut self,
        addressed: Option<StreamId>,
        from: usize,
        events: &mut Vec<String>,
    ) -> Result<(), Fault> {
        let happened: Vec<Happened> = self.world.log[from..]
            .iter()
            .map(|it| Happened { stream: it.stream, event: it.event.clone(), stamp: it.stamp.clone() })
            .collect();
        let written = self.cast.transcribe(addressed, &happened);
        events.extend(written.map_err(|error| Fault::Player(Box::new(error)))?);
        Ok(())
    }
}

enum Carried {
    Out,
    Waits(Uuid),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::{Certificate, Status};
    use crate::declaration::Stage;
    use crate::job::{ItemResult, Job};
    use crate::vote;
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    /// Where the story of 2024 leaves somebody.
    const UNDER_WAY: &[Stage] = &[
        Stage::Draft,
        Stage::EmployerReview,
        Stage::ReturnedToApplicant,
        Stage::EmployerFailed,
        Stage::EmployerPublicityDue,
        Stage::EmployerPublicity,
        Stage::EmployerPublicityEnded,
        Stage::Recommendation,
        Stage::SuperiorReview,
        Stage::ReturnedToSubordinate,
        Stage::QualificationReview,
        Stage::Qualified,
        Stage::SchemeSubmitted,
        Stage::JudgesDrawn,
        Stage::MaterialReviewed,
        Stage::Scoring,
        Stage::Balloting,
        Stage::ResultPublicity,
        Stage::FilingRequested,
        Stage::Filed,
        Stage::FinalApproved,
    ];

    fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../replay-fixtures")
    }

    fn parsed(name: &str) -> Story {
        let file = folder().join(name).join("commands.jsonl");
        let text =
            std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        Story::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}: {}", error.fault))
    }

    /// Plays it after the prelude; answers its events too.
    fn told(name: &str) -> (Player, Vec<String>) {
        let mut player = Player::new("2023-01-01T09:00:00+08:00");
        let mut events = Vec::new();
        for part in ["prelude", name].into_iter().skip(usize::from(name == "prelude")) {
            let played = player.play(&parsed(part));
            events = played.unwrap_or_else(|error| panic!("{part}: {error}: {}", error.fault));
        }
        (player, events)
    }

    /// Who plays in it, at its end.
    fn after(name: &str) -> Player {
        told(name).0
    }

    /// Holds its events against the file, or writes the file where `ZHICHENG_BLESS` is set.
    fn holds(name: &str) {
        let (_, events) = told(name);
        let file = folder().join(name).join("events.jsonl");
        #[allow(clippy::disallowed_methods, reason = "blessing is a decision of whoever runs the tests")]
        if std::env::var_os("ZHICHENG_BLESS").is_some() {
            std::fs::write(&file, events.join("\n") + "\n").unwrap();
        }
        let expected = std::fs::read_to_string(&file).unwrap_or_default();
        for (number, (is, expected)) in (1..).zip(events.iter().zip(expected.lines())) {
            assert_eq!(is, expected, "{name}/events.jsonl, line {number}; ZHICHENG_BLESS=1 writes it anew");
        }
        assert_eq!(events.len(), expected.lines().count(), "{name}: as many events as expected");
    }

    mod gives_what_is_expected {
        macro_rules! tests {
            ($($name:ident $folder:literal;)*) => {$(
                #[test]
                fn $name() {
                    super::holds($folder);
                }
            )*};
        }
        tests! { the_prelude "prelude"; }
        crate::each_story!(tests);
    }

    #[test]
    fn every_folder_is_a_story_and_every_story_has_its_folder() {
        let mut folders: Vec<String> = std::fs::read_dir(folder())
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.path().join("commands.jsonl").exists())
            .map(|entry| entry.file_name().into_string().unwrap())
            .filter(|name| name != "prelude")
            .collect();
        folders.sort_unstable();
        assert_eq!(folders, STORIES);
        let readme = std::fs::read_to_string(folder().join("README.md")).unwrap();
        for name in STORIES {
            assert!(readme.contains(&format!("| `{name}` |")), "{name} stands in the list of the README");
        }
    }

    fn declaration(player: &Player, name: &str) -> Declaration {
        player.world.get(player.cast.stream(name).unwrap().id)
    }

    fn meeting(player: &Player, name: &str) -> ReviewMeeting {
        player.world.get(player.cast.stream(name).unwrap().id)
    }

    #[test]
    fn a_senior_review_runs_from_the_draft_to_the_certificate() {
        let player = after("01-senior-review-online");
        let stage = |name| declaration(&player, name).stage;
        assert_eq!(stage("huang-case"), Stage::Reported);
        assert_eq!(stage("peng-case"), Stage::Revoked);
        assert_eq!(stage("ouyang-case"), Stage::VoteFailed, "passed the vote, cut by quota");
        assert!(declaration(&player, "ouyang-case").review.tally().is_some_and(|tally| tally.agree == 9));
        meeting(&player, "meeting").draw.unwrap().verify().unwrap();
    }

    #[test]
    fn a_grant_and_a_recognition_take_effect_at_a_final_organisation() {
        for (story, case, steps) in [("04-initial-grant", "luo-case", 0), ("05-recognition", "tang-case", 1)]
        {
            let it = declaration(&after(story), case);
            let published = it.steps.iter().filter(|step| step.action == "start-result-publicity").count();
            assert_eq!((it.stage, published), (Stage::Reported, steps), "{story}");
            assert!(it.review.scheme.is_none(), "{story} knows no committee");
        }
    }

    #[test]
    fn an_objection_that_is_upheld_ends_the_declaration() {
        let player = after("07-upheld-objection");
        assert_eq!(declaration(&player, "liao-case").stage, Stage::EmployerPublicityFailed);
        assert_eq!(declaration(&player, "liao-second-case").stage, Stage::Draft);
    }

    #[test]
    fn what_was_returned_from_the_top_walks_down_and_up_again() {
        let player = after("06-returned-and-resubmitted");
        let it = declaration(&player, "sun-case");
        assert_eq!((it.stage, it.submissions, it.return_count), (Stage::Qualified, 2, 1));
        let relays = it.steps.iter().filter(|step| step.action == "relay-return").count();
        assert_eq!(relays, 3, "nobody was skipped");
        let started = it.steps.iter().filter(|step| step.action == "start-employer-publicity").count();
        assert_eq!(started, 1, "what was published stayed as it was");
    }

    #[test]
    fn a_broken_path_is_mended_before_anything_is_submitted() {
        let player = after("10-broken-path");
        assert_eq!(declaration(&player, "hu-case").stage, Stage::EmployerReview);
    }

    #[test]
    fn a_candidate_is_rolled_back_and_reviewed_anew() {
        let player = after("02-rollback");
        let tan = declaration(&player, "tan-case");
        assert_eq!((tan.stage, tan.annulled_ballots.len()), (Stage::CertificateIssued, 1));
        assert_eq!(declaration(&player, "yi-case").stage, Stage::CertificateIssued);
        let draws = ["first-meeting", "second-meeting"].map(|name| meeting(&player, name).draw.unwrap());
        draws.iter().for_each(|draw| draw.verify().unwrap());
        assert_ne!(draws[0].seeds, draws[1].seeds, "each meeting has a draw of its own");
    }

    #[test]
    fn a_review_outside_the_system_has_papers_and_no_draw() {
        let player = after("03-senior-review-offline");
        let it = declaration(&player, "guo-case");
        assert_eq!(it.stage, Stage::ECertificateGenerated);
        let result = it.review.offline.unwrap();
        assert_eq!((result.tally.agree, result.evidence.len()), (vote::threshold(result.tally.attending), 4));
        assert_eq!(meeting(&player, "meeting").draw, None);
    }

    #[test]
    fn a_transfer_tells_of_each_declaration_what_it_came_to() {
        let player = after("08-batch-transfer");
        let job: Job = player.world.get(player.cast.stream("transfer").unwrap().id);
        let code = |case: &str| {
            let outcome = &job.outcomes[&player.cast.stream(case).unwrap().id];
            assert_eq!(outcome.result == ItemResult::Done, outcome.code.is_none());
            outcome.code.as_deref()
        };
        let codes = ["bai-case", "cen-case", "du-case", "fei-case"].map(code);
        assert_eq!(codes, [None, None, Some("committee-unfit"), Some("stage-refused")]);
        let stages =
            ["bai-case", "cen-case", "du-case", "fei-case"].map(|case| declaration(&player, case).stage);
        let [moved, reviewed, unfit, in_a_scheme] = stages;
        assert_eq!((moved, reviewed), (Stage::Qualified, Stage::Qualified), "by the other committee");
        assert_eq!((unfit, in_a_scheme), (Stage::QualificationReview, Stage::SchemeSubmitted));
    }

    #[test]
    fn one_vote_short_is_not_passed() {
        let it = declaration(&after("09-vote-fails-by-one"), "yan-case");
        let tally = it.review.tally().unwrap();
        assert_eq!((it.stage, tally.agree + 1), (Stage::VoteFailed, vote::threshold(tally.attending)));
        assert!(it.annulled_ballots.is_empty() && it.review.failure_reason.is_some());
    }

    #[test]
    fn a_revocation_is_asked_for_twice_and_approved_once() {
        let player = after("11-revocation-by-two");
        let it = declaration(&player, "zuo-case");
        assert_eq!(it.stage, Stage::Revoked);
        let certificate: Certificate = player.world.get(it.certificate.unwrap().id);
        assert_eq!(certificate.status(), Status::Revoked);
        let stage = |name| player.world.state(player.cast.stream(name).unwrap()).stage();
        assert_eq!((stage("first-revocation"), stage("revocation")), (Some("declined"), Some("approved")));
    }

    #[test]
    fn an_erasure_takes_what_names_and_leaves_what_counts() {
        let player = after("12-person-erased");
        for logged in &player.world.log {
            let payload = logged.event.to_payload(&logged.stamp).unwrap();
            for naming in ["聂怀瑾", "43010219820604934X", "13974310858"] {
                assert!(!payload.contains(naming), "{}: {payload}", logged.event.name());
            }
        }
        let it = declaration(&player, "nie-case");
        assert!(it.erased && it.stage == Stage::Reported);
        assert_eq!(it.review.tally().map(|tally| (tally.agree, tally.attending)), Some((6, 8)));
        meeting(&player, "meeting").draw.unwrap().verify().unwrap();
    }

    #[test]
    fn every_step_before_the_certificate_has_somebody_in_it() {
        let player = after("13-under-way");
        let stages: BTreeSet<Stage> = player
            .world
            .states
            .values()
            .filter_map(|state| state.get::<Declaration>())
            .map(|declaration| declaration.stage)
            .collect();
        for stage in UNDER_WAY {
            assert!(stages.contains(stage), "nobody is at {stage:?}");
        }
    }

    #[test]
    fn a_story_plays_the_same_twice() {
        assert_eq!(after("02-rollback").world.log, after("02-rollback").world.log);
    }

    #[test]
    fn what_a_line_says_of_refusals_is_held() {
        let story = |line: &str| Player::new("2023-01-01T09:00:00+08:00").play(&Story::parse(line).unwrap());
        let line = r#"{"as": "admin", "collection": "organisations", "save": "it", "input": {"name": "", "kind": "agency", "region": "430100"}}"#;
        assert!(matches!(story(line).unwrap_err().fault, Fault::Refused(_)));
        let good = line.replace(r#""name": """#, r#""name": "职改办""#);
        assert_eq!(story(&good).unwrap().len(), 1);
        let expected = good.replace(r#"{"as""#, r#"{"refused": "not-allowed", "as""#);
        assert!(matches!(story(&expected).unwrap_err().fault, Fault::NotRefused { .. }));
        let expected =
            line.replace(r#"{"as""#, r#"{"refused": "invalid-input", "problems": ["elsewhere"], "as""#);
        assert!(matches!(story(&expected).unwrap_err().fault, Fault::ProblemsDiffer { .. }));
        let unknown = good.replace("admin", "nobody");
        assert!(matches!(story(&unknown).unwrap_err().fault, Fault::ReferenceUnknown(_)));
        assert!(matches!(
            Story::parse("{}").unwrap_err(),
            StoryError { line: 1, fault: Fault::Malformed(_) }
        ));
    }
}
