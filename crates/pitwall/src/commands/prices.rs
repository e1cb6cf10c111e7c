//! `pitwall prices`: which prices hold, and whether they make sense.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use ledger::{Change, ModelPrices, Period, PriceBook, Tier};
use model::{Clock, SystemClock, Timestamp, canonical_model};
use report::asked::Asked;
use report::model_usage::{self, ModelReport};
use report::range::Zone;
use serde::Serialize;

use crate::cli::DataArgs;
use crate::cli::prices::{PricesCommand, PricesShowArgs};
use crate::config::{Config, DataDirectory};
use crate::paint::Paint;
use crate::prices;
use crate::running_server::RunningServer;
use crate::table::{Cell, Column, Row, Table};
use crate::terminal;
use crate::wire::Local;

/// Runs the command.
pub(crate) async fn run(command: PricesCommand) -> Result<()> {
    match command {
        PricesCommand::List(args) => {
            let (config, data) = place(&args.data)?;
            list(&prices::load(&config, &data)?, args.json)
        }
        PricesCommand::Show(args) => show(&args),
        PricesCommand::Check(args) => {
            let (config, data) = place(&args.data)?;
            match &args.file {
                Some(file) => check_file(file, &prices::without_own(&config, &data)?),
                None => check(&config, &data).await,
            }
        }
        PricesCommand::Update(args) => {
            let (config, data) = place(&args.data)?;
            update(&args.file, &config, &data).await
        }
    }
}

fn place(args: &DataArgs) -> Result<(Config, DataDirectory)> {
    let data = DataDirectory::or_default(args.data.clone())?;
    Ok((Config::load(args.config.as_deref(), &data)?, data))
}

/// A book as JSON. Prices are dollars per million tokens.
#[derive(Serialize)]
struct BookView<'a> {
    price_book: &'a str,
    models: Vec<ModelView<'a>>,
}

#[derive(Serialize)]
struct ModelView<'a> {
    model: &'a str,
    aliases: &'a [String],
    standard: Vec<PeriodView>,
    fast: Vec<PeriodView>,
    us_inference_multiplier: f64,
    batch_multiplier: f64,
}

#[derive(Serialize)]
struct PeriodView {
    /// First day (UTC); null for "from the beginning".
    from: Option<String>,
    /// The day after the last; null for "until further notice".
    to: Option<String>,
    /// Whether the operator's own prices have a part in it.
    own: bool,
    /// Whether it holds now.
    now: bool,
    tiers: Vec<TierView>,
}

#[derive(Serialize)]
struct TierView {
    prompt_tokens_above: i64,
    input: f64,
    output: f64,
    cache_read: f64,
    cache_write_5m: f64,
    cache_write_1h: f64,
}

impl<'a> ModelView<'a> {
    fn of(prices: &'a ModelPrices, now: Timestamp) -> Self {
        let views = |periods: &[Period]| periods.iter().map(|period| PeriodView::of(period, now)).collect();
        Self {
            model: &prices.id,
            aliases: &prices.aliases,
            standard: views(&prices.standard),
            fast: views(&prices.fast),
            us_inference_multiplier: prices.us_inference.thousandths() as f64 / 1e3,
            batch_multiplier: prices.batch.thousandths() as f64 / 1e3,
        }
    }
}

impl PeriodView {
    fn of(period: &Period, now: Timestamp) -> Self {
        let day = |at: Timestamp| at.to_rfc3339().get(..10).unwrap_or_default().to_owned();
        let price = |picos: i64| picos as f64 / 1e6;
        let tier = |tier: &Tier| TierView {
            prompt_tokens_above: tier.above_prompt_tokens,
            input: price(tier.input),
            output: price(tier.output),
            cache_read: price(tier.cache_read),
            cache_write_5m: price(tier.cache_write_5m),
            cache_write_1h: price(tier.cache_write_1h),
        };
        Self {
            from: (period.from != Timestamp::MIN).then(|| day(period.from)),
            to: (period.until != Timestamp::MAX).then(|| day(period.until)),
            own: period.own,
            now: period.from <= now && now < period.until,
            tiers: period.tiers.iter().map(tier).collect(),
        }
    }
}

fn list(book: &PriceBook, json: bool) -> Result<()> {
    let now = SystemClock.now();
    let views: Vec<ModelView<'_>> = book.models().iter().map(|prices| ModelView::of(prices, now)).collect();
    if json {
        return terminal::print_json(&BookView { price_book: book.version(), models: views });
    }
    let mut table = Table::new([&[Column::text("Model", 0)], &price_columns()[..]].concat());
    for (prices, view) in book.models().iter().zip(&views) {
        push(&mut table, view.model, prices.period(now, false));
        let fast = prices.period(now, true).filter(|period| prices.fast.contains(period));
        if fast.is_some() {
            push(&mut table, "  fast mode", fast);
        }
    }
    terminal::print(&(render(&table) + &footnote(book)))
}

