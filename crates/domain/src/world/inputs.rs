//! Inputs for tests that try every action: filled in from an action's form and from what there is, and garbled ones.

use crate::action::{ActionSpec, FieldType};
use crate::aggregate::{Aggregate, AnyState, StreamId};
use crate::batch::{self, Batch};
use crate::committee::Committee;
use crate::context::{Acting, in_shanghai};
use crate::declaration::values::Sheet;
use crate::declaration::{Declaration, Stage};
use crate::draw::Seed;
use crate::ids::JudgeId;
use crate::publicity_round::PublicityRound;
use crate::review_meeting::ReviewMeeting;
use crate::scheme::{self, Scheme};
use crate::values::{Level, Medium, Mode, PublicityKind, Role};
use crate::world::World;
use crate::world::given::result_publicity;
use crate::world::hunan::{complete_sections, id_number, submission};
use crate::world::way::publicity;
use chrono::NaiveDate;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// An input that makes sense as things are, as far as can be told without knowing the rules.
pub fn sensible(
    world: &World,
    stream: StreamId,
    spec: &ActionSpec,
    acting: Option<&Acting>,
    flavour: u16,
) -> Value {
    let form = Form { world, acting, flavour };
    let mut input: Map<String, Value> = spec
        .form
        .iter()
        .filter(|field| field.required || field.of == FieldType::LongText || flavour & 2 == 0)
        .map(|field| (field.name.to_owned(), form.value(field.name, field.of)))
        .collect();
    let state = world.state(stream);
    if let Some(it) = state.get::<Declaration>() {
        input.extend(members(form.declaration(it, spec.name)));
    }
    if let Some(it) = state.get::<ReviewMeeting>() {
        input.extend(members(form.meeting(it, spec.name)));
    }
    if let Some(it) = state.get::<Scheme>() {
        input.extend(members(form.scheme(it, spec.name)));
    }
    if let Some(it) = state.get::<PublicityRound>() {
        input.extend(members(form.round(it, spec.name)));
    }
    input.retain(|_, value| !value.is_null());
    Value::Object(input)
}

/// Whether there is what a new one needs.
pub fn ripe(world: &World, aggregate: &str) -> bool {
    let form = Form { world, acting: None, flavour: 0 };
    match aggregate {
        "review_meeting" => !form.schemes_to_meet_on().is_empty(),
        "scheme" => !form.at(Stage::Qualified).is_empty(),
        "publicity_round" => {
            !form.at(Stage::EmployerPublicityDue).is_empty() || !form.at(Stage::VotePassed).is_empty()
        }
        "objection" | "certificate" | "approval" | "quota_ledger" => false,
        _ => true,
    }
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

/// The same with something wrong in it.
pub fn garbled(input: Value, flavour: u16) -> Value {
    let mut input = members(input);
    let wrong = match flavour % 11 {
        0 => json!(""),
        1 => json!(-1),
        2 => json!(u64::MAX),
        3 => json!("9999-12-31"),
        4 => json!("0001-01-01"),
        5 => json!(Uuid::nil()),
        6 => json!([]),
        7 => json!({"\u{0}": "\u{0}"}),
        8 => json!("长".repeat(20_000)),
        9 => json!([Uuid::nil(), Uuid::nil()]),
        _ => Value::Null,
    };
    let names: Vec<String> = input.keys().cloned().chain(["多余".to_owned()]).collect();
    let name = &names[usize::from(flavour / 11) % names.len()];
    input.insert(name.clone(), wrong);
    Value::Object(input)
}

struct Form<'a> {
    world: &'a World,
    acting: Option<&'a Acting>,
    flavour: u16,
}

