//! Settings: flags over environment over file over defaults.
//!
//! A setting `section.key` of the file is the variable `PITWALL_SECTION_KEY`. Names that are not known are
//! errors, so that a misspelt setting does not pass for a default.

#[cfg(test)]
mod documentation;
mod organizations;
mod paths;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use jiff::SignedDuration;
use ledger::OwnPrice;
use model::{Money, TeamBook};
use serde::{Deserialize, Serialize};
use server::{DEFAULT_BURST, DEFAULT_REQUESTS_PER_MINUTE};

use crate::cli::report::{CostArg, WeekdayArg};

pub(crate) use organizations::{Customer, Customers, OrganizationConfig};
pub(crate) use paths::DataDirectory;

const SECTIONS: [&str; 12] = [
    "server",
    "analytics",
    "organizations",
    "settlement",
    "privacy",
    "team",
    "transcripts",
    "prices",
    "reports",
    "retention",
    "budget",
    "statusline",
];

/// Every setting, with its default.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// Addresses.
    pub(crate) server: ServerConfig,
    /// The Analytics API.
    pub(crate) analytics: AnalyticsConfig,
    /// Organizations that share this Pitwall, by id.
    pub(crate) organizations: BTreeMap<String, OrganizationConfig>,
    /// Settlement.
    pub(crate) settlement: SettlementConfig,
    /// What content is kept.
    pub(crate) privacy: PrivacyConfig,
    /// Teams.
    pub(crate) team: TeamConfig,
    /// Local transcripts.
    pub(crate) transcripts: TranscriptsConfig,
    /// Prices.
    pub(crate) prices: PricesConfig,
    /// Reports on the command line.
    pub(crate) reports: ReportsConfig,
    /// How long data is kept.
    pub(crate) retention: RetentionConfig,
    /// What work may cost.
    pub(crate) budget: BudgetConfig,
    /// The status line.
    pub(crate) statusline: StatuslineConfig,
}

/// `[server]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ServerConfig {
    /// Everything HTTP.
    pub(crate) http: SocketAddr,
    /// OTLP over gRPC.
    pub(crate) grpc: SocketAddr,
    /// The address that clients reach the server under when it is not the one it listens on, such as
    /// `https://pitwall.example.org`; empty when it is.
    pub(crate) public_url: String,
    /// Names besides the loopback ones under which a loopback listener answers, such as that of a reverse
    /// proxy on the same machine.
    pub(crate) allowed_hosts: Vec<String>,
}

impl Default for ServerConfig {
    fn default() -> Self {
        let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Self { http: local(4318), grpc: local(4317), public_url: String::new(), allowed_hosts: Vec::new() }
    }
}

/// `[analytics]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AnalyticsConfig {
    /// How old activity must be before the Analytics API shows it; `0s` for live use.
    pub(crate) freshness: SignedDuration,
    /// The default organization: that of keys and data that name none. Empty for one with an id of its own.
    pub(crate) organization: String,
    /// How often a key may ask, in the long run; 0 for as often as it likes.
    pub(crate) requests_per_minute: u32,
    /// How many requests a key may make at once, after a pause.
    pub(crate) burst: u32,
}

impl Default for AnalyticsConfig {
    fn default() -> Self {
        Self {
            freshness: SignedDuration::from_hours(1),
            organization: String::new(),
            requests_per_minute: DEFAULT_REQUESTS_PER_MINUTE,
            burst: DEFAULT_BURST,
        }
    }
}

/// `[settlement]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SettlementConfig {
    /// How long a running total waits for the items it counts.
    pub(crate) quiet: SignedDuration,
}

impl Default for SettlementConfig {
    fn default() -> Self {
        Self { quiet: SignedDuration::from_secs(30) }
    }
}

/// `[privacy]`
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PrivacyConfig {
    /// Keep prompt texts, tool inputs and the like, where the client sends them.
    pub(crate) keep_content: bool,
}

