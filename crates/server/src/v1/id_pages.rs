//! Lists that are paged by the ids of their entries, as Anthropic's Admin API pages them.

use serde::Serialize;
use utoipa::ToSchema;

use super::error::AnalyticsError;
use crate::query::{BadParameter, Parameters};

/// Entries per page when nobody says how many.
const DEFAULT_LIMIT: usize = 20;
/// Most entries per page.
const MAX_LIMIT: usize = 1_000;

/// The query, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
pub(super) struct IdPageQuery {
    /// Entries per page.
    #[param(default = 20, minimum = 1, maximum = 1000)]
    limit: Option<i64>,
    /// The page that follows the entry with this id.
    after_id: Option<String>,
    /// The page that ends before the entry with this id.
    before_id: Option<String>,
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct IdPage<T> {
    /// The entries.
    pub data: Vec<T>,
    /// Whether there are more entries in the direction asked for.
    pub has_more: bool,
    /// Id of the first entry; null when there is none.
    #[schema(required)]
    pub first_id: Option<String>,
    /// Id of the last entry; null when there is none.
    #[schema(required)]
    pub last_id: Option<String>,
}

/// The part of a list that the query asks for; entries keep their order.
pub(super) fn page_of<T>(
    mut list: Vec<T>,
    id_of: impl Fn(&T) -> &str,
    query: &Parameters,
) -> Result<IdPage<T>, AnalyticsError> {
    let limit = query.number("limit", DEFAULT_LIMIT, 1, MAX_LIMIT)?;
    let place = |name: &'static str, id: &str| {
        let place = list.iter().position(|entry| id_of(entry) == id);
        place.ok_or_else(|| BadParameter::new(name, "names nothing in this list"))
    };
    let (start, end, has_more) = match (query.get("after_id")?, query.get("before_id")?) {
        (Some(_), Some(_)) => {
            return Err(BadParameter::new("before_id", "cannot be given together with after_id").into());
        }
        (None, Some(id)) => {
            let end = place("before_id", id)?;
            let start = end.saturating_sub(limit);
            (start, end, start > 0)
        }
        (after, None) => {
            let start = after.map_or(Ok(0), |id| place("after_id", id).map(|place| place + 1))?;
            let end = list.len().min(start + limit);
            (start, end, end < list.len())
        }
    };
    let data: Vec<T> = list.drain(start..end).collect();
    let id = |entry: Option<&T>| entry.map(|entry| id_of(entry).to_owned());
    Ok(IdPage { has_more, first_id: id(data.first()), last_id: id(data.last()), data })
}
