//! The secret ballot over HTTP: each judge has one vote for each candidate, and until the close nobody learns anything.

use crate::support::{PASSWORD, System};
use futures::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

/// Readers who may look at the meeting or at a candidate.
const READERS: &[&str] = &["高评会办", "省专技处", "审计", "黄晓岚", "排水经办", "长沙专技处", "纪检监督甲"];

/// A meeting whose ballots are open: who sits in it and who is voted on.
struct Meeting {
    system: System,
    id: Uuid,
    judges: Vec<String>,
    candidates: Vec<Uuid>,
}

impl Meeting {
    async fn open() -> Self {
        let system = System::told_until("01-senior-review-online", "cast-votes").await;
        let (id,): (String,) = sqlx::query_as(
            "select aggregate_id
             from events
             where event_type = 'review_meeting.ballots_opened'",
        )
        .fetch_one(&system.pool)
        .await
        .unwrap();
        let id: Uuid = id.parse().unwrap();
        let shown = system.get("高评会办", format!("/v1/review-meetings/{id}")).send().await.expect(200);
        let judges = ids(&shown["drawn"]).into_iter().map(|judge| username(&system, judge)).collect();
        let scheme = shown["scheme_id"].as_str().unwrap().to_owned();
        let scheme = system.get("高评会办", format!("/v1/schemes/{scheme}")).send().await.expect(200);
        Self { id, judges, candidates: ids(&scheme["participants"]), system }
    }

    async fn prove(&self, judge: &str) {
        let proof = json!({"password": PASSWORD});
        let path = "/v1/sessions/current/reauthentications";
        let answer = self.system.post(judge, path, &proof).send().await;
        assert!(answer.status < 300, "{}", answer.text);
    }

    fn votes(&self, choices: &[&str]) -> Value {
        let votes: Vec<Value> = self
            .candidates
            .iter()
            .zip(choices)
            .map(|(candidate, choice)| json!({"declaration_id": candidate, "choice": choice}))
            .collect();
        json!({"votes": votes})
    }

    fn path(&self, action: &str) -> String {
        format!("/v1/review-meetings/{}/actions/{action}", self.id)
    }

    /// Everything that these readers are told of the meeting and its candidates.
    async fn told(&self) -> String {
        let mut told = String::new();
        for reader in READERS {
            let mut paths = vec![
                format!("/v1/review-meetings/{}", self.id),
                format!("/v1/review-meetings/{}/events", self.id),
            ];
            for candidate in &self.candidates {
                paths.extend(
                    ["", "/events", "/tracking"].map(|rest| format!("/v1/declarations/{candidate}{rest}")),
                );
            }
            for path in paths {
                told.push_str(&self.system.get(*reader, path).send().await.text);
            }
        }
        told.replace("\"all_voted\":true", "\"all_voted\":false")
    }

    /// What somebody reads of whether everybody has voted on the first candidate.
    async fn all_voted(&self, reader: &str) -> Value {
        let path = format!("/v1/declarations/{}", self.candidates[0]);
        self.system.get(reader, path).send().await.expect(200)["data"]["all_voted"].clone()
    }
}

fn ids(list: &Value) -> Vec<Uuid> {
    list.as_array().unwrap().iter().map(|id| id.as_str().unwrap().parse().unwrap()).collect()
}

