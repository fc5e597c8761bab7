//! A column of a read table: what it holds, what people call it, how personal it is, and what a reader may ask of it.

use crate::screens::{account, notice_read, person};
use crate::table::Table;
use zhicheng_domain::label::Named;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number with two decimals, exact.
    Decimal,
    /// A day in Asia/Shanghai.
    Date,
    /// A moment.
    Instant,
    /// Yes or no.
    Boolean,
    /// An id.
    Uuid,
    /// Several texts.
    TextList,
}

impl Kind {
    /// The type in PostgreSQL, as `format_type` says it.
    pub const fn sql(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "bigint",
            Self::Decimal => "numeric(14,2)",
            Self::Date => "date",
            Self::Instant => "timestamp with time zone",
            Self::Boolean => "boolean",
            Self::Uuid => "uuid",
            Self::TextList => "text[]",
        }
    }
}

/// How personal a column is: the first word of its comment in `up.sql`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// 公开 Says nothing about a natural person beyond that there is a case.
    Public,
    /// 个人 About a natural person.
    Personal,
    /// 敏感 Never shown, and never left without need.
    Sensitive,
}

impl Class {
    /// The word in the comment.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Public => "公开",
            Self::Personal => "个人",
            Self::Sensitive => "敏感",
        }
    }
}

/// What a filter on a column means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// Equality.
    Equal,
    /// The text occurs in the value.
    Contains,
    /// `<column>_from` and `<column>_to`, both inclusive; of moments also a whole day.
    Range,
    /// The value is one of the list.
    Member,
    /// The whole number by its keyed hash, held by the named column; or the masked text that the row shows.
    KeyedHash(&'static str),
}

/// What changes without an event and is therefore reckoned when the row is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Computed {
    /// 停留工作日数 Working days after `arrived_at` up to `handled_at`, or up to today.
    DwellWorkingDays,
    /// 是否逾期 Still waiting after `due_on`.
    Overdue,
    /// 阅读时间 When the reader read the notice.
    ReadAt,
    /// 阅读状态 Whether the reader has still to read the notice.
    ReadStatus,
    /// The name of the person whose account the named column of the row holds, or of the account itself where it is nobody's.
    NameOf(&'static str),
}

impl Computed {
    /// The tables that it is read from with the row; none where it is reckoned from the row itself.
    pub const fn tables(self) -> &'static [&'static Table] {
        match self {
            Self::ReadAt | Self::ReadStatus => &[&notice_read::TABLE],
            Self::NameOf(_) => &[&account::TABLE, &person::TABLE],
            Self::DwellWorkingDays | Self::Overdue => &[],
        }
    }

    /// Whether a row is only as new as these tables are. A name is not: the account stands beside it, and a name that nobody can read must
    /// not hold up every screen.
    pub const fn is_waited_for(self) -> bool {
        !matches!(self, Self::NameOf(_))
    }
}

/// Whether a column lies in the table and whether readers get it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Stored and shown.
    Shown,
    /// Stored only: scopes, hashes, what other readers get under another name.
    Internal,
    /// Shown only: reckoned when read.
    Computed(Computed),
}

/// Whether every row has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// `not null`.
    Always,
    /// May be null.
    Sometimes,
}

/// A column of a read table. Whatever is shown is a filter and, lists aside, an order: readers look for what they see.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name in SQL, JSON and URLs.
    pub name: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// How personal it is.
    pub class: Class,
    /// What a filter on it means.
    pub filter: Filter,
    /// Whether every row has a value.
    pub presence: Presence,
    /// Whether it is stored and shown.
    pub place: Place,
    /// The stored column that readers without the committee's view get under this one's name.
    pub outside: Option<&'static str>,
    /// The stored list of the organisations that are told it; none where every reader of the row is.
    pub told_to: Option<&'static str>,
    /// Whether a text is one of the values that exist; none where any text may be.
    pub known: Option<fn(&str) -> bool>,
    /// What people read in the place of a value that is the name of something; none where they read the value itself.
    pub words: Option<fn(&str) -> Option<&'static str>>,
}

impl Column {
    /// A public column that may be null, shown, filtered in the way that its kind asks for.
    pub const fn new(name: &'static str, label: &'static str, kind: Kind) -> Self {
        Self {
            name,
            label,
            kind,
            class: Class::Public,
            filter: match kind {
                Kind::Text | Kind::Integer | Kind::Boolean | Kind::Uuid => Filter::Equal,
                Kind::Decimal | Kind::Date | Kind::Instant => Filter::Range,
                Kind::TextList => Filter::Member,
            },
            presence: Presence::Sometimes,
            place: Place::Shown,
            outside: None,
            told_to: None,
            known: None,
            words: None,
        }
    }

    /// Every row has a value.
    #[must_use]
    pub const fn always(self) -> Self {
        Self { presence: Presence::Always, ..self }
    }

    /// It is filtered by a part of the text.
    #[must_use]
    pub const fn searchable(self) -> Self {
        Self { filter: Filter::Contains, ..self }
    }

    /// It shows a number masked, and is filtered by the whole number, compared as keyed hashes that the named column holds,
    /// or by what it shows.
    #[must_use]
    pub const fn matched_by(self, hash: &'static str) -> Self {
        Self { filter: Filter::KeyedHash(hash), ..self }
    }

