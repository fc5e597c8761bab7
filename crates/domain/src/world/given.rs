//! Declarations from the vote to the certificate: their early steps are given as events, the later ones are done.

use super::Who;
use super::hunan::{Hunan, submission};
use crate::aggregate::{ActorKind, ActorStamp, AnyEvent, StreamId};
use crate::declaration::values::HandledBy;
use crate::declaration::{Declaration, Event};
use crate::hundredths::Hundredths;
use crate::ids::{
    AccountId, BallotRoundId, BatchId, CommitteeId, DeclarationId, NodeId, PublicityRoundId, ReviewMeetingId,
    SchemeId,
};
use crate::private::Private;
use crate::registers::paths::{Hop, Node};
use crate::scheme::{self, Scheme};
use crate::values::{Hold, Medium, NodeType, SchemeKind};
use chrono::NaiveDate;
use serde_json::{Value, json};
use uuid::Uuid;

/// Whether the batch has awards published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AwardTerms {
    /// Before the certificate.
    Publicity,
    /// Not at all.
    NoPublicity,
}

/// Whether the employer published the declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EmployerPublicity {
    Held,
    LeftOut,
}

/// The input of a publicity of results.
pub fn result_publicity(starts_on: &str, working_days: u32) -> Value {
    json!({
        "starts_on": starts_on, "working_days": working_days, "complaint_department": "职改办", "complaint_phone": "0731-84900001",
    })
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a test's day is a date")
}

fn system() -> ActorStamp {
    ActorStamp {
        kind: ActorKind::System,
        account_id: None,
        role: None,
        organisation_id: None,
        organisation_name: None,
    }
}

impl Hunan {
    /// What happened to a declaration last.
    pub fn last_of_declaration(&self, case: Uuid) -> Event {
        let stream = StreamId::of::<Declaration>(case);
        let last = self.world.log.iter().rev().find(|logged| logged.stream == stream);
        match last.map(|logged| logged.event.clone()) {
            Some(AnyEvent::Declaration(event)) => event,
            other => panic!("a declaration has events, not {other:?}"),
        }
    }

    /// Appends an event to a declaration without asking the rules.
    pub fn happened(&mut self, case: Uuid, event: Event) {
        self.world.given(StreamId::of::<Declaration>(case), event, Some(system()));
    }

    /// Puts a hold.
    pub fn held(&mut self, case: Uuid) {
        self.happened(case, Event::Held { hold: Hold::Discipline, source: None });
    }

    /// A reviewer of the authority that approved the committee.
    pub fn authority(&mut self) -> AccountId {
        self.staff("省厅备案", "authority-reviewer", self.department)
    }

    /// Gives an organisation its issuing code, where it has none.
    pub fn issuing_code(&mut self, organisation: Uuid, code: &str) {
        if self.world.registers.issuing_code_of(NodeId(organisation)).is_none() {
            let input = json!({"organisation_id": organisation, "code": code});
            self.create(Who::Account(self.province), "issuing_code", input);
        }
    }

    /// Somebody who issues certificates there.
    pub fn issuer(&mut self, organisation: Uuid, code: &str) -> AccountId {
        self.issuing_code(organisation, code);
        self.staff("发证", "certificate-issuer", organisation)
    }

    /// A declaration that the committee has voted for on 2023-10-16, not yet declared.
    pub fn voted(&mut self) -> Uuid {
        self.voted_for(self.applicant, EmployerPublicity::Held)
    }

    /// The same, declared.
    pub fn vote_passed(&mut self) -> Uuid {
        let case = self.voted();
        self.declared(case);
        case
    }

    /// The declaration of another person that the committee has voted for, not yet declared.
    pub fn voted_of_another(&mut self, name: &str) -> Uuid {
        self.world.clock("2023-05-04T09:00:00+08:00");
        let applicant = self.register(name);
        self.voted_for(applicant, EmployerPublicity::Held)
    }

    /// The same, declared.
    pub fn vote_passed_of_another(&mut self, name: &str) -> Uuid {
        let case = self.voted_of_another(name);
        self.declared(case);
        case
    }

    /// In result publicity from 2023-10-17 to 2023-10-23.
    pub fn in_result_publicity(&mut self) -> Uuid {
        let case = self.vote_passed();
        self.publicised(case);
        case
    }

    /// Its result publicity passed on 2023-10-24.
    pub fn result_publicity_passed(&mut self) -> Uuid {
        let case = self.vote_passed();
        self.publicity_over(case);
        case
    }

    /// The declaration of another person, its result publicity passed.
    pub fn result_publicity_passed_of_another(&mut self, name: &str) -> Uuid {
        let case = self.vote_passed_of_another(name);
        self.publicity_over(case);
        case
    }