fn username(system: &System, judge: Uuid) -> String {
    system.app.registry().read(|registers| {
        let account = registers.judges.get(judge).and_then(|judge| judge.account).unwrap();
        registers.accounts.get(account).unwrap().username.clone()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn all_judges_vote_at_once_and_nothing_is_known_before_the_close() {
    let meeting = Meeting::open().await;
    let system = &meeting.system;
    for judge in &meeting.judges {
        meeting.prove(judge).await;
    }
    let before = meeting.told().await;
    for known in meeting.candidates.iter().chain([&meeting.id]) {
        assert!(before.contains(&known.to_string()), "the readers see the case and the meeting");
    }
    let head = system.head().await;
    let path = meeting.path("cast-votes");
    let agree = meeting.votes(&["agree", "agree", "disagree"]);
    let answers =
        join_all(meeting.judges.iter().map(|judge| system.post(judge.as_str(), &*path, &agree).send())).await;
    for answer in &answers {
        answer.expect(200);
    }
    assert_eq!(system.head().await, head, "a vote waits in the box, not in the log");
    assert_eq!(meeting.told().await, before, "nobody outside the box learns that anyone has voted");

    // The chair, who drew the fourth seat, closes.
    let chair = meeting.judges[3].as_str();
    let close = json!({"declaration_ids": meeting.candidates});
    system.post(chair, meeting.path("close-ballots"), &close).send().await.expect(200);
    let votes: Vec<(Value,)> =
        sqlx::query_as("select payload from events where event_type = 'declaration.vote_cast'")
            .fetch_all(&system.pool)
            .await
            .unwrap();
    assert_eq!(votes.len(), meeting.judges.len() * meeting.candidates.len());
    for (vote,) in &votes {
        assert!(vote["actor"].is_null(), "a ballot has no name on it: {vote}");
        for judge in &meeting.judges {
            assert!(!vote.to_string().contains(judge.as_str()), "{vote}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_told_of_a_ballot_is_told_whether_everybody_has_voted_and_no_more() {
    let meeting = Meeting::open().await;
    let votes = meeting.votes(&["agree", "agree", "agree"]);
    let (last, first) = meeting.judges.split_last().unwrap();
    for judge in first {
        meeting.prove(judge).await;
        meeting.system.post(judge.as_str(), meeting.path("cast-votes"), &votes).send().await.expect(200);
    }
    let chair = meeting.judges[3].as_str();
    for reader in ["高评会办", chair] {
        assert_eq!(meeting.all_voted(reader).await, json!(false), "{reader}: not yet, however many have");
    }
    meeting.prove(last).await;
    meeting.system.post(last.as_str(), meeting.path("cast-votes"), &votes).send().await.expect(200);
    for reader in ["高评会办", chair] {
        assert_eq!(meeting.all_voted(reader).await, json!(true), "{reader}");
    }
    for reader in ["省专技处", "审计", "黄晓岚", "排水经办"] {
        assert_eq!(
            meeting.all_voted(reader).await,
            Value::Null,
            "{reader} is not told that there is a ballot"
        );
    }
    let close = json!({"declaration_ids": meeting.candidates});
    meeting.system.post(chair, meeting.path("close-ballots"), &close).send().await.expect(200);
    assert_eq!(meeting.all_voted("高评会办").await, Value::Null, "the count tells now");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_judge_has_one_vote_for_each_candidate() {
    let meeting = Meeting::open().await;
    let (system, judge) = (&meeting.system, meeting.judges[0].as_str());
    let (path, agree) = (meeting.path("cast-votes"), meeting.votes(&["agree", "agree", "agree"]));
    system.post(judge, &*path, &agree).refused(403, "reauthentication-required").await;
    meeting.prove(judge).await;

    // Twice at once, under keys of their own.
    let answers = join_all((0..2).map(|_| system.post(judge, &*path, &agree).send())).await;
    let lost: Vec<_> = answers.iter().filter(|answer| answer.status != 200).collect();
    assert_eq!(lost.len(), 1, "{answers:?}");
    lost[0].problem(409, "already-voted");
    // And again, for another choice; for one candidate alone; under the same key, which is one and the same vote.
    let disagree = meeting.votes(&["disagree", "disagree", "disagree"]);
    system.post(judge, &*path, &disagree).refused(409, "already-voted").await;
    let single = format!("/v1/declarations/{}/actions/cast-vote", meeting.candidates[0]);
    system.post(judge, single, &json!({"choice": "disagree"})).refused(409, "already-voted").await;
    let second = meeting.judges[1].as_str();
    meeting.prove(second).await;
    for _ in 0..2 {
        system.post(second, &*path, &agree).key("one-vote").send().await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_sit_there_has_no_vote_and_nobody_votes_after_the_close() {
    let meeting = Meeting::open().await;
    let (system, path) = (&meeting.system, meeting.path("cast-votes"));
    let agree = meeting.votes(&["agree", "agree", "agree"]);
    // The one who was replaced, and people of the committee's office and of the province.
    let seated = &meeting.judges;
    let all: Vec<String> = system.app.registry().read(|registers| {
        registers
            .judges
            .iter()
            .filter_map(|(_, judge)| judge.account)
            .map(|account| registers.accounts.get(account).unwrap().username.clone())
            .collect()
    });
    let outsiders: Vec<&str> =
        all.iter().map(String::as_str).filter(|name| !seated.iter().any(|judge| judge == name)).collect();
    assert!(!outsiders.is_empty());
    for outsider in outsiders.iter().copied().chain(["高评会办", "省专技处"]) {
        meeting.prove(outsider).await;
        let head = system.head().await;
        let answer = system.post(outsider, &*path, &agree).send().await;
        assert!((400..500).contains(&answer.status), "{outsider}: {}", answer.text);
        assert_eq!(system.head().await, head);
    }
    for judge in &seated[..10] {
        meeting.prove(judge).await;
        system.post(judge.as_str(), &*path, &agree).send().await.expect(200);
    }
    let (chair, late) = (seated[3].as_str(), seated[10].as_str());
    let close = json!({"declaration_ids": meeting.candidates});
    system.post(chair, meeting.path("close-ballots"), &close).refused(422, "ballots-missing").await;
    let close = json!({"declaration_ids": meeting.candidates, "unreturned_confirmed": true});
    system.post(chair, meeting.path("close-ballots"), &close).send().await.expect(200);
    meeting.prove(late).await;
    system.post(late, &*path, &agree).refused(422, "ballot-closed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_boxes_of_a_meeting_that_is_annulled_are_destroyed_unopened() {
    let meeting = Meeting::open().await;
    let system = &meeting.system;
    let judge = meeting.judges[0].as_str();
    meeting.prove(judge).await;
    let agree = meeting.votes(&["agree", "agree", "agree"]);
    system.post(judge, meeting.path("cast-votes"), &agree).send().await.expect(200);
    let boxes = async || {
        system.app.sweep_ballots().await.unwrap();
        system.app.vault().ballots().inspect_after(Uuid::nil()).await.unwrap().len()
    };
    assert_eq!(boxes().await, meeting.candidates.len(), "they are voted in");
    let annul = json!({"reason": "抽取的评委与被评人有亲属关系。"});
    system.post("省专技处", meeting.path("annul"), &annul).send().await.expect(200);
    assert_eq!(boxes().await, 0, "nobody may open them any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_closes_what_is_being_closed_is_told_so() {
    let meeting = Meeting::open().await;
    let (system, chair) = (&meeting.system, meeting.judges[3].as_str());
    let path = format!("/v1/declarations/{}/actions/close-ballot", meeting.candidates[0]);
    let close = json!({"unreturned_confirmed": true});
    let answers = join_all((0..6).map(|_| system.post(chair, &*path, &close).send())).await;
    let mut closed = 0;
    for answer in &answers {
        match answer.status {
            200 => closed += 1,
            422 => {
                assert!(["ballot-closed", "stage-refused"].contains(&answer.json()["code"].as_str().unwrap()))
            }
            other => panic!("{other}: {}", answer.text),
        }
    }
    assert_eq!(closed, 1);
    let path = format!("/v1/declarations/{}/actions/close-ballot", meeting.candidates[1]);
    let repeated =
        join_all((0..6).map(|_| system.post(chair, &*path, &close).key("one-closing").send())).await;
    assert!(repeated.iter().all(|answer| answer.status == 200), "{repeated:?}");
}
