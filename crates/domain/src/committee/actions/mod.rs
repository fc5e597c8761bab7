//! The actions on a committee, in menu order.

pub mod amend;
pub mod create;
pub mod deregister;
pub mod renew;
pub mod resume;
pub mod set_fees;
pub mod set_forming_units;
pub mod set_specialties;
pub mod suspend;

use super::Committee;

crate::action::actions! {
    Committee;
    create::Create, amend::Amend, renew::Renew, set_specialties::SetSpecialties,
    set_forming_units::SetFormingUnits, set_fees::SetFees, suspend::Suspend, resume::Resume,
    deregister::Deregister,
}
