//! Tables that fit the terminal.
//!
//! Whatever the width, a row stays one line. Where the full table is too wide, numbers are shortened first,
//! then texts, then the columns that matter least are left out, and in the end texts are cut to little more
//! than nothing.

use unicode_width::UnicodeWidthStr;

use crate::paint::{Paint, Tone};
use crate::terminal::{dollars, grouped, short};

/// Between two columns.
const GAP: usize = 2;
/// How far texts are cut before columns are left out.
const READABLE: usize = 16;
/// How far texts are cut at most.
const LEAST: usize = 6;

/// A column.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    head: &'static str,
    right: bool,
    /// Where a text too long is cut.
    cut: Cut,
    /// The higher, the sooner it is left out; zero never is.
    expendable: u8,
}

/// Where a text that does not fit loses characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    Never,
    Start,
    End,
}

impl Column {
    /// Numbers, to the right.
    pub(crate) const fn number(head: &'static str, expendable: u8) -> Self {
        Self { head, right: true, cut: Cut::Never, expendable }
    }

    /// Short text that is never cut.
    pub(crate) const fn label(head: &'static str, expendable: u8) -> Self {
        Self { head, right: false, cut: Cut::Never, expendable }
    }

    /// Text that begins with what matters.
    pub(crate) const fn text(head: &'static str, expendable: u8) -> Self {
        Self { head, right: false, cut: Cut::End, expendable }
    }

    /// Text that ends with what matters, such as a directory.
    pub(crate) const fn path(head: &'static str, expendable: u8) -> Self {
        Self { head, right: false, cut: Cut::Start, expendable }
    }
}

/// What stands in a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Text.
    Text(String),
    /// A number of things.
    Count(i64),
    /// Micro-dollars.
    Money(i64),
    /// Lines added and removed.
    Lines(i64, i64),
    /// Nothing.
    Blank,
}

impl Cell {
    /// Text.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    fn show(&self, brief: bool) -> String {
        let count = |number| if brief { short(number) } else { grouped(number) };
        match self {
            Self::Text(text) => text.clone(),
            Self::Count(number) => count(*number),
            Self::Money(micros) => dollars(*micros),
            Self::Lines(added, removed) => format!("+{} -{}", count(*added), count(*removed)),
            Self::Blank => String::new(),
        }
    }
}

/// How a row stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Row {
    /// Like most.
    Plain,
    /// Part of the row above.
    Part,
    /// Going on right now.
    Active,
    /// The sum, after a rule.
    Total,
}

/// A table.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<(Row, Vec<Cell>)>,
}

