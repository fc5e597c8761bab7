//! 复核通过 Approve: another account that may take the action performs it, decided anew, in one append with the approval;
//! where that is refused the approval stays open (contract.md, second person).

use crate::action::{ActionSpec, By, Place, Proof, Start, by};
use crate::aggregate::{AnyCommand, AnyEvent, AnyState, Decision, Outcome, StreamId};
use crate::approval::{Approval, Event};
use crate::context::{self, Context};
use crate::label::label;
use crate::refusal::{common, refusals};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// A request waits for [`WAIT_DAYS`](crate::approval::WAIT_DAYS).
    ApprovalExpired = Rule "approval-expired", "复核已过期", "该操作的复核期限已过，请由原申请人重新提交。";
    /// Its input went with the key of the person whom it was about.
    ApprovalUnreadable = Rule "approval-unreadable", "复核内容已清除", "该操作的内容已随个人信息清除，无法办理。";
}

/// The input: nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Approve {}

/// Every role that may take some action that needs two persons; which, the action waiting says.
pub(super) const APPROVERS: &[By] = &[
    by(Role::ProvincialAdministrator, Place::Approver),
    by(Role::CertificateIssuer, Place::Approver),
    by(Role::SystemAdministrator, Place::Approver),
    by(Role::AuthorityReviewer, Place::Approver),
    by(Role::SuperiorReviewer, Place::Approver),
    by(Role::EmployerOperator, Place::Approver),
    by(Role::CommitteeOperator, Place::Approver),
    by(Role::SchemeReviewer, Place::Approver),
    by(Role::SpecialSchemeReviewer, Place::Approver),
    by(Role::DisciplineWitness, Place::Approver),
];

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "approve",
    label: label("复核通过", "Approve"),
    by: APPROVERS,
    from: Start::Stages(&["open"]),
    to: &["approved"],
    proof: Proof::Reauthenticated,
    ..ActionSpec::DEFAULT
};

/// Approves and performs it.
pub fn decide(_: &Approve, it: &Approval, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let Some(request) = &it.request else { return Err(common::NotFound.into()) };
    if request.is_by(context.acting()?) {
        return Err(common::SamePerson.into());
    }
    if request.expires_at <= context.now {
        return Err(ApprovalExpired.into());
    }
    let Some(input) = request.input.known() else { return Err(ApprovalUnreadable.into()) };
    let Some(aggregate) = AnyState::type_of(&request.aggregate) else {
        return Err(common::NotFound.into());
    };
    let command = AnyCommand::parse(aggregate, &request.action, input)?;
    let subject = StreamId { aggregate, id: request.subject_id };
    let approval = context::Approval::Given { asked_by: request.by, asked_as: request.asked_as() };
    let approved = Context { approval, ..context.clone() };
    let performed = context.load_any(subject)?.decide(subject.id, &command, &approved)?;
    Ok(joined(id, subject, performed))
}

/// The approval and what it performs as one outcome. What the operation says of the approval's own stream (erasing its
/// person) follows the approval there.
fn joined(id: Uuid, subject: StreamId, performed: Outcome<AnyEvent>) -> Outcome<Event> {
    let own = StreamId::of::<Approval>(id);
    let mut outcome = Outcome::of(Event::Approved);
    let addressed = performed.events.into_iter().map(|event| (subject, event));
    for (stream, event) in addressed.chain(performed.others) {
        match event {
            AnyEvent::Approval(event) if stream == own => outcome.events.push(event),
            event => outcome.others.push((stream, event)),
        }
    }
    outcome.claims = performed.claims;
    outcome
}

#[cfg(test)]
mod tests {
    use crate::approval::{Approval, Stage};
    use crate::blacklist_entry::BlacklistEntry;
    use crate::ids::AccountId;
    use crate::world::{Who, hunan::Hunan};
    use serde_json::json;
    use uuid::Uuid;

