//! The HTTP API. Handlers translate; they decide nothing.

mod extract;
mod problem;
mod router;
mod routes;
mod state;

pub use problem::Problem;
pub use router::router;
pub use state::{Api, SecureCookies};
