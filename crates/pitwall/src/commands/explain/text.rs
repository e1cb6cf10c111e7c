//! Explanations to read.

use jiff::tz::TimeZone;
use report::explain::against::{Comparison, Difference, Side};
use report::explain::{ExplainedPosting, Explanation, PriceUsed, Witness};
use report::figures::Tokens;

use crate::paint::{Paint, Tone};
use crate::table::{Cell, Column, Row, Table};
use crate::terminal::{exact_dollars, grouped};

/// The postings of a day.
pub(super) fn explanation(answer: &Explanation, paint: Paint) -> String {
    let (heading, totals) = (&answer.heading, &answer.totals);
    if totals.postings == 0 {
        return "Nothing was posted for this. `pitwall report daily` shows which days have anything.\n"
            .to_owned();
    }
    let span = match (heading.since, heading.until) {
        (Some(since), Some(until)) if since == until => since.to_string(),
        (since, until) => format!("{} to {}", shown(since), shown(until)),
    };
    let mut text =
        paint.line(&format!("{span} ({}), price book {}", heading.timezone, heading.price_book), Tone::Bold);
    let unattributed = &totals.unattributed;
    text += &format!(
        "\n{} requests. Tokens: {}.\nCost ${}: reported ${}, by the price book ${}.\n",
        grouped(totals.requests),
        tokens(&totals.tokens),
        exact_dollars(totals.cost_micros.settled),
        exact_dollars(totals.cost_micros.reported),
        exact_dollars(totals.cost_micros.priced),
    );
    if unattributed.postings > 0 {
        text += &format!(
            "Of it {} postings that only running totals know, without a request: {}; ${}, reported ${}.\n",
            grouped(unattributed.postings),
            tokens(&unattributed.tokens),
            exact_dollars(unattributed.cost_micros.settled),
            exact_dollars(unattributed.cost_micros.reported),
        );
    }
    let zone = TimeZone::get(&heading.timezone).unwrap_or(TimeZone::UTC);
    for posting in &answer.postings {
        text += &format!("\n{}", of_posting(posting, &zone, paint));
    }
    let shown = answer.postings.len() as i64;
    if shown < totals.postings {
        text += &format!(
            "\nThe first {} of {} postings; --limit shows more.\n",
            grouped(shown),
            grouped(totals.postings)
        );
    }
    text
}

fn shown(day: Option<jiff::civil::Date>) -> String {
    day.map_or_else(|| "…".to_owned(), |day| day.to_string())
}

fn of_posting(posting: &ExplainedPosting, zone: &TimeZone, paint: Paint) -> String {
    let at = posting.at.to_zoned(zone.clone()).strftime("%H:%M:%S%.3f").to_string();
    let by = [posting.agent.as_deref(), posting.query_source.as_deref()];
    let by: Vec<&str> = by.into_iter().flatten().collect();
    let by = if by.is_empty() { String::new() } else { format!(" ({})", by.join(", ")) };
    let head = format!(
        "{at}  {}  {}{by}  ${}  session {}",
        posting.kind,
        posting.model,
        exact_dollars(posting.cost_micros.settled),
        posting.session_id,
    );
    let mut text = paint.line(&head, Tone::Bold) + "\n";
    text += &format!("  tokens    {}\n", tokens(&posting.tokens));
    let cost = &posting.cost_micros;
    if cost.reported != 0 {
        text += &format!("  cost      the client reported ${}\n", exact_dollars(cost.reported));
    }
    text += &match &posting.price {
        Some(price) => of_price(price),
        None => "  price     none: the model is not in the price book\n".to_owned(),
    };
    for witness in &posting.evidence {
        text += &of_witness(witness);
    }
    if posting.evidence.is_empty() {
        text += "  evidence  none is kept any more\n";
    }
    text
}