    /// A blacklist entry whose lifting waits for a second person, and that person.
    fn waiting() -> (Hunan, Uuid, Uuid, AccountId) {
        let mut hunan = Hunan::new();
        let person = hunan.world.registers.accounts.get(hunan.applicant).unwrap().person.unwrap();
        let number = hunan.world.get::<crate::person::Person>(person.0).id_number.known().unwrap().clone();
        let province = Who::Account(hunan.province);
        let entry =
            hunan.create(province, "blacklist_entry", json!({"id_number": number, "reason": "论文造假"}));
        let input = json!({"reason": "复核后认定不属造假"});
        let approval = hunan.world.request(province, "blacklist_entry", entry, "lift", input).unwrap();
        let second = hunan.staff("复核人", "provincial-administrator", hunan.department);
        (hunan, entry, approval, second)
    }

    #[test]
    fn another_person_performs_it() {
        let (mut hunan, entry, approval, second) = waiting();
        let own = hunan.refused(hunan.province, "approval", approval, "approve", json!({}));
        assert_eq!(own.code, "same-person");
        let other_role = hunan.refused(hunan.administrator, "approval", approval, "approve", json!({}));
        assert_eq!(other_role.code, "not-allowed");
        hunan.act(second, "approval", approval, "approve", json!({}));
        assert_eq!(hunan.world.get::<Approval>(approval).stage, Stage::Approved);
        assert_eq!(hunan.world.get::<BlacklistEntry>(entry).stage.name(), "lifted");
        let twice = hunan.refused(second, "approval", approval, "approve", json!({}));
        assert_eq!(twice.code, "stage-refused");
    }

    #[test]
    fn a_second_account_of_the_same_person_does_not_count() {
        let (mut hunan, _, approval, _) = waiting();
        let person = hunan.world.registers.accounts.get(hunan.province).unwrap().person.unwrap();
        let number = hunan.world.get::<crate::person::Person>(person.0).id_number.known().unwrap().clone();
        let account = hunan.create(Who::Account(hunan.administrator), "account", json!({
            "username": "second1", "password": "Xiang-2023-jiang", "name": "省专技处", "id_number": number, "phone": "13900000902",
        }));
        let department = Some(hunan.department);
        hunan.grant(
            Who::Account(hunan.administrator),
            AccountId(account),
            "provincial-administrator",
            department,
        );
        let same = hunan.refused(AccountId(account), "approval", approval, "approve", json!({}));
        assert_eq!(same.code, "same-person");
    }

    #[test]
    fn what_is_refused_now_leaves_it_open() {
        let (mut hunan, entry, approval, second) = waiting();
        hunan.act(second, "blacklist_entry", entry, "lift", json!({"reason": "另案解除"}));
        let stale = hunan.refused(second, "approval", approval, "approve", json!({}));
        assert_eq!(stale.code, "stage-refused");
        assert_eq!(hunan.world.get::<Approval>(approval).stage, Stage::Open);
        hunan.act(second, "approval", approval, "decline", json!({"reason": "已另案解除"}));
        assert_eq!(hunan.world.get::<Approval>(approval).stage, Stage::Declined);
    }

    #[test]
    fn waits_for_seven_days() {
        let (mut hunan, entry, approval, second) = waiting();
        hunan.world.clock("2023-05-11T08:59:59+08:00");
        let early = hunan.world.act(Who::System, "approval", approval, "expire", json!({}));
        assert_eq!(early.unwrap_err().code, "approval-not-over");
        hunan.world.clock("2023-05-11T09:00:00+08:00");
        let late = hunan.refused(second, "approval", approval, "approve", json!({}));
        assert_eq!(late.code, "approval-expired");
        hunan.world.act(Who::System, "approval", approval, "expire", json!({})).unwrap();
        assert_eq!(hunan.world.get::<Approval>(approval).stage, Stage::Expired);
        assert_eq!(hunan.world.get::<BlacklistEntry>(entry).stage.name(), "active");
    }
}
