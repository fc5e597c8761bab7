//! The visibility matrix (domain.md 1.8) as data: which kind of reader sees which class of data of a case.

use chrono::{DateTime, Utc};
use zhicheng_domain::context::in_shanghai;
use zhicheng_domain::declaration::Declaration;

/// In what relation a reader stands to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reader {
    /// The applicant whose case it is.
    Owner,
    /// The employer's operator.
    Employer,
    /// A superior or authority on its path.
    Superior,
    /// The same, of an opinion that it is told: of its own level or one below, or on its way down to it.
    Level,
    /// The province.
    Province,
    /// The committee's office.
    Committee,
    /// A judge assigned to it and not recused.
    Judge,
    /// A judge of its meeting who votes on it or presides, assigned to another group and not recused.
    Elector,
    /// A witness of the committee's authority.
    Witness,
    /// The unit that issues its certificate.
    Issuer,
    /// An auditor: personal fields masked, never ballots.
    Auditor,
    /// A service account that reads everything that is not personal, ballots included.
    ReportJob,
    /// Who administers accounts: the log, not the case.
    SystemAdministrator,
    /// Anybody, without signing in.
    Public,
}

impl Reader {
    /// Every reader.
    pub const ALL: &'static [Self] = &[
        Self::Owner,
        Self::Employer,
        Self::Superior,
        Self::Level,
        Self::Province,
        Self::Committee,
        Self::Judge,
        Self::Elector,
        Self::Witness,
        Self::Issuer,
        Self::Auditor,
        Self::ReportJob,
        Self::SystemAdministrator,
        Self::Public,
    ];

    /// The name in `schemas/visibility.json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Employer => "employer",
            Self::Superior => "superior",
            Self::Level => "level",
            Self::Province => "province",
            Self::Committee => "committee",
            Self::Judge => "judge",
            Self::Elector => "elector",
            Self::Witness => "witness",
            Self::Issuer => "issuer",
            Self::Auditor => "auditor",
            Self::ReportJob => "report-job",
            Self::SystemAdministrator => "system-administrator",
            Self::Public => "public",
        }
    }

    /// Whether the reader has the committee's view: sees the work of judges while it goes on, the province afterwards.
    pub const fn has_committee_view(self, meeting: Meeting) -> bool {
        match self {
            Self::Committee | Self::Judge | Self::Elector => true,
            Self::Province => matches!(meeting, Meeting::Declared),
            Self::Owner
            | Self::Employer
            | Self::Superior
            | Self::Level
            | Self::Witness
            | Self::Issuer
            | Self::Auditor
            | Self::ReportJob
            | Self::SystemAdministrator
            | Self::Public => false,
        }
    }
}

/// How far the meeting is that reviews a case: from its opening day its office and its judges read on the case who judges, and
/// others learn of its work once the results are declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meeting {
    /// Its opening day has not come, or there is none.
    Ahead,
    /// Its opening day has come.
    Open,
    /// Its results are declared.
    Declared,
}

impl Meeting {
    /// Every one.
    #[cfg(test)]
    pub const ALL: &'static [Self] = &[Self::Ahead, Self::Open, Self::Declared];

    /// That of a declaration.
    pub fn of(it: &Declaration, now: DateTime<Utc>) -> Self {
        let today = in_shanghai(now).date_naive();
        match it.review.declared {
            Some(_) => Self::Declared,
            None if it.review.opens_on.is_some_and(|opens_on| opens_on <= today) => Self::Open,
            None => Self::Ahead,
        }
    }
}

/// A class of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Sections of the form and attachments, as they were submitted.
    Form,
    /// What the owner wrote between submissions.
    Edits,
    /// The applicant's name.
    Name,
    /// ID number and telephone.
    Identity,
    /// Opinions of the levels, and reasons addressed to the applicant.
    Opinion,
    /// Who signed at a level.
    Signature,
    /// What was said in an objection.
    Objection,
    /// Names and ids of judges.
    Judges,
    /// What judges concluded and wrote.
    Assessment,
    /// Item scores.
    Scores,
    /// Item scores that the reader gave.
    OwnScores,
    /// A single ballot.
    Ballot,
    /// How many agreed.
    Tally,
    /// The recorded reason of a failure.
    FailureReason,
    /// Certificates.
    Certificate,
    /// Who is in a publicity, and what they declare; of the public, while it runs.
    Publicity,
    /// Grounds of administrators: rollback, transfer, cancelling, revocation.
    Administration,
}