    /// An approved scheme with these participants.
    pub fn approved_scheme(&mut self, cases: &[Uuid]) -> Uuid {
        let scheme_id = SchemeId(self.world.fresh());
        let terms = scheme::Terms {
            batch_id: BatchId(self.batch),
            experts: Vec::new(),
            interview: false,
            kind: SchemeKind::Normal,
            medium: Medium::Online,
            opens_on: day("2023-10-16"),
            participants: cases.iter().map(|case| DeclarationId(*case)).collect(),
            ratio_exception: None,
            ratio_percent: Hundredths::whole(100),
            scoring: Vec::new(),
        };
        let committee_name = self.world.registers.node_name(NodeId(self.committee)).map(str::to_owned);
        let committee_id = CommitteeId(self.committee);
        let year = Some(2023);
        let created = scheme::Event::Created { committee_id, committee_name, scheme_id, terms, year };
        for event in [created, scheme::Event::Submitted, scheme::Event::Approved { opinion: None }] {
            self.world.given(StreamId::of::<Scheme>(scheme_id), event, Some(system()));
        }
        scheme_id.0
    }

    /// Its filing was requested on 2023-10-25.
    pub fn filing_requested(&mut self) -> Uuid {
        let case = self.vote_passed();
        self.requested(case);
        case
    }

    /// The same, of an employer that had not published it.
    pub fn filing_requested_without_publicity(&mut self) -> Uuid {
        let case = self.voted_for(self.applicant, EmployerPublicity::LeftOut);
        self.declared(case);
        self.requested(case);
        case
    }

    /// On file.
    pub fn filed(&mut self) -> Uuid {
        let case = self.filing_requested();
        self.put_on_file(case);
        case
    }

    /// The declaration of another person, on file.
    pub fn filed_of_another(&mut self, name: &str) -> Uuid {
        let case = self.vote_passed_of_another(name);
        self.requested(case);
        self.put_on_file(case);
        case
    }

    /// With a certificate of the department.
    pub fn issued(&mut self) -> Uuid {
        let case = self.filed();
        let issuer = self.issuer(self.department, "0000");
        self.act(issuer, "declaration", case, "issue-certificate", json!({}));
        case
    }

    /// With an electronic certificate.
    pub fn certified(&mut self) -> Uuid {
        let case = self.issued();
        let input = json!({"document_number": "湘人社发〔2023〕9号"});
        self.act(self.province, "declaration", case, "generate-e-certificate", input);
        case
    }

    /// A declaration of 初定 that its final organisation approved on 2023-06-02.
    pub fn final_approved(&mut self, terms: AwardTerms) -> Uuid {
        let province = Who::Account(self.province);
        self.create(
            province,
            "acceptance_agency",
            json!({
                "organisation_id": self.changsha, "mode": "initial_grant", "levels": ["assistant"],
                "printed_name": "长沙市职称工作办公室", "issuing_organisation_id": self.changsha,
            }),
        );
        self.edge("initial_grant", self.drainage, self.housing, self.operator);
        self.edge("initial_grant", self.housing, self.changsha, self.housing_reviewer);
        let reviewer = self.changsha_reviewer;
        let batch = self.create(
            Who::Account(reviewer),
            "batch",
            json!({
                "holder_id": self.changsha, "year": 2023, "mode": "initial_grant", "levels": ["assistant"], "opens_on": "2023-05-04",
                "submit_until": "2023-08-31", "hand_in_until": "2023-09-28", "cut_off_on": "2023-09-28", "quota_required": false,
                "required_materials": [], "award_publicity": terms == AwardTerms::Publicity,
            }),
        );
        self.act(reviewer, "batch", batch, "open", json!({}));
        let applicant = self.applicant;
        let case = self.create(
            Who::Account(applicant),
            "declaration",
            json!({
                "year": 2023, "mode": "initial_grant", "level": "assistant", "series": "01", "specialty": self.specialty("01"),
                "title": "助教", "employer_id": self.drainage,
            }),
        );
        let sections = super::hunan::complete_sections();
        let draft = json!({"sections": sections, "final_organisation_id": self.changsha});
        self.act(applicant, "declaration", case, "save-draft", draft);
        self.act(applicant, "declaration", case, "submit", submission());
        self.sent_up(case, EmployerPublicity::Held);
        self.world.clock("2023-06-02T09:00:00+08:00");
        let award_publicity = terms == AwardTerms::Publicity;
        self.happened(case, Event::FinalApproved { award_publicity, handling: HandledBy::default() });
        case
    }

