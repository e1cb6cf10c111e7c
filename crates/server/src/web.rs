//! The dashboard: files built by `web/`, embedded in the program.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};

use crate::app::AppState;

/// The page that every address of the dashboard starts from.
const INDEX: &str = "index.html";
/// Files in this folder have a hash of their content in their name: another content has another name.
const HASHED_FOLDER: &str = "assets/";

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// What is shown when the program was built without the dashboard.
const NOT_BUILT: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<title>Pitwall</title>
<h1>This Pitwall has no dashboard</h1>
<p>The program was built without it. Everything else works: telemetry is received, and the
<a href=\"/api/openapi.json\">APIs</a> and <code>pitwall report</code> answer.</p>
<p>To get the dashboard, install Node.js 20 or later, run <code>make run</code> in Pitwall's source folder,
and load this page again.</p>
</html>
";

/// One file of the dashboard.
#[derive(Clone, Debug)]
pub struct Asset {
    /// Its bytes.
    pub content: Cow<'static, [u8]>,
    /// Its media type.
    pub media_type: String,
    /// A hash of its content.
    pub hash: String,
}

/// Where the dashboard's files come from.
trait Assets: Send + Sync {
    /// The file of this path, such as `assets/index-4fd2.js`.
    fn get(&self, path: &str) -> Option<Asset>;
}

#[derive(rust_embed::RustEmbed)]
#[folder = "../../web/dist"]
struct Embedded;

struct EmbeddedAssets;

impl Assets for EmbeddedAssets {
    fn get(&self, path: &str) -> Option<Asset> {
        // `.gitkeep` only keeps the folder.
        let file = Embedded::get(path).filter(|_| !path.starts_with('.'))?;
        let mut hash = String::with_capacity(64);
        for byte in file.metadata.sha256_hash() {
            // Writing to a text cannot fail.
            let _ = write!(hash, "{byte:02x}");
        }
        Some(Asset { media_type: file.metadata.mimetype().to_owned(), content: file.data, hash })
    }
}

impl Assets for Vec<(String, Asset)> {
    fn get(&self, path: &str) -> Option<Asset> {
        self.iter().find(|(known, _)| known == path).map(|(_, asset)| asset.clone())
    }
}

/// The dashboard's files.
#[derive(Clone)]
pub struct Dashboard(Arc<dyn Assets>);

impl Dashboard {
    /// The files that were there when the program was built.
    pub fn embedded() -> Self {
        Self(Arc::new(EmbeddedAssets))
    }

    /// These files, by path.
    pub fn of_files(files: Vec<(String, Asset)>) -> Self {
        Self(Arc::new(files))
    }
}

/// Answers every path that nothing else answers: with the file of that name, else, since the dashboard's
/// own addresses are no files, with its start page.
pub(crate) async fn serve(
    State(app): State<AppState>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET, HEAD")]).into_response();
    }
    let path = uri.path().trim_start_matches('/');
    match find(&app.dashboard, path) {
        Some((path, asset)) => file(path, asset, &headers),
        None if is_page(path) => not_built(),
        None => (StatusCode::NOT_FOUND, "there is no such file\n").into_response(),
    }
}

fn find<'a>(dashboard: &Dashboard, path: &'a str) -> Option<(&'a str, Asset)> {
    let exact = dashboard.0.get(path).filter(|_| !path.is_empty()).map(|asset| (path, asset));
    exact.or_else(|| is_page(path).then(|| dashboard.0.get(INDEX)).flatten().map(|asset| (INDEX, asset)))
}

/// Whether the path can be an address of the dashboard. Files lie at the top and have an ending, or in their
/// folder; below the top, a full stop is part of a name, such as that of a person.
fn is_page(path: &str) -> bool {
    let is_at_the_top = !path.contains('/');
    let leaves_the_folder = path.split('/').any(|folder| folder == "..");
    let is_file = path.starts_with(HASHED_FOLDER) || (is_at_the_top && path.contains('.'));
    path == INDEX || !(is_file || leaves_the_folder)
}

fn file(path: &str, asset: Asset, headers: &HeaderMap) -> Response {
    let caching = if path.starts_with(HASHED_FOLDER) { FOR_EVER } else { ASK_AGAIN };
    let tag = format!("\"{}\"", asset.hash);
    let is_known = headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|known| known.trim() == "*" || known.contains(&tag));
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(CONTENT_TYPE, with_charset(asset.media_type))], Body::from(asset.content)).into_response()
    };
    response.headers_mut().insert(CACHE_CONTROL, caching);
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

fn with_charset(media_type: String) -> String {
    let is_text = media_type.starts_with("text/") && !media_type.contains("charset");
    if is_text { format!("{media_type}; charset=utf-8") } else { media_type }
}

fn not_built() -> Response {
    let headers = [(CONTENT_TYPE, "text/html; charset=utf-8"), (CACHE_CONTROL, "no-store")];
    (StatusCode::SERVICE_UNAVAILABLE, headers, NOT_BUILT).into_response()
}
