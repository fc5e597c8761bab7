//! A committee in session: qualified candidates, an approved scheme, a drawn panel. What tests and stories of the
//! committee's work start from.

use super::{Done, Who, World};
use crate::aggregate::{ActorKind, ActorStamp, AnyEvent, StreamId};
use crate::context::Approval;
use crate::declaration::values::HandledBy;
use crate::declaration::{self, Declaration, Stage};
use crate::draw::Seed;
use crate::ids::{AccountId, JudgeId};
use crate::refusal::Refusal;
use crate::review_meeting::ReviewMeeting;
use crate::values::Choice;
use crate::world::hunan::Hunan;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// How many judges the pool holds: more than the committee's 25.
pub const POOL: usize = 28;

/// The committee in session.
#[derive(Debug, Clone)]
pub struct Sitting {
    /// The system.
    pub hunan: Hunan,
    /// The judges' accounts.
    pub judges: BTreeMap<JudgeId, AccountId>,
    /// 纪检监督.
    pub witnesses: [AccountId; 2],
    /// 呈报方案审核.
    pub reviewer: AccountId,
    /// Declarations of the scheme.
    pub candidates: Vec<Uuid>,
    /// The scheme.
    pub scheme: Uuid,
    /// The meeting.
    pub meeting: Uuid,
    /// Who sits, in the order of the draw.
    pub seats: Vec<JudgeId>,
}

/// A scheme's input: opens on 2023-10-23, material 60 and interview 40 of a hundred.
pub fn scheme(hunan: &Hunan, candidates: &[Uuid]) -> Value {
    json!({
        "batch_id": hunan.batch, "kind": "normal", "medium": "online", "opens_on": "2023-10-23", "participants": candidates,
        "experts": [{"specialty": hunan.specialty("01"), "number": 25}],
        "scoring": [
            {"item": "业绩成果", "sheet": "material", "max": 100, "weight": 60},
            {"item": "答辩", "sheet": "interview", "max": 50, "weight": 40},
        ],
        "ratio_percent": 100, "interview": true,
    })
}

/// Three separate places.
pub fn places(scheme: Uuid) -> Value {
    json!({"scheme_id": scheme, "registration_place": "湘江宾馆", "material_place": "湖南宾馆三楼", "interview_place": "湖南大学"})
}

impl Sitting {
    /// Qualified candidates and no scheme yet, on 2023-10-09.
    pub fn qualified(candidates: usize) -> Self {
        let mut hunan = Hunan::new();
        let candidates = (0..candidates).map(|n| qualified(&mut hunan, n)).collect();
        Self::of(hunan, candidates)
    }

    /// With these qualified candidates, on 2023-10-09.
    pub fn of(mut hunan: Hunan, candidates: Vec<Uuid>) -> Self {
        let reviewer = hunan.staff("方案审核", "scheme-reviewer", hunan.department);
        let witnesses = [
            hunan.staff("纪检甲", "discipline-witness", hunan.department),
            hunan.staff("纪检乙", "discipline-witness", hunan.department),
        ];
        hunan.world.clock("2023-10-09T09:00:00+08:00");
        let nil = Uuid::nil();
        Self {
            hunan,
            judges: BTreeMap::new(),
            witnesses,
            reviewer,
            candidates,
            scheme: nil,
            meeting: nil,
            seats: Vec::new(),
        }
    }

    /// With an approved scheme, changed by `change` before it is entered.
    pub fn approved(candidates: usize, change: impl FnOnce(&mut Value)) -> Self {
        Self::qualified(candidates).approve(change)
    }

    /// Has its scheme approved.
    #[must_use]
    pub fn approve(self, change: impl FnOnce(&mut Value)) -> Self {
        let mut sitting = self;
        let mut input = scheme(&sitting.hunan, &sitting.candidates);
        change(&mut input);
        let office = Who::Account(sitting.hunan.committee_operator);
        sitting.scheme = sitting.hunan.create(office, "scheme", input);
        sitting.office("scheme", sitting.scheme, "submit", json!({}));
        let reviewer = sitting.reviewer;
        sitting.hunan.act(reviewer, "scheme", sitting.scheme, "review", json!({"decision": "pass"}));
        sitting
    }