fn of_price(price: &PriceUsed) -> String {
    let mut conditions = Vec::new();
    if let Some(from) = &price.from {
        conditions.push(format!("from {from}"));
    }
    if let Some(to) = &price.to {
        conditions.push(format!("before {to}"));
    }
    if price.prompt_tokens_above > 0 {
        conditions.push(format!("prompts over {}", grouped(price.prompt_tokens_above)));
    }
    let marks = [(price.fast, "fast mode"), (price.us_inference, "US inference"), (price.own, "own price")];
    conditions.extend(marks.into_iter().filter(|(is, _)| *is).map(|(_, name)| name.to_owned()));
    if !price.as_posted {
        conditions.push("not what is posted: it will be priced again".to_owned());
    }
    let conditions =
        if conditions.is_empty() { String::new() } else { format!(" ({})", conditions.join(", ")) };
    let mut text = format!(
        "  price     ${} by price book {}{conditions}\n",
        exact_dollars(price.total_micros),
        price.price_book
    );
    for product in &price.products {
        text += &format!(
            "              {:<15}{:>12} x ${}/M = ${}\n",
            product.kind.replace('_', " "),
            grouped(product.tokens),
            product.usd_per_million,
            exact_dollars(product.cost_micros),
        );
    }
    if price.web_searches > 0 {
        text += &format!(
            "              {:<15}{:>12} = ${}\n",
            "web searches",
            grouped(price.web_searches),
            exact_dollars(price.web_search_cost_micros)
        );
    }
    text
}

fn of_witness(witness: &Witness) -> String {
    let place = match (&witness.file, witness.line, witness.received_at) {
        (Some(file), Some(line), _) => format!("{file}:{line}"),
        (Some(file), None, _) => file.clone(),
        (None, _, Some(received)) => format!("batch of {received}"),
        (None, _, None) => format!("at {}", witness.at),
    };
    let counts = if witness.counts { ", its counts stand" } else { "" };
    let ids = [witness.request_id.as_deref(), witness.message_id.as_deref()];
    let ids: Vec<&str> = ids.into_iter().flatten().collect();
    let ids = if ids.is_empty() { String::new() } else { format!("  {}", ids.join(" ")) };
    format!("  evidence  {:<11} {place}\n              {}{counts}{ids}\n", witness.source, witness.tells)
}

fn tokens(tokens: &Tokens) -> String {
    let mut parts = vec![
        format!("{} in", grouped(tokens.input)),
        format!("{} out", grouped(tokens.output)),
        format!("{} cache read", grouped(tokens.cache_read)),
        format!("{} cache write", grouped(tokens.cache_creation)),
    ];
    if tokens.cache_creation_1h > 0 {
        parts.push(format!("{} of that for 1 h", grouped(tokens.cache_creation_1h)));
    }
    parts.join(", ")
}

/// Where another reader differs.
pub(super) fn comparison(answer: &Comparison, width: Option<usize>, paint: Paint) -> String {
    let mut text = String::new();
    for row in &answer.rows {
        text += &of_difference(row, width, paint);
    }
    let differing = answer.rows.len() as i64;
    text += &format!(
        "{} days and models are equal, {} differ.\n",
        grouped(answer.equal_rows),
        grouped(differing),
    );
    if differing > 0 {
        let left = if answer.unexplained == Side::default() {
            "Everything is explained.\n".to_owned()
        } else {
            format!("Not explained: {}.\n", amount(&answer.unexplained))
        };
        text += &paint.line(&left, Tone::Bold);
    }
    text + &format!("Days: {}; price book {}.\n", answer.heading.timezone, answer.heading.price_book)
}

fn of_difference(row: &Difference, width: Option<usize>, paint: Paint) -> String {
    let mut table = Table::new(vec![
        Column::text("", 0),
        Column::number("Input", 1),
        Column::number("Output", 1),
        Column::number("Cache write", 2),
        Column::number("Cache read", 2),
        Column::number("Cost", 0),
    ]);
    let mut push = |kind: Row, name: &str, side: &Side| {
        let counts = [side.input, side.output, side.cache_creation, side.cache_read].map(Cell::Count);
        let mut cells = vec![Cell::text(name)];
        cells.extend(counts);
        cells.push(Cell::text(exact_dollars(side.cost_micros)));
        table.push(kind, cells);
    };
    push(Row::Plain, "Pitwall", &row.ours);
    push(Row::Plain, "ccusage", &row.theirs);
    push(Row::Total, "Difference", &row.difference);
    for reason in &row.reasons {
        push(Row::Part, &format!("  {}", reason.text), &reason.amount);
    }
    if row.unexplained != Side::default() {
        push(Row::Total, "Not explained", &row.unexplained);
    }
    let head = format!("{}  {}\n", row.date, row.model);
    paint.line(&head, Tone::Bold) + &table.render(width, false, paint) + "\n"
}

fn amount(side: &Side) -> String {
    format!(
        "{} in, {} out, {} cache write, {} cache read, ${}",
        grouped(side.input),
        grouped(side.output),
        grouped(side.cache_creation),
        grouped(side.cache_read),
        exact_dollars(side.cost_micros),
    )
}
