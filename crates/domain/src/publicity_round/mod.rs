//! 公示 How long a publicity runs, and until when.

mod period;

pub use period::{CODES, Period, PublicityNotEnded, over};
