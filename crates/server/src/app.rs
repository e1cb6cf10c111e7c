//! What every handler can reach.

use std::sync::Arc;

use gauges::Gauged;
use ledger::PriceBook;
use model::Clock;
use report::meaning::Meaning;
use state::{Files, Keys};
use store::Store;
use tokio::sync::watch;

use crate::api::demo::DemoControl;
use crate::api::status::ImportStatus;
use crate::auth::LocalToken;
use crate::health::WritingWatch;
use crate::live::LiveFeed;
use crate::rate_limits::RateLimits;
use crate::settings::Settings;
use crate::v1::{CursorSecret, UsageDays};
use crate::web::Dashboard;
use crate::widgets::WidgetSecret;

/// The parts that handlers share. The binary fills it in.
pub struct App {
    /// The ledger, in the teams of the settings.
    pub store: Arc<dyn Store>,
    /// The prices that the ledger is settled with.
    pub prices: Arc<PriceBook>,
    /// API keys.
    pub keys: Arc<dyn Keys>,
    /// What could not be read, and why.
    pub files: Arc<dyn Files>,
    /// How to read what records keep under their sender's names.
    pub meaning: Meaning,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Settings.
    pub settings: Settings,
    /// Lets commands of the same user on the same machine in as viewers.
    pub local_token: Option<LocalToken>,
    /// Requests as they are committed.
    pub live: LiveFeed,
    /// How the import of transcripts stands.
    pub import: watch::Receiver<ImportStatus>,
    /// Starts and watches the demo.
    pub demo: Arc<dyn DemoControl>,
    /// The dashboard's files.
    pub dashboard: Dashboard,
    /// Signs paging cursors.
    pub cursor_secret: CursorSecret,
    /// Signs tokens for cards on other pages.
    pub widget_secret: WidgetSecret,
    /// Days of the Analytics API that were computed lately; starts empty.
    pub usage_days: UsageDays,
    /// How often each key has asked; starts empty.
    pub rate_limits: RateLimits,
    /// How the writing of the ledger goes.
    pub writing: Arc<dyn WritingWatch>,
    /// The parts that measure themselves, in the order in which they are told of.
    pub gauged: Vec<Arc<dyn Gauged>>,
}

/// [`App`] as handlers get it.
pub type AppState = Arc<App>;