fn show(args: &PricesShowArgs) -> Result<()> {
    let (config, data) = place(&args.data)?;
    let book = prices::load(&config, &data)?;
    let now = SystemClock.now();
    let Some(prices) = book.model(&args.model) else {
        let name = canonical_model(&args.model);
        bail!(
            "the price book {} does not know {}: `pitwall prices list` shows what it knows",
            book.version(),
            name.as_str()
        );
    };
    let view = ModelView::of(prices, now);
    if args.json {
        return terminal::print_json(&view);
    }
    let mut text = format!("{}\n", view.model);
    if !view.aliases.is_empty() {
        text += &format!("Also known as {}.\n", view.aliases.join(", "));
    }
    let mut table = Table::new([&[Column::text("Days (UTC)", 0)], &price_columns()[..]].concat());
    for (name, periods) in [("", &prices.standard), ("fast mode, ", &prices.fast)] {
        for period in periods {
            push(&mut table, &format!("{name}{}", days(&PeriodView::of(period, now))), Some(period));
        }
    }
    text += &format!("\n{}", render(&table));
    let factor = |number: f64, what: &str| (number != 1.0).then(|| format!("{what}: x {number}. "));
    let factors =
        [factor(view.us_inference_multiplier, "US inference"), factor(view.batch_multiplier, "Batch")];
    let factors: String = factors.into_iter().flatten().collect();
    if !factors.is_empty() {
        text += &format!("\n{}\n", factors.trim_end());
    }
    terminal::print(&(text + &footnote(&book)))
}

fn days(period: &PeriodView) -> String {
    let span = match (&period.from, &period.to) {
        (None, None) => "always".to_owned(),
        (Some(from), None) => format!("from {from}"),
        (None, Some(to)) => format!("before {to}"),
        (Some(from), Some(to)) => format!("{from} to before {to}"),
    };
    if period.now { format!("{span} (now)") } else { span }
}

fn price_columns() -> [Column; 7] {
    [
        Column::number("Input", 0),
        Column::number("Output", 0),
        Column::number("Cache read", 1),
        Column::number("Write 5m", 2),
        Column::number("Write 1h", 2),
        Column::number("Prompt over", 0),
        Column::label("Own", 0),
    ]
}

/// A row for each tier.
fn push(table: &mut Table, name: &str, period: Option<&Period>) {
    let Some(period) = period else { return };
    for (place, tier) in period.tiers.iter().enumerate() {
        let above = tier.above_prompt_tokens;
        let prices = [tier.input, tier.output, tier.cache_read, tier.cache_write_5m, tier.cache_write_1h];
        let mut cells = vec![Cell::text(if place == 0 { name } else { "" })];
        cells.extend(prices.map(|picos| Cell::text(per_million(picos))));
        cells.push(if above > 0 { Cell::Count(above) } else { Cell::Blank });
        cells.push(Cell::text(if period.own { "own" } else { "" }));
        table.push(Row::Plain, cells);
    }
}

fn render(table: &Table) -> String {
    table.render(terminal::width(), false, Paint::for_output())
}

/// Picodollars a token, as dollars a million tokens: at least two decimals, and as many as it takes.
fn per_million(picos: i64) -> String {
    let decimals = format!("{:06}", picos % 1_000_000);
    let kept = decimals.trim_end_matches('0').len().max(2);
    format!("{}.{}", picos / 1_000_000, decimals.get(..kept).unwrap_or(&decimals))
}

fn footnote(book: &PriceBook) -> String {
    format!("\nDollars per million tokens. Price book {}.\n", book.version())
}

/// Looks at the book in use, the own prices over it, and the models that the ledger has tokens of.
async fn check(config: &Config, data: &DataDirectory) -> Result<()> {
    let plain = prices::without_own(config, data)?;
    let own = &config.prices.own;
    let book = plain.clone().with_own(own).context("the configuration's own prices cannot be applied")?;
    let mut findings = findings(&book);
    for price in own.iter().filter(|price| price.model != "*") {
        let model = canonical_model(&price.model);
        if !plain.knows(&model) {
            findings
                .push(format!("{}: only your own prices know it; is it spelt as you meant?", model.as_str()));
        }
    }
    let older = data.price_book_file();
    if config.prices.book.as_os_str().is_empty()
        && older.is_file()
        && prices::read(&older)?.as_of() < plain.as_of()
    {
        findings.push(format!(
            "{} is older than the built-in price book and not used; remove it, or name it as prices.book",
            older.display()
        ));
    }
    let unpriced = unpriced_models(config, data).await?;
    findings.extend(unpriced.into_iter().map(|model| format!("{model}: used, and not in the price book")));
    report(&book, &findings, &[])
}

