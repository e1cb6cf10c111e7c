//! Draws cards as SVG. Sizes are in pixels; the picture scales with the place it is given.

use std::fmt::Write as _;

use report::glance::{Glance, GlanceSpan};

use super::theme::Theme;
use super::words::{brief, escaped, grouped, money};

const FONT: &str = "Inter,system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',Arial,sans-serif";

/// A card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Card {
    Cost,
    Tokens,
    Sessions,
    Lines,
    Summary,
}

/// Which days a card's figure is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Span {
    Today,
    Week,
    Month,
}

impl Span {
    /// Every span, with its name in addresses.
    pub(super) const ALL: [(&'static str, Self); 3] =
        [("month", Self::Month), ("week", Self::Week), ("today", Self::Today)];

    const fn words(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Week => "this week",
            Self::Month => "this month",
        }
    }

    const fn of(self, glance: &Glance) -> &GlanceSpan {
        match self {
            Self::Today => &glance.today,
            Self::Week => &glance.week,
            Self::Month => &glance.month,
        }
    }
}

impl Card {
    /// Every card.
    pub(super) const ALL: [Self; 5] = [Self::Cost, Self::Tokens, Self::Sessions, Self::Lines, Self::Summary];

    /// Its name in addresses.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Cost => "cost",
            Self::Tokens => "tokens",
            Self::Sessions => "sessions",
            Self::Lines => "lines",
            Self::Summary => "summary",
        }
    }

    /// The card of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|card| card.name() == name)
    }

    /// The picture.
    pub(super) fn draw(self, glance: &Glance, span: Span, theme: &Theme, title: Option<&str>) -> String {
        let title = match (title, &glance.actor) {
            (Some(title), _) => title.to_owned(),
            (None, Some(actor)) => format!("Claude Code, {actor}"),
            (None, None) => "Claude Code".to_owned(),
        };
        if self == Self::Summary {
            return summary(glance, theme, &title);
        }
        let figures = span.of(glance);
        let figure = self.figure(figures);
        let aside = self.aside(figures);
        let label = format!("{title}: {figure} {} {}", self.unit(), span.words());
        let bars = match self {
            Self::Cost => course(&glance.daily_cost_micros),
            Self::Tokens => course(&glance.daily_tokens),
            _ => String::new(),
        };
        let body = format!(
            "<text class=\"m\" x=\"16\" y=\"26\" font-size=\"12\">{title}</text>\
             <text class=\"t\" x=\"16\" y=\"66\" font-size=\"32\" font-weight=\"600\">{figure}</text>\
             <text class=\"m\" x=\"16\" y=\"90\" font-size=\"12\">{unit} {words}{aside}</text>{bars}",
            title = escaped(&shortened(&title, 44)),
            figure = escaped(&figure),
            unit = self.unit(),
            words = span.words(),
            aside = escaped(&aside),
        );
        picture(320, 112, &label, theme, &body)
    }

    const fn unit(self) -> &'static str {
        match self {
            Self::Cost => "cost",
            Self::Tokens => "tokens",
            Self::Sessions => "sessions",
            Self::Lines => "lines",
            Self::Summary => "",
        }
    }

    fn figure(self, figures: &GlanceSpan) -> String {
        match self {
            Self::Cost | Self::Summary => money(figures.cost_micros.settled),
            Self::Tokens => brief(figures.all_tokens),
            Self::Sessions => brief(figures.sessions),
            Self::Lines => format!("+{}", brief(figures.lines.added)),
        }
    }

    fn aside(self, figures: &GlanceSpan) -> String {
        match self {
            Self::Lines => format!(", \u{2212}{} removed", brief(figures.lines.removed)),
            Self::Sessions => format!(", {} requests", brief(figures.requests)),
            Self::Cost | Self::Tokens | Self::Summary => String::new(),
        }
    }
}

/// Four rows of figures, each today, this week and this month.
fn summary(glance: &Glance, theme: &Theme, title: &str) -> String {
    const COLUMNS: [i32; 3] = [196, 300, 404];
    let spans = [&glance.today, &glance.week, &glance.month];
    let mut body = format!(
        "<text class=\"m\" x=\"16\" y=\"28\" font-size=\"12\">{}</text>",
        escaped(&shortened(title, 20))
    );
    for (x, words) in COLUMNS.into_iter().zip(["Today", "This week", "This month"]) {
        push_text(&mut body, "m", x, 28, words);
    }
    for (row, card) in [Card::Cost, Card::Tokens, Card::Sessions, Card::Lines].into_iter().enumerate() {
        let y = 62 + 30 * i32::try_from(row).unwrap_or(0);
        let rule = y - 21;
        let words = ["Cost", "Tokens", "Sessions", "Lines added"].get(row).copied().unwrap_or_default();
        // Writing to a text cannot fail.
        let _ = write!(
            body,
            "<path class=\"r\" d=\"M16 {rule}h388\" fill=\"none\"/>\
             <text class=\"m\" x=\"16\" y=\"{y}\" font-size=\"14\">{words}</text>"
        );
        for (x, span) in COLUMNS.into_iter().zip(spans) {
            push_text(&mut body, "t", x, y, &card.figure(span));
        }
    }
    let month = spans[2];
    let label = format!(
        "{title}, this month: {} cost, {} tokens, {} sessions, {} lines added",
        money(month.cost_micros.settled),
        brief(month.all_tokens),
        grouped(month.sessions.unsigned_abs()),
        grouped(month.lines.added.unsigned_abs()),
    );
    picture(420, 172, &label, theme, &body)
}

/// A figure that ends at `x`.
fn push_text(body: &mut String, class: &str, x: i32, y: i32, text: &str) {
    let size = if class == "m" { 12 } else { 14 };
    // Writing to a text cannot fail.
    let _ = write!(
        body,
        "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" font-size=\"{size}\" text-anchor=\"end\">{}</text>",
        escaped(text)
    );
}

/// Bars of the last thirty days at the right, from zero, on their own scale.
fn course(days: &[i64]) -> String {
    const LEFT: usize = 184;
    const FOOT: i64 = 90;
    const STEP: usize = 4;
    const WIDTH: usize = 3;
    const HEIGHT: i64 = 56;
    let highest = days.iter().copied().max().unwrap_or(0).max(1);
    let bars = days.iter().enumerate().filter(|(_, value)| **value > 0).fold(
        String::new(),
        |mut path, (place, value)| {
            let share = i128::from(*value) * i128::from(HEIGHT * 100) / i128::from(highest);
            let height = share.max(100);
            let _ = write!(
                path,
                "M{} {FOOT}v-{}.{:02}h{WIDTH}V{FOOT}z",
                LEFT + place * STEP,
                height / 100,
                height % 100
            );
            path
        },
    );
    let end = LEFT + days.len() * STEP - 1;
    format!("<path class=\"r\" d=\"M{LEFT} {FOOT}.5H{end}\" fill=\"none\"/><path class=\"a\" d=\"{bars}\"/>")
}

fn picture(width: u32, height: u32, label: &str, theme: &Theme, body: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{label}\" font-family=\"{FONT}\" \
         style=\"font-variant-numeric:tabular-nums\"><title>{label}</title><style>{style}</style>\
         <rect class=\"b\" x=\".5\" y=\".5\" width=\"{inner}\" height=\"{tall}\" rx=\"6\"/>{body}</svg>\n",
        label = escaped(label),
        style = theme.style(),
        inner = width - 1,
        tall = height - 1,
    )
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(std::iter::once('…')).collect()
}
