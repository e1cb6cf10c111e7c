//! `GET /api/v1/settings`: how the server is set up, to look at. Nothing is changed here.

use axum::extract::State;
use axum::{Extension, Json};
use ledger::{Conditions, PriceBook};
use model::{Money, Timestamp, TokenUsage, canonical_model};
use report::ledger_contents::{self, LedgerContents};
use serde::Serialize;
use state::Key;
use utoipa::ToSchema;

use super::error::{ApiError, ErrorBody};
use crate::app::{App, AppState};
use crate::auth::OrganizationQuery;
use crate::organizations::View;
use crate::settings::Access;

/// What a million tokens of a model cost, in micro-dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ModelPrice {
    /// Input that came neither from nor went into the cache.
    pub input: i64,
    /// Output.
    pub output: i64,
    /// Read from the cache.
    pub cache_read: i64,
    /// Written to the cache for five minutes.
    pub cache_write_5m: i64,
    /// Written to the cache for one hour.
    pub cache_write_1h: i64,
}

impl ModelPrice {
    /// What a million tokens of the model cost at standard speed on that day; `None` for a model without a
    /// price.
    fn of(book: &PriceBook, model: &str, at: Timestamp) -> Option<Self> {
        let model = canonical_model(model);
        // A token's price in picodollars is a million tokens' price in micro-dollars. A single token stays
        // clear of prices for large prompts.
        let price = |usage| book.price(&model, at, &usage, Conditions::default()).map(Money::as_picos);
        let nothing = TokenUsage::default();
        Some(Self {
            input: price(TokenUsage { input: 1, ..nothing })?,
            output: price(TokenUsage { output: 1, ..nothing })?,
            cache_read: price(TokenUsage { cache_read: 1, ..nothing })?,
            cache_write_5m: price(TokenUsage { cache_creation: 1, cache_creation_5m: 1, ..nothing })?,
            cache_write_1h: price(TokenUsage { cache_creation: 1, cache_creation_1h: 1, ..nothing })?,
        })
    }
}

/// How the server is set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SettingsShown {
    /// The address that HTTP is served on.
    #[schema(example = "127.0.0.1:4318")]
    pub http_address: String,
    /// The address that OTLP/gRPC is served on; null when it is not.
    #[schema(required)]
    pub grpc_address: Option<String>,
    /// The address that clients are told, where it is another.
    #[schema(required)]
    pub public_url: Option<String>,
    /// Whether everything asks for keys; otherwise the dashboard is open until the first viewer key is made.
    pub keys_required: bool,
    /// Seconds that the Analytics API holds activity back.
    pub analytics_freshness_seconds: i64,
    /// Resource attributes that name the team, the preferred one first.
    pub team_attributes: Vec<String>,
    /// Teams with the members that the configuration puts in them, by name; told only to those whose server it
    /// is.
    pub team_members: Vec<TeamMembers>,
    /// Whether prompts, tool inputs and the like are kept where clients send them.
    pub content_kept: bool,
    /// Every key that was made for the organization, newest first.
    pub keys: Vec<KeyShown>,
    /// Version of the price book.
    pub price_book: String,
    /// Models that were used, with today's prices.
    pub prices: Vec<PriceShown>,
    /// What is kept. Nothing of it is deleted by itself.
    pub contents: LedgerContents,
}

/// A team with the members that the configuration puts in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TeamMembers {
    /// Its name.
    pub team: String,
    /// E-mail addresses and names; `*@` and a domain stands for everybody there.
    pub members: Vec<String>,
}

/// A key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeyShown {
    /// Its public name.
    pub id: String,
    /// `admin`, `ingest` or `viewer`.
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// Enough of it to recognise it by.
    pub hint: String,
    /// Whether it can be used.
    pub state: KeyState,
    /// When it was made.
    pub created_at: jiff::Timestamp,
    /// When it was last used; null for never.
    #[schema(required)]
    pub last_used_at: Option<jiff::Timestamp>,
    /// From when on it is refused; null for never.
    #[schema(required)]
    pub expires_at: Option<jiff::Timestamp>,
}

/// Whether a key can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// It can.
    Usable,
    /// Somebody revoked it.
    Revoked,
    /// It is past its expiry.
    Expired,
}

impl KeyShown {
    fn new(key: Key, now: Timestamp) -> Self {
        let state = match &key {
            key if key.is_usable(now) => KeyState::Usable,
            key if key.revoked_at.is_some() => KeyState::Revoked,
            _ => KeyState::Expired,
        };
        Self {
            id: key.id.as_str().to_owned(),
            kind: key.kind.as_str().to_owned(),
            name: key.name,
            hint: key.hint,
            state,
            created_at: key.created_at.to_jiff(),
            last_used_at: key.last_used_at.map(Timestamp::to_jiff),
            expires_at: key.expires_at.map(Timestamp::to_jiff),
        }
    }
}

/// A model with its price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PriceShown {
    /// Model id.
    pub model: String,
    /// Requests to it.
    pub requests: i64,
    /// Tokens of it that were counted without a price.
    pub unpriced_tokens: i64,
    /// What a million tokens cost today, in micro-dollars; null where the price book does not know the model.
    #[schema(required)]
    pub price: Option<ModelPrice>,
}

/// How the server is set up.
#[utoipa::path(
    get,
    path = "/api/v1/settings",
    operation_id = "settings",
    tag = "dashboard",
    params(OrganizationQuery),
    responses(
        (status = 200, description = "The settings", body = SettingsShown),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn settings(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
) -> Result<Json<SettingsShown>, ApiError> {
    let settings = &app.settings;
    let contents = ledger_contents::ask(view.store.as_ref()).await?;
    let seconds = settings.analytics.freshness.as_secs();
    Ok(Json(SettingsShown {
        http_address: settings.http_address.clone(),
        grpc_address: settings.grpc_address.clone(),
        public_url: settings.public_url.clone(),
        keys_required: settings.access == Access::KeysRequired,
        analytics_freshness_seconds: i64::try_from(seconds).unwrap_or(i64::MAX),
        team_attributes: settings.team_attributes.clone(),
        team_members: team_members(&app, &view),
        content_kept: settings.content_kept,
        keys: keys(&app, &view).await?,
        price_book: settings.price_book.clone(),
        prices: prices(&app, &contents),
        contents,
    }))
}

fn team_members(app: &App, view: &View) -> Vec<TeamMembers> {
    let settings = &app.settings;
    if !view.runs_the_server(&settings.organizations) {
        return Vec::new();
    }
    let team =
        |(team, members): (&str, &[String])| TeamMembers { team: team.to_owned(), members: members.to_vec() };
    settings.teams.teams().map(team).collect()
}

async fn keys(app: &App, view: &View) -> Result<Vec<KeyShown>, ApiError> {
    let keys = app.keys.list_keys().await.map_err(|error| ApiError::internal(&error))?;
    let now = app.clock.now();
    let own = keys.into_iter().filter(|key| view.shows_key(&app.settings.organizations, key));
    Ok(own.rev().map(|key| KeyShown::new(key, now)).collect())
}

fn prices(app: &App, contents: &LedgerContents) -> Vec<PriceShown> {
    let now = app.clock.now();
    let used = contents.models.iter().filter(|seen| seen.requests > 0 || seen.unpriced_tokens > 0);
    let price = |seen: &ledger_contents::ModelSeen| PriceShown {
        model: seen.model.clone(),
        requests: seen.requests,
        unpriced_tokens: seen.unpriced_tokens,
        price: ModelPrice::of(&app.prices, &seen.model, now),
    };
    used.map(price).collect()
}
