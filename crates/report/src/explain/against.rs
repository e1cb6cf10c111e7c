//! Where another reader's figures differ from these, day by day and model by model, and why.
//!
//! A reason is given only where it can be proved: amounts that the ledger knows the other reader cannot have
//! seen, or a way of counting under which its figures come out exactly. What is left is said to be
//! unexplained.

mod counting;
mod reasons;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use model::{Kind, canonical_model};
use serde::{Deserialize, Serialize};
use store::{Dimension, Group, Store};
use utoipa::ToSchema;

use super::{Standing, standing};
use crate::ReportError;
use crate::asked::{Asked, Heading, Opened};
use crate::figures::{COST, TOKENS, sums_of};
use counting::{Amounts, Shifted};
use reasons::Case;

/// The most rows that are compared at once.
pub const MAX_ROWS: usize = 20_000;

/// What another reader of the same transcripts says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ForeignReport {
    /// A row for each day and model.
    pub rows: Vec<ForeignRow>,
}

/// One day and model of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ForeignRow {
    /// The day.
    pub date: Date,
    /// The model, in any spelling.
    pub model: String,
    /// Tokens and cost.
    #[serde(flatten)]
    pub side: Side,
    /// Whether it says that it has no price for the model.
    pub unpriced: bool,
}

/// Tokens and cost, as far as every reader tells them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Side {
    /// Uncached input.
    pub input: i64,
    /// Output.
    pub output: i64,
    /// Read from the cache.
    pub cache_read: i64,
    /// Written to the cache.
    pub cache_creation: i64,
    /// Cost in micro-dollars.
    pub cost_micros: i64,
}

/// The two, compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Comparison {
    /// What it is about: the days that the other reader tells of, unless asked otherwise.
    #[serde(flatten)]
    pub heading: Heading,
    /// Days and models where the two differ, oldest first.
    pub rows: Vec<Difference>,
    /// Days and models where they agree, to the token and to the micro-dollar.
    pub equal_rows: i64,
    /// All rows together.
    pub ours: Side,
    /// All rows together.
    pub theirs: Side,
    /// Ours less theirs, over all rows.
    pub difference: Side,
    /// What each kind of reason accounts for, over all rows.
    pub reasons: Vec<ReasonSum>,
    /// What no reason accounts for, over all rows: ours less theirs.
    pub unexplained: Side,
}

/// One day and model where the two differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Difference {
    /// The day.
    pub date: Date,
    /// Model id.
    pub model: String,
    /// What the ledger has.
    pub ours: Side,
    /// What the other reader has.
    pub theirs: Side,
    /// Ours less theirs.
    pub difference: Side,
    /// Why; their amounts add up to the part of the difference that is explained.
    pub reasons: Vec<Reason>,
    /// The part that no reason accounts for.
    pub unexplained: Side,
}

/// One proved reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reason {
    /// Which.
    pub kind: ReasonKind,
    /// In words.
    pub text: String,
    /// How much of the difference it accounts for.
    pub amount: Side,
}

/// All reasons of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReasonSum {
    /// Which.
    pub kind: ReasonKind,
    /// How much they account for.
    pub amount: Side,
}

/// The reasons that can be proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonKind {
    /// Only the client's running totals know it: titles, compaction and other side requests that transcripts
    /// leave out.
    Unattributed,
    /// Requests that telemetry tells of and no transcript.
    NotInTranscripts,
    /// The other reader cuts days in another zone.
    Zone,
    /// The other reader counts copies or parts of one answer apart, or takes figures that were not final.
    Copies,
    /// Messages that the client wrote itself, which took no request.
    Synthetic,
    /// The other reader has no price for the model.
    TheyHaveNoPrice,
    /// The price book here has no price for the model, and the client reported none.
    WeHaveNoPrice,
    /// The client reported a cost, and the other reader works it out from list prices.
    ListPrices,
    /// The other reader does not price web searches.
    WebSearches,
    /// The other reader prices one-hour cache writes like five-minute ones.
    OneHourWrites,
}

impl Side {
    fn minus(self, other: Self) -> Self {
        Self {
            input: self.input.saturating_sub(other.input),
            output: self.output.saturating_sub(other.output),
            cache_read: self.cache_read.saturating_sub(other.cache_read),
            cache_creation: self.cache_creation.saturating_sub(other.cache_creation),
            cost_micros: self.cost_micros.saturating_sub(other.cost_micros),
        }
    }

    fn plus(self, other: Self) -> Self {
        self.minus(Self::default().minus(other))
    }

    /// The tokens, by kind.
    const fn tokens(&self) -> [i64; 4] {
        [self.input, self.output, self.cache_read, self.cache_creation]
    }
}

/// A day and a model, by the id that prices go by.
type Place = (Date, String);

