//! The actions on an employer, in menu order.

pub mod add_operator;
pub mod amend_registration;
pub mod create;
pub mod hand_over;
pub mod resume;
pub mod suspend;

use super::Employer;

crate::action::actions! {
    Employer;
    create::Create, amend_registration::AmendRegistration, add_operator::AddOperator, hand_over::HandOver,
    suspend::Suspend, resume::Resume,
}