    /// With a meeting whose judges are drawn, on the day before the opening.
    pub fn drawn(candidates: usize, change: impl FnOnce(&mut Value)) -> Self {
        Self::approved(candidates, change).draw()
    }

    /// Calls its meeting and draws its judges.
    #[must_use]
    pub fn draw(self) -> Self {
        let mut sitting = self;
        sitting.call();
        sitting.fill_pool(POOL);
        sitting.hunan.world.clock("2023-10-22T09:00:00+08:00");
        sitting.seeds();
        sitting.office("review_meeting", sitting.meeting, "draw", json!({}));
        sitting.seats = sitting.meeting().seats;
        sitting
    }

    /// With panels: the first three seats review everybody; the first leads and reviews, the fourth is the chair.
    pub fn assigned(candidates: usize, change: impl FnOnce(&mut Value)) -> Self {
        Self::drawn(candidates, change).assign()
    }

    /// Assigns its panels, on the opening day.
    #[must_use]
    pub fn assign(self) -> Self {
        let mut sitting = self;
        let (meeting, input) = (sitting.meeting, sitting.groups());
        sitting.office("review_meeting", meeting, "assign", input);
        sitting.hunan.world.clock("2023-10-23T09:00:00+08:00");
        sitting
    }

    /// The input of `assign`.
    pub fn groups(&self) -> Value {
        json!({
            "chair_id": self.seats[3],
            "groups": [{"leader_id": self.seats[0], "judge_ids": self.seats[..3], "declaration_ids": self.candidates}],
        })
    }

    /// Calls the meeting.
    pub fn call(&mut self) {
        let office = Who::Account(self.hunan.committee_operator);
        self.meeting = self.hunan.create(office, "review_meeting", places(self.scheme));
    }

    /// Both witnesses commit and reveal.
    pub fn seeds(&mut self) {
        let seeds = [Seed::from([7; 32]), Seed::from([11; 32])];
        let witnesses = self.witnesses;
        for (witness, seed) in witnesses.iter().zip(&seeds) {
            let input = json!({"commitment": seed.commitment()});
            self.hunan.act(*witness, "review_meeting", self.meeting, "commit-seed", input);
        }
        for (witness, seed) in witnesses.iter().zip(&seeds) {
            let input = json!({"seed": seed.to_string()});
            self.hunan.act(*witness, "review_meeting", self.meeting, "reveal-seed", input);
        }
    }

    /// Judges of another employer than the candidates'.
    pub fn fill_pool(&mut self, judges: usize) {
        for n in 0..judges {
            let employer = self.hunan.housing;
            self.judge(&format!("评委{n}"), employer, "2026-01-01");
        }
    }

    /// A judge with a term until this day.
    pub fn judge(&mut self, name: &str, employer: Uuid, term_to: &str) -> JudgeId {
        let administrator = Who::Account(self.hunan.administrator);
        let account = self.hunan.account(administrator, name);
        let specialty = self.hunan.specialty("01");
        let office = Who::Account(self.hunan.committee_operator);
        let judge = JudgeId(self.hunan.create(office, "judge", json!({
            "committee_id": self.hunan.committee, "account_id": account, "employer_id": employer, "specialties": [specialty],
            "term_from": "2023-01-01", "term_to": term_to,
        })));
        self.judges.insert(judge, account);
        judge
    }

    /// The office does something that the rules must allow.
    pub fn office(&mut self, aggregate: &str, id: Uuid, action: &str, input: Value) {
        let office = self.hunan.committee_operator;
        self.hunan.act(office, aggregate, id, action, input);
    }

    /// Somebody tries something.
    pub fn tries(
        &mut self,
        who: AccountId,
        aggregate: &str,
        id: Uuid,
        action: &str,
        input: Value,
    ) -> Result<Vec<AnyEvent>, Refusal> {
        self.hunan.world.act(Who::Account(who), aggregate, id, action, input)
    }

    /// The account on a seat.
    pub fn seat(&self, seat: usize) -> AccountId {
        self.judges[&self.seats[seat]]
    }

    /// The meeting as it stands.
    pub fn meeting(&self) -> ReviewMeeting {
        self.hunan.world.get(self.meeting)
    }

    /// A candidate as it stands.
    pub fn candidate(&self, n: usize) -> Declaration {
        self.hunan.world.get(self.candidates[n])
    }

