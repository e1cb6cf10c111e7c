//! What the server has to be told.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use model::{Money, TeamBook};

use crate::api::status::DataKind;
use crate::organizations::Organizations;
use crate::rate_limits::RateLimit;

/// Default of [`AnalyticsSettings::freshness`]: the Analytics API's public contract returns only data older
/// than an hour.
pub const DEFAULT_FRESHNESS: Duration = Duration::from_secs(60 * 60);

/// Who may use what does not always need a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The listener is on the loopback interface: the dashboard is open until the first viewer key is made.
    /// Only pages of this server may use it, see [`Settings::allowed_hosts`].
    OpenUntilFirstKey,
    /// The listener can be reached from elsewhere: everything asks for a key.
    KeysRequired,
}

impl Access {
    /// What fits a listener's address.
    pub const fn for_listener(address: SocketAddr) -> Self {
        if address.ip().is_loopback() { Self::OpenUntilFirstKey } else { Self::KeysRequired }
    }
}

/// The server's settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who may use what does not always need a key.
    pub access: Access,
    /// The address that HTTP is served on, such as `127.0.0.1:4318`.
    pub http_address: String,
    /// The address that OTLP/gRPC is served on, when it is.
    pub grpc_address: Option<String>,
    /// Under what address clients reach this server when it is not the one they ask under, such as
    /// `https://pitwall.example.org`; without a slash at the end.
    pub public_url: Option<String>,
    /// Names besides the loopback ones under which a loopback listener answers, such as that of a reverse
    /// proxy on the same machine. Lower case, without ports.
    pub allowed_hosts: Vec<String>,
    /// Whether the data is somebody's own or made up.
    pub data: DataKind,
    /// Version of the price book that the ledger is settled with.
    pub price_book: String,
    /// Who shares this Pitwall.
    pub organizations: Organizations,
    /// Resource attributes that name the team, the preferred one first.
    pub team_attributes: Vec<String>,
    /// Who is in which team whatever senders tell; [`crate::App::store`] answers accordingly.
    pub teams: Arc<TeamBook>,
    /// Resource attribute that names the person where the sign-in does not.
    pub person_attribute: String,
    /// Whether prompts, tool inputs and the like are kept where clients send them.
    pub content_kept: bool,
    /// What a month may cost, where somebody set it.
    pub monthly_budget: Option<Money>,
    /// The Analytics API's own.
    pub analytics: AnalyticsSettings,
}

/// Settings of the Analytics API.
#[derive(Clone, Debug)]
pub struct AnalyticsSettings {
    /// Only what happened this long ago or longer is returned; zero for everything there is.
    pub freshness: Duration,
    /// How often a key may ask; `None` for as often as it likes.
    pub rate_limit: Option<RateLimit>,
}
