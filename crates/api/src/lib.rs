//! The HTTP API. Handlers translate; they decide nothing.

mod extract;
mod openapi;
mod problem;
mod router;
mod routes;
mod state;

pub use problem::{Problem, problems};
pub use router::{ANONYMOUS, document, router};
pub use state::{Api, SecureCookies};
