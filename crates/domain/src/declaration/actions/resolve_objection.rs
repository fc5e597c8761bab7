//! 异议处理 Resolve objection: dismissed lifts the hold; upheld ends the case, in employer publicity by saving `failed`
//! (seed 003 四(二)2, 六(二), 七; T51, T52).

use crate::action::{ActionSpec, By, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::{Context, Stop};
use crate::declaration::{Declaration, Event, Stage};
use crate::ids::{DeclarationId, ObjectionId};
use crate::input::Checks;
use crate::label::{label, named};
use crate::objection::{self, Objection};
use crate::private::Private;
use crate::publicity_round::{self, PublicityRound, Recorded};
use crate::refusal::{common, refusals};
use crate::registers::paths::Node;
use crate::scheme::{self, Scheme};
use crate::values::{PublicityKind, PublicityResult, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

named! {
    /// 核查结果.
    OutcomeOfObjection {
        Upheld = "upheld", "异议成立", "Upheld";
        Dismissed = "dismissed", "异议不成立", "Dismissed";
    }
}

refusals! {
    /// It is not one of this declaration, or was settled before.
    ObjectionNotOpen = Rule "objection-not-open", "没有待处理的该异议", "该异议不属于本申报，或已处理完毕，请刷新后查看。";
}

/// Whoever enters and settles objections; the authority where it published an award.
pub(super) const ACTORS: &[By] = &[
    by(Role::EmployerOperator, Place::Employer),
    by(Role::CommitteeOperator, Place::Committee),
    by(Role::AuthorityReviewer, Place::FinalOrganisation),
];

/// During employer publicity until its result is saved, and from result publicity until filed (contract.md).
pub(super) const STAGES: &[&str] = &[
    Stage::EmployerPublicity.name(),
    Stage::EmployerPublicityEnded.name(),
    Stage::ResultPublicity.name(),
    Stage::ResultPublicityPassed.name(),
    Stage::FilingRequested.name(),
];

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolveObjection {
    /// The objection.
    pub objection_id: ObjectionId,
    /// 核查结果.
    pub outcome: OutcomeOfObjection,
    /// 核查情况.
    pub finding: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "resolve-objection",
    label: label("异议处理", "Resolve objection"),
    by: ACTORS,
    from: Start::Stages(STAGES),
    to: &[Stage::ObjectionUpheld.name()],
    form: &[
        required("objection_id", "异议", FieldType::Reference("objections")),
        required("outcome", "核查结果", FieldType::Choice(&["upheld", "dismissed"])),
        required("finding", "核查情况", FieldType::LongText),
    ],
    ..ActionSpec::DEFAULT
};

/// Settles it, on the objection too.
pub fn decide(
    input: &ResolveObjection,
    it: &Declaration,
    id: Uuid,
    context: &Context<'_>,
) -> Decision<Event> {
    let finding = Finding::of(input.outcome, &input.finding)?;
    let entered = enter(it, id, input.objection_id, &finding, context)?;
    Ok(entered.also::<Objection>(input.objection_id, finding.event()))
}

/// What was found, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    outcome: OutcomeOfObjection,
    text: String,
}

impl Finding {
    /// From an input.
    pub(crate) fn of(outcome: OutcomeOfObjection, text: &str) -> Result<Self, Stop> {
        let mut checks = Checks::new();
        let text = checks.reason("/finding", text);
        checks.done()?;
        Ok(Self { outcome, text })
    }

    /// The objection's own event.
    pub(crate) fn event(&self) -> objection::Event {
        let finding = Private::Known(self.text.clone());
        match self.outcome {
            OutcomeOfObjection::Upheld => objection::Event::Upheld { finding },
            OutcomeOfObjection::Dismissed => objection::Event::Dismissed { finding },
        }
    }
}

/// Refuses what is not an open objection of this declaration.
pub(crate) fn open(it: &Declaration, objection: ObjectionId) -> Result<(), Stop> {
    if it.objections.contains(&objection) { Ok(()) } else { Err(ObjectionNotOpen.into()) }
}

/// The declaration's part; the shared checks have passed.
pub(crate) fn enter(
    it: &Declaration,
    id: Uuid,
    objection_id: ObjectionId,
    finding: &Finding,
    context: &Context<'_>,
) -> Decision<Event> {
    open(it, objection_id)?;
    let Some((kind, handler)) = handled_at(it) else { return Err(common::NotFound.into()) };
    if context.actor.acting().is_some_and(|acting| acting.organisation != Some(handler.id)) {
        return Err(common::NotAllowed { action: SPEC.label.zh }.into());
    }
    let text = Private::Known(finding.text.clone());
    Ok(match (finding.outcome, kind) {
        (OutcomeOfObjection::Dismissed, _) => {
            Outcome::of(Event::ObjectionDismissed { finding: text, objection_id })
        }
        (OutcomeOfObjection::Upheld, PublicityKind::Employer) => {
            Outcome::of(Event::ObjectionUpheld { finding: text, objection_id })
        }
        (OutcomeOfObjection::Upheld, PublicityKind::Result) => {
            let mut rest = it.clone();
            rest.objections.remove(&objection_id);
            let upheld = Outcome::of(Event::ObjectionUpheld { finding: text, objection_id });
            let declaration_id = DeclarationId(id);
            let told = if it.stage == Stage::FilingRequested {
                scheme::Event::FilingDropped { declaration_id }
            } else {
                scheme::Event::ObjectionUpheld { declaration_id }
            };
            let outcome = match super::scheme_of(it, context)? {
                Some(scheme) => upheld.also::<Scheme>(scheme, told),
                None => upheld,
            };
            let outcome = match (it.stage, &it.result_publicity) {
                (Stage::ResultPublicity, Some(publicity)) => {
                    let results = vec![Recorded { declaration_id, result: PublicityResult::Failed }];
                    let recorded = publicity_round::Event::ResultsRecorded { results };
                    outcome.also::<PublicityRound>(publicity.round, recorded)
                }
                _ => outcome,
            };
            super::end(outcome, &rest, id)
        }
    })
}

/// In which publicity the declaration is, and who looks into objections against it: the employer in its own, the
/// committee or the final organisation in that of results (T13, T51).
pub(super) fn handled_at(it: &Declaration) -> Option<(PublicityKind, Node)> {
    if matches!(it.stage, Stage::EmployerPublicity | Stage::EmployerPublicityEnded) {
        it.subject.as_ref().map(|subject| (PublicityKind::Employer, subject.employer.node()))
    } else {
        it.final_organisation.as_ref().map(|chosen| (PublicityKind::Result, chosen.node.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::Aggregate;
    use crate::values::Hold;
    use crate::world::Who;
    use crate::world::given::{AwardTerms, result_publicity};
    use crate::world::hunan::Hunan;
    use serde_json::json;

    fn objected() -> (Hunan, Uuid, ObjectionId) {
        let mut hunan = Hunan::new();
        let case = hunan.in_employer_publicity();
        let input = json!({"source": "来信", "content": "论文署名不实。"});
        hunan.act(hunan.operator, "declaration", case, "raise-objection", input);
        let it = hunan.world.get::<Declaration>(case);
        assert!(it.holds.contains(&Hold::Objection));
        let objection = *it.objections.first().unwrap();
        (hunan, case, objection)
    }

    fn resolution(objection: ObjectionId, outcome: &str) -> serde_json::Value {
        json!({"objection_id": objection, "outcome": outcome, "finding": "经核查原始期刊。"})
    }

    #[test]
    fn an_open_objection_refuses_passing() {
        let (mut hunan, case, objection) = objected();
        hunan.world.clock("2023-05-10T09:00:00+08:00");
        let passed = json!({"result": "passed"});
        let act = "record-employer-publicity-result";
        assert_eq!(hunan.refused_on(hunan.operator, case, act, passed.clone()).code, "declaration-held");
        hunan.act(
            hunan.operator,
            "declaration",
            case,
            "resolve-objection",
            resolution(objection, "dismissed"),
        );
        assert!(hunan.world.get::<Declaration>(case).holds.is_empty());
        hunan.act(hunan.operator, "declaration", case, act, passed);
        let settled = hunan.world.get::<Objection>(objection);
        assert_eq!(settled.stage, Some(objection::Stage::Dismissed));
    }

    #[test]
    fn upheld_in_employer_publicity_leaves_only_failing() {
        let (mut hunan, case, objection) = objected();
        let upheld = resolution(objection, "upheld");
        hunan.act(hunan.operator, "declaration", case, "resolve-objection", upheld.clone());
        let it = hunan.world.get::<Declaration>(case);
        assert_eq!(it.stage, Stage::EmployerPublicity);
        assert!(it.holds.contains(&Hold::Objection));
        let again = hunan.refused_on(hunan.operator, case, "resolve-objection", upheld);
        assert_eq!(again.code, "objection-not-open");
        hunan.world.clock("2023-05-10T09:00:00+08:00");
        let act = "record-employer-publicity-result";
        let refused = hunan.refused_on(hunan.operator, case, act, json!({"result": "passed"}));
        assert_eq!(refused.code, "objection-upheld");
        let back = json!({"decision": "return", "opinion": "请修改。"});
        let refused = hunan.refused_on(hunan.operator, case, "review-by-employer", back);
        assert_eq!(refused.code, "objection-upheld");
        let round = it.publicity.unwrap().round;
        let void = json!({"declaration_ids": [case], "reason": "重新公示。"});
        let operator = Who::Account(hunan.operator);
        let refused = hunan.world.act(operator, "publicity_round", round.0, "void", void);
        assert_eq!(refused.unwrap_err().code, "objection-upheld");
        let failed = json!({"result": "failed", "reason": "论文署名不实。"});
        hunan.act(hunan.operator, "declaration", case, act, failed);
        assert_eq!(hunan.world.get::<Declaration>(case).stage, Stage::EmployerPublicityFailed);
    }

    #[test]
    fn returning_during_publicity_closes_what_was_open() {
        let (mut hunan, case, objection) = objected();
        let round = hunan.world.get::<Declaration>(case).publicity.unwrap().round;
        let back = json!({"decision": "return", "opinion": "请更正论文信息。"});
        hunan.act(hunan.operator, "declaration", case, "review-by-employer", back);
        let it = hunan.world.get::<Declaration>(case);
        assert_eq!(it.stage, Stage::ReturnedToApplicant);
        assert!(it.holds.is_empty() && it.objections.is_empty());
        assert_eq!(hunan.world.get::<PublicityRound>(round).objections, 1);
        let closed = hunan.world.get::<Objection>(objection);
        assert_eq!(closed.stage, Some(objection::Stage::Closed));
    }

    #[test]
    fn the_objection_itself_is_accepted_and_resolved() {
        let (mut hunan, case, objection) = objected();
        let stranger = hunan.staff("别家经办", "employer-operator", hunan.housing);
        let refused = hunan.world.act(Who::Account(stranger), "objection", objection.0, "accept", json!({}));
        assert_eq!(refused.unwrap_err().code, "not-allowed");
        hunan.act(hunan.operator, "objection", objection.0, "accept", json!({}));
        let input = json!({"outcome": "dismissed", "finding": "署名属实。"});
        hunan.act(hunan.operator, "objection", objection.0, "resolve", input);
        assert!(hunan.world.get::<Declaration>(case).holds().is_none());
    }

    #[test]
    fn what_is_not_looked_into_lifts_the_hold() {
        let (mut hunan, case, objection) = objected();
        let input = json!({"reason": "匿名且无线索。"});
        hunan.act(hunan.operator, "objection", objection.0, "refuse", input);
        assert!(hunan.world.get::<Declaration>(case).holds().is_none());
    }

    #[test]
    fn after_the_result_nothing_can_be_raised() {
        let mut hunan = Hunan::new();
        let case = hunan.published();
        let input = json!({"source": "来信", "content": "论文署名不实。"});
        let refused = hunan.refused_on(hunan.operator, case, "raise-objection", input);
        assert_eq!(refused.code, "stage-refused");
    }

    #[test]
    fn upheld_against_a_result_ends_the_case_and_closes_the_others() {
        let mut hunan = Hunan::new();
        let case = hunan.in_result_publicity();
        let input = json!({"source": "来信", "content": "论文署名不实。"});
        hunan.act(hunan.operator, "declaration", case, "raise-objection", input.clone());
        hunan.act(hunan.committee_operator, "declaration", case, "raise-objection", input);
        let open: Vec<ObjectionId> = hunan.world.get::<Declaration>(case).objections.into_iter().collect();
        let upheld = resolution(open[0], "upheld");
        let refused = hunan.refused_on(hunan.operator, case, "resolve-objection", upheld.clone());
        assert_eq!(refused.code, "not-allowed", "the committee looks into its own results");
        hunan.act(hunan.committee_operator, "declaration", case, "resolve-objection", upheld);
        let it = hunan.world.get::<Declaration>(case);
        assert_eq!(it.stage, Stage::ObjectionUpheld);
        let stages = [open[0], open[1]].map(|id| hunan.world.get::<Objection>(id).stage.unwrap());
        assert_eq!(stages, [objection::Stage::Upheld, objection::Stage::Closed]);
        let round = hunan.world.get::<PublicityRound>(it.result_publicity.unwrap().round);
        assert_eq!(round.objections, 2, "whatever became of them");
        assert_eq!(round.stage(), Some("closed"), "nobody has a result to save any more");
    }

    #[test]
    fn against_an_award_the_authority_looks_into_it() {
        let mut hunan = Hunan::new();
        let case = hunan.final_approved(AwardTerms::Publicity);
        let start = result_publicity("2023-06-05", 5);
        hunan.act(hunan.changsha_reviewer, "declaration", case, "start-result-publicity", start);
        let input = json!({"source": "来电", "content": "学历不实。"});
        hunan.act(hunan.changsha_reviewer, "declaration", case, "raise-objection", input);
        let open = *hunan.world.get::<Declaration>(case).objections.first().unwrap();
        let dismissed = resolution(open, "dismissed");
        hunan.act(hunan.changsha_reviewer, "declaration", case, "resolve-objection", dismissed);
        let it = hunan.world.get::<Declaration>(case);
        assert_eq!((it.stage, it.holds()), (Stage::ResultPublicity, None));
    }
}
