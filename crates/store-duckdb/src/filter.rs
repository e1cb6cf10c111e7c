//! A question's conditions as SQL.

use duckdb::types::Value as Bound;
use model::{Source, Timestamp};
use store::Filter;
use store::schema::{ColumnType, Dimension, Value};

use crate::ddl::{EVIDENCE, quoted};
use crate::parameters::{Parameters, number, word};

/// What follows `WHERE`: lines posted up to the boundary that fulfil every condition of the filter.
pub(crate) fn conditions(filter: &Filter, as_of: Option<Timestamp>, parameters: &mut Parameters) -> String {
    let mut conditions = Vec::new();
    if let Some(boundary) = as_of {
        conditions.push(format!("posted_at <= {}", number(boundary.as_micros())));
    }
    if let Some(boundary) = filter.posted_after {
        conditions.push(format!("posted_at > {}", number(boundary.as_micros())));
    }
    conditions.push(of_sums(filter, as_of, parameters));
    conditions.join(" AND ")
}

/// The same without the conditions on when a line was posted, which rows of sums do not tell.
pub(crate) fn of_sums(filter: &Filter, as_of: Option<Timestamp>, parameters: &mut Parameters) -> String {
    let mut conditions = Vec::new();
    if !filter.kinds.is_empty() {
        let kinds: Vec<String> = filter.kinds.iter().map(|kind| word(kind.as_str())).collect();
        conditions.push(is_among(Dimension::Kind, &kinds));
    }
    let at = quoted(Dimension::At.column().name);
    if let Some(from) = filter.from {
        conditions.push(format!("{at} >= {}", number(from.as_micros())));
    }
    if let Some(until) = filter.until {
        conditions.push(format!("{at} < {}", number(until.as_micros())));
    }
    for (dimension, values) in &filter.among {
        let column_type = dimension.column().column_type;
        let values = values.iter().filter_map(|value| bound(value, column_type));
        let values: Vec<String> = values.map(|value| parameters.bind(value)).collect();
        conditions.push(is_among(*dimension, &values));
    }
    if !filter.any_of.is_empty() {
        let measures = filter.any_of.iter().map(|measure| format!("{} <> 0", quoted(measure.column().name)));
        conditions.push(format!("({})", measures.collect::<Vec<_>>().join(" OR ")));
    }
    if !filter.told_by.is_empty() {
        conditions.push(is_told_by(&filter.told_by, as_of));
    }
    if conditions.is_empty() { "true".to_owned() } else { conditions.join(" AND ") }
}

/// Of a session that one of the sources told of by then.
fn is_told_by(sources: &[Source], as_of: Option<Timestamp>) -> String {
    let names = sources.iter().map(|source| word(source.as_str())).collect::<Vec<_>>().join(", ");
    let by_then = as_of.map(|boundary| format!(" AND posted_at <= {}", number(boundary.as_micros())));
    let session = quoted(Dimension::Session.column().name);
    format!(
        "{session} IN (SELECT session FROM {EVIDENCE} WHERE source IN ({names}){})",
        by_then.unwrap_or_default()
    )
}

/// That the dimension is one of the values, as SQL writes them.
fn is_among(dimension: Dimension, values: &[String]) -> String {
    let column = quoted(dimension.column().name);
    match values {
        [] => "false".to_owned(),
        // DuckDB skips whole blocks of lines for an equality, for a list it only skips some.
        [only] => format!("{column} = {only}"),
        values => format!("{column} IN ({})", values.join(", ")),
    }
}

/// The value as bound; `None` when the column cannot hold it, and so never equals it.
fn bound(value: &Value, column_type: ColumnType) -> Option<Bound> {
    match (value, column_type) {
        (Value::Text(text), ColumnType::Text) => Some(Bound::Text(text.clone())),
        (Value::Integer(number), ColumnType::Integer) => Some(Bound::BigInt(*number)),
        (Value::Boolean(yes), ColumnType::Boolean) => Some(Bound::Boolean(*yes)),
        _ => None,
    }
}
