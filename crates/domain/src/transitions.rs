//! From which stage to which: what an action does to the stage of the thing that it addresses, and of whatever else it brings events upon.
//! The state diagram is drawn from this, and `world` holds every command of every test against it.
//!
//! A SPEC says from which stages an action may be taken and which it can lead to. Where it names one stage on either side, each leads to each;
//! where it names several on both, or any, `OWN` says which leads where. What an action brings upon other things is in
//! [`BRINGS`]; `ALONG` says what each of those events does to their stage.
//!
//! Stages are those before and after a command: what lies between two of its events nobody sees.

use std::collections::BTreeSet;

use crate::action::{ActionSpec, Start};
use crate::aggregate::{Aggregate as _, AnyState};
use crate::declaration::{Declaration, Stage};
use crate::history::{BRINGS, Brings, EMPLOYER_PUBLICITY};
use crate::label::Named as _;

/// Where there is nothing yet.
pub const NOTHING: &str = "[*]";

/// Stages that lead to one.
type Leads = (&'static [&'static str], &'static str);

/// What one command does to the stage of one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arrow {
    /// The aggregate type of the thing.
    pub of: &'static str,
    /// Its stage before; [`NOTHING`] where it was not there.
    pub from: &'static str,
    /// Its stage after.
    pub to: &'static str,
    /// The action: the aggregate type that it addresses, its name.
    pub by: (&'static str, &'static str),
}

/// Asking for an operation that a second person must approve, which is no action of its own.
const REQUESTED: Arrow = Arrow { of: "approval", from: NOTHING, to: "open", by: ("approval", "request") };

/// Every arrow that there is. What a second person approves is there as the action that was asked for.
pub fn arrows() -> BTreeSet<Arrow> {
    let mut arrows = BTreeSet::from([REQUESTED]);
    for (aggregate, _) in AnyState::TYPES {
        for spec in AnyState::specs(aggregate) {
            let by = (*aggregate, spec.name);
            arrows.extend(own(aggregate, spec).map(|(from, to)| Arrow { of: aggregate, from, to, by }));
        }
    }
    for brings in BRINGS {
        arrows.extend(along(brings));
    }
    arrows.retain(|arrow| arrow.from != arrow.to);
    arrows
}

/// What an action does to the stage of the thing that it addresses.
fn own(
    aggregate: &'static str,
    spec: &'static ActionSpec,
) -> impl Iterator<Item = (&'static str, &'static str)> {
    let listed = OWN.iter().find(|(of, action, _)| (*of, *action) == (aggregate, spec.name));
    let listed = listed.map(|(_, _, leads)| pairs(leads).collect());
    let pairs: Vec<(&str, &str)> = listed.unwrap_or_else(|| {
        let from: Vec<&str> = match spec.from {
            Start::Nothing => vec![NOTHING],
            Start::Stages(stages) => stages.to_vec(),
            Start::Any if (aggregate, spec.name) == (Declaration::TYPE, "lapse") => {
                Stage::ALL.iter().filter(|stage| stage.lapses()).map(|stage| stage.name()).collect()
            }
            Start::Any => Vec::new(),
        };
        from.into_iter().flat_map(|from| spec.to.iter().map(move |to| (from, *to))).collect()
    });
    pairs.into_iter()
}

/// What an action does to the stages of other things than the one that it addresses.
fn along(brings: &'static Brings) -> impl Iterator<Item = Arrow> {
    let by = (brings.aggregate, brings.action);
    brings.others.iter().flat_map(move |on| {
        let of = on.event.split_once('.').map_or(on.event, |(aggregate, _)| aggregate);
        let leads = ALONG.iter().filter(move |(event, _)| *event == on.event);
        let pairs = leads.flat_map(|(_, leads)| pairs(leads));
        let pairs = pairs.filter(move |(from, _)| on.stages.is_empty() || on.stages.contains(from));
        pairs.map(move |(from, to)| Arrow { of, from, to, by })
    })
}

fn pairs(leads: &'static [Leads]) -> impl Iterator<Item = (&'static str, &'static str)> {
    leads.iter().flat_map(|(from, to)| from.iter().map(move |from| (*from, *to)))
}

/// Certified.
const CERTIFIED: &[&str] = &["certificate_issued", "e_certificate_generated", "reported"];
/// An objection that nobody has decided.
const OPEN: &[&str] = &["raised", "accepted"];
/// Where an objection that is upheld ends the matter; in the employer's publicity the result of that does.
const ENDED_BY_OBJECTION: &[&str] = &["result_publicity", "result_publicity_passed", "filing_requested"];
/// In the hands of a review meeting.
const IN_MEETING: &[&str] = &[
    "scheme_approved",
    "judges_drawn",
    "material_reviewed",
    "material_review_failed",
    "scoring",
    "opinion_given",
    "balloting",
    "vote_passed",
    "vote_failed",
];
/// What 资格复核 may be undone in: whatever of the meeting has been done since has been undone, or was done offline.
const QUALIFICATION_LATEST: &[&str] = &[
    "qualified",
    "qualification_failed",
    "scheme_submitted",
    "scheme_approved",
    "judges_drawn",
    "vote_passed",
    "vote_failed",
];

