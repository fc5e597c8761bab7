//! The read side: one query table for every listing screen, folded from the log, thrown away and built anew at will.
//!
//! [`screens`] holds one file for each screen: its table's columns, the screen as one value, and `rows`, a pure function
//! of the folded aggregate. [`runner`] keeps the tables up with the log, [`rebuild()`] builds them anew beside the live
//! ones, [`verify()`] compares them with a fresh fold, [`reader`] reads them. `projections/<table>/up.sql` is each table's
//! SQL; [`Table::version`] changes with it and with the code that makes its rows.

mod build;
pub mod checkpoint;
pub mod column;
mod copy;
mod decimal;
mod difference;
mod export;
mod fold;
pub mod log;
#[cfg(test)]
mod prefixes;
pub mod query;
pub mod reader;
mod rebuild;
pub mod request;
pub mod row;
pub mod runner;
mod running_publicity;
pub mod screen;
pub mod screens;
mod standing;
mod step;
mod store;
pub mod table;
pub mod trouble;
mod verify;
mod write;

pub use build::Progress;
pub use difference::{Difference, Differences};
pub use export::EveryRow;
pub use log::{Log, LogError};
pub use reader::{Page, ReadError, Reader, Reckoning, WaitError};
pub use rebuild::{Compared, Rebuilt, rebuild};
pub use request::{Request, RequestError};
pub use runner::{Positions, Runner};
pub use running_publicity::{PageAfter, PublishedPerson};
pub use screen::{Screen, Viewer};
pub use standing::{Standing, standing};
pub use step::Stop;
pub use table::Table;
pub use trouble::Unavailable;
pub use verify::{Verified, verify};

/// Makes the lists of screens and tables from the one list of them.
macro_rules! screens {
    (screens { $($screen:path,)+ } tables without a screen { $($table:path,)+ }) => {
        /// Every listing screen, in menu order.
        pub const SCREENS: &[&Screen] = &[$({ use $screen as it; &it::SCREEN },)+];
        /// Every read table.
        pub const TABLES: &[&Table] =
            &[$({ use $screen as it; &it::TABLE },)+ $({ use $table as it; &it::TABLE },)+];
    };
}

screens! {
    screens {
        screens::applicant::my_declarations,
        screens::employer::first_review,
        screens::employer::publicity,
        screens::employer::recommendation,
        screens::superior::review,
        screens::employer::declaration_inquiry,
        screens::authority::review,
        screens::committee::qualification_review,
        screens::judge::material_review,
        screens::judge::interview_scoring,
        screens::judge::material_scoring,
        screens::judge::voting,
        screens::judge::review_opinions,
        screens::committee::review_results,
        screens::committee::result_publicity,
        screens::committee::filing_request,
        screens::authority::filing_review,
        screens::authority::certificate_issuance,
        screens::administrator::e_certificates,
        screens::administrator::certificate_reporting,
        screens::authority::certificate_revocation,
        screens::authority::certificate_inquiry,
        screens::authority::process_tracking,
        screens::authority::process_step,
        screens::administrator::rollback,
        screens::administrator::committee_transfer,
        screens::administrator::audit_trail,
        screens::administrator::jobs,
        screens::objections,
        screens::approvals,
        screens::notices,
    }
    tables without a screen {
        screens::account,
        screens::deadline,
        screens::notice_read,
        screens::person,
        screens::publicity_person,
    }
}

/// The screen of a name.
pub fn screen(name: &str) -> Option<&'static Screen> {
    SCREENS.iter().copied().find(|screen| screen.name == name)
}

/// The table of a name.
pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().copied().find(|table| table.name == name)
}