/// Compares.
///
/// # Errors
/// [`ReportError::TooMany`], [`ReportError::EndBeforeStart`], [`ReportError::RangeTooLong`] and
/// [`ReportError::Store`].
pub async fn ask(
    store: &dyn Store,
    asked: &Asked,
    foreign: &ForeignReport,
) -> Result<Comparison, ReportError> {
    if foreign.rows.len() > MAX_ROWS {
        return Err(ReportError::TooMany { limit: MAX_ROWS });
    }
    let dates = || foreign.rows.iter().map(|row| row.date);
    let asked = &Asked {
        since: asked.since.or(dates().min()),
        until: asked.until.or(dates().max()),
        ..asked.clone()
    };
    let theirs = theirs(asked, foreign);
    let Some(opened) = Opened::new(store, asked).await? else {
        let heading = Heading::new(asked, None);
        return Ok(compare(heading, Vec::new(), &theirs));
    };
    let ours = Ours::ask(store, &opened).await?;
    let shifted = Shifted::ask(store, &opened).await?;
    let places: BTreeSet<&Place> = ours.all.keys().chain(theirs.keys()).collect();
    let mut their_days: BTreeMap<String, BTreeMap<Date, [i64; 4]>> = BTreeMap::new();
    for ((date, model), row) in &theirs {
        their_days.entry(model.clone()).or_default().insert(*date, row.side.tokens());
    }
    let no_days = BTreeMap::new();
    let mut rows = Vec::new();
    for place in places {
        let case = Case {
            place,
            spelling: ours.spelling(place),
            ours: ours.all.get(place).map(Amounts::side).unwrap_or_default(),
            unattributed: ours.unattributed.get(place).map(Amounts::side).unwrap_or_default(),
            theirs: theirs.get(place).cloned(),
            their_days: their_days.get(&place.1).unwrap_or(&no_days),
            shifted: &shifted,
            prices: &asked.prices,
        };
        let postings =
            if case.needs_postings() { postings_of(store, &opened, place).await? } else { Vec::new() };
        rows.push(case.solve(store, &postings).await?);
    }
    Ok(compare(opened.heading(), rows, &theirs))
}

/// Their rows by place, several of one place together; those outside of the days asked about left out.
fn theirs(asked: &Asked, foreign: &ForeignReport) -> BTreeMap<Place, ForeignRow> {
    let is_asked_for = |row: &&ForeignRow| {
        asked.since.is_none_or(|since| row.date >= since) && asked.until.is_none_or(|until| row.date <= until)
    };
    let mut theirs: BTreeMap<Place, ForeignRow> = BTreeMap::new();
    for row in foreign.rows.iter().filter(is_asked_for) {
        let place = (row.date, canonical_model(&row.model).as_str().to_owned());
        theirs
            .entry(place)
            .and_modify(|known| {
                known.side = known.side.plus(row.side);
                known.unpriced |= row.unpriced;
            })
            .or_insert_with(|| row.clone());
    }
    theirs
}

/// The ledger's amounts by place.
#[derive(Default)]
struct Ours {
    all: BTreeMap<Place, Amounts>,
    unattributed: BTreeMap<Place, Amounts>,
    spellings: BTreeMap<String, String>,
}

impl Ours {
    async fn ask(store: &dyn Store, opened: &Opened<'_>) -> Result<Self, ReportError> {
        let groups = vec![
            Group::Time(opened.range.by_day()),
            Group::Dimension(Dimension::Model),
            Group::Dimension(Dimension::Kind),
        ];
        let mut ours = Self::default();
        for row in opened.spending().rows(store, groups, sums_of(&[&TOKENS, &COST])).await? {
            let model = canonical_model(row.text(1)).as_str().to_owned();
            let place = (opened.range.day_of_bucket(row.integer(0)), model);
            ours.spellings.entry(place.1.clone()).or_insert_with(|| crate::told(row.text(1)));
            if row.text(2) == Kind::Unattributed.as_str() {
                ours.unattributed.entry(place.clone()).or_default().add(&row.figures);
            }
            ours.all.entry(place).or_default().add(&row.figures);
        }
        Ok(ours)
    }

    fn spelling(&self, place: &Place) -> String {
        self.spellings.get(&place.1).unwrap_or(&place.1).clone()
    }
}

async fn postings_of(
    store: &dyn Store,
    opened: &Opened<'_>,
    place: &Place,
) -> Result<Vec<Standing>, ReportError> {
    let day = crate::range::DateRange::new(place.0, place.0, opened.range.zone().clone())?;
    let mut scope = opened.scope.of_kinds(&[Kind::Request]);
    scope.filter.from = Some(day.from());
    scope.filter.until = Some(day.until());
    standing(store, &scope, |posting| canonical_model(&posting.model).as_str() == place.1).await
}

fn compare(heading: Heading, rows: Vec<Difference>, theirs: &BTreeMap<Place, ForeignRow>) -> Comparison {
    let sum = |side: fn(&Difference) -> Side| rows.iter().map(side).fold(Side::default(), Side::plus);
    let (ours, unexplained) = (sum(|row| row.ours), sum(|row| row.unexplained));
    let difference = sum(|row| row.difference);
    let theirs = theirs.values().map(|row| row.side).fold(Side::default(), Side::plus);
    let mut by_kind: BTreeMap<ReasonKind, Side> = BTreeMap::new();
    for reason in rows.iter().flat_map(|row| &row.reasons) {
        let amount = by_kind.entry(reason.kind).or_default();
        *amount = amount.plus(reason.amount);
    }
    let reasons = by_kind.into_iter().map(|(kind, amount)| ReasonSum { kind, amount }).collect();
    let (equal, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.difference == Side::default());
    let equal_rows = equal.len() as i64;
    Comparison { heading, rows, equal_rows, ours, theirs, difference, reasons, unexplained }
}
