//! Requests to the model, each counted once.
//!
//! Two sources tell of a request: the `api_request` event, and the lines of the answer in transcripts.
//! Lines are one message when they share the message id (a replayed message can carry another request
//! id, and a proxy can repeat one). Events and messages are joined on the request id, and where that is
//! missing on equal figures within the session.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::{
    ItemKey, Kind, Measures, Money, Observation, Posting, Record, RequestSeen, SessionId, Source, Timestamp,
    TokenUsage, canonical_model,
};

use super::family::Family;
use super::links::{message_key, request_key};
use super::profile::best_spelling;
use crate::{Conditions, PriceBook};

/// One request, settled.
pub(super) struct Request<'a> {
    /// What is posted for it.
    pub posting: Posting,
    /// The tool calls of its answer; they belong to the session that owns the request.
    pub tool_uses: Vec<&'a str>,
}

type Seen<'a> = (&'a Record, &'a RequestSeen);

/// All that was seen of one request.
#[derive(Default)]
struct Gathered<'a> {
    events: Vec<Seen<'a>>,
    lines: Vec<Seen<'a>>,
}

pub(super) fn settle<'a>(family: &Family<'a>, prices: &PriceBook) -> Vec<Request<'a>> {
    let seen = family.pick(|record| match &record.observation {
        Observation::Request(request) => Some(request),
        _ => None,
    });
    let (lines, events): (Vec<Seen<'a>>, Vec<Seen<'a>>) =
        seen.into_iter().partition(|(record, _)| record.source == Source::Transcripts);
    let gathered = join(messages_of(lines), reports_of(events));
    let shared = repeated_request_ids(&gathered);
    let requests = gathered.into_iter().filter(|request| !request.is_void());
    requests.map(|request| request.settle(family, prices, &shared)).collect()
}

/// Lines by message: the message id, without it the request id, without both the line itself.
fn messages_of(lines: Vec<Seen<'_>>) -> Vec<Vec<Seen<'_>>> {
    let mut messages: BTreeMap<(u8, String), Vec<Seen<'_>>> = BTreeMap::new();
    for (record, request) in lines {
        let identity = match (&request.message_id, &request.request_id) {
            (Some(message), _) => (0, message.clone()),
            (None, Some(request)) => (1, request.clone()),
            (None, None) => (2, record.key.to_string()),
        };
        messages.entry(identity).or_default().push((record, request));
    }
    let mut messages: Vec<_> = messages.into_values().collect();
    messages.sort_by_key(|lines| first_key(lines));
    messages
}

/// Events by request id; a second event that says the same of the same request is a repetition, one with
/// other figures another request that shares the id.
fn reports_of(events: Vec<Seen<'_>>) -> Vec<Vec<Seen<'_>>> {
    let mut reports: BTreeMap<(String, TokenUsage), Vec<Seen<'_>>> = BTreeMap::new();
    for (record, request) in events {
        let id = request.request_id.clone().unwrap_or_else(|| record.key.to_string());
        reports.entry((id, request.usage)).or_default().push((record, request));
    }
    let mut reports: Vec<_> = reports.into_values().collect();
    reports.sort_by_key(|events| first_key(events));
    reports
}

fn first_key(seen: &[Seen<'_>]) -> Option<(Timestamp, model::RecordKey)> {
    seen.iter().map(|(record, _)| (record.at, record.key)).min()
}

/// Pairs messages with reports: by request id and equal figures, then by request id alone, then by equal
/// figures within the session where one side has no request id.
fn join<'a>(messages: Vec<Vec<Seen<'a>>>, reports: Vec<Vec<Seen<'a>>>) -> Vec<Gathered<'a>> {
    let mut gathered: Vec<Gathered<'a>> =
        messages.into_iter().map(|lines| Gathered { events: Vec::new(), lines }).collect();
    let mut by_request_id: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut by_figures: HashMap<Figures<'_>, Vec<usize>> = HashMap::new();
    for (index, request) in gathered.iter().enumerate() {
        let ids: BTreeSet<&str> =
            request.lines.iter().filter_map(|(_, line)| line.request_id.as_deref()).collect();
        for id in &ids {
            by_request_id.entry(id).or_default().push(index);
        }
        if let Some((record, line)) = best(&request.lines) {
            by_figures.entry(figures(record, line)).or_default().push(index);
        }
    }
    let mut taken = vec![false; gathered.len()];
    let mut waiting: Vec<Option<Vec<Seen<'a>>>> = reports.into_iter().map(Some).collect();
    for pass in [Pass::IdAndFigures, Pass::RequestId, Pass::Figures] {
        for slot in &mut waiting {
            let Some(&(record, event)) = slot.as_ref().and_then(|events| events.first()) else { continue };
            let candidates = match pass {
                Pass::Figures => by_figures.get(&figures(record, event)),
                _ => event.request_id.as_deref().and_then(|id| by_request_id.get(id)),
            };
            let fits = |index: &usize| !taken[*index] && pass.allows(&gathered[*index], event);
            if let Some(index) = candidates.into_iter().flatten().copied().find(fits) {
                taken[index] = true;
                gathered[index].events = slot.take().unwrap_or_default();
            }
        }
    }
    gathered.extend(waiting.into_iter().flatten().map(|events| Gathered { events, lines: Vec::new() }));
    gathered
}

#[derive(Clone, Copy)]
enum Pass {
    IdAndFigures,
    RequestId,
    Figures,
}

impl Pass {
    fn allows(self, request: &Gathered<'_>, event: &RequestSeen) -> bool {
        match self {
            Self::RequestId => true,
            Self::IdAndFigures => {
                best(&request.lines).is_some_and(|(_, line)| counts(&line.usage) == counts(&event.usage))
            }
            Self::Figures => {
                event.request_id.is_none() || request.lines.iter().all(|(_, line)| line.request_id.is_none())
            }
        }
    }
}

/// What two sources that share no id must agree on: session, canonical model, counts.
type Figures<'a> = (&'a SessionId, String, [i64; 4]);

fn figures<'a>(record: &'a Record, seen: &RequestSeen) -> Figures<'a> {
    (&record.session, canonical_model(&seen.model).as_str().to_owned(), counts(&seen.usage))
}

