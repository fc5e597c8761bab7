//! Exact decimals on their way to PostgreSQL's `numeric` and back.

use sqlx::types::Decimal;
use zhicheng_domain::hundredths::Hundredths;

/// Of every column of this kind.
const DECIMALS: u32 = 2;

/// For PostgreSQL.
pub(crate) fn to_decimal(number: Hundredths) -> Decimal {
    Decimal::new(number.0, DECIMALS)
}

/// From PostgreSQL; none beyond what the rules reckon with.
pub(crate) fn from_decimal(mut number: Decimal) -> Option<Hundredths> {
    number.rescale(DECIMALS);
    i64::try_from(number.mantissa()).ok().map(Hundredths)
}
