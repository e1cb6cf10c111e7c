//! The query parameters that every question takes: which days, compared with which, and which part of the
//! ledger.

use http::Uri;
use jiff::civil::Date;
use model::Source;
use report::filter::{Filter, MAX_VALUES};
use report::range::{Comparison, DateRange, Zone};

use super::error::ApiError;
use crate::app::App;
use crate::query::{BadParameter, Parameters};

/// How many days are shown when nobody says which.
const DEFAULT_DAYS: u32 = 30;

/// Which days, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
pub(super) struct RangeQuery {
    /// First day. The 30 days up to `end` when left out.
    start: Option<Date>,
    /// Last day, included. Today in the zone when left out.
    end: Option<Date>,
    /// IANA name of the zone that days are cut in. UTC when left out.
    #[param(example = "Europe/Berlin")]
    timezone: Option<String>,
}

/// Which part of the ledger, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
pub(super) struct FilterQuery {
    /// Only these people, by e-mail address or name. As every filter: give it several times for any of several;
    /// `unknown` stands for what no source told.
    person: Option<Vec<String>>,
    /// Only these teams.
    team: Option<Vec<String>>,
    /// Only these projects, by directory or repository.
    project: Option<Vec<String>>,
    /// Only these models, by id. Leaves nothing of what belongs to no model, such as sessions and lines.
    model: Option<Vec<String>>,
    /// Only these terminals.
    terminal: Option<Vec<String>>,
    /// Only sessions that one of these sources told of: `events`, `metrics`, `traces`, `transcripts`.
    source: Option<Vec<String>>,
}

/// What the range is compared with, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
pub(super) struct ComparisonQuery {
    /// `before`: as many days before. `year`: as many days from the same date a year before.
    #[param(default = "before")]
    compare: Option<String>,
}

/// What a question is about.
pub(super) struct Question {
    pub(super) range: DateRange,
    pub(super) comparison: Comparison,
    pub(super) filter: Filter,
}

impl Question {
    /// Reads all of it from a request's query.
    pub(super) fn of(app: &App, uri: &Uri) -> Result<Self, ApiError> {
        let query = Parameters::of(uri);
        Ok(Self {
            range: range_of(app, &query)?,
            comparison: comparison_of(&query)?,
            filter: filter_of(&query)?,
        })
    }
}

pub(super) fn range_of(app: &App, query: &Parameters) -> Result<DateRange, ApiError> {
    let zone = query.get("timezone")?.map_or_else(|| Ok(Zone::utc()), Zone::named)?;
    let (start, end) = (query.date("start")?, query.date("end")?);
    let range = match (start, end) {
        (Some(start), Some(end)) => DateRange::new(start, end, zone)?,
        (Some(start), None) => {
            let today = zone.day_of(app.clock.now());
            DateRange::new(start, today.max(start), zone)?
        }
        (None, Some(end)) => DateRange::days_until(end, DEFAULT_DAYS, zone)?,
        (None, None) => DateRange::last_days(DEFAULT_DAYS, app.clock.now(), zone)?,
    };
    Ok(range)
}

fn comparison_of(query: &Parameters) -> Result<Comparison, BadParameter> {
    match query.get("compare")? {
        None | Some("before") => Ok(Comparison::DaysBefore),
        Some("year") => Ok(Comparison::YearBefore),
        Some(_) => Err(BadParameter::new("compare", "must be before or year")),
    }
}

/// The filter that the query names.
pub(super) fn filter_of(query: &Parameters) -> Result<Filter, BadParameter> {
    let source = |name: String| {
        let names = Source::ALL.map(Source::as_str).join(", ");
        Source::from_name(&name).ok_or_else(|| BadParameter::new("source", format!("must be one of {names}")))
    };
    Ok(Filter {
        people: query.values("person", MAX_VALUES)?,
        teams: query.values("team", MAX_VALUES)?,
        projects: query.values("project", MAX_VALUES)?,
        models: query.values("model", MAX_VALUES)?,
        terminals: query.values("terminal", MAX_VALUES)?,
        sources: query.values("source", MAX_VALUES)?.into_iter().map(source).collect::<Result<_, _>>()?,
    })
}