    /// An award with its certificate, published before where the batch says so.
    pub fn award_certified(&mut self, terms: AwardTerms) -> Uuid {
        let case = self.final_approved(terms);
        if terms == AwardTerms::Publicity {
            let reviewer = self.changsha_reviewer;
            let start = result_publicity("2023-06-05", 5);
            self.act(reviewer, "declaration", case, "start-result-publicity", start);
            self.world.clock("2023-06-10T09:00:00+08:00");
            let passed = json!({"result": "passed"});
            self.act(reviewer, "declaration", case, "record-result-publicity", passed);
        }
        let issuer = self.issuer(self.changsha, "0100");
        self.act(issuer, "declaration", case, "issue-certificate", json!({}));
        case
    }

    fn declared(&mut self, case: Uuid) {
        let meeting_id = ReviewMeetingId(self.world.fresh());
        let (acquired_on, vote_on) = (day("2023-10-23"), day("2023-10-16"));
        self.happened(case, Event::ResultDeclared { acquired_on, meeting_id, passed: true, vote_on });
    }

    fn publicised(&mut self, case: Uuid) {
        let start = result_publicity("2023-10-17", 5);
        self.act(self.committee_operator, "declaration", case, "start-result-publicity", start);
    }

    fn publicity_over(&mut self, case: Uuid) {
        self.publicised(case);
        self.world.clock("2023-10-24T09:00:00+08:00");
        let passed = json!({"result": "passed"});
        self.act(self.committee_operator, "declaration", case, "record-result-publicity", passed);
    }

    fn requested(&mut self, case: Uuid) {
        self.publicity_over(case);
        self.world.clock("2023-10-25T09:00:00+08:00");
        self.act(self.committee_operator, "declaration", case, "request-filing", json!({}));
    }

    fn put_on_file(&mut self, case: Uuid) {
        let authority = self.authority();
        let input =
            json!({"decision": "pass", "filing_number": "湘人社函〔2023〕118号", "filed_on": "2023-10-25"});
        self.act(authority, "declaration", case, "review-filing", input);
    }

    fn sent_up(&mut self, case: Uuid, publicity: EmployerPublicity) {
        let round_id = PublicityRoundId(self.world.fresh());
        let handling = HandledBy::default;
        self.happened(
            case,
            Event::EmployerReviewPassed {
                handling: handling(),
                publicity_still_valid: false,
                responsibility_card: Private::Known(Vec::new()),
            },
        );
        if publicity == EmployerPublicity::Held {
            let (starts_on, ends_on) = (day("2023-05-04"), day("2023-05-09"));
            let started = Event::EmployerPublicityStarted {
                ends_on,
                provisional: false,
                round_id,
                starts_on,
                working_days: 5,
            };
            self.happened(case, started);
            self.happened(case, Event::EmployerPublicityPassed { reason: Private::Known(None) });
        }
        let next = self.hop(self.drainage, self.housing, NodeType::Employer);
        self.happened(case, Event::Recommended { next, opinion: Private::Known(None), quota: None });
        let next = self.hop(self.housing, self.changsha, NodeType::Agency);
        self.happened(case, Event::SuperiorReviewPassed { handling: handling(), next });
    }

    fn voted_for(&mut self, applicant: AccountId, publicity: EmployerPublicity) -> Uuid {
        let case = self.submitted(applicant);
        self.sent_up(case, publicity);
        let next = self.hop(self.changsha, self.committee, NodeType::Committee);
        self.happened(case, Event::ForwardedToCommittee { handling: HandledBy::default(), next });
        self.happened(case, Event::QualificationPassed { handling: HandledBy::default() });
        let (scheme_id, round_id) = (SchemeId(self.world.fresh()), BallotRoundId(self.world.fresh()));
        self.happened(case, Event::SchemeSubmitted { scheme_id });
        let opens_on = day("2023-10-16");
        let scoring = Vec::new();
        self.happened(case, Event::SchemeApproved { medium: Medium::Online, opens_on, scheme_id, scoring });
        self.world.clock("2023-10-16T09:00:00+08:00");
        self.happened(case, Event::BallotOpened { attending: Vec::new(), round_id, size: 25 });
        let (attending, agree, disagree) = (25, 20, 5);
        let closed =
            Event::BallotClosed { agree, attending, disagree, passed: true, round_id, voters: Vec::new() };
        self.happened(case, closed);
        case
    }

    fn hop(&self, subordinate: Uuid, superior: Uuid, node_type: NodeType) -> Hop {
        let node = |id: Uuid| Node {
            id: NodeId(id),
            name: self.world.registers.node_name(NodeId(id)).unwrap_or_default().to_owned(),
        };
        Hop {
            subordinate: node(subordinate),
            superior: node(superior),
            node_type,
            is_final: node_type == NodeType::Committee,
            can_review_specialty: true,
            confirmed: true,
        }
    }
}