/// `[team]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TeamConfig {
    /// Resource attributes that may name the team; the first one present counts.
    pub(crate) attributes: Vec<String>,
    /// Members of teams by the team's name, whatever senders tell.
    pub(crate) members: BTreeMap<String, Vec<String>>,
}

impl Default for TeamConfig {
    fn default() -> Self {
        let attributes = ["team.id", "team", "department"].map(String::from).to_vec();
        Self { attributes, members: BTreeMap::new() }
    }
}

impl TeamConfig {
    /// The members as a book; fails where it cannot be told who belongs where.
    pub(crate) fn book(&self) -> Result<TeamBook> {
        TeamBook::new(self.members.clone()).context("team.members")
    }
}

/// `[transcripts]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TranscriptsConfig {
    /// Whether to read them.
    pub(crate) enabled: bool,
    /// Claude directories; empty for "find them".
    pub(crate) directories: Vec<PathBuf>,
}

impl Default for TranscriptsConfig {
    fn default() -> Self {
        Self { enabled: true, directories: Vec::new() }
    }
}

/// `[prices]`
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PricesConfig {
    /// A price book to use instead of the built-in one, relative to the data directory; empty for
    /// `price-book.json` there when it is newer, else the built-in one.
    pub(crate) book: PathBuf,
    /// Own prices and discounts, applied in order.
    pub(crate) own: Vec<OwnPrice>,
}

/// `[reports]`
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ReportsConfig {
    /// Zone that days are cut in; empty for the machine's.
    pub(crate) timezone: String,
    /// The weekday that weeks begin with.
    pub(crate) start_of_week: WeekdayArg,
    /// Which cost is shown.
    pub(crate) cost: CostArg,
}

/// `[retention]`: how many days each kind of data is kept; 0 for as long as there is room.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RetentionConfig {
    /// Records, which figures are settled from. The ledger's lines stay.
    pub(crate) evidence_days: u32,
    /// Content in records, where `privacy.keep_content` keeps it.
    pub(crate) content_days: u32,
    /// Whole sessions: records and lines.
    pub(crate) ledger_days: u32,
}

/// `[budget]`
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct BudgetConfig {
    /// What a calendar month may cost, in US dollars; zero for no budget.
    pub(crate) monthly_usd: f64,
}

impl BudgetConfig {
    /// The budget as money; fails for amounts that are none.
    pub(crate) fn monthly(&self) -> Result<Option<Money>> {
        let amount = Money::from_dollars(self.monthly_usd)
            .with_context(|| format!("budget.monthly_usd is no amount of money: {}", self.monthly_usd))?;
        Ok(Some(amount).filter(|amount| *amount != Money::ZERO))
    }
}

/// `[statusline]`
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct StatuslineConfig {
    /// What is shown; empty for the built-in format.
    pub(crate) format: String,
}

impl Config {
    /// Reads the file, when there is one, and the environment over it.
    ///
    /// A file that was asked for must exist; `pitwall.toml` in the data directory need not.
    pub(crate) fn load(file: Option<&Path>, data: &DataDirectory) -> Result<Self> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        match file {
            Some(file) => {
                anyhow::ensure!(file.is_file(), "no configuration file at {}", file.display());
                figment = figment.merge(Toml::file_exact(file));
            }
            None if data.config_file().is_file() => {
                figment = figment.merge(Toml::file_exact(data.config_file()));
            }
            None => {}
        }
        let config: Self =
            figment.merge(environment()).extract().context("the configuration is not valid")?;
        config.check().context("the configuration is not valid")?;
        Ok(config)
    }

    /// Refuses what no type forbids.
    fn check(&self) -> Result<()> {
        organizations::check(&self.organizations)?;
        self.team.book()?;
        let default = &self.analytics.organization;
        anyhow::ensure!(
            default.is_empty() || self.organizations.contains_key(default),
            "analytics.organization: there is no section [organizations.{default}]"
        );
        anyhow::ensure!(self.analytics.burst > 0, "analytics.burst: must be at least 1");
        Ok(())
    }
}