/// Actions that know several stages before and several after: which leads where.
#[rustfmt::skip]
const OWN: &[(&str, &str, &[Leads])] = &[
    ("declaration", "give-opinion", &[(&["scoring"], "opinion_given")]),
    ("declaration", "record-employer-publicity-result", &[(EMPLOYER_PUBLICITY, "recommendation"), (EMPLOYER_PUBLICITY, "employer_publicity_failed")]),
    ("declaration", "resolve-objection", &[(ENDED_BY_OBJECTION, "objection_upheld")]),
    ("declaration", "review-by-employer", &[
        (&["employer_review"], "employer_publicity_due"),
        (&["employer_review"], "recommendation"),
        (&["employer_review", "recommendation"], "employer_failed"),
        (&["employer_review", "employer_publicity", "employer_publicity_ended", "recommendation"], "returned_to_applicant"),
    ]),
    ("declaration", "rollback", &[
        (&["final_approved"], "superior_review"),
        (QUALIFICATION_LATEST, "qualification_review"),
        (&["material_reviewed", "material_review_failed"], "judges_drawn"),
        (&["scoring"], "material_reviewed"),
        (&["opinion_given"], "scoring"),
        (&["balloting", "vote_passed", "vote_failed"], "opinion_given"),
        // with the operation a cut that was applied to it
        (&["vote_failed"], "vote_passed"),
    ]),
    ("declaration", "score-interview", &[(&["material_reviewed"], "scoring")]),
    ("declaration", "score-material", &[(&["material_reviewed"], "scoring")]),
    // on its way up or at the committee's door it goes on from where it is
    ("declaration", "transfer-committee", &[(&["qualified"], "qualification_review")]),
    ("job", "advance", &[(&["running"], "finished"), (&["undoing"], "undone")]),
    ("objection", "resolve", &[(OPEN, "upheld"), (OPEN, "dismissed")]),
    // with the last of its candidates
    ("publicity_round", "record-result", &[(&["running"], "closed")]),
    ("publicity_round", "void", &[(&["running"], "closed")]),
    ("quota_application", "review", &[(&["submitted", "forwarded"], "approved"), (&["submitted", "forwarded"], "failed")]),
];

/// Events that come upon other things, and what they do to their stage; those that are not here leave it as it is.
#[rustfmt::skip]
const ALONG: &[(&str, &[Leads])] = &[
    ("account.person_erased", &[(&["active", "suspended"], "erased")]),
    ("account.registered", &[(&[NOTHING], "active")]),
    ("certificate.e_generated", &[(&["numbered"], "generated")]),
    ("certificate.issued", &[(&[NOTHING], "numbered")]),
    ("certificate.revoked", &[(&["numbered", "generated", "reported"], "revoked")]),
    ("certificate_number_pool.exhausted", &[(&["open"], "exhausted")]),
    ("certificate_number_pool.extended", &[(&["exhausted"], "open")]),
    ("certificate_number_pool.opened", &[(&[NOTHING], "open")]),
    ("declaration.ballot_closed", &[(&["balloting"], "vote_passed"), (&["balloting"], "vote_failed")]),
    ("declaration.ballot_opened", &[(&["opinion_given"], "balloting")]),
    ("declaration.certificate_revoked", &[(CERTIFIED, "revoked")]),
    ("declaration.cut_applied", &[(&["vote_passed"], "vote_failed")]),
    ("declaration.cut_voided", &[(&["vote_failed"], "vote_passed")]),
    ("declaration.employer_publicity_failed", &[(EMPLOYER_PUBLICITY, "employer_publicity_failed")]),
    ("declaration.employer_publicity_passed", &[(EMPLOYER_PUBLICITY, "recommendation")]),
    ("declaration.employer_publicity_started", &[(&["employer_publicity_due"], "employer_publicity")]),
    ("declaration.employer_publicity_voided", &[(&["employer_publicity", "employer_publicity_ended", "recommendation"], "employer_publicity_due")]),
    ("declaration.filed", &[(&["filing_requested"], "filed")]),
    ("declaration.filing_rejected", &[(&["filing_requested"], "result_publicity_passed")]),
    ("declaration.filing_requested", &[(&["result_publicity_passed"], "filing_requested")]),
    ("declaration.judges_drawn", &[(&["scheme_approved"], "judges_drawn")]),
    ("declaration.meeting_annulled", &[(IN_MEETING, "qualified")]),
    ("declaration.objection_upheld", &[(ENDED_BY_OBJECTION, "objection_upheld")]),
    ("declaration.report_acknowledged", &[(&["e_certificate_generated"], "reported")]),
    ("declaration.result_publicity_failed", &[(&["result_publicity"], "objection_upheld")]),
    ("declaration.result_publicity_passed", &[(&["result_publicity"], "result_publicity_passed"), (&["result_publicity"], "final_approved")]),
    ("declaration.result_publicity_started", &[(&["vote_passed", "final_approved"], "result_publicity")]),
    ("declaration.scheme_approved", &[(&["scheme_submitted"], "scheme_approved")]),
    ("declaration.scheme_rejected", &[(&["scheme_submitted"], "qualified")]),
    ("declaration.scheme_submitted", &[(&["qualified"], "scheme_submitted")]),
    ("objection.closed", &[(OPEN, "closed")]),
    ("objection.dismissed", &[(OPEN, "dismissed")]),
    ("objection.raised", &[(&[NOTHING], "raised")]),
    ("objection.upheld", &[(OPEN, "upheld")]),
    ("person.registered", &[(&[NOTHING], "registered")]),
    // with the last of its candidates
    ("publicity_round.results_recorded", &[(&["running"], "closed")]),
    ("publicity_round.started", &[(&[NOTHING], "running")]),
    ("publicity_round.voided", &[(&["running"], "closed")]),
    ("scheme.annulled", &[(&["approved"], "annulled")]),
];