impl Form<'_> {
    fn today(&self) -> NaiveDate {
        in_shanghai(self.world.now).date_naive()
    }

    fn any<'b, T>(&self, of: &'b [T]) -> Option<&'b T> {
        of.get(usize::from(self.flavour / 7) % of.len().max(1))
    }

    /// A value of a form's field, by what it is called and what it holds.
    fn value(&self, name: &str, of: FieldType) -> Value {
        let flavour = self.flavour;
        match (name, of) {
            ("id_number", _) => json!(id_number(u32::from(flavour))),
            ("phone", _) => json!(format!("139{flavour:08}")),
            ("username", _) => json!(format!("账号{flavour}")),
            ("password", _) => json!("Xiang-2023-jiang"),
            ("region", _) => json!("430100"),
            ("commitment", _) => json!(self.seed().commitment()),
            ("seed", _) => json!(self.seed().to_string()),
            ("paper_consistent", _) => json!(true),
            ("document_number", _) => json!("湘人社发〔2023〕9号"),
            ("year", _) => json!(2023 + i32::from(flavour % 2)),
            ("organisation_id", _) => json!(self.acting.and_then(|acting| acting.organisation)),
            (_, FieldType::Text) => json!(format!("经办{}", flavour % 32)),
            (_, FieldType::LongText) => json!("经核实，情况属实。"),
            (_, FieldType::Integer) => json!(1 + flavour % 5),
            (_, FieldType::Date) => json!(self.today()),
            (_, FieldType::Boolean) => json!(!flavour.is_multiple_of(4)),
            (_, FieldType::Choice(of)) if flavour.is_multiple_of(6) => json!(self.any(of)),
            (_, FieldType::Choice(of)) => json!(of.first()),
            (_, FieldType::Reference(collection)) => json!(self.any(&self.of_collection(collection))),
            (_, FieldType::Structure) => json!([]),
        }
    }

    /// A witness keeps to one seed.
    fn seed(&self) -> Seed {
        let account = self.acting.map_or([0; 16], |acting| *acting.account.0.as_bytes());
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&account);
        Seed::from(bytes)
    }

    fn of_collection(&self, collection: &str) -> Vec<Uuid> {
        let aggregates: Vec<&str> = match collection {
            "organisations" => vec!["organisation", "employer", "committee"],
            _ => AnyState::TYPES.iter().filter(|(_, it)| *it == collection).map(|(it, _)| *it).collect(),
        };
        let streams = self.world.states.keys().filter(|stream| aggregates.contains(&stream.aggregate));
        streams.map(|stream| stream.id).collect()
    }

    fn all<A: Aggregate>(&self) -> impl Iterator<Item = (Uuid, &A)> {
        self.world.states.iter().filter_map(|(stream, state)| Some((stream.id, state.get::<A>()?)))
    }

    /// Declarations at a stage, of the one who acts where that can be told.
    fn at(&self, stage: Stage) -> Vec<Uuid> {
        let organisation = self.acting.and_then(|acting| acting.organisation);
        let here = |it: &Declaration| match (organisation, &it.subject) {
            (Some(node), Some(subject)) => {
                let decides = it.final_organisation.as_ref().is_some_and(|decides| decides.node.id == node);
                decides
                    || it.committee().is_some_and(|id| id.0 == node.0)
                    || subject.employer.node().id == node
            }
            (None, _) | (_, None) => true,
        };
        self.all::<Declaration>().filter(|(_, it)| it.stage == stage && here(it)).map(|(id, _)| id).collect()
    }

    fn declaration(&self, it: &Declaration, action: &str) -> Value {
        let today = self.today();
        match action {
            "create" => {
                let (year, level) = self.free_place();
                let title = if level == Level::FullSenior { "教授" } else { "副教授" };
                let employers = self.of_collection("employers");
                json!({
                    "year": year, "mode": Mode::Review, "level": level, "series": "01", "specialty": "0106", "title": title,
                    "employer_id": employers.first(),
                })
            }
            "save-draft" => {
                let committees: Vec<Uuid> = self.all::<Committee>().map(|(id, _)| id).collect();
                json!({"sections": complete_sections(), "final_organisation_id": self.any(&committees)})
            }
            "submit" => {
                let mut input = submission();
                input["answers"] = Value::Null;
                input
            }
            "start-employer-publicity" => publicity(&today.to_string(), 5),
            "start-result-publicity" => result_publicity(&today.to_string(), 5),
            "recommend" | "review-by-superior" => json!({"next_organisation_id": null}),
            "resolve-objection" => json!({"objection_id": it.objections.first()}),
            "rollback" => json!({
                "operation": it.latest_operation().map(|operation| &operation.id), "ground": "wrong_candidate",
            }),
            "score-material" => self.sheet(it, Sheet::Material),
            "score-interview" => self.sheet(it, Sheet::Interview),
            "give-opinion" => {
                let kind = if it.stage == Stage::Scoring { "group" } else { "committee" };
                json!({"kind": kind})
            }
            "open-ballot" => {
                let meeting = it.review.meeting.map(|id| self.world.get::<ReviewMeeting>(id));
                json!({"attending": meeting.map(|meeting| meeting.seats)})
            }
            "record-offline-result" => json!({"size": 11, "attending": 11, "agree": 8}),
            "review-filing" => filing(today),
            _ => Value::Null,
        }
    }

    /// A year and level of an open batch in which the one who acts has nothing yet.
    fn free_place(&self) -> (i32, Level) {
        let batches = self.all::<Batch>().filter(|(_, it)| it.stage == batch::Stage::Open);
        let years = batches.filter_map(|(_, it)| it.terms.as_ref()).map(|terms| terms.year);
        let places: Vec<(i32, Level)> =
            years.flat_map(|year| [(year, Level::FullSenior), (year, Level::AssociateSenior)]).collect();
        let person = self.acting.and_then(|acting| acting.person);
        let taken = |place: &(i32, Level)| {
            self.all::<Declaration>()
                .filter_map(|(_, it)| it.subject.as_ref())
                .any(|subject| Some(subject.person) == person && (subject.year, subject.level) == *place)
        };
        let free: Vec<_> = places.iter().copied().filter(|place| !taken(place)).collect();
        self.any(&free).or(self.any(&places)).copied().unwrap_or((2023, Level::FullSenior))
    }

    fn sheet(&self, it: &Declaration, sheet: Sheet) -> Value {
        let scheme = it.review.scheme.map(|id| self.world.get::<Scheme>(id));
        let terms = scheme.and_then(|scheme| scheme.terms);
        let items: Vec<Value> = terms
            .iter()
            .flat_map(|terms| terms.items(sheet))
            .map(|item| json!({"item": item.item, "score": (item.max.0 / 100) * i64::from(60 + self.flavour % 41) / 100}))
            .collect();
        json!({"items": items, "locked": !self.flavour.is_multiple_of(4)})
    }

    fn schemes_to_meet_on(&self) -> Vec<Uuid> {
        let waits = |it: &Scheme| it.stage == scheme::Stage::Approved && it.meeting.is_none();
        self.all::<Scheme>().filter(|(_, it)| waits(it)).map(|(id, _)| id).collect()
    }

    fn meeting(&self, it: &ReviewMeeting, action: &str) -> Value {
        let candidates = it.scheme.map(|id| self.world.get::<Scheme>(id).participants().to_vec());
        let candidates = candidates.unwrap_or_default();
        let at = |stage: Stage| -> Vec<Uuid> {
            let ids = candidates.iter().map(|id| id.0);
            ids.filter(|id| self.world.get::<Declaration>(*id).stage == stage).collect()
        };
        let seat = self.any(&it.seats);
        let seats = |number: usize| it.seats.iter().take(number).collect::<Vec<&JudgeId>>();
        match action {
            "create" => {
                json!({
                    "scheme_id": self.any(&self.schemes_to_meet_on()), "registration_place": "湘江宾馆", "material_place": "湖南宾馆三楼",
                    "interview_place": "湖南大学",
                })
            }
            "assign" => json!({
                "chair_id": it.seats.get(3),
                "groups": [{"leader_id": it.seats.first(), "judge_ids": seats(3), "declaration_ids": at(Stage::JudgesDrawn)}],
            }),
            "record-reply" | "replace-judge" => json!({"judge_id": seat}),
            "declare-recusal" => json!({"judge_id": seat, "declaration_id": self.any(&candidates)}),
            "record-attendance" => json!({"judge_ids": it.seats}),
            "send-interview-notices" => {
                let notice = |id: &crate::ids::DeclarationId| json!({"declaration_id": id, "at": self.world.now + chrono::Duration::days(4), "place": "湖南大学"});
                json!({"notices": candidates.iter().map(notice).collect::<Vec<_>>()})
            }
            "open-ballots" => json!({"declaration_ids": at(Stage::OpinionGiven), "attending": it.seats}),
            "cast-votes" => {
                let choice = if self.flavour.is_multiple_of(5) { "disagree" } else { "agree" };
                let vote = |id: Uuid| json!({"declaration_id": id, "choice": choice});
                json!({"votes": at(Stage::Balloting).into_iter().map(vote).collect::<Vec<_>>()})
            }
            "close-ballots" => {
                json!({"declaration_ids": at(Stage::Balloting), "unreturned_confirmed": !self.flavour.is_multiple_of(3)})
            }
            _ => Value::Null,
        }
    }

    fn scheme(&self, _: &Scheme, action: &str) -> Value {
        match action {
            "create" | "amend" => {
                let participants: Vec<Uuid> = self.at(Stage::Qualified);
                let first = participants.first().map(|id| self.world.get::<Declaration>(*id));
                json!({
                    "batch_id": first.and_then(|it| it.batch), "kind": "normal",
                    "medium": if self.flavour.is_multiple_of(5) { Medium::Offline } else { Medium::Online },
                    "opens_on": self.today() + chrono::Duration::days(9), "participants": participants,
                    "experts": [{"specialty": "0106", "number": 11}],
                    "scoring": [
                        {"item": "业绩成果", "sheet": "material", "max": 100, "weight": 60},
                        {"item": "答辩", "sheet": "interview", "max": 50, "weight": 40},
                    ],
                    "ratio_percent": 100, "ratio_exception": null, "interview": true,
                })
            }
            "request-filing" => json!({"declaration_ids": null}),
            "review-filing" => filing(self.today()),
            _ => Value::Null,
        }
    }

    fn round(&self, it: &PublicityRound, action: &str) -> Value {
        let ids: Vec<_> = it.declarations.iter().map(|(id, _)| *id).collect();
        match action {
            "create" => {
                let role = self.acting.map(|acting| acting.role);
                let (kind, stage) = match role {
                    Some(Role::EmployerOperator) => (PublicityKind::Employer, Stage::EmployerPublicityDue),
                    Some(_) | None => (PublicityKind::Result, Stage::VotePassed),
                };
                let mut input = publicity(&self.today().to_string(), 5);
                input["kind"] = json!(kind);
                if kind == PublicityKind::Result {
                    input["contact"] = Value::Null;
                    input["phone"] = Value::Null;
                }
                input["declaration_ids"] = json!(self.at(stage));
                input
            }
            "record-result" => {
                let result = |id| json!({"declaration_id": id, "result": "passed"});
                json!({"results": ids.into_iter().map(result).collect::<Vec<_>>()})
            }
            "void" => json!({"declaration_ids": ids}),
            _ => Value::Null,
        }
    }
}

fn filing(today: NaiveDate) -> Value {
    json!({"filing_number": "湘人社函〔2023〕118号", "filed_on": today})
}
