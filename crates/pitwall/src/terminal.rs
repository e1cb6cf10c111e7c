//! Writing to the terminal: the one place that prints.

use std::io::{self, Write};

use anyhow::Result;
use serde::Serialize;

/// Bytes of a value that are written at once.
const PIECE: usize = 64 * 1024;

/// Writes text to standard output. A closed pipe ends the program quietly, as other tools do.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    ended(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// Writes a value as indented JSON, piece by piece: a report may be megabytes.
pub(crate) fn print_json(value: &impl Serialize) -> Result<()> {
    let mut out = io::BufWriter::with_capacity(PIECE, io::stdout().lock());
    let written = serde_json::to_writer_pretty(&mut out, value).map_err(io::Error::from);
    ended(written.and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()))
}

/// Whoever reads the output may stop doing so; that is no failure.
fn ended(written: io::Result<()>) -> Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        other => Ok(other?),
    }
}

/// Writes a line for the user to standard error.
pub(crate) fn note(text: &str) {
    // Nothing sensible is left to do when even this fails.
    let _unheard = writeln!(io::stderr().lock(), "{text}");
}

/// A table with aligned columns; those at the places in `right` are aligned to the right.
pub(crate) fn table(heads: &[&str], rows: &[Vec<String>], right: &[usize]) -> String {
    let widths: Vec<usize> = (0..heads.len())
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
            cells.chain([heads[column].chars().count()]).max().unwrap_or(0)
        })
        .collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded = cells.zip(&widths).enumerate().map(|(column, (cell, width))| {
            let padding = " ".repeat(width.saturating_sub(cell.chars().count()));
            if right.contains(&column) { format!("{padding}{cell}") } else { format!("{cell}{padding}") }
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    let mut text = line(&mut heads.iter().copied());
    let rules: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
    text += &line(&mut rules.iter().map(String::as_str));
    for row in rows {
        text += &line(&mut row.iter().map(String::as_str));
    }
    text
}

/// A whole number with thousands set apart.
pub(crate) fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

/// A number in at most five characters, such as `12.3M`; rounded down, so that it never says too much.
pub(crate) fn short(number: i64) -> String {
    const UNITS: [(u64, &str); 4] =
        [(1_000_000_000_000, "T"), (1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")];
    let size = number.unsigned_abs();
    let sign = if number < 0 { "-" } else { "" };
    let Some((unit, name)) = UNITS.iter().find(|(unit, _)| size >= *unit) else {
        return format!("{sign}{size}");
    };
    let (whole, tenths) = (size / unit, size % unit * 10 / unit);
    if whole < 100 { format!("{sign}{whole}.{tenths}{name}") } else { format!("{sign}{whole}{name}") }
}

/// Minutes as hours and minutes.
pub(crate) fn minutes(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}m"),
        (hours, minutes) => format!("{hours}h {minutes:02}m"),
    }
}

/// How wide the terminal is that standard output goes to; `None` when it goes elsewhere, such as into a file.
pub(crate) fn width() -> Option<usize> {
    terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0))
}

/// Micro-dollars as dollars and cents.
pub(crate) fn dollars(micros: i64) -> String {
    let cents = (micros + if micros < 0 { -5_000 } else { 5_000 }) / 10_000;
    format!("{}${}.{:02}", if cents < 0 { "-" } else { "" }, grouped(cents.abs() / 100), cents.abs() % 100)
}

/// Micro-dollars as dollars with all of their decimals, for reading.
pub(crate) fn exact_dollars(micros: i64) -> String {
    let decimal = decimal_dollars(micros);
    decimal.strip_prefix('-').map_or_else(|| format!("${decimal}"), |size| format!("-${size}"))
}

/// Micro-dollars as a decimal number of dollars, for other programs.
pub(crate) fn decimal_dollars(micros: i64) -> String {
    let (sign, size) = (if micros < 0 { "-" } else { "" }, micros.unsigned_abs());
    format!("{sign}{}.{:06}", size / 1_000_000, size % 1_000_000)
}

/// So many of something that takes an s.
pub(crate) fn counted(number: i64, what: &str) -> String {
    format!("{} {what}{}", grouped(number), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_keep_their_decimals() {
        assert_eq!(decimal_dollars(1_234_567), "1.234567");
        assert_eq!(decimal_dollars(i64::MIN), "-9223372036854.775808");
        assert_eq!(exact_dollars(1_234_567), "$1.234567");
        assert_eq!(exact_dollars(-5), "-$0.000005");
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!((counted(1, "row"), counted(1_000, "row")), ("1 row".to_owned(), "1,000 rows".to_owned()));
    }

    #[test]
    fn figures_read_well() {
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(-999), "-999");
        assert_eq!(
            [0, 999, 1_000, 99_999, 100_000, 1_234_567].map(short),
            ["0", "999", "1.0k", "99.9k", "100k", "1.2M"]
        );
        assert_eq!([-1_500, i64::MAX].map(short), ["-1.5k", "9223372T"]);
        assert_eq!(dollars(1_234_567_895_000), "$1,234,567.90");
        assert_eq!(dollars(4_999), "$0.00");
        assert_eq!(dollars(5_000), "$0.01");
    }

    #[test]
    fn columns_line_up() {
        let rows = vec![vec!["ü".to_owned(), "1".to_owned()], vec!["bb".to_owned(), "22".to_owned()]];
        assert_eq!(table(&["A", "Count"], &rows, &[1]), "A   Count\n──  ─────\nü       1\nbb     22\n");
    }
}
