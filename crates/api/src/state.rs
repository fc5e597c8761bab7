//! What every handler stands on.

use metrics_exporter_prometheus::PrometheusHandle;
use zhicheng_app::App;

/// The API over one application. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    /// The use cases.
    pub app: App,
    /// What renders the figures, where a recorder is installed.
    pub metrics: Option<PrometheusHandle>,
    /// Whether cookies are for https only.
    pub secure_cookies: SecureCookies,
}

/// Whether TLS stands in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecureCookies {
    /// Cookies are marked `Secure`.
    Yes,
    /// Plain http on loopback.
    No,
}
