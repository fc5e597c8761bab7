//! 职称评审结果备案 Review filing: for all of a scheme whose filing was requested, under one number, all or nothing
//! (seed 002 人 1.15; T55, T56).

use super::filed_at_once;
use crate::action::{ActionSpec, Place, Start, admit, by};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::declaration::actions::review_filing;
use crate::declaration::{self, Declaration, Stage};
use crate::ids::DeclarationId;
use crate::label::label;
use crate::scheme::{Event, Scheme};
use crate::values::Role;
use uuid::Uuid;

/// The input: that of the single action.
pub use crate::declaration::actions::review_filing::ReviewFiling;

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "review-filing",
    label: label("职称评审结果备案", "Review filing"),
    by: &[by(Role::AuthorityReviewer, Place::ApprovingAuthority)],
    from: Start::Stages(&["approved"]),
    form: review_filing::SPEC.form,
    ..ActionSpec::DEFAULT
};

/// Reviews each, by the rules of the single action.
pub fn decide(input: &ReviewFiling, it: &Scheme, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let found = filed_at_once(it, None, Stage::FilingRequested, SPEC.label.zh, context)?;
    let declaration_ids = found.iter().map(|(id, _)| *id).collect();
    let mut entered = Vec::with_capacity(found.len());
    for (id, declaration) in found {
        admit(declaration, &review_filing::SPEC, context)?;
        entered.push((id, review_filing::enter(input, declaration, context)?));
    }
    let outcome = Outcome::of(reviewed(input, declaration_ids, entered.iter().map(|(_, event)| event)));
    Ok(entered.into_iter().fold(outcome, |outcome, (id, event)| outcome.also::<Declaration>(id, event)))
}

/// The scheme's own event of a filing: under the number as it was entered on the declarations.
pub(crate) fn reviewed<'a>(
    input: &ReviewFiling,
    declaration_ids: Vec<DeclarationId>,
    mut entered: impl Iterator<Item = &'a declaration::Event>,
) -> Event {
    let filing_number = entered.find_map(|event| {
        let declaration::Event::Filed { filing_number, .. } = event else { return None };
        Some(filing_number.clone())
    });
    Event::FilingReviewed {
        declaration_ids,
        decision: input.decision,
        filed_on: input.filed_on,
        filing_number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Who;
    use crate::world::hunan::Hunan;
    use serde_json::{Value, json};

    fn stages(hunan: &Hunan, cases: &[Uuid]) -> Vec<Stage> {
        cases.iter().map(|case| hunan.world.get::<Declaration>(*case).stage).collect()
    }

    /// Two whose publicity has passed and one that was voted for only, in one approved scheme.
    fn scheme(hunan: &mut Hunan) -> (Uuid, [Uuid; 3]) {
        let first = hunan.result_publicity_passed();
        let second = hunan.result_publicity_passed_of_another("张三");
        let third = hunan.voted_of_another("李四");
        hunan.world.clock("2023-10-25T09:00:00+08:00");
        let cases = [first, second, third];
        (hunan.approved_scheme(&cases), cases)
    }

    fn pass() -> Value {
        json!({"decision": "pass", "filing_number": "湘人社函〔2023〕118号", "filed_on": "2023-10-25"})
    }

    #[test]
    fn all_that_are_ready_are_put_on_file_under_one_number() {
        let mut hunan = Hunan::new();
        let (scheme, cases) = scheme(&mut hunan);
        let (operator, authority) = (hunan.committee_operator, hunan.authority());
        let nothing = hunan.refused(authority, "scheme", scheme, "review-filing", pass());
        assert_eq!(nothing.code, "nothing-to-file");
        hunan.act(operator, "scheme", scheme, "request-filing", json!({}));
        let requested = [Stage::FilingRequested, Stage::FilingRequested, Stage::VotePassed];
        assert_eq!(stages(&hunan, &cases), requested);
        hunan.act(authority, "scheme", scheme, "review-filing", pass());
        assert_eq!(stages(&hunan, &cases), [Stage::Filed, Stage::Filed, Stage::VotePassed]);
        let numbers = cases[..2].iter().map(|case| hunan.world.get::<Declaration>(*case).filing.unwrap().0);
        assert!(numbers.into_iter().all(|number| number == "湘人社函〔2023〕118号"));
    }

    #[test]
    fn those_that_are_named_must_be_ready_and_of_the_scheme() {
        let mut hunan = Hunan::new();
        let (scheme, cases) = scheme(&mut hunan);
        let operator = hunan.committee_operator;
        let stranger = DeclarationId(hunan.world.fresh());
        for (ids, code) in [
            (json!([cases[0], cases[2]]), "stage-refused"),
            (json!([stranger]), "reference-refused"),
            (json!([]), "nothing-to-file"),
        ] {
            let input = json!({"declaration_ids": ids});
            let refused = hunan.refused(operator, "scheme", scheme, "request-filing", input);
            assert_eq!(refused.code, code);
        }
        let input = json!({"declaration_ids": [cases[1]]});
        hunan.act(operator, "scheme", scheme, "request-filing", input);
        let expected = [Stage::ResultPublicityPassed, Stage::FilingRequested, Stage::VotePassed];
        assert_eq!(stages(&hunan, &cases), expected);
    }

    #[test]
    fn one_that_is_held_stops_the_whole_request() {
        let mut hunan = Hunan::new();
        let (scheme, cases) = scheme(&mut hunan);
        hunan.held(cases[1]);
        let operator = Who::Account(hunan.committee_operator);
        let refused = hunan.world.act(operator, "scheme", scheme, "request-filing", json!({})).unwrap_err();
        assert_eq!(refused.code, "declaration-held");
        assert_eq!(stages(&hunan, &cases)[0], Stage::ResultPublicityPassed, "all or nothing");
    }
}