impl Table {
    /// A table without rows.
    pub(crate) const fn new(columns: Vec<Column>) -> Self {
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row; missing cells are blank.
    pub(crate) fn push(&mut self, row: Row, cells: Vec<Cell>) {
        self.rows.push((row, cells));
    }

    /// The table in at most `width` columns of the terminal; as wide as it likes when `None`.
    pub(crate) fn render(&self, width: Option<usize>, brief: bool, paint: Paint) -> String {
        let layout = self.layout(width, brief);
        let heads: Vec<String> =
            layout.kept.iter().map(|index| self.columns[*index].head.to_owned()).collect();
        let mut text = self.line(&layout, &heads, paint, Tone::Bold);
        let rule: Vec<String> = layout.widths.iter().map(|width| "─".repeat(*width)).collect();
        text += &self.line(&layout, &rule, paint, Tone::Dim);
        for (row, cells) in &self.rows {
            if *row == Row::Total {
                text += &self.line(&layout, &rule, paint, Tone::Dim);
            }
            let shown =
                |index: &usize| cells.get(*index).map(|cell| cell.show(layout.brief)).unwrap_or_default();
            let shown: Vec<String> = layout.kept.iter().map(shown).collect();
            let tone = match row {
                Row::Plain => Tone::Plain,
                Row::Part => Tone::Dim,
                Row::Active => Tone::Good,
                Row::Total => Tone::Bold,
            };
            text += &self.line(&layout, &shown, paint, tone);
        }
        text
    }

    fn line(&self, layout: &Layout, cells: &[String], paint: Paint, tone: Tone) -> String {
        let mut line = String::new();
        for ((index, width), cell) in layout.kept.iter().zip(&layout.widths).zip(cells) {
            let column = &self.columns[*index];
            let cell = fit(cell, *width, column.cut);
            let padding = " ".repeat(width.saturating_sub(cell.width()));
            if !line.is_empty() {
                line += &" ".repeat(GAP);
            }
            line += &if column.right { padding + &cell } else { cell + &padding };
        }
        paint.line(line.trim_end(), tone) + "\n"
    }

    fn layout(&self, width: Option<usize>, brief: bool) -> Layout {
        let kept: Vec<usize> = (0..self.columns.len()).collect();
        let full = self.measure(kept.clone(), brief);
        let Some(limit) = width else { return full };
        let mut layout = if full.total() <= limit { return full } else { self.measure(kept, true) };
        self.cut_texts(&mut layout, limit, READABLE);
        while layout.total() > limit {
            let least = layout.kept.iter().copied().max_by_key(|index| self.columns[*index].expendable);
            let Some(least) = least.filter(|index| self.columns[*index].expendable > 0) else { break };
            let kept = layout.kept.iter().copied().filter(|index| *index != least).collect();
            layout = self.measure(kept, true);
            self.cut_texts(&mut layout, limit, READABLE);
        }
        self.cut_texts(&mut layout, limit, LEAST);
        layout
    }

    /// The widths that the kept columns need.
    fn measure(&self, kept: Vec<usize>, brief: bool) -> Layout {
        let width = |index: &usize| {
            let cells = self.rows.iter().filter_map(|(_, cells)| cells.get(*index));
            let widest = cells.map(|cell| cell.show(brief).width()).max().unwrap_or(0);
            widest.max(self.columns[*index].head.width())
        };
        let widths = kept.iter().map(width).collect();
        Layout { kept, widths, brief }
    }

    /// Makes the widest texts narrower until the table fits, none below `least`.
    fn cut_texts(&self, layout: &mut Layout, limit: usize, least: usize) {
        while layout.total() > limit {
            let places = (0..layout.kept.len()).filter(|place| {
                self.columns[layout.kept[*place]].cut != Cut::Never && layout.widths[*place] > least
            });
            let Some(widest) = places.max_by_key(|place| layout.widths[*place]) else { return };
            layout.widths[widest] -= 1;
        }
    }
}

/// Which columns are shown, and how wide.
struct Layout {
    kept: Vec<usize>,
    widths: Vec<usize>,
    brief: bool,
}

impl Layout {
    fn total(&self) -> usize {
        self.widths.iter().sum::<usize>() + GAP * self.widths.len().saturating_sub(1)
    }
}

/// The text in at most so many columns of the terminal.
fn fit(text: &str, width: usize, cut: Cut) -> String {
    if text.width() <= width || cut == Cut::Never {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    let take = |characters: &mut dyn Iterator<Item = char>| {
        let mut taken = String::new();
        for character in characters {
            taken.push(character);
            if taken.width() > room {
                taken.pop();
                break;
            }
        }
        taken
    };
    match cut {
        Cut::Start => {
            let end: String = take(&mut text.chars().rev());
            format!("…{}", end.chars().rev().collect::<String>())
        }
        Cut::End | Cut::Never => format!("{}…", take(&mut text.chars())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(vec![
            Column::label("Day", 0),
            Column::path("Project", 1),
            Column::number("Requests", 3),
            Column::number("Tokens", 2),
            Column::number("Cost", 0),
        ]);
        let row = |day: &str, project: &str, requests, tokens, cost| {
            vec![
                Cell::text(day),
                Cell::text(project),
                Cell::Count(requests),
                Cell::Count(tokens),
                Cell::Money(cost),
            ]
        };
        table.push(
            Row::Plain,
            row("2026-11-20", "/home/mira/work/a-shop-with-a-name", 1_234, 1_234_567, 5_000_000),
        );
        table.push(Row::Plain, row("2026-11-21", "/日本語", 1, 2, 3));
        table.push(Row::Total, row("Total", "", 1_235, 1_234_569, 5_000_003));
        table
    }

    fn rendered(width: Option<usize>) -> String {
        table().render(width, false, Paint::off())
    }

    #[test]
    fn a_table_with_room_shows_everything() {
        let expected = "\
Day         Project                             Requests     Tokens   Cost
──────────  ──────────────────────────────────  ────────  ─────────  ─────
2026-11-20  /home/mira/work/a-shop-with-a-name     1,234  1,234,567  $5.00
2026-11-21  /日本語                                    1          2  $0.00
──────────  ──────────────────────────────────  ────────  ─────────  ─────
Total                                              1,235  1,234,569  $5.00
";
        assert_eq!(rendered(None), expected);
        assert_eq!(rendered(Some(74)), expected);
    }

    #[test]
    fn a_narrow_table_shortens_then_drops() {
        let expected = "\
Day         Project           Tokens   Cost
──────────  ────────────────  ──────  ─────
2026-11-20  …hop-with-a-name    1.2M  $5.00
2026-11-21  /日本語                2  $0.00
──────────  ────────────────  ──────  ─────
Total                           1.2M  $5.00
";
        assert_eq!(rendered(Some(43)), expected);
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for width in 17..90 {
            let text = rendered(Some(width));
            let widest = text.lines().map(UnicodeWidthStr::width).max().unwrap();
            assert!(widest <= width, "{width}: {widest}\n{text}");
        }
    }

    #[test]
    fn colours_do_not_change_the_layout() {
        let painted = table().render(Some(43), false, Paint::on());
        let mut plain = String::new();
        let mut in_escape = false;
        for character in painted.chars() {
            match character {
                '\u{1b}' => in_escape = true,
                'm' if in_escape => in_escape = false,
                _ if in_escape => {}
                other => plain.push(other),
            }
        }
        assert_ne!(painted, plain);
        assert_eq!(plain, rendered(Some(43)));
    }
}
