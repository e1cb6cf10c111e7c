//! A comparison to read: a small table for each day and model that differs, then all of them together, and in
//! the end what the reasons mean.

use std::collections::BTreeSet;

use report::explain::against::{Comparison, Difference, ReasonKind, Side};

use crate::paint::{Paint, Tone};
use crate::table::{Cell, Column, Row, Table};
use crate::terminal::{counted, exact_dollars, grouped};

/// Where another reader differs.
pub(super) fn text(answer: &Comparison, width: Option<usize>, paint: Paint) -> String {
    let mut text = String::new();
    for row in &answer.rows {
        text += &of_difference(row, width, paint);
    }
    if answer.rows.len() > 1 {
        text += &of_all(answer, width, paint);
    }
    let kinds: BTreeSet<ReasonKind> = answer.reasons.iter().map(|reason| reason.kind).collect();
    for kind in &kinds {
        let (name, meaning) = words_for(*kind);
        text += &format!("{name}: {meaning}\n");
    }
    if !kinds.is_empty() {
        text += "\n";
    }
    text += &format!(
        "{} equal, {} differ. Days: {}; price book {}.\n",
        counted(answer.equal_rows, "row"),
        grouped(answer.rows.len() as i64),
        answer.heading.timezone,
        answer.heading.price_book,
    );
    let is_open = |row: &&Difference| row.unexplained != Side::default();
    match answer.rows.iter().filter(is_open).count() as i64 {
        _ if answer.rows.is_empty() => text,
        0 => text + &paint.line("Everything is explained.", Tone::Bold) + "\n",
        open => {
            let open = format!("Not explained in full: {}.", counted(open, "row"));
            text + &paint.line(&open, Tone::Bold) + "\n"
        }
    }
}

/// What a reason is called in a table, and what that means.
const fn words_for(kind: ReasonKind) -> (&'static str, &'static str) {
    match kind {
        ReasonKind::Unattributed => (
            "only in totals",
            "the client's own totals tell it and no request in\n  transcripts does: titles, compaction and the like",
        ),
        ReasonKind::NotInTranscripts => ("only in telemetry", "requests that no transcript has"),
        ReasonKind::Zone => ("another zone", "their days are cut elsewhere"),
        ReasonKind::Copies => {
            ("copies", "they count an answer several times, or by a line that is not final")
        }
        ReasonKind::Synthetic => {
            ("synthetic", "messages that the client wrote itself; they took no request and cost nothing")
        }
        ReasonKind::TheyHaveNoPrice => ("no price there", "they have no price for the model"),
        ReasonKind::WeHaveNoPrice => ("no price here", "the price book here does not have the model"),
        ReasonKind::ListPrices => {
            ("list prices", "they take list prices where the client reported another cost")
        }
        ReasonKind::WebSearches => ("web searches", "they do not price web searches"),
        ReasonKind::OneHourWrites => {
            ("one-hour writes", "they price one-hour cache writes like five-minute ones")
        }
    }
}

/// Whether the reason's own words tell more than its kind.
const fn tells_more(kind: ReasonKind) -> bool {
    matches!(kind, ReasonKind::Zone | ReasonKind::Copies | ReasonKind::NotInTranscripts)
}

fn of_difference(row: &Difference, width: Option<usize>, paint: Paint) -> String {
    let mut sides = Sides::new();
    sides.push(Row::Plain, "Pitwall", &row.ours);
    sides.push(Row::Plain, "ccusage", &row.theirs);
    sides.push(Row::Total, "Difference", &row.difference);
    for reason in &row.reasons {
        sides.push(Row::Part, words_for(reason.kind).0, &reason.amount);
    }
    if row.unexplained != Side::default() {
        sides.push(Row::Total, "Not explained", &row.unexplained);
    }
    let head = paint.line(&format!("{}  {}", row.date, row.model), Tone::Bold);
    let more = row.reasons.iter().filter(|reason| tells_more(reason.kind));
    let more: String =
        more.map(|reason| format!("{}: {}\n", words_for(reason.kind).0, reason.text)).collect();
    format!("{head}\n{}{more}\n", sides.0.render(width, false, paint))
}

fn of_all(answer: &Comparison, width: Option<usize>, paint: Paint) -> String {
    let mut sides = Sides::new();
    sides.push(Row::Plain, "Pitwall", &answer.ours);
    sides.push(Row::Plain, "ccusage", &answer.theirs);
    sides.push(Row::Total, "Difference", &answer.difference);
    for reason in &answer.reasons {
        sides.push(Row::Part, words_for(reason.kind).0, &reason.amount);
    }
    if answer.unexplained != Side::default() {
        sides.push(Row::Total, "Not explained", &answer.unexplained);
    }
    paint.line("All days and models", Tone::Bold) + "\n" + &sides.0.render(width, false, paint) + "\n"
}

/// A table of sides.
struct Sides(Table);

impl Sides {
    fn new() -> Self {
        Self(Table::new(vec![
            Column::label("", 0),
            Column::number("Input", 1),
            Column::number("Output", 1),
            Column::number("Cache write", 2),
            Column::number("Cache read", 2),
            Column::number("Cost", 0),
        ]))
    }

    fn push(&mut self, kind: Row, name: &str, side: &Side) {
        let name = if kind == Row::Part { format!("  {name}") } else { name.to_owned() };
        let counts = [side.input, side.output, side.cache_creation, side.cache_read].map(Cell::Count);
        let cost = Cell::text(exact_dollars(side.cost_micros));
        self.0.push(kind, [Cell::text(name)].into_iter().chain(counts).chain([cost]).collect());
    }
}

#[cfg(test)]
mod tests {
    use report::asked::Heading;
    use report::explain::against::Reason;

    use super::*;

    fn side(input: i64) -> Side {
        Side { input, ..Side::default() }
    }

    fn row(ours: i64, theirs: i64, explained: i64) -> Difference {
        let kind = ReasonKind::Unattributed;
        Difference {
            date: "2026-11-22".parse().unwrap(),
            model: "claude-opus-5-5".to_owned(),
            ours: side(ours),
            theirs: side(theirs),
            difference: side(ours - theirs),
            reasons: vec![Reason { kind, text: String::new(), amount: side(explained) }],
            unexplained: side(ours - theirs - explained),
        }
    }

    fn shown(rows: Vec<Difference>) -> String {
        let answer = Comparison {
            heading: Heading {
                timezone: "UTC".to_owned(),
                since: None,
                until: None,
                price_book: "2026-11-22".to_owned(),
            },
            rows,
            equal_rows: 1,
            ours: side(0),
            theirs: side(0),
            difference: side(0),
            reasons: Vec::new(),
            unexplained: side(0),
        };
        text(&answer, Some(80), Paint::off())
    }

    #[test]
    fn what_cancels_out_is_not_explained() {
        let text = shown(vec![row(12, 5, 2), row(5, 12, -2)]);
        assert!(
            text.contains("1 row equal, 2 differ.") && text.contains("Not explained in full: 2 rows."),
            "{text}"
        );
        let text = shown(vec![row(12, 5, 7)]);
        assert!(text.contains("Everything is explained."), "{text}");
        let text = shown(Vec::new());
        assert!(!text.contains("xplained"), "{text}");
    }

    #[test]
    fn a_comparison_fits_a_narrow_terminal() {
        let text = shown(vec![row(123_456_789, 5, 7), row(5, 12, -2)]);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }
}
