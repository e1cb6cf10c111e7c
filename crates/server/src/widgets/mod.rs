//! Cards for other pages: `/widget/NAME.svg` pictures, and `/widget/summary.json` for pages that draw
//! themselves.
//!
//! A picture stands in a page that cannot send keys, so the address itself may carry a token
//! ([`WidgetSecret`]); it opens the cards and nothing else.

mod card;
mod theme;
mod token;
mod words;

use axum::extract::{Path, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use report::glance::{self, Glance};
use report::range::Zone;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::connect::endpoint;
use crate::api::error::{ApiError, ErrorBody};
use crate::app::{App, AppState};
use crate::auth::{self, AuthError, OrganizationQuery, Viewer};
use crate::organizations::View;
use crate::query::{BadParameter, Parameters};
use card::{Card, Span};
use theme::Theme;
pub use token::WidgetSecret;

/// The longest name of a person and the longest title that a card takes, in characters.
const MAX_TEXT_CHARS: usize = 100;

/// Pages of other sites may show the pictures; nothing else of this server may be shown there.
const EVERYWHERE: (HeaderName, HeaderValue) =
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));

/// Lets in whoever may see the dashboard, and whoever has a token for cards in the address.
/// Either sees its own organization.
pub(crate) async fn require_token(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    match view_of(&app, request.uri(), request.headers()).await {
        Ok(view) => {
            request.extensions_mut().insert(view);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    }
}

async fn view_of(app: &App, uri: &Uri, headers: &HeaderMap) -> Result<View, ApiError> {
    let viewer = match token_in(uri)? {
        Some(token) => Viewer::Key(token::key_of(app, &token).await?),
        None => auth::viewer_of(app, headers).await?,
    };
    auth::view_for(app, viewer, uri)
}

fn token_in(uri: &Uri) -> Result<Option<String>, BadParameter> {
    Ok(Parameters::of(uri).get("token")?.map(str::to_owned))
}

/// What a card shows, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
struct CardQuery {
    /// `today`, `week` (from Monday on) or `month`; for every card but `summary`.
    #[param(default = "month")]
    span: Option<String>,
    /// `light`, `dark`, or `auto` for the reader's own.
    #[param(default = "auto")]
    theme: Option<String>,
    /// Colour of bars, as six hexadecimal digits.
    #[param(example = "00678a")]
    accent: Option<String>,
    /// Colour behind the figures, as six hexadecimal digits, or `none`.
    background: Option<String>,
    /// What stands above the figures.
    title: Option<String>,
    /// Only this person's work, by e-mail address or name.
    person: Option<String>,
    /// IANA name of the zone that days are cut in. UTC when left out.
    timezone: Option<String>,
    /// A token for cards, where the server asks for keys.
    token: Option<String>,
}

/// Whose figures, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
struct GlanceQuery {
    /// Only this person's work, by e-mail address or name.
    person: Option<String>,
    /// IANA name of the zone that days are cut in. UTC when left out.
    timezone: Option<String>,
    /// A token for cards, where the server asks for keys.
    token: Option<String>,
}

/// A card as a picture: `cost.svg`, `tokens.svg`, `sessions.svg`, `lines.svg` or `summary.svg`.
#[utoipa::path(
    get,
    path = "/widget/{file}",
    operation_id = "widget_card",
    tag = "widgets",
    params(("file" = String, Path, example = "cost.svg"), CardQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The picture", body = String, content_type = "image/svg+xml"),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn picture(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    Path(file): Path<String>,
    uri: Uri,
) -> Result<Response, ApiError> {
    let card = file.strip_suffix(".svg").and_then(Card::named).ok_or(ApiError::NotFound)?;
    let query = Parameters::of(&uri);
    let span = query.one_of("span", &Span::ALL)?;
    let theme = Theme::of(&query)?;
    let title = text(&query, "title")?;
    let glance = ask(&app, &view, &query).await?;
    let svg = card.draw(&glance, span, &theme, title.as_deref());
    let headers = [(CONTENT_TYPE, HeaderValue::from_static("image/svg+xml; charset=utf-8")), EVERYWHERE];
    Ok((StatusCode::OK, headers, svg).into_response())
}

/// Today, this week and this month, for pages that draw themselves.
#[utoipa::path(
    get,
    path = "/widget/summary.json",
    operation_id = "widget_summary",
    tag = "widgets",
    params(GlanceQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The figures", body = Glance),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn summary(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<Glance>, ApiError> {
    Ok(Json(ask(&app, &view, &Parameters::of(&uri)).await?))
}

async fn ask(app: &App, view: &View, query: &Parameters) -> Result<Glance, ApiError> {
    let zone = query.get("timezone")?.map_or_else(|| Ok(Zone::utc()), Zone::named)?;
    let parameters = glance::Parameters { now: app.clock.now(), zone, actor: text(query, "person")? };
    Ok(glance::ask(view.store.as_ref(), &parameters).await?)
}

fn text(query: &Parameters, name: &'static str) -> Result<Option<String>, BadParameter> {
    let text = query.get(name)?.filter(|text| !text.is_empty());
    if text.is_some_and(|text| text.chars().count() > MAX_TEXT_CHARS) {
        return Err(BadParameter::new(name, format!("is longer than {MAX_TEXT_CHARS} characters")));
    }
    Ok(text.map(str::to_owned))
}

/// What there is to embed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Widgets {
    /// The server's address, as whoever asks reaches it.
    #[schema(example = "http://127.0.0.1:4318")]
    address: String,
    /// What every address has to end with, such as `token=…`; null where cards are open to everybody who
    /// reaches the server. A token is bound to the key that it was asked for with, and ends with it.
    #[schema(required)]
    token: Option<String>,
    /// Whether cards ask for a token.
    token_needed: bool,
    /// Names of cards.
    cards: Vec<&'static str>,
}

/// What there is to embed, and a token for it where one is needed.
#[utoipa::path(
    get,
    path = "/api/v1/widgets",
    operation_id = "widgets",
    tag = "widgets",
    responses(
        (status = 200, description = "The cards", body = Widgets),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn widgets(
    State(app): State<AppState>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Json<Widgets>, ApiError> {
    let token_needed = match auth::viewer_of(&app, &HeaderMap::new()).await {
        Ok(_) => false,
        Err(AuthError::Unavailable(error)) => return Err(ApiError::internal(&error)),
        Err(_) => true,
    };
    // Whoever is in without a key of their own, such as a command on this machine, gets no token.
    let key = auth::key_of(&app, &headers).await.ok().filter(|_| token_needed);
    Ok(Json(Widgets {
        address: endpoint(&app.settings, &uri, &headers),
        token: key.map(|key| app.widget_secret.token_for(&key.id)),
        token_needed,
        cards: Card::ALL.iter().map(|card| card.name()).collect(),
    }))
}