/// The four counts that every source tells; the lifetimes of cache writes may be missing.
fn counts(usage: &TokenUsage) -> [i64; 4] {
    [usage.input, usage.output, usage.cache_read, usage.cache_creation]
}

/// The observation whose figures stand: finished over unfinished, then the largest.
fn best<'a>(seen: &[Seen<'a>]) -> Option<Seen<'a>> {
    let rank = |(record, request): &Seen<'_>| {
        let usage = request.usage;
        (request.finished, usage.output, usage.total(), usage, record.at, record.key)
    };
    seen.iter().copied().max_by_key(rank)
}

/// Request ids that several requests carry, which therefore do not tell them apart.
fn repeated_request_ids(gathered: &[Gathered<'_>]) -> BTreeSet<String> {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for id in gathered.iter().filter_map(Gathered::request_id) {
        *count.entry(id).or_default() += 1;
    }
    count.into_iter().filter(|(_, count)| *count > 1).map(|(id, _)| id.to_owned()).collect()
}

impl<'a> Gathered<'a> {
    fn all(&self) -> impl Iterator<Item = &Seen<'a>> {
        self.events.iter().chain(&self.lines)
    }

    /// A message that was begun and never got any figures.
    fn is_void(&self) -> bool {
        self.all().all(|(_, seen)| seen.usage.is_empty() && !seen.finished)
    }

    fn request_id(&self) -> Option<&'a str> {
        let ids = |seen: &[Seen<'a>]| seen.iter().filter_map(|(_, seen)| seen.request_id.as_deref()).min();
        ids(&self.events).or_else(|| ids(&self.lines))
    }

    fn message_id(&self) -> Option<&'a str> {
        self.lines.iter().filter_map(|(_, line)| line.message_id.as_deref()).min()
    }

    /// Events know their session; a copied line names it; else the first to hold the message has it.
    fn owner(&self, family: &Family<'a>) -> SessionId {
        let told = self.events.iter().map(|(record, _)| &record.session).min();
        let origin = || {
            let origins = self.lines.iter().filter_map(|(_, line)| line.origin_session.as_ref());
            origins.min_by_key(|session| family.precedence(session))
        };
        let holder = || {
            let holders = self.lines.iter().map(|(record, _)| &record.session);
            holders.min_by_key(|session| family.precedence(session))
        };
        told.or_else(origin).or_else(holder).cloned().unwrap_or_default()
    }

    fn settle(self, family: &Family<'a>, prices: &PriceBook, shared: &BTreeSet<String>) -> Request<'a> {
        let told_by: Vec<&Record> = self.all().map(|(record, _)| *record).collect();
        let at = self.at();
        let owner = self.owner(family);
        let mut posting = family.posting(Kind::Request, at, &owner, self.item(shared), &told_by);
        posting.request = self.request_id().map(request_key);
        posting.message = self.message_id().map(message_key);
        posting.model = best_spelling(self.all().map(|(_, seen)| seen.model.as_str()));
        posting.query_source = self.text(|seen| &seen.query_source);
        posting.agent = self.text(|seen| &seen.agent);
        posting.skill = self.text(|seen| &seen.skill);
        posting.mcp_server = self.text(|seen| &seen.mcp_server);
        posting.effort = self.text(|seen| &seen.effort);
        posting.fast = self.all().any(|(_, seen)| seen.fast);
        posting.measures = self.measures(&posting, prices);
        let tool_uses: BTreeSet<&str> =
            self.lines.iter().flat_map(|(_, line)| &line.tool_uses).map(String::as_str).collect();
        Request { posting, tool_uses: tool_uses.into_iter().collect() }
    }

    /// The event's time, else that of the line whose figures stand.
    fn at(&self) -> Timestamp {
        let event = self.events.iter().map(|(record, _)| record.at).min();
        event.or_else(|| best(&self.lines).map(|(record, _)| record.at)).unwrap_or(Timestamp::MIN)
    }

    fn item(&self, shared: &BTreeSet<String>) -> ItemKey {
        let request = self.request_id().filter(|id| !shared.contains(*id));
        match (request, self.message_id()) {
            (Some(request), _) => request_key(request),
            (None, Some(message)) => message_key(message),
            (None, None) => {
                let first = self.all().map(|(record, _)| record.key).min();
                ItemKey::of("record", &first.map(|key| key.to_string()).unwrap_or_default())
            }
        }
    }

    fn text(&self, field: impl Fn(&'a RequestSeen) -> &'a Option<String>) -> String {
        self.all().find_map(|(_, seen)| field(seen).clone()).unwrap_or_default()
    }

    /// Final figures; the lifetimes of cache writes from whoever tells them; the client's own cost.
    fn usage(&self) -> TokenUsage {
        let everything: Vec<Seen<'a>> = self.all().copied().collect();
        let mut usage = best(&everything).map(|(_, seen)| seen.usage).unwrap_or_default();
        if !usage.is_split() {
            let split = everything.iter().map(|(_, seen)| seen.usage).filter(TokenUsage::is_split);
            let same = split.filter(|other| other.cache_creation == usage.cache_creation).max();
            if let Some(other) = same {
                usage.cache_creation_5m = other.cache_creation_5m;
                usage.cache_creation_1h = other.cache_creation_1h;
            }
        }
        usage
    }

    fn measures(&self, posting: &Posting, prices: &PriceBook) -> Measures {
        let usage = self.usage();
        let searches = self.all().map(|(_, seen)| seen.web_searches).max().unwrap_or(0);
        let us_inference = self.all().any(|(_, seen)| seen.us_inference);
        let conditions = Conditions { fast: posting.fast, us_inference, batch: false };
        let priced = prices.price(&canonical_model(&posting.model), posting.at, &usage, conditions);
        let priced = priced.map(|price| price.plus(prices.web_searches(searches)));
        let costs = |seen: &[Seen<'a>]| seen.iter().filter_map(|(_, seen)| seen.cost).max();
        let reported = costs(&self.events).or_else(|| costs(&self.lines));
        let longest = |field: fn(&RequestSeen) -> Option<i64>| self.all().find_map(|(_, seen)| field(seen));
        Measures {
            requests: 1,
            tokens: usage,
            cost_settled: reported.or(priced).map_or(0, Money::as_picos),
            cost_reported: reported.map_or(0, Money::as_picos),
            cost_priced: priced.map_or(0, Money::as_picos),
            unpriced_tokens: if priced.is_none() { usage.total() } else { 0 },
            web_searches: searches,
            duration_ms: longest(|seen| seen.duration_ms).unwrap_or(0),
            ttft_ms: longest(|seen| seen.ttft_ms).unwrap_or(0),
            ..Measures::default()
        }
    }
}