impl Class {
    /// Every class.
    pub const ALL: &'static [Self] = &[
        Self::Form,
        Self::Edits,
        Self::Name,
        Self::Identity,
        Self::Opinion,
        Self::Signature,
        Self::Objection,
        Self::Judges,
        Self::Assessment,
        Self::Scores,
        Self::OwnScores,
        Self::Ballot,
        Self::Tally,
        Self::FailureReason,
        Self::Certificate,
        Self::Publicity,
        Self::Administration,
    ];

    /// The name in `schemas/visibility.json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Edits => "edits",
            Self::Name => "name",
            Self::Identity => "identity",
            Self::Opinion => "opinion",
            Self::Signature => "signature",
            Self::Objection => "objection",
            Self::Judges => "judges",
            Self::Assessment => "assessment",
            Self::Scores => "scores",
            Self::OwnScores => "own-scores",
            Self::Ballot => "ballot",
            Self::Tally => "tally",
            Self::FailureReason => "failure-reason",
            Self::Certificate => "certificate",
            Self::Publicity => "publicity",
            Self::Administration => "administration",
        }
    }
}

/// How much of a class a reader sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// All of it.
    Full,
    /// Masked: the first and last four characters of a number, the family name.
    Masked,
    /// From the opening day on.
    Opened,
    /// Once the results are declared.
    Declared,
    /// Of a score sheet the sum, once the results are declared.
    DeclaredSum,
    /// Not at all.
    Never,
}

impl Sight {
    /// The name in `schemas/visibility.json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Masked => "masked",
            Self::Opened => "opened",
            Self::Declared => "declared",
            Self::DeclaredSum => "declared-sum",
            Self::Never => "never",
        }
    }
}

/// The whole matrix by name: class, reader, sight.
pub fn visibility_matrix() -> Vec<(&'static str, &'static str, &'static str)> {
    let of = |class: &Class| {
        let class = *class;
        Reader::ALL.iter().map(move |reader| (class.name(), reader.name(), sight(class, *reader).name()))
    };
    Class::ALL.iter().flat_map(of).collect()
}

