//! A question's conditions as SQL.

use duckdb::types::Value as Bound;
use model::{Source, Timestamp};
use store::Filter;
use store::schema::{ColumnType, Dimension, Value};

use crate::ddl::{EVIDENCE, quoted};
use crate::parameters::{Parameters, number, word};

/// Values that a dimension may be one of and still have a parameter each, so that DuckDB skips the blocks of rows that
/// hold none of them. More are bound as one: each parameter stands in every part of a statement, and a hundred of them
/// take longer to plan than the answer takes.
const FEW_VALUES: usize = 4;

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
        conditions.push(is_one_of(*dimension, values, parameters));
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

/// That the dimension is one of the values.
fn is_one_of(dimension: Dimension, values: &[Value], parameters: &mut Parameters) -> String {
    let column = dimension.column();
    let values: Vec<&Value> = values.iter().filter(|value| fits(value, column.column_type)).collect();
    let listed = match column.column_type {
        ColumnType::Text if values.len() > FEW_VALUES => {
            parameters.bind_texts(values.iter().map(|value| value.as_text()))
        }
        ColumnType::Integer if values.len() > FEW_VALUES => {
            parameters.bind_integers(values.iter().map(|value| value.as_integer()))
        }
        _ => {
            let values: Vec<String> = values.into_iter().map(|value| parameters.bind(bound(value))).collect();
            return is_among(dimension, &values);
        }
    };
    format!("{} IN {listed}", quoted(column.name))
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

/// Whether the column can hold the value; else it never equals it.
const fn fits(value: &Value, column_type: ColumnType) -> bool {
    matches!(
        (value, column_type),
        (Value::Text(_), ColumnType::Text)
            | (Value::Integer(_), ColumnType::Integer)
            | (Value::Boolean(_), ColumnType::Boolean)
    )
}

fn bound(value: &Value) -> Bound {
    match value {
        Value::Text(text) => Bound::Text(text.clone()),
        Value::Integer(number) => Bound::BigInt(*number),
        Value::Boolean(yes) => Bound::Boolean(*yes),
    }
}