    /// A judge does something on a candidate that the rules must allow.
    pub fn judged(&mut self, seat: usize, n: usize, action: &str, input: Value) {
        let (judge, id) = (self.seat(seat), self.candidates[n]);
        self.hunan.act(judge, "declaration", id, action, input);
    }

    /// A candidate's material passes, the panel locks its sheets with these scores, the group speaks.
    pub fn reviewed(&mut self, n: usize, material: i64, interview: i64) {
        self.judged(0, n, "review-material", json!({"decision": "pass"}));
        for seat in 0..3 {
            self.judged(seat, n, "score-material", sheet("业绩成果", material));
            self.judged(seat, n, "score-interview", sheet("答辩", interview));
        }
        self.judged(0, n, "give-opinion", opinion("group"));
    }

    /// The ballot on a candidate is held: `agree` of all 25 agree.
    pub fn balloted(&mut self, n: usize, agree: usize) {
        let attending = self.seats.clone();
        self.judged(3, n, "open-ballot", json!({"attending": attending}));
        self.votes(n, agree, attending.len());
        self.judged(3, n, "close-ballot", json!({}));
    }

    /// The first `all` seats vote, the first `agree` of them for the candidate.
    pub fn votes(&mut self, n: usize, agree: usize, all: usize) {
        for seat in 0..all {
            let choice = if seat < agree { Choice::Agree } else { Choice::Disagree };
            let who = Who::Account(self.seat(seat));
            self.hunan.world.vote(who, self.candidates[n], choice).expect("a judge of the electorate votes");
        }
    }

    /// Reviewed, balloted, with the committee's opinion.
    pub fn decided(&mut self, n: usize, agree: usize, material: i64) {
        self.reviewed(n, material, 40);
        self.balloted(n, agree);
        self.judged(3, n, "give-opinion", opinion("committee"));
    }

    /// The latest operation of a candidate is rolled back.
    pub fn roll_back(&mut self, n: usize) -> Result<Vec<AnyEvent>, Refusal> {
        let latest = self.candidate(n).latest_operation().map(|it| it.id.clone()).unwrap_or_default();
        let input = json!({"operation": latest, "reason": "程序有误", "ground": "wrong_candidate"});
        let (province, id) = (self.hunan.province, self.candidates[n]);
        self.tries(province, "declaration", id, "rollback", input)
    }

    /// Sends a rollback without a second person.
    pub fn roll_back_alone(&mut self, n: usize, ground: Option<&str>) -> Result<Done, Refusal> {
        let latest = self.candidate(n).latest_operation().map(|it| it.id.clone()).unwrap_or_default();
        let input = json!({"operation": latest, "reason": "程序有误", "ground": ground});
        let (who, id) = (Who::Account(self.hunan.province), self.candidates[n]);
        self.hunan.world.send(who, "declaration", id, "rollback", input, Approval::NotGiven)
    }

    /// The stages of all candidates.
    pub fn stages(&self) -> Vec<Stage> {
        self.candidates.iter().map(|id| self.hunan.world.get::<Declaration>(*id).stage).collect()
    }

    /// The system itself.
    pub fn world(&mut self) -> &mut World {
        &mut self.hunan.world
    }
}

/// A locked sheet with one item.
pub fn sheet(item: &str, score: i64) -> Value {
    json!({"items": [{"item": item, "score": score}], "locked": true})
}

/// An opinion for the candidate.
pub fn opinion(kind: &str) -> Value {
    json!({"kind": kind, "conclusion": "agree", "opinion": "业绩突出，同意。"})
}

/// A declaration that the committee's office found qualified.
fn qualified(hunan: &mut Hunan, n: usize) -> Uuid {
    let applicant = hunan.register(&format!("参评人{n}"));
    let declaration = hunan.submitted(applicant);
    let actor = ActorStamp {
        kind: ActorKind::Account,
        account_id: Some(hunan.committee_operator),
        role: Some(crate::values::Role::CommitteeOperator),
        organisation_id: Some(crate::ids::NodeId(hunan.committee)),
        organisation_name: None,
    };
    let passed = declaration::Event::QualificationPassed { handling: HandledBy::default() };
    hunan.world.given(StreamId::of::<Declaration>(declaration), passed, Some(actor));
    declaration
}