/// `PITWALL_ANALYTICS_FRESHNESS` is `analytics.freshness`. Variables of other sections belong to others.
fn environment() -> Env {
    let known = |key: &figment::value::UncasedStr| {
        let key = key.as_str().to_ascii_lowercase();
        SECTIONS.iter().any(|section| key.strip_prefix(section).is_some_and(|rest| rest.starts_with('_')))
    };
    Env::prefixed("PITWALL_")
        .filter(known)
        .map(|key| key.as_str().to_ascii_lowercase().replacen('_', ".", 1).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn load(toml: &str) -> Result<Config> {
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("pitwall.toml");
        std::fs::write(&file, toml)?;
        Config::load(Some(&file), &DataDirectory::new(directory.path().to_owned()))
    }

    #[test]
    fn a_file_overrides_defaults() {
        let config = load("[analytics]\nfreshness = \"0s\"\n[server]\nhttp = \"0.0.0.0:80\"").unwrap();
        assert_eq!(config.analytics.freshness, SignedDuration::ZERO);
        assert_eq!(config.server.http.port(), 80);
        assert_eq!(config.server.grpc.port(), 4317);
    }

    #[test]
    fn a_misspelt_setting_is_told() {
        let error = format!("{:#}", load("[analytics]\nfreshnes = \"0s\"").unwrap_err());
        assert!(error.contains("freshnes"), "{error}");
        assert!(load("[analytics]\nfreshness = \"soon\"").is_err());
    }

    #[test]
    fn own_prices_are_tables() {
        let config = load(
            "[[prices.own]]\nmodel = \"claude-opus-5-5\"\nfrom = \"2026-11-01\"\ninput = 3.5\n\
             [[prices.own]]\nmodel = \"*\"\ndiscount_percent = 10",
        );
        let own = config.unwrap().prices.own;
        assert_eq!((own.len(), own[0].input, own[1].discount_percent), (2, Some(3.5), Some(10.0)));
        assert!(load("[[prices.own]]\nmodel = \"*\"\ndiscount = 10").is_err());
    }

    #[test]
    fn a_budget_is_an_amount_of_money_or_none() {
        let monthly = |amount: &str| load(&format!("[budget]\nmonthly_usd = {amount}"))?.budget.monthly();
        assert_eq!(monthly("0").unwrap(), None);
        assert_eq!(monthly("1250.5").unwrap(), Some(Money::from_micros(1_250_500_000)));
        assert!(monthly("-1").is_err());
    }

    #[test]
    fn a_person_is_in_one_team() {
        let team_of = |toml: &str, name: &str| -> Result<Option<String>> {
            Ok(load(toml)?.team.book()?.team_of(name).map(str::to_owned))
        };
        let toml =
            "[team.members]\nplatform = [\"mira@example.org\", \"*@infra.example.org\"]\n\"R & D\" = []";
        assert_eq!(team_of(toml, "ann@infra.example.org").unwrap().as_deref(), Some("platform"));
        assert_eq!(team_of(toml, "ann@example.org").unwrap(), None);
        let twice = "[team.members]\na = [\"mira@example.org\"]\nb = [\"Mira@example.org\"]";
        let error = format!("{:#}", load(twice).unwrap_err());
        assert!(error.contains("team.members: Mira@example.org is a member twice, of a and of b"), "{error}");
        assert!(load("[team.members]\na = \"mira@example.org\"").is_err());
    }

    #[test]
    fn a_file_that_was_asked_for_must_exist() {
        let data = DataDirectory::new("/nonexistent".into());
        assert!(Config::load(Some(Path::new("/nonexistent/pitwall.toml")), &data).is_err());
        assert!(Config::load(None, &data).is_ok());
    }

    #[test]
    fn every_section_can_be_set_from_the_environment() {
        let Ok(serde_json::Value::Object(sections)) = serde_json::to_value(Config::default()) else {
            panic!("the configuration is a table");
        };
        let mut names: Vec<&str> = sections.keys().map(String::as_str).collect();
        let mut known = SECTIONS;
        names.sort_unstable();
        known.sort_unstable();
        assert_eq!(names, known);
    }
}
