//! What every part that talks to PostgreSQL shares: connections that are lent without a round trip, and questions that are asked
//! for all who wait.

mod gather;
mod pool;

pub use gather::Gather;
pub use pool::lent;