/// Models with tokens that have no price, from whoever holds the ledger; none where there is no ledger.
async fn unpriced_models(config: &Config, data: &DataDirectory) -> Result<Vec<String>> {
    if let Some(server) = RunningServer::find(data).await? {
        let answer = server.get("/api/v1/reports/models", &()).await?;
        return Ok(serde_json::from_value::<ModelReport>(answer)?.totals.unpriced_models);
    }
    if !data.ledger_file().exists() {
        return Ok(Vec::new());
    }
    let local = Local::open(config, data).await?;
    local.wait_for_prices(true).await;
    let asked = Asked::everything(Zone::utc(), Arc::clone(&local.prices));
    let answer = model_usage::ask(local.store.as_ref(), &asked).await;
    local.leave().await?;
    Ok(answer?.totals.unpriced_models)
}

/// Looks at a book before it is used.
fn check_file(file: &Path, current: &PriceBook) -> Result<()> {
    let book = prices::read(file)?;
    report(&book, &findings(&book), &changes(&book, current))
}

fn findings(book: &PriceBook) -> Vec<String> {
    book.findings().into_iter().map(|finding| format!("{}: {}", finding.model, finding.problem)).collect()
}

fn changes(book: &PriceBook, current: &PriceBook) -> Vec<String> {
    let text = |change| match change {
        Change::Added(model) => format!("new      {model}"),
        Change::Changed(model) => format!("changed  {model}"),
        Change::Gone(model) => format!("gone     {model}"),
    };
    book.changes_since(current).into_iter().map(text).collect()
}

fn report(book: &PriceBook, findings: &[String], changes: &[String]) -> Result<()> {
    let mut text = format!("Price book {}: {} models.\n", book.version(), book.models().len());
    for change in changes {
        text += &format!("  {change}\n");
    }
    for finding in findings {
        text += &format!("look  {finding}\n");
    }
    if findings.is_empty() {
        text += "Nothing odd found.\n";
    }
    terminal::print(&text)?;
    anyhow::ensure!(findings.is_empty(), "{} to look at", findings.len());
    Ok(())
}

/// Puts a newer book into the data directory.
async fn update(file: &Path, config: &Config, data: &DataDirectory) -> Result<()> {
    let current = prices::without_own(config, data)?;
    let book = prices::read(file)?;
    // A book that own prices cannot be applied to would keep the next start from happening.
    book.clone().with_own(&config.prices.own).context("your own prices cannot be applied to it")?;
    let embedded = PriceBook::embedded()?;
    if book.as_of() < embedded.as_of() {
        bail!(
            "the file is of {}, the built-in price book of {}, which would go before it; \
             to use it all the same, name it as prices.book in the configuration",
            book.as_of(),
            embedded.as_of()
        );
    }
    if !config.prices.book.as_os_str().is_empty() {
        bail!("the configuration names a price book of its own, prices.book; change that file instead");
    }
    data.create()?;
    replace(&data.price_book_file(), &std::fs::read(file)?)?;
    let mut text = format!("Price book {} in place of {}.\n", book.as_of(), current.as_of());
    for change in changes(&book, &current) {
        text += &format!("  {change}\n");
    }
    for finding in findings(&book) {
        text += &format!("look  {finding}\n");
    }
    text += match RunningServer::find(data).await? {
        Some(_) => "Restart the server to have it used; history is then priced again in the background.\n",
        None => "It is used from the next command on; history is then priced again.\n",
    };
    terminal::print(&text)
}

/// Writes a file so that it is there whole or not at all.
fn replace(path: &Path, content: &[u8]) -> Result<()> {
    let beside = path.with_extension("json.new");
    let place = || format!("cannot write {}", path.display());
    std::fs::write(&beside, content).with_context(place)?;
    std::fs::rename(&beside, path).with_context(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_keep_the_decimals_they_have() {
        assert_eq!(per_million(5_000_000), "5.00");
        assert_eq!(per_million(125_000), "0.125");
        assert_eq!(per_million(6_250_000), "6.25");
        assert_eq!(per_million(1), "0.000001");
    }
}