    /// It is about a natural person.
    #[must_use]
    pub const fn personal(self) -> Self {
        Self { class: Class::Personal, ..self }
    }

    /// It is stored for filters and scopes alone.
    #[must_use]
    pub const fn sensitive(self) -> Self {
        Self { class: Class::Sensitive, place: Place::Internal, ..self }
    }

    /// It is stored and never shown under its own name.
    #[must_use]
    pub const fn internal(self) -> Self {
        Self { place: Place::Internal, ..self }
    }

    /// Readers without the committee's view get this stored column instead (contract.md, Who sees what).
    #[must_use]
    pub const fn outside(self, column: &'static str) -> Self {
        Self { outside: Some(column), ..self }
    }

    /// Of those who read the rows that passed their organisation, only the organisations in this stored list are told it (domain.md
    /// 1.8, below and own), and the authority that approved the committee; to others it is as if there were none.
    #[must_use]
    pub const fn told_to(self, organisations: &'static str) -> Self {
        Self { told_to: Some(organisations), ..self }
    }

    /// A filter's value must be one of an enumeration's names; people read its labels.
    #[must_use]
    pub const fn one_of<T: Named>(self) -> Self {
        Self { known: Some(is_name_of::<T>), words: Some(words_of::<T>), ..self }
    }

    /// A filter's value must have words; people read them.
    #[must_use]
    pub const fn worded(self, words: fn(&str) -> Option<&'static str>) -> Self {
        Self { words: Some(words), ..self }
    }

    /// Whether a value may occur: one that is known, or that has words.
    pub fn may_hold(&self, value: &str) -> bool {
        match (self.known, self.words) {
            (Some(known), _) => known(value),
            (None, Some(words)) => words(value).is_some(),
            (None, None) => true,
        }
    }

    /// A filter's value must pass this.
    #[must_use]
    pub const fn known_by(self, known: fn(&str) -> bool) -> Self {
        Self { known: Some(known), ..self }
    }

    /// Whether it lies in the table.
    pub const fn is_stored(&self) -> bool {
        match self.place {
            Place::Shown | Place::Internal => true,
            Place::Computed(_) => false,
        }
    }

    /// What people read in the place of this value: 待单位初审 for `employer_review`.
    pub fn in_words<'a>(&self, value: &'a str) -> &'a str {
        match (self.words, self.name, value) {
            (Some(words), ..) => words(value).unwrap_or(value),
            // what `status` means is the same wherever it occurs (contract.md, Columns)
            (None, "status", "waiting") => "待办",
            (None, "status", "done") => "已办",
            (None, ..) => value,
        }
    }

    /// The comment on it in `up.sql`.
    pub fn comment(&self) -> String {
        format!("{}：{}", self.class.word(), self.label)
    }
}

fn is_name_of<T: Named>(text: &str) -> bool {
    T::from_name(text).is_some()
}

fn words_of<T: Named>(name: &str) -> Option<&'static str> {
    Some(T::from_name(name)?.label().zh)
}

/// A text.
pub const fn text(name: &'static str, label: &'static str) -> Column {
    Column::new(name, label, Kind::Text)
}

/// A whole number.
pub const fn integer(name: &'static str, label: &'static str) -> Column {
    Column::new(name, label, Kind::Integer)
}

/// A number with two decimals.
pub const fn decimal(name: &'static str, label: &'static str) -> Column {
    Column::new(name, label, Kind::Decimal)
}

/// A day.
pub const fn date(name: &'static str, label: &'static str) -> Column {
    Column::new(name, label, Kind::Date)
}

/// A moment.
pub const fn instant(name: &'static str, label: &'static str) -> Column {
    Column::new(name, label, Kind::Instant)
}

/// Yes or no.
pub const fn boolean(name: &'static str, label: &'static str) -> Column {
    Column::new(name, label, Kind::Boolean)
}

/// An id.
pub const fn id(name: &'static str, label: &'static str) -> Column {
    Column::new(name, label, Kind::Uuid)
}

/// Several texts.
pub const fn list(name: &'static str, label: &'static str) -> Column {
    Column::new(name, label, Kind::TextList)
}

/// 停留工作日数, reckoned when read; who waits longer than some days is asked for (domain.md 5.1, F0).
pub const DWELL_WORKING_DAYS: Column = dwell("dwell_working_days", "停留工作日数");

/// Working days, reckoned when read and asked for from so many to so many.
pub const fn dwell(name: &'static str, label: &'static str) -> Column {
    Column {
        place: Place::Computed(Computed::DwellWorkingDays),
        filter: Filter::Range,
        ..integer(name, label)
    }
}

/// Whose account it is that the named column holds: names lie in one place, and are gone with it when a person is erased.
pub const fn name_of(name: &'static str, label: &'static str, account: &'static str) -> Column {
    Column { place: Place::Computed(Computed::NameOf(account)), ..text(name, label).personal().searchable() }
}

/// 是否逾期, reckoned when read.
pub const OVERDUE: Column =
    Column { place: Place::Computed(Computed::Overdue), ..boolean("overdue", "是否逾期") };