/// Whether a command may have done this to the stage of a thing. What a second person approved was done by the action that was
/// asked for, whichever that was.
#[cfg(any(test, feature = "world"))]
pub(crate) fn is_drawn(arrow: Arrow) -> bool {
    static ARROWS: std::sync::LazyLock<BTreeSet<Arrow>> = std::sync::LazyLock::new(arrows);
    if ARROWS.contains(&arrow) {
        return true;
    }
    let same = |one: &Arrow| (one.of, one.from, one.to) == (arrow.of, arrow.from, arrow.to);
    arrow.by == ("approval", "approve") && ARROWS.iter().any(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_several_stages_lead_to_several_it_is_said_which_leads_where() {
        let mut known = 0;
        for (aggregate, _) in AnyState::TYPES {
            for spec in AnyState::specs(aggregate) {
                let listed = OWN.iter().find(|(of, action, _)| (*of, *action) == (*aggregate, spec.name));
                let lapse = (*aggregate, spec.name) == (Declaration::TYPE, "lapse");
                let from = match spec.from {
                    Start::Nothing => &[],
                    Start::Any => {
                        let said = spec.to.is_empty() || listed.is_some() || lapse;
                        assert!(said, "say in OWN from which stages {aggregate}/{} leads where", spec.name);
                        known += usize::from(listed.is_some());
                        continue;
                    }
                    Start::Stages(stages) => stages,
                };
                let several = from.len() > 1 && spec.to.len() > 1;
                assert!(
                    !several || listed.is_some(),
                    "say in OWN which stage {aggregate}/{} leads where",
                    spec.name
                );
                let Some((_, _, leads)) = listed else { continue };
                known += 1;
                for (before, after) in pairs(leads) {
                    assert!(from.contains(&before), "{aggregate}/{} is not taken from {before}", spec.name);
                    assert!(
                        spec.to.is_empty() || spec.to.contains(&after),
                        "{aggregate}/{} does not lead to {after}",
                        spec.name
                    );
                }
            }
        }
        assert_eq!(known, OWN.len(), "OWN lists actions that there are");
    }

    #[test]
    fn what_comes_along_is_brought_by_an_action() {
        for (event, _) in ALONG {
            let brought = BRINGS.iter().flat_map(|brings| brings.others).any(|on| on.event == *event);
            assert!(brought, "no action brings {event} upon another thing");
        }
    }

    #[test]
    fn every_stage_of_a_declaration_is_reached_and_exists() {
        let arrows = arrows();
        let of_declaration = || arrows.iter().filter(|arrow| arrow.of == Declaration::TYPE);
        for stage in Stage::ALL {
            assert!(
                of_declaration().any(|arrow| arrow.to == stage.name()),
                "nothing leads to {}",
                stage.name()
            );
        }
        let known = |name: &str| name == NOTHING || Stage::ALL.iter().any(|stage| stage.name() == name);
        for arrow in of_declaration() {
            assert!(known(arrow.from) && known(arrow.to), "{arrow:?}");
        }
    }

    #[test]
    fn what_never_happens_is_not_drawn() {
        let drawn = |from, to, action| {
            let by = (Declaration::TYPE, action);
            is_drawn(Arrow { of: Declaration::TYPE, from, to, by })
        };
        assert!(drawn("scoring", "opinion_given", "give-opinion"));
        assert!(!drawn("vote_failed", "vote_passed", "give-opinion"));
        assert!(!drawn("vote_passed", "opinion_given", "give-opinion"));
        assert!(!drawn("scoring", "material_reviewed", "score-material"));
        assert!(!drawn("employer_publicity", "objection_upheld", "resolve-objection"));
        assert!(drawn("qualified", "lapsed", "lapse") && !drawn("vote_passed", "lapsed", "lapse"));
    }
}
