//! The ledger's amounts, counted as another reader may count them.

use std::collections::BTreeMap;

use jiff::civil::Date;
use ledger::{Conditions, PriceBook};
use model::{Kind, Money, Posting, RequestSeen, TokenUsage, canonical_model};
use store::{Dimension, Group, Store, TimeBucket, Width};

use super::{Place, Side};
use crate::ReportError;
use crate::asked::Opened;
use crate::explain::evidence::Found;
use crate::figures::{COST, Cost, Figures, TOKENS, Tokens, sums_of};

const HOUR_SECONDS: i32 = 3_600;
/// The zones of the world, by their offsets in hours.
const OFFSETS: std::ops::RangeInclusive<i64> = -12..=14;

/// Exact amounts, until they are read out.
#[derive(Clone, Debug, Default)]
pub(super) struct Amounts(Figures);

impl Amounts {
    pub(super) fn add(&mut self, figures: &Figures) {
        self.0.add(figures);
    }

    pub(super) fn side(&self) -> Side {
        let (tokens, cost) = (Tokens::from(&self.0), Cost::from(&self.0));
        Side { cost_micros: cost.settled, ..side_of(&tokens) }
    }
}

fn side_of(tokens: &Tokens) -> Side {
    let Tokens { input, output, cache_read, cache_creation, .. } = *tokens;
    Side { input, output, cache_read, cache_creation, cost_micros: 0 }
}

/// Requests by hour, so that days can be cut at any offset.
pub(super) struct Shifted {
    /// By half an hour's offset or none, then by hour of that offset and model.
    hours: [BTreeMap<(i64, String), Amounts>; 2],
}

impl Shifted {
    /// A day on either side is read along: they belong to other days elsewhere.
    pub(super) async fn ask(store: &dyn Store, opened: &Opened<'_>) -> Result<Self, ReportError> {
        let mut scope = opened.scope.of_kinds(&[Kind::Request]);
        let day = 86_400;
        scope.filter.from = scope.filter.from.map(|from| from.plus_seconds(-day));
        scope.filter.until = scope.filter.until.map(|until| until.plus_seconds(day));
        let mut hours = [BTreeMap::new(), BTreeMap::new()];
        for (place, offset) in [0, HOUR_SECONDS / 2].into_iter().enumerate() {
            let bucket = TimeBucket { offsets: vec![(model::Timestamp::MIN, offset)], width: Width::Hour };
            let groups = vec![Group::Time(bucket), Group::Dimension(Dimension::Model)];
            for row in scope.rows(store, groups, sums_of(&[&TOKENS, &COST])).await? {
                let model = canonical_model(row.text(1)).as_str().to_owned();
                let hour: &mut Amounts = hours[place].entry((row.integer(0), model)).or_default();
                hour.add(&row.figures);
            }
        }
        Ok(Self { hours })
    }

    /// The offset from UTC, in minutes, at which the day has to be cut to get their figures, with what it
    /// then holds. `theirs` are their tokens of the model, by day.
    ///
    /// One day may come out by chance. So every day of the model has to come out, at the offset or, for the
    /// summer, an hour beside it; and either two days prove it or none is left over.
    pub(super) fn offset_with(
        &self,
        place: &Place,
        theirs: &BTreeMap<Date, [i64; 4]>,
    ) -> Option<(i64, Side)> {
        let (first, last) = (theirs.keys().next()?, theirs.keys().next_back()?);
        let at = |date: Date, (hours, half): (i64, usize)| self.day(&(date, place.1.clone()), hours, half);
        let is_equal = |date: &Date, offset: (i64, usize)| {
            at(*date, offset).tokens() == theirs.get(date).copied().unwrap_or_default()
        };
        let offsets = OFFSETS.flat_map(|hours| [(hours, 0), (hours, 1)]);
        let found = offsets.into_iter().find(|(hours, half)| {
            let summer = (hours + 1, *half);
            let comes_out = |date: &Date| is_equal(date, (*hours, *half)) || is_equal(date, summer);
            let none_left_over = || [first.yesterday(), last.tomorrow()].iter().flatten().all(&comes_out);
            theirs.keys().all(comes_out) && (theirs.len() > 1 || none_left_over())
        });
        let (hours, half) = found?;
        let offset = if is_equal(&place.0, (hours, half)) { (hours, half) } else { (hours + 1, half) };
        Some((offset.0 * 60 + 30 * half as i64, at(place.0, offset)))
    }

    /// A day's requests, with days cut at an offset of so many hours, and a half.
    fn day(&self, (date, model): &Place, hours: i64, half: usize) -> Side {
        let first =
            i64::from(date.since(Date::constant(1970, 1, 1)).map_or(0, |span| span.get_days())) * 24 - hours;
        let mut day = Amounts::default();
        for hour in first..first + 24 {
            if let Some(amounts) = self.hours[half].get(&(hour, model.clone())) {
                day.add(&amounts.0);
            }
        }
        day.side()
    }
}

/// Which of several lines of one answer a reader takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    Largest,
    Last,
    First,
    /// The largest; and of subagents' lines without a request id each, since progress lines repeat them.
    Every,
}

impl Choice {
    pub(super) const ALL: [Self; 4] = [Self::Largest, Self::Last, Self::First, Self::Every];

    fn of<'s>(self, lines: &[&'s RequestSeen]) -> Option<&'s RequestSeen> {
        match self {
            Self::Largest | Self::Every => {
                lines.iter().copied().max_by_key(|seen| (seen.usage.output, seen.usage.total()))
            }
            Self::Last => lines.last().copied(),
            Self::First => lines.first().copied(),
        }
    }
}

/// What a reader of transcripts takes a request for: one answer for each pair of message id and request id.
/// Without a request id every line is an answer of its own, but for those of subagents.
pub(super) fn as_read(found: &Found, posting: &Posting, choice: Choice) -> Vec<TokenUsage> {
    let mut taken = Vec::new();
    for ((message, request), lines) in found.transcript_copies(posting) {
        let once = choice != Choice::Every && lines.iter().all(|seen| seen.agent.is_some());
        if message.is_empty() || (request.is_empty() && !once) {
            taken.extend(lines.iter().map(|seen| seen.usage));
        } else {
            taken.extend(choice.of(&lines).map(|seen| seen.usage));
        }
    }
    taken
}

/// The sum of the tokens of some answers.
pub(super) fn tokens_of<'u>(usages: impl Iterator<Item = &'u TokenUsage>) -> Side {
    let sum = usages.fold(TokenUsage::default(), |sum, usage| sum.plus(usage));
    side_of(&(&sum).into())
}

/// The list price of answers, in micro-dollars; with `short_writes` as if everything in the cache lived for
/// five minutes. `None` without a price.
pub(super) fn list_price(
    prices: &PriceBook,
    answers: &[(&Posting, Vec<TokenUsage>)],
    short_writes: bool,
) -> Option<i64> {
    let mut picos: i128 = 0;
    for (posting, usages) in answers {
        let conditions = Conditions { fast: posting.fast, ..Conditions::default() };
        for usage in usages {
            let usage = if short_writes {
                TokenUsage { cache_creation_5m: usage.cache_creation, cache_creation_1h: 0, ..*usage }
            } else {
                *usage
            };
            let price = prices.price(&canonical_model(&posting.model), posting.at, &usage, conditions)?;
            picos += i128::from(price.as_picos());
        }
    }
    Some(Money::to_micros(picos))
}
