//! An explanation to read: the sums, then every posting with its price and its evidence.
//!
//! Lines are kept short, since terminals cut long ones anywhere. Only the places of evidence are as long as
//! they are: somebody will want to open them.

use std::path::Path;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use report::explain::{Explained, ExplainedPosting, Explanation, PriceUsed, UnattributedPostings, Witness};
use report::figures::{Cost, Tokens};

use crate::paint::{Paint, Tone};
use crate::terminal::{counted, exact_dollars, grouped};

/// The postings of a day. Paths below `home` are shown as the shell abbreviates them.
pub(super) fn text(answer: &Explanation, home: Option<&Path>, paint: Paint) -> String {
    let (heading, totals) = (&answer.heading, &answer.totals);
    if totals.postings == 0 {
        return "Nothing was posted for this. `pitwall report daily` shows which days have anything.\n"
            .to_owned();
    }
    let days = match (heading.since, heading.until) {
        (Some(since), Some(until)) if since == until => since.to_string(),
        (since, until) => format!("{} to {}", shown(since), shown(until)),
    };
    let head = format!("{days} ({}), price book {}", heading.timezone, heading.price_book);
    let mut text = paint.line(&head, Tone::Bold) + "\n" + &of_totals(totals);
    let zone = TimeZone::get(&heading.timezone).unwrap_or(TimeZone::UTC);
    for posting in &answer.postings {
        text += "\n";
        text += &of_posting(posting, &zone, home, paint);
    }
    let listed = answer.postings.len() as i64;
    if listed < totals.postings {
        let (listed, all) = (grouped(listed), grouped(totals.postings));
        text += &format!("\nThe first {listed} of {all} postings; --limit shows more.\n");
    }
    text
}

fn shown(day: Option<Date>) -> String {
    day.map_or_else(|| "…".to_owned(), |day| day.to_string())
}

fn of_totals(totals: &Explained) -> String {
    let mut text = counted(totals.requests, "request") + "\n" + &of_sums(&totals.tokens, &totals.cost_micros);
    let UnattributedPostings { postings, tokens, cost_micros } = &totals.unattributed;
    if *postings > 0 {
        let postings = counted(*postings, "posting");
        text += &format!("\nOf that without a request, since only running totals tell it: {postings}\n");
        text += &of_sums(tokens, cost_micros);
    }
    text
}

fn of_sums(tokens: &Tokens, cost: &Cost) -> String {
    let mut text = String::new();
    if tokens.all() != 0 {
        text += &format!("  tokens    {}\n", of_tokens(tokens));
    }
    let [settled, reported, priced] = [cost.settled, cost.reported, cost.priced].map(exact_dollars);
    text + &format!("  cost      {settled}: reported {reported}, by the price book {priced}\n")
}

fn of_posting(posting: &ExplainedPosting, zone: &TimeZone, home: Option<&Path>, paint: Paint) -> String {
    let at = posting.at.to_zoned(zone.clone()).strftime("%H:%M:%S%.3f").to_string();
    let cost = &posting.cost_micros;
    let head = format!("{at}  {}  {}  {}", posting.kind, posting.model, exact_dollars(cost.settled));
    let by = [posting.agent.as_deref(), posting.query_source.as_deref()];
    let by: Vec<&str> = by.into_iter().flatten().collect();
    let by = if by.is_empty() { String::new() } else { format!(" ({})", by.join(", ")) };
    let mut text = paint.line(&head, Tone::Bold) + "\n";
    text += &format!("  session   {}{by}\n", posting.session_id);
    let has_tokens = posting.tokens.all() != 0;
    if has_tokens {
        text += &format!("  tokens    {}\n", of_tokens(&posting.tokens));
    }
    if cost.reported != 0 {
        let reported = exact_dollars(cost.reported);
        // Requests that transcripts tell of have no reported cost of their own.
        let of =
            if has_tokens || cost.settled != 0 { "" } else { " for requests, each of which has a posting" };
        text += &format!("  cost      the client reported {reported}{of}\n");
    }
    match &posting.price {
        Some(price) if has_tokens || price.web_searches > 0 => text += &of_price(price),
        None if has_tokens => text += "  price     none: the model is not in the price book\n",
        _ => {}
    }
    for witness in &posting.evidence {
        text += &of_witness(witness, home);
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
    let mut text = format!("  price     {}{conditions}\n", exact_dollars(price.total_micros));
    for product in &price.products {
        text += &format!(
            "              {:<15}{:>12} x ${}/M = {}\n",
            product.kind.replace('_', " "),
            grouped(product.tokens),
            product.usd_per_million,
            exact_dollars(product.cost_micros),
        );
    }
    if price.web_searches > 0 {
        text += &format!(
            "              {:<15}{:>12} = {}\n",
            "web searches",
            grouped(price.web_searches),
            exact_dollars(price.web_search_cost_micros)
        );
    }
    text
}

fn of_witness(witness: &Witness, home: Option<&Path>) -> String {
    let counts = if witness.counts { "; its counts stand" } else { "" };
    let mut text = format!("  evidence  {}: {}{counts}\n", witness.source, witness.tells);
    let ids = [witness.request_id.as_deref(), witness.message_id.as_deref()];
    let ids: Vec<&str> = ids.into_iter().flatten().filter(|id| !id.is_empty()).collect();
    if !ids.is_empty() {
        text += &format!("    {}\n", ids.join(" "));
    }
    text + &format!("    {}\n", place_of(witness, home))
}

fn place_of(witness: &Witness, home: Option<&Path>) -> String {
    let Some(file) = &witness.file else {
        return match witness.received_at {
            Some(received) => format!("the batch of {received}"),
            None => format!("at {}", witness.at),
        };
    };
    let below_home = home.and_then(|home| Path::new(file).strip_prefix(home).ok());
    let file =
        below_home.map_or_else(|| file.clone(), |rest| Path::new("~").join(rest).display().to_string());
    match witness.line {
        Some(line) => format!("{file}:{line}"),
        None => file,
    }
}

fn of_tokens(tokens: &Tokens) -> String {
    [
        (tokens.input, "in"),
        (tokens.output, "out"),
        (tokens.cache_read, "cache read"),
        (tokens.cache_creation, "cache write"),
    ]
    .map(|(tokens, kind)| format!("{} {kind}", grouped(tokens)))
    .join(", ")
}
