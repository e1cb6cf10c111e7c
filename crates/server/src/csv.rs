//! Tables as comma-separated values (RFC 4180), and who wants them.

use http::{HeaderMap, HeaderValue, header};

use crate::query::{BadParameter, Parameters};

/// The media type of tables.
pub(crate) const TEXT_CSV: HeaderValue = HeaderValue::from_static("text/csv; charset=utf-8; header=present");

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Csv,
}

impl Format {
    /// As the parameter `format` says, else as the header `Accept` prefers; JSON when both do not care.
    pub(crate) fn asked_for(query: &Parameters, headers: &HeaderMap) -> Result<Self, BadParameter> {
        match query.get("format")? {
            Some("json") => Ok(Self::Json),
            Some("csv") => Ok(Self::Csv),
            Some(_) => Err(BadParameter::new("format", "must be json or csv")),
            None => {
                let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
                Ok(preferred(&accepted.collect::<Vec<_>>().join(",")))
            }
        }
    }
}

fn preferred(accept: &str) -> Format {
    let weight = |wanted: &[&str]| {
        let ranges = accept.split(',').filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next()?.to_ascii_lowercase();
            let quality =
                parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse().ok())?;
            wanted.contains(&name.as_str()).then_some(quality)
        });
        ranges.fold(0.0_f64, f64::max)
    };
    let csv = weight(&["text/csv"]);
    if csv > 0.0 && csv > weight(&["application/json", "*/*", "application/*"]) {
        Format::Csv
    } else {
        Format::Json
    }
}

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    /// Nothing is known.
    Empty,
    Text(String),
    Number(i64),
    Share(f64),
    Flag(bool),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Cell {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(cell: Option<T>) -> Self {
        cell.map_or(Self::Empty, Into::into)
    }
}

impl From<f64> for Cell {
    fn from(share: f64) -> Self {
        Self::Share(share)
    }
}

/// The table with a line of column names first; lines end with CRLF.
pub(crate) fn write(columns: &[String], rows: impl IntoIterator<Item = Vec<Cell>>) -> String {
    let mut text = String::new();
    write_line(&mut text, columns.iter().map(|column| Cell::Text(column.clone())));
    for row in rows {
        write_line(&mut text, row);
    }
    text
}

fn write_line(text: &mut String, cells: impl IntoIterator<Item = Cell>) {
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        match cell {
            Cell::Empty => {}
            Cell::Text(content) => write_text(text, &content),
            Cell::Number(number) => text.push_str(&number.to_string()),
            Cell::Share(share) => text.push_str(&share.to_string()),
            Cell::Flag(flag) => text.push_str(if flag { "true" } else { "false" }),
        }
    }
    text.push_str("\r\n");
}

/// Quoted where needed. A spreadsheet would compute a text that begins like a formula, and such a text may
/// come from anybody who sends telemetry, so an apostrophe is put before it.
fn write_text(text: &mut String, content: &str) {
    let is_formula = content.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if !is_formula && !content.contains([',', '"', '\r', '\n']) {
        text.push_str(content);
        return;
    }
    text.push('"');
    if is_formula {
        text.push('\'');
    }
    text.push_str(&content.replace('"', "\"\""));
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let columns = ["a", "b"].map(String::from);
        let row = |text: &str| vec![Cell::from(text), Cell::from(-5_i64)];
        for (text, line) in [
            ("plain", "plain,-5"),
            ("", ",-5"),
            ("a,b", "\"a,b\",-5"),
            ("say \"hi\"", "\"say \"\"hi\"\"\",-5"),
            ("two\nlines", "\"two\nlines\",-5"),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\",-5"),
            ("@SUM(A1)", "\"'@SUM(A1)\",-5"),
            ("-1", "\"'-1\",-5"),
        ] {
            assert_eq!(write(&columns, [row(text)]), format!("a,b\r\n{line}\r\n"));
        }
        let cells = vec![Cell::from(None::<i64>), Cell::from(Some(0.75))];
        assert_eq!(write(&columns, [cells, vec![true.into(), Cell::Empty]]), "a,b\r\n,0.75\r\ntrue,\r\n");
    }

    #[test]
    fn csv_is_for_those_who_prefer_it() {
        for (accept, format) in [
            ("", Format::Json),
            ("*/*", Format::Json),
            ("application/json", Format::Json),
            ("text/html,application/xhtml+xml,*/*;q=0.8", Format::Json),
            ("text/csv", Format::Csv),
            ("TEXT/CSV; charset=utf-8", Format::Csv),
            ("text/csv, */*;q=0.1", Format::Csv),
            ("text/csv;q=0.5, application/json", Format::Json),
            ("text/csv;q=0", Format::Json),
            ("text/csv, application/json", Format::Json),
        ] {
            assert_eq!(preferred(accept), format, "{accept}");
        }
    }
}