/// What the reader sees of the class. Total: a new reader or class must be decided here.
pub const fn sight(class: Class, reader: Reader) -> Sight {
    use Class as C;
    use Reader as R;
    use Sight::{Declared, DeclaredSum, Full, Masked, Never, Opened};
    match (class, reader) {
        (
            C::Form,
            R::Owner | R::Employer | R::Superior | R::Province | R::Committee | R::Judge | R::Elector,
        ) => Full,
        (
            C::Form,
            R::Level
            | R::Witness
            | R::Issuer
            | R::Auditor
            | R::ReportJob
            | R::SystemAdministrator
            | R::Public,
        ) => Never,

        (C::Edits, R::Owner) => Full,
        (
            C::Edits,
            R::Employer
            | R::Superior
            | R::Level
            | R::Province
            | R::Committee
            | R::Judge
            | R::Elector
            | R::Witness
            | R::Issuer
            | R::Auditor
            | R::ReportJob
            | R::SystemAdministrator
            | R::Public,
        ) => Never,

        (
            C::Name,
            R::Owner
            | R::Employer
            | R::Superior
            | R::Province
            | R::Committee
            | R::Judge
            | R::Elector
            | R::Witness
            | R::Issuer,
        ) => Full,
        (C::Name, R::Auditor | R::Public) => Masked,
        (C::Name, R::Level | R::ReportJob | R::SystemAdministrator) => Never,

        (C::Identity, R::Owner) => Full,
        (C::Identity, R::Employer | R::Superior | R::Province | R::Committee | R::Issuer | R::Auditor) => {
            Masked
        }
        (
            C::Identity,
            R::Level | R::Judge | R::Elector | R::Witness | R::ReportJob | R::SystemAdministrator | R::Public,
        ) => Never,

        (C::Opinion, R::Owner | R::Employer | R::Level | R::Province | R::Committee | R::Auditor) => Full,
        (
            C::Opinion,
            R::Superior
            | R::Judge
            | R::Elector
            | R::Witness
            | R::Issuer
            | R::ReportJob
            | R::SystemAdministrator
            | R::Public,
        ) => Never,

        (C::Signature, R::Employer | R::Superior | R::Province | R::Committee | R::Auditor) => Full,
        (
            C::Signature,
            R::Level
            | R::Owner
            | R::Judge
            | R::Elector
            | R::Witness
            | R::Issuer
            | R::ReportJob
            | R::SystemAdministrator
            | R::Public,
        ) => Never,

        (C::Objection, R::Employer | R::Superior | R::Province | R::Committee) => Full,
        (
            C::Objection,
            R::Level
            | R::Owner
            | R::Judge
            | R::Elector
            | R::Witness
            | R::Issuer
            | R::Auditor
            | R::ReportJob
            | R::SystemAdministrator
            | R::Public,
        ) => Never,

        (C::Judges, R::Committee | R::Judge) => Opened,
        (C::Judges, R::Province | R::Public) => Declared,
        (
            C::Judges,
            R::Owner
            | R::Employer
            | R::Superior
            | R::Level
            | R::Elector
            | R::Witness
            | R::Issuer
            | R::Auditor
            | R::ReportJob
            | R::SystemAdministrator,
        ) => Never,

        (C::Assessment, R::Committee | R::Judge | R::Elector) => Full,
        (C::Assessment, R::Province) => Declared,
        (
            C::Assessment,
            R::Owner
            | R::Employer
            | R::Superior
            | R::Level
            | R::Witness
            | R::Issuer
            | R::Auditor
            | R::ReportJob
            | R::SystemAdministrator
            | R::Public,
        ) => Never,

        (C::Scores, R::Committee) => Full,
        (C::Scores, R::Province) => DeclaredSum,
        (
            C::Scores,
            R::Owner
            | R::Employer
            | R::Superior
            | R::Level
            | R::Judge
            | R::Elector
            | R::Witness
            | R::Issuer
            | R::Auditor
            | R::ReportJob
            | R::SystemAdministrator
            | R::Public,
        ) => Never,

        (C::OwnScores, R::Judge) => Full,
        (
            C::OwnScores,
            R::Owner
            | R::Employer
            | R::Superior
            | R::Level
            | R::Province
            | R::Committee
            | R::Elector
            | R::Witness
            | R::Issuer
            | R::Auditor
            | R::ReportJob
            | R::SystemAdministrator
            | R::Public,
        ) => Never,

        (C::Ballot, R::ReportJob | R::SystemAdministrator) => Full,
        (
            C::Ballot,
            R::Owner
            | R::Employer
            | R::Superior
            | R::Level
            | R::Province
            | R::Committee
            | R::Judge
            | R::Elector
            | R::Witness
            | R::Issuer
            | R::Auditor
            | R::Public,
        ) => Never,

        (C::Tally, R::Committee | R::Judge | R::Elector | R::Witness) => Full,
        (C::Tally, R::Province | R::Auditor) => Declared,
        (C::Tally, R::ReportJob | R::SystemAdministrator) => Declared,
        (C::Tally, R::Level | R::Owner | R::Employer | R::Superior | R::Issuer | R::Public) => Never,

        (C::FailureReason, R::Committee) => Full,
        (
            C::FailureReason,
            R::Owner
            | R::Employer
            | R::Superior
            | R::Level
            | R::Province
            | R::Judge
            | R::Elector
            | R::Witness
            | R::Issuer
            | R::Auditor
            | R::ReportJob
            | R::SystemAdministrator
            | R::Public,
        ) => Never,

        (C::Certificate, R::Level | R::Judge | R::Elector | R::Witness) => Never,
        (
            C::Certificate,
            R::Owner
            | R::Employer
            | R::Superior
            | R::Province
            | R::Committee
            | R::Issuer
            | R::Auditor
            | R::ReportJob
            | R::SystemAdministrator
            | R::Public,
        ) => Full,

        (
            C::Publicity,
            R::Owner | R::Employer | R::Superior | R::Province | R::Committee | R::Auditor | R::Public,
        ) => Full,
        (
            C::Publicity,
            R::Level | R::Judge | R::Elector | R::Witness | R::Issuer | R::ReportJob | R::SystemAdministrator,
        ) => Never,

        (
            C::Administration,
            R::Owner | R::Employer | R::Superior | R::Province | R::Committee | R::Auditor,
        ) => Full,
        (
            C::Administration,
            R::Level
            | R::Judge
            | R::Elector
            | R::Witness
            | R::Issuer
            | R::ReportJob
            | R::SystemAdministrator
            | R::Public,
        ) => Never,
    }
}
